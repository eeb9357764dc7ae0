"""Forms for words of a paragraph: citations, notes."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.widgets import AutocompleteSelect
from django.db import models
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kb.coverage import parts
from kb.locating import Place, locate
from kb.models import Citation, Paragraph
from kb.models.spans import Unplaced
from kb.wording import word_diff

from .base import EditorsForm, Prose, key_of

NO_PARAGRAPH = (
    "There is no such paragraph in a current text. Write its place as A 3 or B heading 1."
)
CHOICES = 20  # places of the same words that are offered


def missed(exact: str, near: str) -> SafeString:
    """Says that a paragraph has ``near`` instead of ``exact``, word by word, as HTML."""
    changes = word_diff(exact, near) if near else []
    return render_to_string("admin/kb/missed.html", {"changes": changes})


class ParagraphSelect(AutocompleteSelect):
    """With the paragraph's text below, to select words in; without JavaScript, by its place.

    ``known`` are paragraphs by their keys, each with the spans that are marked in its text.
    """

    known: Mapping[int, tuple[Paragraph, list[tuple[int, int]]]] = {}

    def render(self, name, value, attrs=None, renderer=None):
        chosen, spans = self.known.get(key_of(str(value)) or 0, (None, []))
        if chosen is None and key_of(str(value)):
            chosen = Paragraph.objects.filter(pk=value).first()
        context = {
            "name": name,
            "pages": reverse("admin:kb_paragraph_changelist"),
            "chosen": chosen,
            "parts": parts(chosen.text, spans) if chosen else (),
        }
        return super().render(name, value, attrs, renderer) + render_to_string(
            "admin/kb/paragraph_select.html", context
        )

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [key for key in value if key_of(key) is not None], attr)

    def value_from_datadict(self, data, files, name):
        """A place that was typed goes before what was chosen earlier. One query if one was."""
        typed = data.get(f"{name}-place", "")
        if called := Paragraph.objects.current().called(typed):
            return str(called[0].pk)
        return typed or super().value_from_datadict(data, files, name)


class PositionInput(forms.NumberInput):
    """With buttons, for who has JavaScript, that move the row up or down."""

    def render(self, name, value, attrs=None, renderer=None):
        return super().render(name, value, attrs, renderer) + render_to_string("admin/kb/move.html")


class SpanForm(EditorsForm):
    """Paragraph and exact words; which place is asked only where they stand in more than one.

    A start that no longer fits changed words is found anew. ``end`` is never typed; ``before`` and
    ``after`` are what stood around the words when they were selected.
    """

    before = Prose(required=False, widget=forms.HiddenInput)
    after = Prose(required=False, widget=forms.HiddenInput)

    class Meta:
        labels = {"start": "Which of them"}
        help_texts = {
            "exact": "Selected above, or typed. No more than carries the claim.",
            "start": "These words stand there more than once.",
            "position": "The order in the claim.",
        }
        widgets = {
            "exact": forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField kb-exact"}),
            "start": forms.HiddenInput,
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk and "start" in self.fields:
            places = locate(self.instance.paragraph.text, self.instance.exact).places
            if len(places) > 1:
                offer(self, places)

    def clean(self):
        cleaned = super().clean()
        paragraph, exact = cleaned.get("paragraph"), cleaned.get("exact")
        if not exact or paragraph is None:
            return cleaned
        if not {"paragraph", "exact"} & set(self.changed_data):
            cleaned["exact"] = self.initial["exact"]  # Spaces at its ends included.
        elif "start" not in self.changed_data and cleaned["start"] is not None:
            found = locate(paragraph.text, exact)
            cleaned["start"] = cleaned["start"] if found.at(cleaned["start"]) else None
        return cleaned

    def _post_clean(self):
        for name, field in {"prefix": "before", "suffix": "after"}.items():
            setattr(self.instance, name, self.cleaned_data.get(field, ""))
        super()._post_clean()  # type: ignore[misc]

    def _update_errors(self, errors):
        for error in (e for listed in errors.error_dict.values() for e in listed):
            if isinstance(error, Unplaced):
                self._ask(error)
        super()._update_errors(errors)  # type: ignore[misc]

    def _ask(self, error: Unplaced) -> None:
        ask(self, error, self.instance.exact, self.instance.start)
        if error.found.places:
            for name in ("before", "after"):
                self.fields[name].disabled = True  # Who chooses no longer sends them.

    def _get_validation_exclusions(self):
        # ``TextSpan.clean`` sets the end: constraints over it can be validated.
        return super()._get_validation_exclusions() - {"end"}  # type: ignore[misc]


def ask(form: forms.BaseForm, error: Unplaced, exact: str, start: int | None) -> None:
    """Shows how far ``exact`` is from the paragraph's words, or lets choose among their places."""
    if places := error.found.places:
        offer(form, places)
        if error.found.fits and start is None:
            error.message = f"These words stand in {len(places)} places: choose the one meant."
    elif error.near:
        error.message = missed(exact, error.near)


def offer(form: forms.BaseForm, places: list[Place]) -> None:
    form.fields["start"].widget = forms.RadioSelect(choices=choices(places))


def choices(places: Iterable[Place]) -> list[tuple[int, SafeString]]:
    """The first of ``places``, each in its context."""
    shown = "…{}<mark>{}</mark>{}…"
    return [
        (place.start, format_html(shown, place.prefix, place.exact, place.suffix))
        for place in islice(places, CHOICES)
    ]


class CitationForm(SpanForm):
    class Meta(SpanForm.Meta):
        widgets = {**SpanForm.Meta.widgets, "position": PositionInput}
        labels = {**SpanForm.Meta.labels, "note": "Our note on these words"}
        help_texts = {
            **SpanForm.Meta.help_texts,
            "note": "Public, beside the words: how they are read.",
        }

    @cached_property
    def changed_data(self):
        """A row that is new and has nothing but its place in the order is none."""
        changed = super().changed_data
        is_empty = self.instance.pk is None and set(changed) <= {"position", "role"}
        return [] if is_empty else changed


class CitationFormSet(forms.BaseInlineFormSet):
    def total_form_count(self):
        """Never more rows than were sent, whatever count was sent with them."""
        total = super().total_form_count()
        if not self.is_bound:
            return total
        row = re.compile(rf"{re.escape(str(self.prefix))}-([0-9]{{1,4}})-")
        sent = {int(found[1]) for name in self.data if (found := row.match(name))}
        return min(total, max(sent, default=-1) + 1)

    @cached_property
    def known(self):
        """The paragraphs that are cited, with what is cited of each, as it is stored."""
        found: dict[int, tuple[Paragraph, list[tuple[int, int]]]] = {}
        for citation in self.get_queryset():
            _, spans = found.setdefault(citation.paragraph_id, (citation.paragraph, []))
            spans.append((citation.start, citation.end))
        return found

    def add_fields(self, form, index):
        """New rows come after those that are there; each marks the words of all of them."""
        super().add_fields(form, index)
        there = self.get_queryset()
        form.fields["paragraph"].widget.widget.known = self.known
        if index is None or index >= len(there):
            last = there[len(there) - 1].position if there else 0
            number = self.total_form_count() if index is None else index
            form.initial["position"] = last + 1 + number - len(there)

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


class SpanFields(BaseModelAdmin):
    """What the pages with a SpanForm share: a paragraph is chosen, its words are selected."""

    @property
    def media(self):
        return super().media + forms.Media(js=["admin/js/jquery.init.js", "kb/workbench.js"])

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "paragraph":
            kwargs["queryset"] = Paragraph.objects.select_related("transcription__source")
            kwargs["widget"] = ParagraphSelect(db_field, self.admin_site)
            kwargs["error_messages"] = {"invalid_choice": NO_PARAGRAPH}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "paragraph":
            field.widget.can_change_related = field.widget.can_add_related = False
        return field


class CitationInline(SpanFields, admin.StackedInline):
    """The words that a claim rests on. Read-only with the claim."""

    model = Citation
    form = CitationForm
    formset = CitationFormSet
    formfield_overrides = {models.TextField: {"form_class": Prose}}
    fields = ["paragraph", "exact", ("start", "before", "after"), ("role", "position"), "note"]
    extra = 1

    def get_fields(self, request, obj=None):
        looked_at = ["paragraph", "exact", ("role", "position"), "note"]
        return looked_at if obj and obj.is_frozen else super().get_fields(request, obj)

    def get_queryset(self, request):
        return Citation.objects.with_places()

    def view_on_site(self, citation: Citation) -> str:
        return citation.get_absolute_url()

    def has_add_permission(self, request, obj=None):
        return not (obj and obj.is_frozen) and super().has_add_permission(request, obj)

    def has_change_permission(self, request, obj=None):
        return not (obj and obj.is_frozen) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return not (obj and obj.is_frozen) and super().has_delete_permission(request, obj)
