"""Citations: each binds a claim to the words that it rests on."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import OuterRef, Subquery

from .natural import depends_on
from .sources import Paragraph, Transcription
from .spans import TextSpan

if TYPE_CHECKING:
    from .claims import Claim


class CitationQuerySet(models.QuerySet):
    def get_by_natural_key(self, claim, slug, version, ref, start, end):
        paragraph = Paragraph.objects.get_by_natural_key(slug, version, ref)
        return self.get(claim__slug=claim, paragraph=paragraph, start=start, end=end)

    def published(self):
        return self.filter(claim__status="published")

    def within(self, start: int, end: int):
        """Those that share at least one code point with a span of their paragraph."""
        return self.filter(start__lt=end, end__gt=start)

    def with_newest(self):
        """Adds ``newest``, the version of the current transcription; no query more."""
        same = Transcription.objects.filter(source=OuterRef("paragraph__transcription__source"))
        return self.annotate(newest=Subquery(same.order_by("-version").values("version")[:1]))

    def with_editions(self):
        """Adds the ``Claim.EDITIONS`` of their claims; no query more."""
        from .claims import Claim

        own = Claim.objects.filter(pk=OuterRef("claim")).order_by().with_editions()
        return self.annotate(**{name: Subquery(own.values(name)) for name in Claim.EDITIONS})

    def with_places(self):
        """Joined with paragraph, transcription and source, in the claim's own order; ``newest``."""
        places = self.with_newest().select_related("paragraph__transcription__source")
        return places.order_by("position", "pk")


class Citation(TextSpan):
    """Binds a claim to the words it rests on. See ``TextSpan`` for the offsets."""

    class Role(models.TextChoices):
        EVIDENCE = "evidence", "carries the claim"
        SPEAKER = "speaker", "says who speaks"
        NAME = "name", "the name or title as the source writes it"

    claim = models.ForeignKey("kb.Claim", models.CASCADE, related_name="citations")
    role = models.CharField(max_length=8, choices=Role, default=Role.EVIDENCE)
    note = models.CharField(max_length=300, blank=True, help_text="On how these words are read.")
    position = models.PositiveIntegerField(default=0, help_text="The order within the claim.")

    newest = 0  # with_newest() sets it

    objects = CitationQuerySet.as_manager()

    class Meta(TextSpan.Meta):
        ordering = ["claim", "position", "pk"]
        constraints = [
            *TextSpan.Meta.constraints,
            models.UniqueConstraint(
                fields=["claim", "paragraph", "start", "end"],
                name="kb_citation_once",
                violation_error_message="The claim cites these words already.",
            ),
        ]

    @property
    def is_behind(self) -> bool:
        """Whether its transcription is no longer the current one; told only ``with_newest``."""
        return self.newest > self.paragraph.transcription.version

    def forbids(self, what: str) -> str:
        """Why ``what`` is not set aside."""
        return (
            f"The published claim “{self.claim}” rests on {what}, on “{self.exact}”: "
            "what is cited is not set aside."
        )

    @depends_on("kb.claim", "kb.paragraph")
    def natural_key(self):
        return (*self.claim.natural_key(), *self.paragraph.natural_key(), self.start, self.end)


def telling(claim: "Claim", citations: Iterable[Citation]) -> Citation | None:
    """The citation to show where there is room for one: that which shares most with the title.

    Words that only lead up to a claim ("thanks to") are cited as well, but tell a reader nothing.
    """
    title = set(_WORD.findall(claim.title.lower()))

    def tells(citation: Citation) -> tuple[int, bool]:
        words = citation.exact.lower()
        return len(title.intersection(_WORD.findall(words))), len(words.split()) > 3

    told = (citation for citation in citations if citation.role != Citation.Role.SPEAKER)
    return max(told, key=tells, default=None)


_WORD = re.compile(r"\w{4,}")
