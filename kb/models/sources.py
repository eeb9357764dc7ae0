"""Sources and their transcriptions, cut into paragraphs and sentences. All texts are verbatim."""

import re

from django.conf.locale import LANG_INFO
from django.core.exceptions import ObjectDoesNotExist
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q
from django.db.models.functions import Length
from django.urls import reverse

from .natural import depends_on


class SourceQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug):
        return self.get(slug=slug)


class Source(models.Model):
    """A work. What is not known of it stays empty; rights are "not stated" unless they are."""

    slug = models.SlugField(max_length=100, unique=True)
    siglum = models.CharField(
        max_length=4,
        unique=True,
        help_text="The letter that stands for the source: A, B, …",
        validators=[RegexValidator(r"^[A-Z]+\Z", "One to four capital letters: A, B, … AA.")],
    )
    title = models.CharField(max_length=300)
    title_supplied = models.BooleanField(
        default=False, help_text="The text has no title; this one is ours, from its opening words."
    )
    publisher = models.CharField(max_length=200, blank=True)
    url = models.URLField("published at", max_length=500, blank=True)
    language = models.CharField(
        max_length=35,
        default="en",
        help_text="A BCP 47 tag.",
        validators=[
            RegexValidator(
                r"^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*\Z", "A BCP 47 tag, such as en or az-Latn."
            )
        ],
    )
    rights = models.CharField(max_length=200, default="not stated")
    note = models.TextField(blank=True, help_text="What a reader should know of this source. Ours.")

    objects = SourceQuerySet.as_manager()

    class Meta:
        ordering = [Length("siglum"), "siglum"]

    def __str__(self):
        return f"{self.siglum} · {self.title}"

    def natural_key(self):
        return (self.slug,)

    def get_absolute_url(self):
        return reverse("source", args=[self.slug])

    @property
    def language_name(self) -> str:
        """In English; the tag itself for a language that is not known here."""
        known = LANG_INFO.get(self.language.lower().partition("-")[0], {})
        return str(known.get("name", self.language))


class TranscriptionQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug, version):
        return self.get(source__slug=slug, version=version)

    def current(self):
        """The newest transcription of each source, with its source; in the sources' order."""
        newer = Transcription.objects.filter(
            source=OuterRef("source"), version__gt=OuterRef("version")
        )
        return self.filter(~Exists(newer)).select_related("source").order_by(*_BY_SOURCE)

    def with_counts(self):
        """Adds ``sentence_count`` and ``open_count`` (sentences of which nothing is known yet)."""
        return self.annotate(
            sentence_count=Count("paragraphs__sentences", distinct=True),
            open_count=Count(
                "paragraphs__sentences",
                distinct=True,
                filter=Q(
                    ~Exists(resting("published", on="paragraphs__sentences__")),
                    paragraphs__sentences__reason="",
                ),
            ),
        )

    def with_draft_counts(self):
        """Adds ``draft_count``: of the sentences that ``with_counts`` calls open, for editors,
        those that a draft cites.
        """
        drafts = Exists(resting("draft", "review", on="paragraphs__sentences__"))
        public = Exists(resting("published", on="paragraphs__sentences__"))
        cited = Q(~public, drafts, paragraphs__sentences__reason="")
        return self.annotate(
            draft_count=Count("paragraphs__sentences", distinct=True, filter=cited)
        )

    def with_claim_counts(self):
        """Adds ``claim_count``: how many published claims rest on each."""
        cited = "paragraphs__citations__claim"
        published = Q(**{f"{cited}__status": "published"})
        return self.annotate(claim_count=Count(cited, distinct=True, filter=published))


_BY_SOURCE: list[Length | str] = [Length("source__siglum"), "source__siglum"]


class Transcription(models.Model):
    """One transcription of a source, immutable; a correction or a better cut is the next version.

    ``leading`` and the paragraphs' texts and separators, joined in order and encoded as UTF-8,
    are the file, byte for byte; ``sha256`` is the hash of those bytes, in lower-case hex.
    """

    source = models.ForeignKey(Source, models.PROTECT, related_name="transcriptions")
    version = models.PositiveIntegerField(default=1)
    sha256 = models.CharField("SHA-256", max_length=64)
    leading = models.TextField(blank=True, help_text="White space before the first paragraph.")
    overrides = models.JSONField(
        default=dict, blank=True, help_text="Where the proposed cut was overridden."
    )

    sentence_count: int  # with_counts() sets these two
    open_count: int
    draft_count: int  # with_draft_counts()
    claim_count: int  # with_claim_counts()

    objects = TranscriptionQuerySet.as_manager()

    class Meta:
        ordering = [*_BY_SOURCE, "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "version"],
                name="kb_transcription_version_once",
                violation_error_message="This source has a transcription of that version.",
            ),
            models.CheckConstraint(
                condition=Q(version__gte=1),
                name="kb_transcription_version_from_1",
                violation_error_message="Versions are numbered from 1.",
            ),
            models.CheckConstraint(
                condition=Q(sha256__regex=r"^[0-9a-f]{64}$"),
                name="kb_transcription_sha256_hex",
                violation_error_message="A SHA-256 is 64 lower-case hexadecimal digits.",
            ),
        ]

    def __str__(self):
        return f"{self.source.siglum}, version {self.version}"

    @depends_on("kb.source")
    def natural_key(self):
        return (*self.source.natural_key(), self.version)

    @property
    def unread_count(self) -> int:
        """The open sentences that no draft cites; after both ``with_…counts``."""
        return self.open_count - self.draft_count

    def get_absolute_url(self):
        return reverse("transcription", args=[self.source.slug, self.version])

    def text(self) -> str:
        """The whole text, joined from its pieces. One query."""
        pieces = self.paragraphs.order_by("position").values_list("text", "separator")
        return self.leading + "".join(text + separator for text, separator in pieces)


# "A 3", "a ¶ 3", "B p2", "A heading 1"
_PLACE = re.compile(r"([A-Za-z]{1,4})\s*(?:¶\s*|p)?\s*(h(?:eading)?)?\s*([1-9][0-9]{0,5})")


class ParagraphQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug, version, ref):
        kind, number = Paragraph.parse_ref(ref)
        return self.get(
            transcription__source__slug=slug,
            transcription__version=version,
            kind=kind,
            number=number,
        )

    def current(self):
        """Those of the newest transcription of each source."""
        return self.filter(transcription__in=Transcription.objects.current())

    def called(self, place: str):
        """Those that a place such as ``A 3`` or ``B heading 1`` names; None if it is no place."""
        match = _PLACE.fullmatch(place.strip())
        if match is None:
            return None
        siglum, heading, number = match.groups()
        return self.filter(
            transcription__source__siglum__iexact=siglum,
            kind=Paragraph.Kind.HEADING if heading else Paragraph.Kind.BODY,
            number=number,
        )


class Paragraph(models.Model):
    """A piece of a transcription; ``text`` is verbatim, ``separator`` is what follows it.

    Headings and bodies are numbered apart, each from 1: ``h1``, ``p1``, ``p2``, …
    """

    class Kind(models.TextChoices):
        HEADING = "heading"
        BODY = "body"

    transcription = models.ForeignKey(Transcription, models.PROTECT, related_name="paragraphs")
    position = models.PositiveIntegerField(help_text="The order of the pieces, from 1.")
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.BODY)
    number = models.PositiveIntegerField()
    text = models.TextField()
    separator = models.TextField(blank=True)

    objects = ParagraphQuerySet.as_manager()

    class Meta:
        ordering = ["transcription", "position"]
        constraints = [
            models.UniqueConstraint(
                fields=["transcription", "position"], name="kb_paragraph_position_once"
            ),
            models.UniqueConstraint(
                fields=["transcription", "kind", "number"], name="kb_paragraph_number_once"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="kb_paragraph_has_text"),
        ]

    def __str__(self):
        begins = self.text if len(self.text) <= 60 else f"{self.text[:60].rstrip()}…"
        return f"{self.transcription.source.siglum} ¶ {self.label}: {begins}"

    @depends_on("kb.transcription")
    def natural_key(self):
        return (*self.transcription.natural_key(), self.ref)

    def get_absolute_url(self):
        return f"{self.transcription.get_absolute_url()}#{self.ref}"

    @property
    def ref(self) -> str:
        """The anchor: ``p3`` for the third body paragraph, ``h1`` for the first heading."""
        return f"{'p' if self.kind == self.Kind.BODY else 'h'}{self.number}"

    @property
    def label(self) -> str:
        """How the paragraph is called beside a ¶ sign."""
        return str(self.number) if self.kind == self.Kind.BODY else f"heading {self.number}"

    @staticmethod
    def parse_ref(ref: str) -> tuple[str, int]:
        """``p3`` → (body, 3). Raises ObjectDoesNotExist for what is no such anchor."""
        match = re.fullmatch(r"([ph])([1-9][0-9]{0,8})", str(ref))
        if not match:
            raise ObjectDoesNotExist(f"“{ref}” is no paragraph: write p1, p2, … or h1 (heading).")
        kind = Paragraph.Kind.BODY if match[1] == "p" else Paragraph.Kind.HEADING
        return kind, int(match[2])


def resting(*statuses: str, on: str = ""):
    """Citations, of claims that have these statuses, that share at least one code point with
    the outer row, a span of a paragraph: for ``Exists``. ``on`` leads from that row to the span.
    """
    from .citations import Citation

    return Citation.objects.filter(
        claim__status__in=statuses,
        paragraph=OuterRef(f"{on}paragraph"),
        start__lt=OuterRef(f"{on}end"),
        end__gt=OuterRef(f"{on}start"),
    )


class SentenceQuerySet(models.QuerySet):
    def get_by_natural_key(self, slug, version, ref):
        paragraph, _, number = str(ref).partition(".s")
        kind, paragraph_number = Paragraph.parse_ref(paragraph)
        return self.get(
            paragraph__transcription__source__slug=slug,
            paragraph__transcription__version=version,
            paragraph__kind=kind,
            paragraph__number=paragraph_number,
            number=number if re.fullmatch(r"[1-9][0-9]{0,8}", number) else None,
        )

    def with_cited(self):
        """Adds ``is_cited``, by a published claim, and ``is_drafted``, by a draft, for editors."""
        return self.annotate(
            is_cited=Exists(resting("published")), is_drafted=Exists(resting("draft", "review"))
        )

    def open(self):
        """Not yet read: no published claim rests on them and no reason sets them aside."""
        return self.filter(~Exists(resting("published")), reason="")

    def unread(self):
        """Open, and no draft rests on them either."""
        return self.filter(~Exists(resting("published", "draft", "review")), reason="")


class Sentence(models.Model):
    """A span of a body paragraph, in code points; stored, so that no library moves it later."""

    paragraph = models.ForeignKey(Paragraph, models.CASCADE, related_name="sentences")
    number = models.PositiveIntegerField(help_text="From 1 in its paragraph.")
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    reason = models.CharField(
        "set aside because", max_length=300, blank=True, help_text="Why no claim rests on it."
    )

    objects = SentenceQuerySet.as_manager()

    class Meta:
        ordering = ["paragraph", "number"]
        constraints = [
            models.UniqueConstraint(fields=["paragraph", "number"], name="kb_sentence_number_once"),
            models.CheckConstraint(condition=Q(end__gt=F("start")), name="kb_sentence_not_empty"),
        ]

    def __str__(self):
        return f"{self.paragraph.transcription.source.siglum} {self.ref}"

    @depends_on("kb.paragraph")
    def natural_key(self):
        return (*self.paragraph.transcription.natural_key(), self.ref)

    @property
    def ref(self) -> str:
        """The anchor: ``p3.s2``."""
        return f"{self.paragraph.ref}.s{self.number}"

    @property
    def text(self) -> str:
        return self.paragraph.text[self.start : self.end]
