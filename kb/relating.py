"""The page of a claim: its words, the claims around it, and where else its words stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import reduce
from itertools import groupby
from math import inf
from operator import or_

from django.db.models import (
    BooleanField,
    Count,
    Exists,
    ExpressionWrapper,
    OuterRef,
    Prefetch,
    Q,
    Subquery,
)

from .elsewhere import MOST_PLACES, Elsewhere, elsewhere, with_words, words_of
from .models import Citation, Claim, Sentence, TaggedClaim, Transcription
from .presenting import Shown

ABOUT, CONCERNS, SPEAKER, NEAR, THEME = "about", "concerns", "speaker", "near", "theme"
# The closest first: a claim stands under the first of its reasons.
HEADINGS = {
    ABOUT: "What this is about",
    CONCERNS: "About this",
    SPEAKER: "By the same speaker",
    NEAR: "In the same sentence",
    THEME: "Under the same themes",
}
MOST = 12  # claims that are related by their themes, those with most in common, or their speaker


@dataclass(eq=False)
class Related(Shown):
    """``distance`` is that of its words to the claim's, in code points; inf in other paragraphs."""

    reasons: set[str] = field(default_factory=set)
    distance: float = inf
    shared_themes: int = 0

    @property
    def closeness(self) -> tuple:
        return self.distance, -self.shared_themes


class ClaimPage(Shown):
    """The page of one claim. Four queries: citations, sentences, transcriptions, paragraphs.

    ``also`` names further reasons to be related, as conditions on a Citation.
    """

    most_places = MOST_PLACES

    def __init__(self, claim: Claim, site: str = "", also: dict[str, Q] | None = None):
        around = _citations_around(claim, also or {})
        transcriptions = list(Transcription.objects.current().with_counts())
        own = [citation for citation in around if citation.claim_id == claim.pk]
        super().__init__(claim, own, transcriptions, site, with_words(own))
        names = (*HEADINGS, *(also or {}))
        self.related: list[Related] = []
        others = (citation for citation in around if citation.claim_id != claim.pk)
        for _, group in groupby(others, key=lambda citation: citation.claim_id):
            citations = list(group)
            first = citations[0]
            reasons = {n for n in names if any(getattr(c, f"is_{n}", False) for c in citations)}
            self.related.append(
                Related(
                    _with_editions(first),
                    citations,
                    transcriptions,
                    site,
                    reasons=reasons,
                    distance=_distance(own, citations),
                    shared_themes=getattr(first, "shared_themes", None) or 0,
                )
            )

    def take(self, kind: str, *reasons: str) -> list[Related]:
        """Takes the related claims of ``kind``, for any of ``reasons``, out of the others."""
        taken = [r for r in self.related if r.claim.kind == kind and r.reasons & set(reasons)]
        self.related = [r for r in self.related if r not in taken]
        return taken

    @property
    def related_by_reason(self) -> list[tuple[str, list[Related]]]:
        """Under the heading of its closest reason each, the closest first."""
        left = sorted(self.related, key=lambda related: related.closeness)
        found = []
        for reason, heading in HEADINGS.items():
            group = [related for related in left if reason in related.reasons]
            left = [related for related in left if reason not in related.reasons]
            found += [(heading, group)] if group else []
        return found

    @property
    def elsewhere(self) -> list[Elsewhere]:
        return elsewhere(self.citations, self.same)

    @property
    def is_nowhere_else(self) -> bool:
        """Whether its words were looked for, all of them, and stand in no other place."""
        told = {c.exact for c in self.citations if c.role != Citation.Role.SPEAKER}
        return bool(told) and told == set(words_of(self.citations)) and not self.elsewhere


def _citations_around(claim: Claim, also: dict[str, Q]) -> list[Citation]:
    """The claim's own citations and those of published claims related to it, claim by claim.

    Each has ``is_about``, ``is_concerns``, … for the reasons, ``shared_themes``, and the editions
    of its claim. Two queries.
    """
    links = Claim.about.through.objects
    own = Citation.objects.filter(claim=claim.pk)
    touching = {
        "paragraph": OuterRef("paragraph"),
        "start__lt": OuterRef("end"),
        "end__gt": OuterRef("start"),
    }
    shared = Sentence.objects.filter(Exists(own.filter(**touching)), **touching)
    themes = TaggedClaim.objects.filter(content_object=claim.pk).values("tag")
    in_common = (
        TaggedClaim.objects.filter(tag__in=themes)
        .order_by()
        .values("content_object")
        .annotate(count=Count("pk"))
    )
    themed = (
        in_common.filter(content_object__status=Claim.Status.PUBLISHED)
        .exclude(content_object=claim.pk)
        .order_by("-count", "content_object__title", "content_object")
        .values("content_object")[:MOST]
    )
    related = {
        ABOUT: Q(claim__in=links.filter(from_claim=claim.pk).values("to_claim")),
        CONCERNS: Q(claim__in=links.filter(to_claim=claim.pk).values("from_claim")),
        NEAR: Q(Exists(shared), paragraph__in=own.values("paragraph")),
        THEME: Q(claim__in=themed),
        **also,
    }
    reasons = {
        f"is_{name}": ExpressionWrapper(condition, BooleanField())
        for name, condition in related.items()
    }
    public = Q(claim__status=Claim.Status.PUBLISHED)
    return list(
        Citation.objects.with_newest()
        .with_editions()
        .annotate(
            shared_themes=Subquery(
                in_common.filter(content_object=OuterRef("claim")).values("count")
            ),
            **reasons,
        )
        .filter(Q(claim=claim.pk) | public & reduce(or_, related.values()))
        .select_related(
            "paragraph__transcription__source",
            "claim",
            *(f"claim__as_{kind}" for kind in Claim.kinds()),
        )
        .prefetch_related(Prefetch("paragraph__sentences", Sentence.objects.order_by("number")))
        .order_by("claim__title", "claim", "position", "pk")
    )


def _with_editions(citation: Citation) -> Claim:
    for name in Claim.EDITIONS:
        setattr(citation.claim, name, getattr(citation, name))
    return citation.claim


def _distance(own: Sequence[Citation], others: Sequence[Citation]) -> float:
    """Between the nearest words of the two, in code points; 0 if they touch."""
    return min(
        (
            max(a.start - b.end, b.start - a.end, 0)
            for a in own
            for b in others
            if a.paragraph_id == b.paragraph_id
        ),
        default=inf,
    )
