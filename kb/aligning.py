"""Two texts side by side, paragraph by paragraph, by what they say. Pure."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby, zip_longest

from .carrying import Paragraph, label_of, words_of
from .wording import Change, word_diff

LIKE = 0.3  # the share of words that two paragraphs need, to be taken for one another
MOST = 40_000  # pairs that are compared where paragraphs changed: beyond, they go in order


@dataclass(frozen=True)
class Pair:
    """A paragraph of either text, or of one alone."""

    old: Paragraph | None
    new: Paragraph | None

    @property
    def is_same(self) -> bool:
        return _key(self.old) == _key(self.new)

    @property
    def is_cut_otherwise(self) -> bool:
        return bool(self.old and self.new and [*self.old.sentences] != [*self.new.sentences])

    @property
    def label(self) -> str:
        if self.old is None or self.new is None:
            alone = self.old or self.new
            return f"¶ {label_of(alone.ref)}, {'left out' if self.old else 'new'}" if alone else ""
        old, new = label_of(self.old.ref), label_of(self.new.ref)
        return f"¶ {new}" if old == new else f"¶ {new}, formerly {old}"

    @cached_property
    def changes(self) -> list[Change]:
        return word_diff(self.old.text if self.old else "", self.new.text if self.new else "")


@dataclass(frozen=True)
class Run:
    """Pairs that follow one another and are all the same, or all different."""

    is_same: bool
    pairs: list[Pair]

    @property
    def label(self) -> str:
        first, last = self.pairs[0], self.pairs[-1]
        return first.label if first is last else f"{first.label} to {last.label}"


def runs(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> list[Run]:
    """Both texts from beginning to end. Paragraphs that were moved are left out and new."""
    by_sameness = groupby(_aligned(old, new), key=lambda pair: pair.is_same)
    return [Run(is_same, list(pairs)) for is_same, pairs in by_sameness]


def _aligned(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> Iterator[Pair]:
    i = j = 0
    for at, there in [*_anchors(old, new), (len(old), len(new))]:
        yield from _between(old[i:at], new[j:there])
        yield from map(Pair, old[at : at + 1], new[there : there + 1])
        i, j = at + 1, there + 1


def _anchors(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> list[tuple[int, int]]:
    """Positions of paragraphs that stand once in both: the most that keep their order."""
    places = [{_key(p): n for n, p in enumerate(text)} for text in (old, new)]
    times = [Counter(map(_key, text)) for text in (old, new)]
    once = (key for key in places[0] if times[0][key] == times[1][key] == 1)
    ends: list[int] = []  # of the chains by length: the earliest place in ``new``
    chains: list[tuple] = []  # of these: (anchor, the chain before it)
    for key in once:
        at, there = places[0][key], places[1][key]
        length = bisect_left(ends, there)
        ends[length : length + 1] = [there]
        chains[length : length + 1] = [((at, there), chains[length - 1] if length else ())]
    found = []
    chain = chains[-1] if chains else ()
    while chain:
        anchor, chain = chain
        found.append(anchor)
    return found[::-1]


def _between(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> Iterator[Pair]:
    if len(old) * len(new) > MOST:
        return (Pair(*pair) for pair in zip_longest(old, new))
    return _likely(old, new)


def _key(paragraph: Paragraph | None) -> tuple[str, str]:
    """A heading is no body of the same words."""
    return (paragraph.ref[0], paragraph.text) if paragraph else ("", "")


def _likely(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> Iterator[Pair]:
    """Pairs that together have most in common, in the order of both."""
    words = [[(_key(p), words_of(p.text)) for p in paragraphs] for paragraphs in (old, new)]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    like = [[_share(a, b) for b in words[1]] for a in words[0]]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            together = like[i][j] + best[i + 1][j + 1] if like[i][j] >= LIKE else 0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < len(old) and j < len(new):
        if like[i][j] >= LIKE and best[i][j] == like[i][j] + best[i + 1][j + 1]:
            yield Pair(old[i], new[j])
            i, j = i + 1, j + 1
        elif best[i][j] == best[i + 1][j]:
            yield Pair(old[i], None)
            i += 1
        else:
            yield Pair(None, new[j])
            j += 1
    yield from (Pair(paragraph, None) for paragraph in old[i:])
    yield from (Pair(None, paragraph) for paragraph in new[j:])


def _share(one: tuple[tuple, set[str]], two: tuple[tuple, set[str]]) -> float:
    """How much two paragraphs have in common; the very same count for more than any other."""
    (key, words), (other, there) = one, two
    return 2.0 if key == other else 2 * len(words & there) / max(1, len(words) + len(there))
