"""What a page shows of a claim: its words source by source, the claims around it, how to cite it.

Fetched in two queries whatever the number of related claims, and grouped here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from itertools import groupby
from operator import or_
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils.dateformat import format as date_format

from .excerpts import Part, Span, excerpt, runs
from .models import Citation, Claim, Paragraph, Sentence, Transcription
from .models.citations import telling

ABOUT, CONCERNS, NEAR = "about", "concerns", "near"
SIDE_BY_SIDE = 3  # With more sources than these, those that are not cited share a line.


@dataclass(frozen=True)
class Cited:
    """A citation in an excerpt; ``key`` leads from its words to its note, empty if it is alone."""

    citation: Citation
    key: str
    url: str  # the one-claim view of the reading room, at these words


@dataclass(frozen=True)
class Passage:
    """Words that a claim rests on, in their sentence."""

    paragraph: Paragraph
    parts: list[tuple[Part, Cited | None]]
    cited: list[Cited]


class Column:
    """What one source has for a claim. ``current`` is its newest transcription, with counts."""

    def __init__(self, claim: Claim, current: Transcription, citations: list[Citation]):
        self.claim = claim
        self.current = current
        self.source = current.source
        self.citations = citations
        self.says_otherwise = False  # set where another claim of the same thing cites this source

    @property
    def is_silent(self) -> bool:
        """Nothing is cited and every sentence has been read."""
        return not self.citations and not self.current.open_count

    @cached_property
    def passages(self) -> list[Passage]:
        return passages(self.claim, self.citations)


@dataclass(eq=False)
class Shown:
    """A claim with its citations, which have their places, for a site at the address ``site``.

    ``transcriptions`` are the current ones with counts, in the order of the columns. Passages
    need the citations' sentences as well.
    """

    claim: Claim
    citations: list[Citation]
    transcriptions: Sequence[Transcription] = ()
    site: str = ""
    reasons: set[str] = field(default_factory=set)

    @cached_property
    def passages(self) -> list[Passage]:
        return passages(self.claim, self.citations)

    @property
    def telling(self) -> Citation | None:
        return telling(self.claim, self.citations)

    @cached_property
    def all_columns(self) -> list[Column]:
        by_source: dict[int, list[Citation]] = {}
        for citation in self.citations:
            by_source.setdefault(citation.paragraph.transcription.source_id, []).append(citation)
        return [Column(self.claim, t, by_source.get(t.source_id, [])) for t in self.transcriptions]

    @property
    def columns(self) -> list[Column]:
        """Those that stand side by side: all, or, where sources are many, those that are cited."""
        if len(self.all_columns) <= SIDE_BY_SIDE:
            return self.all_columns
        return [column for column in self.all_columns if column.citations]

    @property
    def others(self) -> list[Column]:
        """Those that have no column."""
        return [column for column in self.all_columns if column not in self.columns]

    @property
    def has_roles(self) -> bool:
        """Whether the citations differ in role, so that a reader needs to be told."""
        return len({citation.role for citation in self.citations}) > 1

    @property
    def has_keys(self) -> bool:
        """Whether figures stand beside the words in the passages."""
        return any(cited.key for passage in self.passages for cited in passage.cited)

    @property
    def places(self) -> list[Citation]:
        """The first citation in each paragraph."""
        return list({c.paragraph_id: c for c in reversed(self.citations)}.values())[::-1]

    @property
    def address(self) -> str:
        """The permanent address, absolute."""
        return self.site + self.claim.permanent_url

    @property
    def reference(self) -> str:
        """A plain text to cite the claim by: claim, edition, words, sources, addresses."""
        edition = getattr(self.claim, "last_edition", None)
        edited = getattr(self.claim, "last_edited", None)
        head = f"“{self.claim.title}”, {settings.KB_TITLE}, {settings.KB_SUBTITLE}"
        if edited:
            head += f", edition {edition} ({date_format(edited, 'j F Y')})"
        lines = [f"{head}.", self.claim.sentence]
        for citation in self.citations:
            transcription = citation.paragraph.transcription
            source = transcription.source
            published = ", ".join(filter(None, [source.title, source.publisher, source.url]))
            lines.append(
                f"“{citation.exact}” ({source.siglum}: {published}, "
                f"version {transcription.version}, ¶ {citation.paragraph.label}), "
                f"{self.site}{citation.get_absolute_url()}"
            )
        return "\n".join([*lines, self.address])

    @property
    def report_url(self) -> str:
        """Where to report a mistake: a letter with the claim filled in, if there is an address."""
        if not settings.KB_REPORT_ADDRESS:
            return reverse("about") + "#mistakes"
        body = f"{self.claim.title}\r\n{self.address}\r\n\r\nWhat is wrong:\r\n"
        fields = {"subject": f"A mistake in “{self.claim.title}”", "body": body}
        return f"mailto:{settings.KB_REPORT_ADDRESS}?{urlencode(fields, quote_via=quote)}"


class ClaimPage(Shown):
    """The page of one claim. Three queries: citations, sentences, transcriptions.

    ``also`` names further reasons to be related, as conditions on a Citation.
    """

    def __init__(self, claim: Claim, site: str = "", also: dict[str, Q] | None = None):
        around = _citations_around(claim, also or {})
        transcriptions = list(Transcription.objects.current().with_counts())
        own = [citation for citation in around if citation.claim_id == claim.pk]
        super().__init__(claim, own, transcriptions, site)
        names = (ABOUT, CONCERNS, NEAR, *(also or {}))
        self.related: list[Shown] = []
        others = (citation for citation in around if citation.claim_id != claim.pk)
        for _, group in groupby(others, key=lambda citation: citation.claim_id):
            citations = list(group)
            reasons = {name for name in names if any(getattr(c, f"is_{name}") for c in citations)}
            self.related.append(Shown(citations[0].claim, citations, transcriptions, site, reasons))

    def take(self, kind: str, *reasons: str) -> list[Shown]:
        """Takes the related claims of ``kind``, for any of ``reasons``, out of the others."""
        taken = [r for r in self.related if r.claim.kind == kind and r.reasons & set(reasons)]
        self.related = [r for r in self.related if r not in taken]
        return taken

    @property
    def related_by_kind(self) -> list[tuple[str, list[Shown]]]:
        """Plural name of the kind and its claims, in the order of the kinds."""
        named = [(kind, model.public_plural) for kind, model in Claim.kinds().items()]
        groups = ((name, [r for r in self.related if r.claim.kind == kind]) for kind, name in named)
        return [(name, group) for name, group in groups if group]


def _citations_around(claim: Claim, also: dict[str, Q]) -> list[Citation]:
    """The claim's own citations and those of published claims related to it, claim by claim.

    Each has ``is_about``, ``is_concerns``, … for the reasons. Two queries.
    """
    links = Claim.about.through.objects
    own = Citation.objects.filter(claim=claim.pk)
    touching = {
        "paragraph": OuterRef("paragraph"),
        "start__lt": OuterRef("end"),
        "end__gt": OuterRef("start"),
    }
    shared = Sentence.objects.filter(Exists(own.filter(**touching)), **touching)
    related = {
        ABOUT: Q(claim__in=links.filter(from_claim=claim.pk).values("to_claim")),
        CONCERNS: Q(claim__in=links.filter(to_claim=claim.pk).values("from_claim")),
        NEAR: Q(Exists(shared), paragraph__in=own.values("paragraph")),
        **also,
    }
    reasons = {
        f"is_{name}": ExpressionWrapper(condition, BooleanField())
        for name, condition in related.items()
    }
    public = Q(claim__status=Claim.Status.PUBLISHED)
    return list(
        Citation.objects.with_newest()
        .annotate(**reasons)
        .filter(Q(claim=claim.pk) | public & reduce(or_, related.values()))
        .select_related(
            "paragraph__transcription__source",
            "claim",
            *(f"claim__as_{kind}" for kind in Claim.kinds()),
        )
        .prefetch_related(Prefetch("paragraph__sentences", Sentence.objects.order_by("number")))
        .order_by("claim__title", "claim", "position", "pk")
    )


def _place(citation: Citation) -> tuple:
    paragraph = citation.paragraph
    transcription = paragraph.transcription
    return (
        transcription.source_id,
        -transcription.version,
        paragraph.position,
        citation.start,
        citation.end,
    )


def passages(claim: Claim, citations: Iterable[Citation]) -> list[Passage]:
    """The words in context, in the order of the texts; what stands in a sentence shares one."""
    found: list[Passage] = []
    in_order = sorted(citations, key=_place)
    for _, group in groupby(in_order, key=lambda citation: citation.paragraph_id):
        found += _in_paragraph(claim, list(group))
    return found


def _in_paragraph(claim: Claim, citations: list[Citation]) -> Iterable[Passage]:
    paragraph = citations[0].paragraph
    spans = [Span(c.start, c.end) for c in citations]
    sentences = [Span(s.start, s.end) for s in paragraph.sentences.all()]
    for run in runs(spans, sentences):
        cited = [
            Cited(citations[i], str(n) if len(run) > 1 else "", _marked(claim, citations[i]))
            for n, i in enumerate(run, 1)
        ]
        parts = excerpt(paragraph.text, [spans[i] for i in run], sentences)
        yield Passage(paragraph, [(p, None if p.of is None else cited[p.of]) for p in parts], cited)


def _marked(claim: Claim, citation: Citation) -> str:
    address = citation.paragraph.transcription.get_absolute_url()
    return f"{address}?claim={claim.slug}#{citation.anchor}"
