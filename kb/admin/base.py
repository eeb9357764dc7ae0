"""What every admin page here shares: prose, refusals of the database, read-only pages."""

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.widgets import AutocompleteSelect, AutocompleteSelectMultiple
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from kb.refusals import refusals
from kb.wording import shortened


def key_of(pk: str) -> int | None:
    """A database key out of an address; None for what can be none."""
    return int(pk) if re.fullmatch(r"[0-9]{1,18}", pk) else None


class Keys:
    """For a widget: what can be no key, in a form that was tampered with, becomes that of no row.

    The field then says so; Django would fail at it.
    """

    def value_from_datadict(self, data, files, name):
        sent = super().value_from_datadict(data, files, name)  # type: ignore[misc]
        return [_key(each) for each in sent] if isinstance(sent, list) else _key(sent)


def _key(sent: str | None) -> str | None:
    return "0" if sent and key_of(sent) is None else sent


class Choice(Keys, AutocompleteSelect):
    pass


class Choices(Keys, AutocompleteSelectMultiple):
    pass


class Prose(forms.CharField):
    """Text of several lines. A browser sends CR LF for every line break: we keep LF."""

    def to_python(self, value):
        return (super().to_python(value) or "").replace("\r\n", "\n")

    def has_changed(self, initial, data):
        return super().has_changed(self.to_python(initial), data)


class EditorsForm(forms.ModelForm):
    """Carries what the database refused when this very form was saved a moment ago."""

    refusals: tuple[str, ...] = ()

    def clean(self):
        cleaned = super().clean()
        for refusal in self.refusals:
            self.add_error(None, refusal)
        return cleaned

    def full_clean(self):
        """Says once what both a model's ``clean`` and a constraint of its table object to."""
        super().full_clean()
        for errors in self.errors.values():
            errors.data = list({tuple(e.messages): e for e in errors.as_data()}.values())


class EditorsAdmin(admin.ModelAdmin):
    """Saves what fits; what the database refuses comes back as an error of the form."""

    form = EditorsForm
    formfield_overrides = {
        models.TextField: {"form_class": Prose},
        models.URLField: {"assume_scheme": "https"},
    }
    change_list_template = "admin/kb/list.html"
    list_note = ""  # a sentence above the list
    save_on_top = False

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", Choice(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", Choices(db_field, self.admin_site))
        return super().formfield_for_manytomany(db_field, request, **kwargs)

    def get_form(self, request, obj=None, change=False, **kwargs):
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        form.refusals = getattr(request, "refusals", ())
        return form

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (IntegrityError, ValidationError) as error:
            request.refusals = refusals(error)
            return super().changeform_view(request, object_id, form_url, extra_context)

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except IntegrityError as error:
            self.message_user(request, " ".join(refusals(error)), messages.ERROR)
            return self.to_form(object_id)

    def get_search_results(self, request, queryset, search_term):
        # PostgreSQL takes no NUL.
        return super().get_search_results(request, queryset, search_term.replace("\0", ""))

    def changelist_view(self, request, extra_context=None):
        if asks_for_nul(request):
            return HttpResponseRedirect(request.path)
        if any(key_of(pk) is None for pk in request.POST.getlist(ACTION_CHECKBOX_NAME)):
            self.message_user(request, "Nothing was done: choose from the list.", messages.ERROR)
            return HttpResponseRedirect(request.path)
        return super().changelist_view(
            request, {"list_note": self.list_note, **(extra_context or {})}
        )

    def to_form(self, pk) -> HttpResponseRedirect:
        return HttpResponseRedirect(form_address(self.model, pk))


class ReadOnlyAdmin(EditorsAdmin):
    """Lists and shows; nothing is added, changed or deleted here."""

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj=None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return False


def asks_for_nul(request: HttpRequest) -> bool:
    """Whether the address has a NUL in what it asks for, which PostgreSQL can't look up."""
    return any("\0" in value for _, values in request.GET.lists() for value in values)


def form_address(model: type[models.Model], pk) -> str:
    """The address of the admin's form for the row ``pk`` of ``model``."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_change", args=[pk])


def link(url: str, text: object) -> SafeString:
    return format_html('<a href="{}">{}</a>', url, text)


def is_autocomplete(request: HttpRequest) -> bool:
    """Whether a queryset is wanted for the choices of another form's field."""
    return request.resolver_match is not None and request.resolver_match.url_name == "autocomplete"


def quote(text: str, length: int = 90) -> SafeString:
    """A source's words as a list shows them, cut between words before ``length`` code points."""
    return format_html('<q class="kb-words">{}</q>', shortened(text, length))


def listed(row: str, rows: list[tuple]) -> SafeString | str:
    """``rows``, each put into ``row`` and escaped, as a list."""
    if not rows:
        return "none"
    return format_html('<ul class="kb-plain">{}</ul>', format_html_join("", f"<li>{row}", rows))
