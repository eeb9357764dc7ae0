"""Two texts side by side, paragraph by paragraph, by what they say. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
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
    matcher = SequenceMatcher(None, [*map(_key, old)], [*map(_key, new)])
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield from map(Pair, old[i:j], new[k:m])
        elif (j - i) * (m - k) > MOST:
            yield from (Pair(*pair) for pair in zip_longest(old[i:j], new[k:m]))
        else:
            yield from _likely(old[i:j], new[k:m])


def _key(paragraph: Paragraph | None) -> tuple[str, str]:
    """A heading is no body of the same words."""
    return (paragraph.ref[0], paragraph.text) if paragraph else ("", "")


def _likely(old: Sequence[Paragraph], new: Sequence[Paragraph]) -> Iterator[Pair]:
    """Pairs that together have most in common, in the order of both."""
    words = [[words_of(p.text) for p in paragraphs] for paragraphs in (old, new)]
    best = [[0.0] * (len(new) + 1) for _ in range(len(old) + 1)]
    like = [[_share(a, b) for b in words[1]] for a in words[0]]
    for i in reversed(range(len(old))):
        for j in reversed(range(len(new))):
            together = like[i][j] + best[i + 1][j + 1] if like[i][j] >= LIKE else 0
            best[i][j] = max(together, best[i + 1][j], best[i][j + 1])
    i = j = 0
    while i < len(old) or j < len(new):
        if j == len(new) or (i < len(old) and best[i][j] == best[i + 1][j]):
            yield Pair(old[i], None)
            i += 1
        elif i == len(old) or best[i][j] == best[i][j + 1]:
            yield Pair(None, new[j])
            j += 1
        else:
            yield Pair(old[i], new[j])
            i, j = i + 1, j + 1


def _share(one: set[str], two: set[str]) -> float:
    return 2 * len(one & two) / max(1, len(one) + len(two))
