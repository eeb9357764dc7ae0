"""Editors' pages of principles, leaders, quotations and statements."""

from django import forms
from django.contrib import admin

from kb.admin import ClaimAdmin
from kb.admin.claims import ClaimForm

from .models import Leader, Principle, Quotation, Statement


@admin.register(Principle)
class PrincipleAdmin(ClaimAdmin):
    pass


@admin.register(Leader)
class LeaderAdmin(ClaimAdmin):
    pass


@admin.register(Statement)
class StatementAdmin(ClaimAdmin):
    pass


class QuotationForm(ClaimForm):
    class Meta(ClaimForm.Meta):
        widgets = {
            **ClaimForm.Meta.widgets,
            "speaker_name": forms.TextInput(attrs={"class": "vTextField"}),
        }
        help_texts = {
            **ClaimForm.Meta.help_texts,
            "mode": (
                "Direct: in quotation marks and attributed. Reported: retold. Either cites as well "
                "the words that say who speaks, in the role “says who speaks”."
            ),
            "leader": "The speaker; or else name another one.",
        }


@admin.register(Quotation)
class QuotationAdmin(ClaimAdmin):
    form = QuotationForm
    own_fields = ("mode", ("leader", "speaker_name"))
    own_columns = ("mode", "speaker")
    own_filters = ("mode",)
    autocomplete_fields = [*ClaimAdmin.autocomplete_fields, "leader"]
    list_select_related = [*ClaimAdmin.list_select_related, "leader"]
