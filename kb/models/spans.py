"""Spans of a paragraph: exact words with their offsets in code points.

After the W3C Web Annotation Data Model: ``exact`` is that of its TextQuoteSelector (4.2.4),
``start`` and ``end`` those of its TextPositionSelector (4.2.5): from 0, the end not included.
Triggers compare the words with the paragraph on every write; see ``kb.triggers``.
"""

import difflib
import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length
from django.utils.safestring import SafeString, mark_safe

from ..markup import escaped
from .natural import depends_on
from .sources import Paragraph


def occurrences(exact: str, text: str) -> list[int]:
    """Every offset in ``text`` at which ``exact`` stands, overlapping ones included."""
    found = []
    at = text.find(exact)
    while at >= 0 and exact:
        found.append(at)
        at = text.find(exact, at + 1)
    return found


def nearest(exact: str, text: str) -> str:
    """The whole words of ``text`` that come closest to ``exact``; empty if nothing does."""
    block = difflib.SequenceMatcher(None, text, exact, autojunk=False).find_longest_match()
    if block.size < min(8, len(exact)):
        return ""
    start = max(0, block.a - block.b)
    end = min(len(text), start + len(exact))
    while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return text[start:end]


class TextSpan(models.Model):
    """Words of a paragraph. ``clean`` finds the place when ``start`` is left empty."""

    paragraph = models.ForeignKey(Paragraph, models.PROTECT, related_name="%(class)ss")
    start = models.PositiveIntegerField(
        blank=True, help_text="In code points, from 0. Leave empty to have it found."
    )
    end = models.PositiveIntegerField(blank=True, help_text="Not included.")
    exact = models.TextField("exact words")

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(end=F("start") + Length("exact")),
                name="%(app_label)s_%(class)s_end_fits_exact",
                violation_error_message="The end is not the start plus the length of the words.",
            ),
            models.CheckConstraint(
                condition=Q(end__gt=F("start")),
                name="%(app_label)s_%(class)s_not_empty",
                violation_error_message="The words are missing.",
            ),
        ]

    def __str__(self):
        return f"{self.anchor}: {self.exact[:60]}"

    @property
    def anchor(self) -> str:
        """The fragment that leads to these words: ``p3.120-145``."""
        return f"{self.paragraph.ref}.{self.start}-{self.end}"

    @property
    def html(self) -> SafeString:
        """The exact words for a page; a parser gives them back to the code point."""
        return mark_safe(escaped(self.exact))  # noqa: S308

    def get_absolute_url(self) -> str:
        return f"{self.paragraph.transcription.get_absolute_url()}#{self.anchor}"

    def clean(self):
        """Finds the words in their paragraph. Raises ValidationError: what stands there."""
        super().clean()
        if not self.exact or self.paragraph_id is None:
            return
        text = self.paragraph.text
        places = occurrences(self.exact, text) or self._as_it_stands(text)
        if self.start is None:
            if len(places) > 1:
                raise ValidationError(
                    {
                        "start": "These words stand at "
                        + ", ".join(map(str, places))
                        + " in this paragraph: give the start that you mean."
                    }
                )
            if places:
                self.start = places[0]
        if self.start is not None and self.start in places:
            self.end = self.start + len(self.exact)
            return
        raise ValidationError({"exact": self._says_instead(text, places)})

    def _as_it_stands(self, text: str) -> list[int]:
        """Words copied from a page have other white space: takes the paragraph's, if all agree."""
        pattern = r"\s+".join(map(re.escape, self.exact.split()))
        found = list(re.finditer(pattern, text)) if pattern else []
        if len({match[0] for match in found}) != 1:
            return []
        self.exact = found[0][0]
        return [match.start() for match in found]

    def _says_instead(self, text: str, places: list[int]) -> str:
        if places:
            there = text[self.start : self.start + len(self.exact)]
            return (
                f"At {self.start} the paragraph reads “{there}”. "
                f"These words stand at {', '.join(map(str, places))}."
            )
        near = nearest(self.exact, text)
        if near:
            return f"The paragraph does not have these words. It reads “{near}” instead."
        return f"The paragraph does not have these words. It begins “{text[:80]}”."


class NoteQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug, version, ref, start, end):
        paragraph = Paragraph.objects.get_by_natural_key(slug, version, ref)
        return self.get(paragraph=paragraph, start=start, end=end)


class Note(TextSpan):
    """An editor's note on words of a source at which a reader would stumble. Ours."""

    text = models.TextField("note")

    objects = NoteQuerySet.as_manager()

    class Meta(TextSpan.Meta):
        ordering = ["paragraph", "start", "end"]
        constraints = [
            *TextSpan.Meta.constraints,
            models.UniqueConstraint(
                fields=["paragraph", "start", "end"],
                name="kb_note_once",
                violation_error_message="There is a note on these words: edit that one.",
            ),
        ]

    @depends_on("kb.paragraph")
    def natural_key(self):
        return (*self.paragraph.natural_key(), self.start, self.end)
