"""Claims against sources: which of them speaks of each, in which words, and which is silent.

A row is a claim that one of the sources speaks of. Claims of a kind that is ``held_by`` another
claim stand in that claim's row: what a source claims of an organization beside what it calls it.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property, reduce
from itertools import groupby
from operator import and_, or_
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.db.models import Exists, OuterRef, Q, Subquery

from .coverage import parts, union
from .excerpts import Part
from .models import Citation, Claim, Transcription
from .models.citations import telling
from .models.claims import ClaimQuerySet
from .presenting import Column
from .wording import differing

PER_KIND = 100  # rows of a kind on one page
FOLDED = 30  # from so many rows on, a kind folds away what one source alone speaks of
SHOWN = 3  # words of a cell that are not folded away
SOURCE = "paragraph__transcription__source"

BOTH, ONE, NAMES = "both", "one", "names"  # what a reader can narrow the rows to


def row_kinds() -> dict[str, type[Claim]]:
    """The kinds that have rows of their own."""
    return {kind: model for kind, model in Claim.kinds().items() if not model.held_by}


def row_of(claim: Claim) -> int | None:
    """The key of the claim in whose row ``claim`` stands, mostly its own; None if that is lost."""
    holder = Claim.kinds()[claim.kind].held_by
    if not holder:
        return claim.pk
    with suppress(ObjectDoesNotExist):
        return getattr(claim.specific(), f"{holder}_id")
    return None


@dataclass
class Words:
    """The same words of one source, wherever it has them."""

    exact: str
    citations: list[Citation] = field(default_factory=list)
    differing: Sequence[tuple[int, int]] = ()  # from what others call it

    @property
    def first(self) -> Citation:
        return self.citations[0]

    @property
    def parts(self) -> list[Part]:
        """``of`` is set in the words that differ."""
        return parts(self.exact, self.differing)


def in_words(citations: Iterable[Citation]) -> list[Words]:
    """Each wording once, in the order of ``citations``."""
    found: dict[str, Words] = {}
    for citation in citations:
        found.setdefault(citation.exact, Words(citation.exact)).citations.append(citation)
    return list(found.values())


@dataclass
class Held:
    """What a source claims in the row of another claim."""

    claim: Claim
    words: list[Words]


class Cell(Column):
    """What one source has for a row: words for the claim itself, then for those that it holds."""

    def __init__(self, claim: Claim, current: Transcription, citations: list[Citation]):
        super().__init__(claim, current, [c for c in citations if c.claim_id == claim.pk])
        others = (c for c in citations if c.claim_id != claim.pk)
        by_claim = groupby(others, key=lambda citation: citation.claim_id)
        groups = [list(group) for _, group in by_claim]
        self.held = [Held(group[0].claim, in_words(group)) for group in groups]

    @property
    def held_citations(self) -> list[Citation]:
        return [c for held in self.held for words in held.words for c in words.citations]

    @property
    def speaks(self) -> bool:
        return bool(self.citations or self.held)

    @property
    def is_silent(self) -> bool:
        return super().is_silent and not self.held

    @cached_property
    def words(self) -> list[Words]:
        """The most telling ones first."""
        first = telling(self.claim, self.citations)
        return in_words(sorted(self.citations, key=lambda citation: citation is not first))

    @property
    def names(self) -> list[Words]:
        named = Citation.Role.NAME
        return [words for words in self.words if any(c.role == named for c in words.citations)]

    @property
    def all_words(self) -> list[Words]:
        """Those of what it holds included."""
        return [*self.words, *(words for held in self.held for words in held.words)]

    @property
    def shown(self) -> list[Words]:
        """Three, or four: a fold that hides one is worse than none."""
        return self.words[: SHOWN if len(self.words) > SHOWN + 1 else None]

    @property
    def folded(self) -> list[Words]:
        return self.words[len(self.shown) :]


class Row:
    """One claim, a cell for each of the current transcriptions."""

    def __init__(
        self, claim: Claim, columns: Sequence[Transcription], citations: Iterable[Citation]
    ):
        self.claim = claim
        by_source: dict[int, list[Citation]] = {}
        for citation in citations:
            by_source.setdefault(citation.paragraph.transcription.source_id, []).append(citation)
        self.cells = [Cell(claim, t, by_source.get(t.source_id, [])) for t in columns]
        self._tell_names_apart()

    def _tell_names_apart(self) -> None:
        names = [[words.exact for words in cell.names] for cell in self.cells]
        for cell, own in zip(self.cells, names, strict=True):
            others = [theirs for theirs in names if theirs and theirs is not own]
            for words in cell.names:
                words.differing = union(s for o in others for s in differing(words.exact, o))

    @property
    def sigla(self) -> list[str]:
        """Of the sources that speak of it."""
        return [cell.source.siglum for cell in self.cells if cell.speaks]


@dataclass
class Group:
    """Rows of which the same sources speak."""

    sigla: list[str]
    is_everywhere: bool  # all that are compared
    rows: list[Row]

    @property
    def label(self) -> str:
        """In both; in A and C; in B only."""
        if self.is_everywhere:
            return "in both" if len(self.sigla) == 2 else "in all"
        *others, last = self.sigla
        return f"in {', '.join(others)} and {last}" if others else f"in source {last} only"


@dataclass
class Section:
    """The rows of one kind; ``last`` is the claim after which there are more, if there are."""

    kind: str
    rows: list[Row]
    last: Claim | None
    is_open: bool  # nothing is folded away, however much there is
    next_url: str = ""  # where there are more

    @property
    def heading(self) -> str:
        return Claim.kinds()[self.kind].public_plural.capitalize()

    @cached_property
    def groups(self) -> list[Group]:
        """Those of which most sources speak come first."""
        order = {cell.source.siglum: n for n, cell in enumerate(self.rows[0].cells)}
        in_order = sorted(self.rows, key=lambda r: (-len(r.sigla), [order[s] for s in r.sigla]))
        return [
            Group(sigla, len(sigla) == len(order), list(rows))
            for sigla, rows in groupby(in_order, key=lambda row: row.sigla)
        ]

    @property
    def folded(self) -> list[Group]:
        """Of many rows, those of which one source alone speaks."""
        if self.is_open or len(self.rows) < FOLDED:
            return []
        return [group for group in self.groups if len(group.sigla) == 1]

    @property
    def shown(self) -> list[Row]:
        return [row for group in self.groups if group not in self.folded for row in group.rows]


def sections(
    columns: Sequence[Transcription], *, kind: str = "", show: str = "", after: str = ""
) -> list[Section]:
    """What ``columns``, current transcriptions with counts, have for each claim; by kind.

    ``show`` narrows the rows. Of each kind the first ``PER_KIND``, or those after the claim with
    the slug ``after``. Two queries.
    """
    kinds = [kind] if kind else list(row_kinds())
    sources = [transcription.source_id for transcription in columns]
    asked = Claim.objects.published().order_by("title", "pk")
    if after:
        asked = _after(asked, after)
    first = (
        asked.filter(_narrowed(sources, k, show), kind=k).values("pk")[: PER_KIND + 1]
        for k in kinds
    )
    claims = Claim.objects.filter(reduce(or_, (Q(pk__in=keys) for keys in first)))
    by_kind: dict[str, list[Claim]] = {kind: [] for kind in kinds}
    for claim in claims.with_kinds().order_by("title", "pk"):
        by_kind[claim.kind].append(claim)
    shown = [claim for claims in by_kind.values() for claim in claims[:PER_KIND]]
    cited = _citations(shown, columns)
    return [
        Section(
            kind,
            [Row(claim, columns, cited.get(claim.pk, ())) for claim in claims[:PER_KIND]],
            claims[PER_KIND - 1] if len(claims) > PER_KIND else None,
            is_open=bool((kind and kinds == [kind]) or show),
        )
        for kind, claims in by_kind.items()
        if claims
    ]


def _citations(
    claims: Sequence[Claim], columns: Sequence[Transcription]
) -> dict[int, list[Citation]]:
    """By row: the published citations of ``claims``, then of what they hold. One query."""
    keys = [claim.pk for claim in claims]
    held = (
        Q(claim__in=model.objects.filter(**{f"{model.held_by}__in": keys}).values("pk"))
        for model in Claim.kinds().values()
        if model.held_by
    )
    found: dict[int, list[Citation]] = {}
    for citation in (
        Citation.objects.published()
        .with_places()
        .filter(reduce(or_, held, Q(claim__in=keys)))
        .filter(**{f"{SOURCE}__in": [t.source_id for t in columns]})
        .select_related("claim", *(f"claim__as_{kind}" for kind in Claim.kinds()))
        .order_by("claim__title", "claim", "position", "pk")
    ):
        row = row_of(citation.claim)
        if row is not None:
            found.setdefault(row, []).append(citation)
    return found


def _narrowed(sources: Sequence[int], kind: str, show: str) -> Q:
    """One of ``sources`` at least speaks of a claim of ``kind``; and what ``show`` asks for."""
    if show == NAMES:
        return Q(_names_differ(sources))
    some = _cited(kind, **{f"{SOURCE}__in": sources})
    if show not in (BOTH, ONE):
        return some
    all_of_them = reduce(and_, (_cited(kind, **{SOURCE: source}) for source in sources))
    return all_of_them if show == BOTH else some & ~all_of_them


def _cited(kind: str, **where) -> Q:
    """That such a citation stands in the row of a claim of ``kind``."""
    own = Exists(Citation.objects.filter(claim=OuterRef("pk"), **where))
    held = (
        Exists(Citation.objects.published().filter(**{path: OuterRef("pk")}, **where))
        for path, holder in _held().items()
        if holder == kind
    )
    return reduce(or_, held, Q(own))


def _field(model: type[Claim]) -> Any:
    return model._meta.get_field(model.held_by)


def _held() -> dict[str, str]:
    """The way from a citation to the claim that holds its own, and the kind of the holder."""
    return {
        f"claim__as_{kind}__{model.held_by}": _field(model).related_model._meta.model_name
        for kind, model in Claim.kinds().items()
        if model.held_by
    }


def _names_differ(sources: Sequence[int]) -> Exists:
    """That one source names it, and another, which names it too, not so; case is no difference."""
    named = Citation.objects.filter(role=Citation.Role.NAME, **{f"{SOURCE}__in": sources})
    alike = named.filter(
        claim=OuterRef("claim"),
        exact__iexact=OuterRef(OuterRef("exact")),
        **{SOURCE: OuterRef(SOURCE)},
    )
    others = named.filter(claim=OuterRef("claim")).exclude(**{SOURCE: OuterRef(SOURCE)})
    return Exists(named.filter(Exists(others.filter(~Exists(alike))), claim=OuterRef("pk")))


def _after(claims: ClaimQuerySet, slug: str) -> ClaimQuerySet:
    """Those that come after the claim ``slug`` by title; none if there is no such claim."""
    last = Claim.objects.filter(slug=slug)
    title, key = (Subquery(last.values(name)) for name in ("title", "pk"))
    return claims.filter(Q(title__gt=title) | Q(title=title, pk__gt=key), title__gte=title)
