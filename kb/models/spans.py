"""Spans of a paragraph: exact words with their offsets in code points.

After the W3C Web Annotation Data Model: ``exact`` is that of its TextQuoteSelector (4.2.4),
``start`` and ``end`` those of its TextPositionSelector (4.2.5): from 0, the end not included.
Triggers compare the words with the paragraph on every write; see ``kb.triggers``.
"""

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, Q
from django.db.models.functions import Length
from django.utils.safestring import SafeString, mark_safe

from ..locating import Found, locate, nearest
from ..markup import escaped
from .natural import depends_on
from .sources import Paragraph, resting


class Unplaced(ValidationError):
    """Words have no place in their paragraph, or more than one: ``found``; or none but ``near``."""

    def __init__(self, message: str, found: Found, near: str):
        super().__init__(message, "unplaced")
        self.found, self.near = found, near


class TextSpan(models.Model):
    """Words of a paragraph. ``clean`` finds the place when ``start`` is left empty."""

    paragraph = models.ForeignKey(Paragraph, models.PROTECT, related_name="%(class)ss")
    start = models.PositiveIntegerField(
        blank=True, help_text="In code points, from 0. Leave empty to have it found."
    )
    end = models.PositiveIntegerField(blank=True, help_text="Not included.")
    exact = models.TextField("exact words")

    # What was seen around the words when they were selected: compared, not stored.
    prefix = suffix = ""

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
        """Finds the words in their paragraph, and takes them as they stand there.

        Raises ValidationError, of ``Unplaced``: what stands there.
        """
        super().clean()
        if not self.exact or self.paragraph_id is None:
            return
        text = self.paragraph.text
        around = (self.prefix, self.suffix)
        if self.start is not None and text.startswith(self.exact, self.start) and not any(around):
            self.end = self.start + len(self.exact)
            return
        found = locate(text, self.exact, *around)
        place = found.at(self.start)
        if place is None:
            field = "start" if found.places and self.start is None else "exact"
            near = "" if found.places else nearest(self.exact, text)
            raise ValidationError({field: Unplaced(self._says(found, near), found, near)})
        self.start, self.end, self.exact = place.start, place.end, place.exact

    def _says(self, found: Found, near: str) -> str:
        """Why the words have no place, and what the paragraph has."""
        text = self.paragraph.text
        stand = f"These words stand at {', '.join(str(place.start) for place in found.places)}"
        if not found.places:
            reads = f"It reads “{near}” instead" if near else f"It begins “{text[:80]}”"
            return f"The paragraph does not have these words. {reads}."
        if not found.fits:
            return f"{stand} in this paragraph, but not between the words that came with them."
        if self.start is None:
            return f"{stand} in this paragraph: give the start that you mean."
        there = text[self.start : self.start + len(self.exact)]
        return f"At {self.start} the paragraph reads “{there}”. {stand}."


class NoteQuerySet(models.QuerySet):
    def setting_aside_cited(self):
        """Those that set words aside of which a published claim cites at least one code point."""
        return self.filter(Exists(resting("published")), sets_aside=True)

    def get_by_natural_key(self, slug, version, ref, start, end):
        paragraph = Paragraph.objects.get_by_natural_key(slug, version, ref)
        return self.get(paragraph=paragraph, start=start, end=end)


class Note(TextSpan):
    """An editor's note on words of a source at which a reader would stumble. Ours.

    Or, when it ``sets_aside``, why no claim rests on these words, which remain of a sentence that
    is cited: publishing a claim that cites any of them takes it out.
    """

    text = models.TextField("note")
    sets_aside = models.BooleanField(
        "set aside", default=False, help_text="No claim rests on these words: the note says why."
    )

    objects = NoteQuerySet.as_manager()

    class Meta(TextSpan.Meta):
        ordering = ["paragraph", "start", "end"]
        verbose_name = "note on words"
        verbose_name_plural = "notes on words"
        constraints = [
            *TextSpan.Meta.constraints,
            models.UniqueConstraint(
                fields=["paragraph", "start", "end"],
                name="kb_note_once",
                violation_error_message="There is a note on these words: edit that one.",
            ),
        ]

    def clean(self):
        super().clean()
        if not self.sets_aside or None in (self.paragraph_id, self.start, self.end):
            return
        if cited := self.paragraph.citations.published().within(self.start, self.end).first():
            raise ValidationError({"sets_aside": cited.forbids("these words")})

    @depends_on("kb.paragraph")
    def natural_key(self):
        return (*self.paragraph.natural_key(), self.start, self.end)
