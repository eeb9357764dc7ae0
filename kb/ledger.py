"""What editors see of a text: each sentence, what rests on it, drafts included, and what is left.

Takes paragraphs that ``with_drafts`` fetched and asks the database nothing.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, pairwise
from typing import Any

from django.db.models import Prefetch

from . import markup
from .coverage import ParagraphRead, SentenceRead, union, with_reads
from .excerpts import Span
from .models import Citation, Claim, Paragraph
from .models.sources import ParagraphQuerySet

PAIRS = [("“", "”"), ("„", "“"), ("«", "»"), ('"', '"'), ("‘", "’"), ("(", ")"), ("[", "]")]
_SAYS = re.compile(r"\w(?:.*\w)?[\u0300-\u036f]*", re.DOTALL)


def with_drafts(paragraphs: ParagraphQuerySet) -> ParagraphQuerySet:
    """As ``with_reads`` with notes; the citations of drafts as ``drafted``, one query more."""
    drafts = Citation.objects.filter(claim__status__in=[Claim.Status.DRAFT, Claim.Status.REVIEW])
    ordered = drafts.select_related("claim").order_by("start", "end", "claim__title", "pk")
    return with_reads(paragraphs, notes=True).prefetch_related(
        Prefetch("citations", ordered, to_attr="drafted")
    )


def left(text: str, within: Span, spans: Iterable[tuple[int, int]]) -> list[Span]:
    """What of ``text`` lies ``within`` and in none of ``spans``, from its first word to its last.

    What has no word, such as a comma, is not left. Of quotation marks and brackets it has both
    or none, unless claims rest on one of them.
    """
    inside = ((max(start, within.start), min(end, within.end)) for start, end in spans)
    bounds = [within.start, *(at for span in union(inside) for at in span), within.end]
    gaps = [Span(a, b) for a, b in zip(bounds[::2], bounds[1::2], strict=True)]
    says = ((gap, _SAYS.search(text, *gap)) for gap in gaps)
    return [_paired(text, gap, Span(*match.span())) for gap, match in says if match]


def _paired(text: str, gap: Span, words: Span) -> Span:
    """With the marks before or after ``words``, as far as ``gap``, whose other half they hold."""
    start, end = words
    for opening, closing in PAIRS:
        inside = text[start:end]
        lacks = inside.count(closing) - inside.count(opening)
        if opening == closing:
            before = after = inside.count(opening) % 2 == 1
        else:
            before, after = lacks > 0, lacks < 0
        if before and (at := text.rfind(opening, gap.start, start)) >= 0:
            start = at
        elif after and (at := text.find(closing, end, gap.end)) >= 0:
            end = at + 1
    return Span(start, end)


def working(citations: Iterable[Citation]) -> dict[int, Claim]:
    """The claims of ``citations``; a draft stands for the claim that it supersedes."""
    return {c.claim.supersedes_id or c.claim_id: c.claim for c in citations}


@dataclass(frozen=True)
class Words:
    """Words of a paragraph and the claims that rest on them."""

    text: str
    span: Span
    claims: Sequence[Claim] = ()

    @property
    def exact(self) -> str:
        return self.text[self.span.start : self.span.end]

    @property
    def at(self) -> str:
        return f"{self.span.start}-{self.span.end}"


class Line:
    """A sentence in the ledger."""

    def __init__(self, read: SentenceRead, text: str, drafted: Iterable[Citation]):
        self.sentence = read.sentence
        self.public = read
        self.text = text
        self.within = Span(read.sentence.start, read.sentence.end)
        drafts = (c for c in drafted if c.start < self.within.end and c.end > self.within.start)
        self.citations = [*read.citations, *drafts]

    @property
    def state(self) -> str:
        """``cited``, ``aside`` or ``open`` as the public sees it; ``draft`` for a sentence that is
        open in public and cited by a draft.
        """
        return "draft" if self.public.state == "open" and self.citations else self.public.state

    @property
    def count(self) -> int:
        """How many published claims rest on it."""
        return self.public.count

    @property
    def tone(self) -> int:
        return self.public.tone

    @property
    def claims(self) -> list[Claim]:
        return list(working(self.citations).values())

    @property
    def left(self) -> list[Words]:
        """What no claim rests on, public or draft, and is not set aside: the sentence, or what
        remains of it.
        """
        known = [*self.citations, *self.public.asides]
        spans = left(self.text, self.within, ((span.start, span.end) for span in known))
        return [Words(self.text, span) for span in spans]

    @property
    def overlaps(self) -> list[Words]:
        """The words that several claims rest on."""
        ends = {at for c in self.citations for at in (c.start, c.end)}
        bounds = sorted({min(max(at, self.within.start), self.within.end) for at in ends})
        stretches = [
            (Span(a, b), working(c for c in self.citations if c.start < b and c.end > a))
            for a, b in pairwise(bounds)
        ]
        found = []
        for claims, group in groupby(stretches, key=lambda stretch: stretch[1]):
            if len(claims) > 1:
                spans = [span for span, _ in group]
                whole = Span(spans[0].start, spans[-1].end)
                found.append(Words(self.text, whole, list(claims.values())))
        return found


class Ledger:
    """A paragraph with a line for each of its sentences, and what is to be ``said`` of it."""

    def __init__(self, read: ParagraphRead, said: Sequence[Any] = ()):
        self.read = read
        self.said = said
        self.paragraph: Paragraph = read.paragraph
        self.drafted: list[Citation] = read.paragraph.drafted  # type: ignore[attr-defined]

    @cached_property
    def sentences(self) -> list[Line]:
        text = self.paragraph.text
        return [Line(sentence, text, self.drafted) for sentence in self.read.sentences]

    @property
    def html(self) -> str:
        """The inside of the paragraph, marked, without keys: what is selected of it is its text.

        Public citations are of the kind ``cited``, those of drafts ``draft``.
        """
        kinds = {"cited": self.read.citations, "draft": self.drafted}
        return markup.paragraph(
            self.paragraph.ref,
            self.paragraph.text,
            [(s.sentence.start, s.sentence.end) for s in self.read.sentences],
            [markup.Span(c.start, c.end, kind=kind) for kind, cs in kinds.items() for c in cs],
        )
