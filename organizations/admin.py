"""Editors' pages of organizations and memberships."""

from django import forms
from django.contrib import admin

from kb.admin import ClaimAdmin
from kb.admin.claims import ClaimForm

from .models import Membership, Organization


class OrganizationForm(ClaimForm):
    class Meta(ClaimForm.Meta):
        widgets = {
            **ClaimForm.Meta.widgets,
            "identity": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
            "reference": forms.TextInput(attrs={"class": "vTextField kb-wide"}),
        }


@admin.register(Organization)
class OrganizationAdmin(ClaimAdmin):
    form = OrganizationForm
    own_fields = ("identity", "reference")


@admin.register(Membership)
class MembershipAdmin(ClaimAdmin):
    own_fields = ("organization", "degree")
    own_columns = ("degree", "organization")
    own_filters = ("degree",)
    autocomplete_fields = [*ClaimAdmin.autocomplete_fields, "organization"]
    list_select_related = [*ClaimAdmin.list_select_related, "organization"]
