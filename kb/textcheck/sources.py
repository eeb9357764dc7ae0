"""The paragraphs of the sources that a text may have words from: looked up, fetched, counted.

Four queries at most, however long the text and however many the sources: places of words,
paragraphs, their neighbours, the citations in those that were needed.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from heapq import nsmallest

from django.db.models import Q

from kb.models import Citation, Claim, Paragraph

from . import index
from .words import COMMON, Words

NEAREST = 4  # paragraphs that a passage is compared with for what they have in common
LIKELY = 20  # that are looked through for it
ROUNDS = 3  # and those that have most of what the earlier ones lack
SHORT = 3  # words: what is shorter is looked for in what was fetched for other passages too


@dataclass(eq=False)
class Text:
    """Paragraphs of a source that follow one another, as one text with its words."""

    paragraphs: Sequence[Paragraph]

    @cached_property
    def text(self) -> str:
        *most, last = self.paragraphs
        return "".join(p.text + p.separator for p in most) + last.text

    @cached_property
    def words(self) -> Words:
        return Words(self.text)

    def at(self, offset: int) -> tuple[Paragraph, int]:
        """The paragraph in which a code point of the text stands, and where."""
        for paragraph in self.paragraphs[:-1]:
            size = len(paragraph.text) + len(paragraph.separator)
            if offset < size:
                return paragraph, min(offset, len(paragraph.text))
            offset -= size
        return self.paragraphs[-1], offset

    def spans(self, start: int, end: int) -> Iterable[tuple[Paragraph, int, int]]:
        """What lies between two offsets, paragraph by paragraph."""
        begins = 0
        for paragraph in self.paragraphs:
            first, last = max(start - begins, 0), min(end - begins, len(paragraph.text))
            if first < last:
                yield paragraph, first, last
            begins += len(paragraph.text) + len(paragraph.separator)


class Places:
    """Where the words of a text stand in the sources. One query when made."""

    def __init__(self, words: Sequence[str], quoted: Iterable[range]):
        self.words = words
        longs = {n: (key, key) for n, key in enumerate(index.keys(words))}
        pairs = {
            n: index.around(words[n : min(n + 2, span.stop)])
            for span in quoted
            for n in (span if len(span) < SHORT else span[:-1])
            if not COMMON.issuperset(words[n : min(n + 2, span.stop)]) or len(span) < SHORT
        }
        found = index.places([*longs.values(), *pairs.values()])
        self.longs = {n: found[key] for n, key in longs.items()}
        self.pairs = {n: found[key] for n, key in pairs.items()}
        self.total = Counter(p for there in self.longs.values() for p, _ in there)

    def nearest(self, span: range) -> list[int]:
        """The paragraphs that have most in common with a span of the text's words.

        Those first that have the most, and words that stand in few places; then such as have what
        the first ones lack.
        """
        at: dict[int, int] = defaultdict(int)  # a bit for each word that stands there
        worth: dict[int, int] = defaultdict(int)
        for n in span:
            bit = 1 << n - span.start
            if n + index.LONG <= span.stop:
                rare = 4 + index.MOST - len(self.longs[n])
                for p, _ in self.longs[n]:
                    at[p] |= 7 * bit
                    worth[p] += rare
            for p, _ in self.pairs.get(n, ()):
                at[p] |= 3 * bit
                worth[p] += 1
        if not worth:
            return []
        likely = nsmallest(LIKELY, worth, key=lambda p: (-worth[p], -self.total[p], p))
        first = likely[:NEAREST]
        lacking = (1 << len(span)) - 1 & ~at[first[0]]
        for _ in range(ROUNDS):
            more = max(likely, key=lambda p: (at[p] & lacking).bit_count())
            if not at[more] & lacking:
                break
            lacking &= ~at[more]
            if more not in first:
                first.append(more)
        return first

    def diagonals(self, span: range) -> list[tuple[int, int, int, int]]:
        """Stretches of the span that stand word for word in a paragraph: first word, how many,
        the paragraph, and the number of the word there.
        """
        open_: dict[tuple[int, int], int] = {}  # by paragraph and diagonal: where it began
        found = []
        for n in span:
            here = {(p, w - n) for p, w in self.longs[n]} if n + index.LONG <= span.stop else set()
            for diagonal in open_.keys() - here:
                begun = open_.pop(diagonal)
                found.append((begun, n - 1 + index.LONG - begun, diagonal[0], begun + diagonal[1]))
            for diagonal in here - open_.keys():
                open_[diagonal] = n
        for (p, shift), begun in open_.items():
            found.append((begun, span.stop - begun, p, begun + shift))
        return found


def fetch(keys: Iterable[int]) -> dict[int, Text]:
    """Each paragraph as a text, by its key. One query, none for none."""
    paragraphs = Paragraph.objects.select_related("transcription__source").in_bulk(set(keys))
    return {key: Text([paragraph]) for key, paragraph in paragraphs.items()}


def with_neighbours(texts: Iterable[Text]) -> dict[int, Text]:
    """Each paragraph with those before and after it, by its key. One query, none for none."""
    middle = [text.paragraphs[0] for text in texts]
    if not middle:
        return {}
    near: dict[tuple[int, int], Paragraph] = {}
    wanted = Q()
    for transcription, positions in _positions(middle).items():
        wanted |= Q(transcription=transcription, position__in=positions)
    for paragraph in Paragraph.objects.filter(wanted).select_related("transcription__source"):
        near[paragraph.transcription_id, paragraph.position] = paragraph
    return {
        p.pk: Text(
            [
                near[p.transcription_id, position]
                for position in (p.position - 1, p.position, p.position + 1)
                if (p.transcription_id, position) in near
            ]
        )
        for p in middle
    }


def _positions(paragraphs: Iterable[Paragraph]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = defaultdict(set)
    for p in paragraphs:
        found[p.transcription_id].update((p.position - 1, p.position, p.position + 1))
    return found


def citations(paragraphs: Iterable[int]) -> dict[int, list[Citation]]:
    """The published ones in these paragraphs, with the rows of the claims' kinds. One query."""
    own = [f"claim__as_{kind}__{n}" for kind, row in Claim.kinds().items() for n in row.refers_by()]
    rows = (
        Citation.objects.published()
        .filter(paragraph__in=set(paragraphs))
        .select_related(
            "paragraph__transcription__source",
            "claim",
            *(f"claim__as_{kind}" for kind in Claim.kinds()),
            *own,
        )
        .order_by("start", "claim__title", "pk")
    )
    found: dict[int, list[Citation]] = defaultdict(list)
    for citation in rows:
        found[citation.paragraph_id].append(citation)
    return found
