"""One passage against one text of a source: word for word, but for typography, or altered. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import pairwise

from django.utils.safestring import SafeString, mark_safe

from kb.markup import escaped
from kb.wording import Change, word_diff

from .aligning import Alignment, align
from .given import Given, given
from .sources import Text
from .words import Words, alike


class Verdict(StrEnum):
    VERBATIM = "verbatim"
    TYPOGRAPHY = "typography"
    ALTERED = "altered"
    ABSENT = "absent"
    MISATTRIBUTED = "misattributed"
    REPORTED_AS_DIRECT = "reported_as_direct"


PLACES = 8  # of the same words in one paragraph that are told apart
EDGE = 4  # words at either end that may have been put in the place of the source's
SHARE = 0.6  # of what its words tell a passage must have in common with the source
SURE = 0.75  # the same, where no three words in a row are the source's
_ELLIPSIS = re.compile(r"\s*[\[(]?\s*(?:…|\.\s?\.\s?\.(?:\s?\.)?)\s*[\])]?[\s,;]*")
_LOOSE = ".,;:…–—- \t\n\r"


@dataclass(frozen=True)
class Match:
    """A passage, ``start`` to ``end`` of the text as given, and what it was found to be.

    ``there`` and ``until`` are offsets in ``text``; it ``covers`` so much of the passage.
    """

    verdict: Verdict
    start: int
    end: int
    words: str
    text: Text
    there: int
    until: int
    share: float = 1.0
    elided: bool = False
    alignment: Alignment | None = None

    @property
    def exact(self) -> str:
        return self.text.text[self.there : self.until]

    @property
    def html(self) -> SafeString:
        """The source's words for a page; a parser gives them back to the code point."""
        return mark_safe(escaped(self.exact))  # noqa: S308

    @cached_property
    def diff(self) -> list[Change]:
        return [] if self.verdict == Verdict.VERBATIM else word_diff(self.exact, self.words)

    @property
    def begins(self) -> int:
        """Which of the passage's words is the first that stands there."""
        return self.alignment.left if self.alignment else 0

    @property
    def rank(self) -> float:
        return {Verdict.VERBATIM: 3.0, Verdict.TYPOGRAPHY: 2.0}.get(self.verdict, self.share)


class Passage:
    """A part of a text, ``start`` to ``end`` of the text as it reads."""

    def __init__(self, text: Given, words: Words, start: int, end: int):
        self.given, self.start, self.end = text, start, end
        self.numbers = words.between(start, end)
        self.all = words
        self.words = words.folded[self.numbers.start : self.numbers.stop]

    @cached_property
    def first(self) -> int:
        return self.all.starts[self.numbers.start]

    @cached_property
    def last(self) -> int:
        return self.all.ends[self.numbers.stop - 1]

    def whole(self, start: int, end: int) -> tuple[int, int, str]:
        """The span in the text as given, and its words there."""
        begins, ends = self.given.span(start, end)
        return begins, ends, self.given.whole[begins:ends]

    @cached_property
    def trims(self) -> list[tuple[int, int]]:
        """The passage as it stands, and without the stops and ellipses at its ends."""
        text = self.given.text
        start, end = self.start, self.end
        while start < end and text[start].isspace():
            start += 1
        while end > start and text[end - 1].isspace():
            end -= 1
        found = [(start, end)]
        while end > self.last and text[end - 1] in _LOOSE:
            end -= 1
            found.append((start, end))
        begins = start
        while begins < self.first and text[begins] in _LOOSE + "[(":
            begins += 1
        if begins > start:
            found += [(begins, end) for _, end in found]
        return found


def compare(passage: Passage, text: Text) -> list[Match]:
    """The places of the passage in the text: all where it stands as it is, or else the nearest."""
    return verbatim(passage, text) or near(passage, text)


def verbatim(passage: Passage, text: Text) -> list[Match]:
    """Where it stands to the code point."""
    for start, end in passage.trims:
        begins, ends, words = passage.whole(start, end)
        there = [*_occurrences(words, text.text)]
        if there:
            return [
                Match(Verdict.VERBATIM, begins, ends, words, text, at, at + len(words))
                for at in there
            ]
    return []


def _occurrences(words: str, text: str) -> Iterator[int]:
    at = text.find(words)
    found = 0
    while at >= 0 and found < PLACES:
        end = at + len(words)
        if not _is_inside(text, at) and not _is_inside(text, end):
            yield at
            found += 1
        at = text.find(words, at + 1)


def _is_inside(text: str, at: int) -> bool:
    """Whether a place lies within a word."""
    return 0 < at < len(text) and text[at - 1].isalnum() and text[at].isalnum()


def near(passage: Passage, text: Text) -> list[Match]:
    alignment = align(passage.words, text.words.folded)
    if alignment is None:
        return []
    if alignment.share >= SHARE and (found := _typography(passage, text, alignment)):
        return [found]
    elided = _elided(passage, text, alignment)
    there, until = _around(text, alignment)
    start, end = _trimmed(passage, text, until)
    begins, ends, words = passage.whole(start, end)
    return [
        Match(
            Verdict.ALTERED,
            begins,
            ends,
            words,
            text,
            there,
            until,
            alignment.share,
            elided,
            alignment,
        )
    ]


def is_certain(match: Match) -> bool:
    """Whether an altered passage has enough of the source to be told from another's words."""
    alignment = match.alignment
    if alignment is None or match.elided:
        return True
    size = len(alignment.passage)
    if size < 3 or alignment.telling < 2:
        return False
    if size == 3:
        return alignment.longest >= 2 and len(alignment.pairs) == 2
    if alignment.share < SHARE:
        return False
    if 2 * alignment.longest <= size and _scattered(alignment):
        return False
    return alignment.longest >= 3 or alignment.share >= SURE


def _scattered(alignment: Alignment) -> bool:
    """Whether the words found lie so far apart in the source that they may be anybody's."""
    runs = alignment.runs
    gaps = sum(
        min(max(0, after.there - before.there - before.length), 10)
        for before, after in pairwise(runs)
        if min(before.length, after.length) < 3
    )
    return gaps > len(alignment.pairs)


def reads(text: str) -> str:
    """As ``alike``, without what editors put in."""
    return alike(given(text).text)


def _typography(passage: Passage, text: Text, alignment: Alignment) -> Match | None:
    words = text.words
    mine = passage.given.text[passage.first : passage.last]
    for sa in _edges(alignment.first, alignment.left, -1):
        for sb in _edges(alignment.last, alignment.right, 1):
            if not 0 <= sa <= sb < len(words):
                continue
            there, until = words.starts[sa], words.ends[sb]
            if reads(text.text[there:until]) != alike(mine):
                continue
            tail = passage.given.text[passage.last : passage.end].rstrip()
            for end in range(len(tail), -1, -1):
                more = _following(text.text, until, tail[:end])
                if more is not None and all(sign in _LOOSE for sign in tail[end:]):
                    begins, ends, raw = passage.whole(passage.first, passage.last + end)
                    return Match(Verdict.TYPOGRAPHY, begins, ends, raw, text, there, until + more)
    return None


def _edges(found: int, unmatched: int, step: int) -> list[int]:
    """Where the source's words may end, of which so many words were not found."""
    if not unmatched:
        return [found]
    return [found + step * n for n in range(max(0, unmatched - 1), unmatched + 2)]


def _following(text: str, at: int, tail: str) -> int | None:
    """How much of the source reads as ``tail``; None if it does not go on so."""
    wanted = alike(tail)
    if not wanted:
        return 0
    for size in range(1, len(tail) + 3):
        if alike(text[at : at + size]) == wanted:
            return size
    return None


def _around(text: Text, alignment: Alignment) -> tuple[int, int]:
    """The source's words for the passage: with those in whose place others stand at its ends."""
    words = text.words
    first, last = alignment.first, alignment.last
    if alignment.left <= EDGE:
        for _ in range(alignment.left):
            if first and not _ends(text.text[words.ends[first - 1] : words.starts[first]]):
                first -= 1
    if alignment.right <= EDGE:
        for _ in range(alignment.right):
            if last + 1 < len(words) and not _ends(
                text.text[words.ends[last] : words.starts[last + 1]]
            ):
                last += 1
    return words.starts[first], words.ends[last]


def _ends(between: str) -> bool:
    """Whether a sentence or a quotation ends between two words."""
    return bool(re.search(r"[.!?:”“\n]", between))


def _trimmed(passage: Passage, text: Text, until: int) -> tuple[int, int]:
    """Without the marks at its ends, unless they tell: a question is none of the source's."""
    end = passage.last
    tail = passage.given.text[passage.last : passage.end].rstrip()
    while tail and tail[-1] in _LOOSE:
        tail = tail[:-1]
    return passage.first, end + len(tail)


def _elided(passage: Passage, text: Text, alignment: Alignment) -> bool:
    """Whether nothing is altered but that words are left out where the text marks it."""
    inside = passage.given.text
    pieces: list[tuple[int, int]] = []
    at = passage.first
    for mark in _ELLIPSIS.finditer(inside, passage.first, passage.last):
        pieces.append((at, mark.start()))
        at = mark.end()
    pieces.append((at, passage.last))
    if len(pieces) < 2:
        return False
    pairs = dict(alignment.pairs)
    offset = passage.numbers.start
    reached = -1
    for start, end in pieces:
        numbers = [n - offset for n in passage.all.between(start, end)]
        there = [pairs.get(n, -1) for n in numbers]
        if not there:
            continue
        if there != [*range(there[0], there[0] + len(there))] or there[0] <= reached:
            return False
        begins, ends = text.words.starts[there[0]], text.words.ends[there[-1]]
        own = passage.all.starts[numbers[0] + offset], passage.all.ends[numbers[-1] + offset]
        if reads(text.text[begins:ends]) != alike(inside[slice(*own)]):
            return False
        reached = there[-1]
    return True
