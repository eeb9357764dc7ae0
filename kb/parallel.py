"""Two texts next to each other, aligned by the claims that they share, which have a number each.

Takes rows that ``kb.coverage`` has fetched and asks the database nothing.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, product
from operator import itemgetter, sub

from django.utils.safestring import SafeString

from . import markup
from .concordance import Row, row_of
from .coverage import ParagraphRead, TranscriptionRead
from .models import Citation, Paragraph


def ref_of(paragraph: Paragraph) -> str:
    """The paragraph's anchor on a page with several texts: ``A.p3``."""
    return f"{paragraph.transcription.source.siglum}.{paragraph.ref}"


def anchor_of(citation: Citation) -> str:
    return f"{ref_of(citation.paragraph)}.{citation.start}-{citation.end}"


class Shared(Row):
    """A claim of which both texts speak; its words have its number in them."""

    number = 0
    ends: tuple[Citation, ...] = ()  # the words on either side that the line leads to

    @property
    def sides(self) -> list[list[Citation]]:
        """What carries the number in each text: its own words or else those that it holds."""
        found = [[c for w in cell.words for c in w.citations] for cell in self.cells]
        return [own or cell.held_citations for own, cell in zip(found, self.cells, strict=True)]

    @property
    def thread(self) -> str:
        """Where they stand, apart by a space: what the line is drawn between."""
        return " ".join(map(anchor_of, self.ends))

    @property
    def target(self) -> str:
        return anchor_of(self.ends[0])

    def spans(self) -> Iterator[tuple[Citation, markup.Span]]:
        """Each of its citations as words that lead to those of the other text.

        What is claimed of an organization has no number of its own, nor a mark on its name.
        """
        for cell, side, there in zip(self.cells, self.sides, self.ends[::-1], strict=True):
            siglum = there.paragraph.transcription.source.siglum
            label = f"{self.number}: {self.claim.title}, in source {siglum}"
            for citation in side:
                key, note = str(self.number), anchor_of(there)
                yield citation, replace(_span(citation), key=key, note=note, label=label)
            for citation in cell.held_citations if cell.citations else ():
                if citation.role != Citation.Role.NAME:
                    yield citation, _span(citation)


def _span(citation: Citation) -> markup.Span:
    claim = citation.claim
    return markup.Span(citation.start, citation.end, kind=claim.kind, title=claim.title)


def shared(reads: Sequence[TranscriptionRead]) -> list[Shared]:
    """The claims of which both of ``reads`` speak, in the order of the first."""
    cited: dict[int, list[Citation]] = {}
    for citation in (c for read in reads for p in read.paragraphs for c in p.citations):
        row = row_of(citation.claim)
        if row is not None:
            cited.setdefault(row, []).append(citation)
    columns = [read.transcription for read in reads]
    found = []
    for key, citations in cited.items():
        claim = next((c.claim for c in citations if c.claim_id == key), None)
        if claim:
            in_order = sorted(
                citations, key=lambda c: (c.claim_id != key, c.claim.title, c.claim_id)
            )
            found.append(Shared(claim, columns, in_order))
    both = [row for row in found if len(row.sigla) == len(columns)]
    for number, each in enumerate(both, 1):
        each.number = number
    return both


@dataclass
class Part:
    """A paragraph of one of the texts with the words that the other shares marked."""

    read: ParagraphRead
    spans: list[markup.Span]

    @property
    def ref(self) -> str:
        return ref_of(self.read.paragraph)

    def html(self) -> SafeString:
        sentences = [(s.sentence.start, s.sentence.end) for s in self.read.sentences]
        return markup.paragraph(self.ref, self.read.paragraph.text, sentences, self.spans)


def side_by_side(
    reads: Sequence[TranscriptionRead], claims: Sequence[Shared]
) -> list[tuple[list[Part], list[Part]]]:
    """Both texts from beginning to end, in steps; a step begins with paragraphs that share most.

    Chooses the ends of each claim's line: in one step, if they stand so.
    """
    texts = [[Part(read, []) for read in text.paragraphs] for text in reads]
    left, right = texts
    place = {part.read.paragraph.pk: n for text in texts for n, part in enumerate(text)}
    weights: Counter[tuple[int, int]] = Counter()
    for each in claims:
        here, there = ({place[c.paragraph_id] for c in side} for side in each.sides)
        weights.update(product(here, there))
    steps = [(0, 0), *chain(weights, len(right)), (len(left), len(right))]

    def apart(pair: tuple[Citation, ...]) -> int:
        at = (
            bisect_right(steps, place[c.paragraph_id], key=itemgetter(n))
            for n, c in enumerate(pair)
        )
        return abs(sub(*at))

    for each in claims:
        each.ends = min(product(*each.sides), key=apart)
        for citation, span in each.spans():
            side = citation.paragraph.transcription.source_id != reads[0].source.pk
            texts[side][place[citation.paragraph_id]].spans.append(span)
    cut = ((left[i:k], right[j:m]) for (i, j), (k, m) in pairwise(steps))
    return [step for step in cut if any(step)]


def chain(weights: Mapping[tuple[int, int], int], width: int) -> list[tuple[int, int]]:
    """Of the pairs those, ascending on both sides, that weigh most together.

    ``width`` is more than any second number; the time grows with it and with the pairs.
    """
    ends: list[tuple[int, tuple]] = [(0, ())] * width  # the heaviest chain that ends there

    def weight(end: tuple[int, tuple]) -> int:
        return end[0]

    for i, j in sorted(weights, key=lambda pair: (pair[0], -pair[1])):
        before, found = max(ends[:j], key=weight, default=(0, ()))
        ends[j] = max(ends[j], (before + weights[i, j], ((i, j), found)), key=weight)
    _, found = max(ends, key=weight, default=(0, ()))
    pairs = []
    while found:
        pair, found = found
        pairs.append(pair)
    return pairs[::-1]
