"""What a page shows of a claim: its words source by source, and how to cite it and link to them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from urllib.parse import quote, urlencode

from django.conf import settings
from django.urls import reverse
from django.utils.dateformat import format as date_format

from .excerpts import Part, Span, excerpt, runs
from .fragments import address, directive
from .models import Citation, Claim, Paragraph, Transcription
from .models.citations import telling

SIDE_BY_SIDE = 3  # With more sources than these, those that are not cited share a line.


@dataclass(frozen=True)
class Cited:
    """A citation in an excerpt; ``key`` leads from its words to its note, empty if it is alone."""

    citation: Citation
    key: str
    url: str  # the one-claim view of the reading room, at these words
    others: Sequence[str] = ()  # paragraphs of the same text that have these words as well

    @property
    def id(self) -> str:
        """Unlike any other's on a page."""
        transcription, claim = self.citation.paragraph.transcription, self.citation.claim
        place = f"{transcription.source.siglum}{transcription.version}-{self.citation.anchor}"
        return f"{place}-{claim.slug}"

    @property
    def published_url(self) -> str:
        """Leads to the words on the publisher's page, if it is known; empty if not."""
        citation = self.citation
        text, url = citation.paragraph.text, citation.paragraph.transcription.source.url
        return address(url, directive(text, citation.start, citation.end, self.others))

    @property
    def quotation(self) -> str:
        return quotation(self.citation)


@dataclass(frozen=True)
class Passage:
    """Words that a claim rests on, in their sentence."""

    paragraph: Paragraph
    parts: list[tuple[Part, Cited | None]]
    cited: list[Cited]


class Column:
    """What one source has for a claim. ``current`` is its newest transcription, with counts."""

    def __init__(
        self,
        claim: Claim,
        current: Transcription,
        citations: list[Citation],
        same: Sequence[Paragraph] = (),
    ):
        self.claim = claim
        self.same = same
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
        return passages(self.claim, self.citations, self.same)

    @property
    def places(self) -> list[Citation]:
        return places(self.citations)


@dataclass(eq=False)
class Shown:
    """A claim with its citations, which have their places, for a site at the address ``site``.

    ``transcriptions`` are the current ones with counts, in the order of the columns; ``same`` are
    paragraphs that are known to have its words. Passages need the citations' sentences as well.
    """

    claim: Claim
    citations: list[Citation]
    transcriptions: Sequence[Transcription] = ()
    site: str = ""
    same: Sequence[Paragraph] = ()

    @cached_property
    def passages(self) -> list[Passage]:
        return passages(self.claim, self.citations, self.same)

    @property
    def telling(self) -> Citation | None:
        return telling(self.claim, self.citations)

    @cached_property
    def all_columns(self) -> list[Column]:
        by_source: dict[int, list[Citation]] = {}
        for citation in self.citations:
            by_source.setdefault(citation.paragraph.transcription.source_id, []).append(citation)
        return [
            Column(self.claim, t, by_source.get(t.source_id, []), self.same)
            for t in self.transcriptions
        ]

    @property
    def columns(self) -> list[Column]:
        """Those that stand side by side: all, or, where sources are many, those that are cited."""
        if len(self.all_columns) <= SIDE_BY_SIDE:
            return self.all_columns
        return self.cited_columns

    @property
    def cited_columns(self) -> list[Column]:
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
        return places(self.citations)

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
        lines += [f"{quotation(c)}, {self.site}{c.get_absolute_url()}" for c in self.citations]
        return "\n".join([*lines, self.address])

    @property
    def report_url(self) -> str:
        """Where to report a mistake: a letter with the claim filled in, if there is an address."""
        if not settings.KB_REPORT_ADDRESS:
            return reverse("about") + "#mistakes"
        body = f"{self.claim.title}\r\n{self.address}\r\n\r\nWhat is wrong:\r\n"
        fields = {"subject": f"A mistake in “{self.claim.title}”", "body": body}
        return f"mailto:{settings.KB_REPORT_ADDRESS}?{urlencode(fields, quote_via=quote)}"


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


def places(citations: Sequence[Citation]) -> list[Citation]:
    """The first citation in each paragraph."""
    return list({c.paragraph_id: c for c in reversed(citations)}.values())[::-1]


def quotation(citation: Citation) -> str:
    """The words and where they stand, to be pasted: “…” (A: title, publisher, …, ¶ 3)."""
    transcription = citation.paragraph.transcription
    source = transcription.source
    published = ", ".join(filter(None, [source.title, source.publisher, source.url]))
    place = f"version {transcription.version}, ¶ {citation.paragraph.label}"
    return f"“{citation.exact}” ({source.siglum}: {published}, {place})"


def passages(
    claim: Claim, citations: Iterable[Citation], same: Iterable[Paragraph] = ()
) -> list[Passage]:
    """The words in context, in the order of the texts; what stands in a sentence shares one."""
    found: list[Passage] = []
    in_order = sorted(citations, key=_place)
    known = {p.pk: p for p in (*same, *(citation.paragraph for citation in in_order))}
    for _, group in groupby(in_order, key=lambda citation: citation.paragraph_id):
        own = list(group)
        here = own[0].paragraph
        others = [
            p.text
            for p in known.values()
            if p.transcription_id == here.transcription_id and p.pk != here.pk
        ]
        found += _in_paragraph(claim, own, others)
    return found


def _in_paragraph(
    claim: Claim, citations: list[Citation], others: Sequence[str]
) -> Iterable[Passage]:
    paragraph = citations[0].paragraph
    spans = [Span(c.start, c.end) for c in citations]
    sentences = [Span(s.start, s.end) for s in paragraph.sentences.all()]
    for run in runs(spans, sentences):
        cited = [
            Cited(
                citations[i], str(n) if len(run) > 1 else "", _marked(claim, citations[i]), others
            )
            for n, i in enumerate(run, 1)
        ]
        parts = excerpt(paragraph.text, [spans[i] for i in run], sentences)
        yield Passage(paragraph, [(p, None if p.of is None else cited[p.of]) for p in parts], cited)


def _marked(claim: Claim, citation: Citation) -> str:
    address = citation.paragraph.transcription.get_absolute_url()
    return f"{address}?claim={claim.slug}#{citation.anchor}"
