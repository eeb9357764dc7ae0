"""Forms for words of a paragraph: citations, notes."""

import re
from typing import Any

from django import forms
from django.contrib import admin
from django.db import models

from kb.models import Citation, Paragraph
from kb.models.spans import occurrences

from .base import EditorsForm, Prose


def as_written(exact: str, text: str) -> str:
    """``exact`` with the line breaks that ``text`` has there, whichever a browser sent."""
    lines = map(re.escape, re.split(r"\r\n|\r|\n", exact))
    found = re.search(r"(?:\r\n|\r|\n)".join(lines), text)
    return found[0] if found else exact


class SpanForm(EditorsForm):
    """Paragraph and exact words; the start only where the words stand more than once.

    A start that no longer fits changed words is found anew. ``end`` is never typed.
    """

    class Meta:
        labels = {"start": "Starts at"}
        help_texts = {
            "exact": "Copied from the paragraph, no more than carries the claim.",
            "start": "Only where they stand more than once.",
            "position": "The order in the claim.",
        }
        widgets = {
            "exact": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField kb-exact"}),
        }

    def clean(self):
        cleaned = super().clean()
        paragraph, exact = cleaned.get("paragraph"), cleaned.get("exact")
        if paragraph is None or not exact:
            return cleaned
        if not {"paragraph", "exact"} & set(self.changed_data):
            cleaned["exact"] = self.initial["exact"]  # Spaces at its ends included.
            return cleaned
        cleaned["exact"] = exact = as_written(exact, paragraph.text)
        moved = cleaned.get("start") not in occurrences(exact, paragraph.text)
        if moved and "start" not in self.changed_data:
            cleaned["start"] = None
        return cleaned

    def _get_validation_exclusions(self):
        # ``TextSpan.clean`` sets the end: constraints over it can be validated.
        return super()._get_validation_exclusions() - {"end"}  # type: ignore[misc]


class CitationFormSet(forms.BaseInlineFormSet):
    def clean(self):
        """Says which citation repeats another; their starts may have been found just now."""
        super().clean()
        seen: dict[tuple, int] = {}
        for number, form in enumerate(self.forms, 1):
            span = (form.instance.paragraph_id, form.instance.start, form.instance.end)
            if form in self.deleted_forms or form.errors or None in span:
                continue
            if span in seen:
                form.add_error("exact", f"Citation {seen[span]} cites these words already.")
            seen[span] = number


class CitationInline(admin.StackedInline):
    """The words that a claim rests on. Read-only with the claim."""

    model = Citation
    form = SpanForm
    formset = CitationFormSet
    formfield_overrides = {models.TextField: {"form_class": Prose}}
    fields = ["paragraph", "exact", ("role", "start", "position"), "note"]
    autocomplete_fields = ["paragraph"]
    extra = 1

    def get_extra(self, request, obj=None, **kwargs):
        return 1 if obj is None else 0

    def get_queryset(self, request):
        return Citation.objects.with_places()

    def view_on_site(self, citation: Citation) -> str:
        return citation.get_absolute_url()

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "paragraph":
            kwargs["queryset"] = Paragraph.objects.select_related("transcription__source")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "paragraph":
            field.widget.can_change_related = field.widget.can_add_related = False
        return field

    def has_add_permission(self, request, obj=None):
        return not (obj and obj.is_frozen) and super().has_add_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        return not (obj and obj.is_frozen) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return not (obj and obj.is_frozen) and super().has_delete_permission(request, obj)
