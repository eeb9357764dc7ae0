"""The words of a passage against those of a source: which stand there, in the same order. Pure.

Linear in the words of both: runs of words are looked up by their beginnings, few of each; only
what lies between two runs is compared word by word, and only where that is little.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from .words import COMMON, weight

TIES = 12  # places of the same two words that are tried
RUNS = 40  # the longest runs, of which the chain is made
FEW = 12  # words: a passage as short as that is known by single words as well
BETWEEN = 400  # pairs of words that are compared one by one between two runs
SPREAD = 40  # words that a source may have more than the passage, before it costs no more


@dataclass(frozen=True)
class Run:
    """``length`` words that are the same from ``at`` in the passage and ``there`` in the source."""

    at: int
    there: int
    length: int


@dataclass(frozen=True)
class Alignment:
    """Pairs of a word of the passage and one of the source that are the same, ascending in both."""

    passage: Sequence[str]
    pairs: list[tuple[int, int]]

    @cached_property
    def share(self) -> float:
        """How much of what the passage's words tell stands in the source, from 0 to 1."""
        whole = weight(self.passage)
        return weight(self.passage[i] for i, _ in self.pairs) / whole if whole else 0.0

    @cached_property
    def runs(self) -> list[Run]:
        found: list[Run] = []
        for i, j in self.pairs:
            last = found[-1] if found else None
            if last and (i, j) == (last.at + last.length, last.there + last.length):
                found[-1] = Run(last.at, last.there, last.length + 1)
            else:
                found.append(Run(i, j, 1))
        return found

    @cached_property
    def longest(self) -> int:
        return max((run.length for run in self.runs), default=0)

    @property
    def telling(self) -> int:
        """How many of the words found are more than common."""
        return sum(self.passage[i] not in COMMON for i, _ in self.pairs)

    @property
    def is_whole(self) -> bool:
        """Whether every word stands there, with none between."""
        return len(self.runs) == 1 and self.longest == len(self.passage)

    @property
    def left(self) -> int:
        """Words of the passage before the first that was found."""
        return self.pairs[0][0]

    @property
    def right(self) -> int:
        """And after the last."""
        return len(self.passage) - 1 - self.pairs[-1][0]

    @property
    def first(self) -> int:
        return self.pairs[0][1]

    @property
    def last(self) -> int:
        return self.pairs[-1][1]


def align(passage: Sequence[str], source: Sequence[str]) -> Alignment | None:
    """The best place of ``passage`` in ``source``; None if they share too little to tell."""
    chain = _chain(passage, runs(passage, source))
    if not chain:
        return None
    pairs: list[tuple[int, int]] = []
    at = there = -1
    for run in [*chain, None]:
        until = (run.at, run.there) if run else (len(passage), len(source))
        pairs += _between(passage, source, (at, there), until, first=not pairs, last=run is None)
        if run:
            pairs += [(run.at + n, run.there + n) for n in range(run.length)]
            at, there = pairs[-1]
    return Alignment(passage, pairs)


def runs(passage: Sequence[str], source: Sequence[str]) -> list[Run]:
    """Runs of two words or more, none of which could be longer; of one, where words are few."""
    wanted = {*pairwise(passage)}
    places: dict[tuple[str, ...], list[int]] = {}
    for j, pair in enumerate(pairwise(source)):
        if pair in wanted:
            known = places.setdefault(pair, [])
            if len(known) < TIES:
                known.append(j)
    found: list[Run] = []
    reached: dict[int, int] = {}  # by diagonal: up to where in the passage
    for i, pair in enumerate(pairwise(passage)):
        for j in places.get(pair, ()):
            if reached.get(j - i, 0) > i:
                continue
            length = 2
            while (
                i + length < len(passage)
                and j + length < len(source)
                and passage[i + length] == source[j + length]
            ):
                length += 1
            reached[j - i] = i + length - 1
            found.append(Run(i, j, length))
    if len(passage) <= FEW:
        found += _single(passage, source, found)
    return found


def _single(passage: Sequence[str], source: Sequence[str], known: list[Run]) -> list[Run]:
    covered = {(r.at + n, r.there + n) for r in known for n in range(r.length)}
    wanted = {word: i for i, word in enumerate(passage) if word not in COMMON or len(passage) < 3}
    found = []
    for j, word in enumerate(source):
        i = wanted.get(word)
        if i is not None and (i, j) not in covered:
            found.append(Run(i, j, 1))
    return found[: 4 * RUNS]


def _chain(passage: Sequence[str], found: list[Run]) -> list[Run]:
    """Those that follow one another in both texts and together tell most."""
    if len(found) > RUNS:
        found = sorted(found, key=lambda run: -run.length)[:RUNS]
    found = sorted(found, key=lambda run: (run.at, run.there))
    best: list[tuple[float, int, int]] = []  # worth, words cut off the beginning, the run before
    for n, run in enumerate(found):
        mine = (_worth(passage, run, 0), 0, -1)
        for m in range(n):
            before = found[m]
            cut = max(before.at + before.length - run.at, before.there + before.length - run.there)
            cut = max(0, cut)
            if cut >= run.length or before.at >= run.at or before.there >= run.there:
                continue
            worth = best[m][0] + _worth(passage, run, cut) - _gap(before, run)
            if worth > mine[0]:
                mine = (worth, cut, m)
        best.append(mine)
    if not best:
        return []
    at = max(range(len(best)), key=lambda n: best[n][0])
    chain = []
    while at >= 0:
        run, (_, cut, previous) = found[at], best[at]
        chain.append(Run(run.at + cut, run.there + cut, run.length - cut))
        at = previous
    return chain[::-1]


def _worth(passage: Sequence[str], run: Run, cut: int) -> float:
    return weight(passage[run.at + cut : run.at + run.length])


def _gap(before: Run, run: Run) -> float:
    """What it costs that words stand between: more words in the source than in the passage."""
    more = (run.there - before.there) - (run.at - before.at)
    return 0.3 + 1.2 * min(abs(more), SPREAD) / SPREAD


def _between(
    passage: Sequence[str],
    source: Sequence[str],
    after: tuple[int, int],
    until: tuple[int, int],
    *,
    first: bool,
    last: bool,
) -> list[tuple[int, int]]:
    """Single words that are the same between two runs, or near the first or the last."""
    i0, i1 = after[0] + 1, until[0]
    j0, j1 = after[1] + 1, until[1]
    if first:
        j0 = max(0, j1 - (i1 - i0) - 2)
    if last:
        j1 = min(j1, j0 + (i1 - i0) + 2)
    height, width = i1 - i0, j1 - j0
    if height <= 0 or width <= 0 or height * width > BETWEEN:
        return []
    longest = [[0] * (width + 1) for _ in range(height + 1)]
    for i in reversed(range(height)):
        for j in reversed(range(width)):
            longest[i][j] = (
                longest[i + 1][j + 1] + 1
                if passage[i0 + i] == source[j0 + j]
                else max(longest[i + 1][j], longest[i][j + 1])
            )
    pairs = []
    i = j = 0
    while i < height and j < width:
        if passage[i0 + i] == source[j0 + j]:
            pairs.append((i0 + i, j0 + j))
            i, j = i + 1, j + 1
        elif longest[i + 1][j] >= longest[i][j + 1]:
            i += 1
        else:
            j += 1
    return pairs
