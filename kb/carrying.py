"""Where words of a text stand in its next transcription: carried, or left to an editor. Pure.

A span is carried when each sentence that it touches stands unchanged in the new text, as a sentence
of the new cut, and exactly once in both texts, as a part of longer words included; it keeps its
offset. Several sentences are carried as a whole stretch, with the white space between them. Words
that merely look alike are never carried: the sentence decides, not the word.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from heapq import nlargest
from itertools import accumulate
from typing import NamedTuple, Protocol

from .wording import word_diff

BLOCKS = (32, 16, 8)  # code points; see ``counts``
BETWEEN = "\0"  # stands in no text, so that no words run on from one paragraph into the next
_WORD = re.compile(r"\w+")


class Paragraph(Protocol):
    """A paragraph as it was cut; a heading has no sentences and counts as one."""

    @property
    def ref(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def sentences(self) -> Sequence[tuple[int, int]]: ...


def label_of(ref: str) -> str:
    """How a paragraph is called beside a ¶ sign: p3 → 3, h1 → heading 1."""
    return ref[1:] if ref.startswith("p") else f"heading {ref[1:]}"


class Place(NamedTuple):
    """Code points of the paragraph ``ref``, the end not included."""

    ref: str
    start: int
    end: int

    def __str__(self):
        return f"{self.ref}.{self.start}-{self.end}"

    @property
    def label(self) -> str:
        return label_of(self.ref)

    def shifted(self, ref: str, by: int) -> "Place":
        return Place(ref, self.start + by, self.end + by)


class Verdict(StrEnum):
    UNCHANGED = "unchanged"  # carried: to the same paragraph and offsets
    MOVED = "moved"  # carried: elsewhere
    AMBIGUOUS = "ambiguous"  # its sentence stands more than once in either text
    CHANGED = "changed"


@dataclass(frozen=True)
class Fate:
    """``place`` is where the words are carried to; None if an editor has to decide."""

    verdict: Verdict
    place: Place | None = None

    @property
    def carried(self) -> Place:
        """``place``, where there is one. Raises ValueError."""
        if self.place is None:
            raise ValueError(f"Words are not carried that are {self.verdict}.")
        return self.place


class Text:
    """Paragraphs with an index of their sentences."""

    def __init__(self, paragraphs: Iterable[Paragraph]):
        self.paragraphs = {paragraph.ref: paragraph for paragraph in paragraphs}
        self.places: dict[str, list[Place]] = {}  # by the words of a sentence
        for ref in self.paragraphs:
            for place in self.sentences(ref):
                self.places.setdefault(self.words(place), []).append(place)

    def sentences(self, ref: str) -> list[Place]:
        paragraph = self.paragraphs[ref]
        spans = paragraph.sentences or ((0, len(paragraph.text)),)
        return [Place(ref, start, end) for start, end in spans]

    def words(self, place: Place) -> str:
        return self.paragraphs[place.ref].text[place.start : place.end]

    def touched(self, span: Place) -> list[Place]:
        """The sentences that share at least one code point with ``span``, in order."""
        sentences = self.sentences(span.ref) if span.ref in self.paragraphs else ()
        return [s for s in sentences if s.start < span.end and s.end > span.start]

    @cached_property
    def whole(self) -> str:
        return BETWEEN.join(paragraph.text for paragraph in self.paragraphs.values())

    @cached_property
    def _starts(self) -> list[int]:
        lengths = (len(p.text) + len(BETWEEN) for p in self.paragraphs.values())
        return list(accumulate(lengths, initial=0))

    @cached_property
    def _refs(self) -> list[str]:
        return list(self.paragraphs)

    @cached_property
    def _order(self) -> dict[str, int]:
        return {ref: number for number, ref in enumerate(self._refs)}

    def depth(self, place: Place) -> float:
        """How far into the text a place is: 0 at its beginning, 1 at its end."""
        return (self._starts[self._order[place.ref]] + place.start) / max(1, len(self.whole))

    def found(self, words: str, most: int = 50) -> list[Place]:
        """Where ``words`` stand, as a part of longer ones or not; the first ``most`` places."""
        places: list[Place] = []
        at = self.whole.find(words) if words else -1
        while at >= 0 and len(places) < most:
            number = bisect_right(self._starts, at) - 1
            start = at - self._starts[number]
            places.append(Place(self._refs[number], start, start + len(words)))
            at = self.whole.find(words, at + 1)
        return places

    @cached_property
    def _by_word(self) -> dict[str, list[Place]]:
        by_word: dict[str, list[Place]] = defaultdict(list)
        for words, places in self.places.items():
            for word in words_of(words):
                by_word[word].append(places[0])
        return by_word

    def nearest(self, words: str, exact: str, common: int = 200) -> Place | None:
        """The sentence most like ``words``, of which ``exact``, a part, counts for more.

        Rare words tell; those in more than ``common`` sentences don't. None if what both have is
        neither two fifths of their words nor three fifths of the longer words of ``exact``.
        """
        wanted, telling = words_of(words), {word for word in words_of(exact) if len(word) > 3}
        scores: dict[Place, float] = defaultdict(float)
        for word in sorted(wanted):
            places = self._by_word.get(word, [])
            for place in places if len(places) <= common else ():
                scores[place] += (5 if word in telling else 1) / len(places)
        for place in nlargest(5, scores, key=scores.__getitem__):
            there = words_of(self.words(place))
            if 5 * len(wanted & there) >= len(wanted) + len(there):
                return place
            if len(telling) > 1 and 5 * len(telling & there) >= 3 * len(telling):
                return place
        return None


def words_of(text: str) -> set[str]:
    """Whichever way they are capitalised."""
    return set(_WORD.findall(text.lower()))


class Carrying:
    """Judges ``spans``, places of the text ``old``, against the text ``new``.

    One pass over each text for all of them; proposals are worked out when they are asked for.
    """

    def __init__(self, old: Iterable[Paragraph], new: Iterable[Paragraph], spans: Iterable[Place]):
        self.old, self.new = Text(old), Text(new)
        touched = {span: self.old.touched(span) for span in spans}
        sentences = {self.old.words(s) for stretch in touched.values() for s in stretch}
        self._in_old = counts(sentences, self.old.whole)
        self._in_new = counts(sentences, self.new.whole)
        self.fates = {span: self._fate(span, stretch) for span, stretch in touched.items()}

    def _fate(self, span: Place, stretch: list[Place]) -> Fate:
        sentences = [self.old.words(sentence) for sentence in stretch]
        if not all(self._in_new[words] for words in sentences):
            return Fate(Verdict.CHANGED)
        if any(self._in_old[words] > 1 or self._in_new[words] > 1 for words in sentences):
            return Fate(Verdict.AMBIGUOUS)
        place = self._carried(span, stretch)
        if place is None:
            return Fate(Verdict.CHANGED)
        return Fate(Verdict.UNCHANGED if place == span else Verdict.MOVED, place)

    def _carried(self, span: Place, stretch: list[Place]) -> Place | None:
        """Where ``span`` stands anew, its sentences being unique; None if they stand otherwise."""
        words = [self.old.words(sentence) for sentence in stretch]
        homes = [home for sentence in words for home in self.new.places.get(sentence, ())]
        if not homes or homes[0].ref[0] != span.ref[0]:  # A heading is no paragraph.
            return None
        ref, by = homes[0].ref, homes[0].start - stretch[0].start
        around = Place(span.ref, min(span.start, stretch[0].start), max(span.end, stretch[-1].end))
        anew = around.shifted(ref, by)
        if homes != [sentence.shifted(ref, by) for sentence in stretch] or anew.start < 0:
            return None
        same = self.new.words(anew) == self.old.words(around)
        return span.shifted(ref, by) if same else None

    def proposal(self, span: Place) -> Place | None:
        """The words of the new text that an editor may want instead of those of ``span``.

        In order: the sentence unchanged, at the place nearest to the old one; the sentence that
        is most like it, and in it the same words, or those that took their place; the same three
        words or more, if they stand in one place only.
        """
        stretch = self.old.touched(span)
        if not stretch:
            return None
        around = Place(span.ref, stretch[0].start, stretch[-1].end)
        words, exact = self.old.words(around), self.old.words(span)
        if places := self.new.found(words):
            depth = self.old.depth(around)
            home = min(places, key=lambda place: abs(self.new.depth(place) - depth))
            within = Place(span.ref, max(span.start, around.start), min(span.end, around.end))
            return within.shifted(home.ref, home.start - around.start)
        if near := self.new.nearest(words, exact):
            there = self.new.words(near)
            start, end = counterpart(words, there, span.start - around.start, len(exact))
            return Place(near.ref, near.start + start, near.start + end)
        places = self.new.found(exact, 2) if len(_WORD.findall(exact)) > 2 else []
        return places[0] if len(places) == 1 else None


def counterpart(old: str, new: str, start: int, length: int) -> tuple[int, int]:
    """What in ``new`` stands for ``length`` code points of ``old`` from ``start`` on.

    The same words, if they stand there once; else those that took their place; else all of it.
    """
    exact = old[max(start, 0) : start + length]
    at = new.find(exact)
    if at >= 0 and new.find(exact, at + 1) < 0:
        return at, at + len(exact)
    covered: list[tuple[int, int]] = []
    in_old = in_new = 0
    for change in word_diff(old, new):
        after_old, after_new = in_old + len(change.old), in_new + len(change.new)
        low, high = max(start, in_old), min(start + length, after_old)
        if low < high and change.is_same:
            covered.append((in_new + low - in_old, in_new + high - in_old))
        elif low < high and change.new:
            covered.append((in_new, after_new))
        in_old, in_new = after_old, after_new
    if not covered:
        return 0, len(new)
    found = new[covered[0][0] : covered[-1][1]]
    begins = covered[0][0] + len(found) - len(found.lstrip())
    return (begins, begins + len(found.strip())) if found.strip() else (0, len(new))


def counts(needles: Iterable[str], text: str) -> Counter[str]:
    """How often each of ``needles`` stands in ``text``, overlapping occurrences included.

    A pass for each of ``BLOCKS``, however many needles there are: where one of 2 × block - 1 code
    points or more stands, one of its first blocks begins at a multiple of the block's length. The
    few that are too short for all are sought one by one.
    """
    found: Counter[str] = Counter()
    by_block: dict[int, set[str]] = defaultdict(set)
    for needle in set(needles) - {""}:
        block = next((size for size in BLOCKS if len(needle) >= 2 * size - 1), 0)
        by_block[block].add(needle)
    for needle in by_block.pop(0, ()):
        at = text.find(needle)
        while at >= 0:
            found[needle] += 1
            at = text.find(needle, at + 1)
    for block, wanted in by_block.items():
        ahead: dict[str, set[tuple[int, int]]] = defaultdict(set)  # its offset, the whole length
        for needle in wanted:
            for offset in range(block):
                ahead[needle[offset : offset + block]].add((offset, len(needle)))
        for at in range(0, len(text), block):
            for offset, length in ahead.get(text[at : at + block], ()):
                words = text[at - offset : at - offset + length] if at >= offset else ""
                if len(words) == length and words in wanted:
                    found[words] += 1
    return found
