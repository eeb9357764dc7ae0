"""Wordings: cut short, and the difference between two, word by word. Pure.

In a difference, lines and spaces count as words do.
"""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass

_WORD = re.compile(r"\w+|\s+|[^\w\s]")
_LETTERS = re.compile(r"\w+")
MOST = 5_000  # words of either side, in what they do not share at both ends: beyond, no word diff


@dataclass(frozen=True)
class Change:
    """A stretch of both wordings: alike, or one put in place of the other; either may be empty."""

    old: str
    new: str

    @property
    def is_same(self) -> bool:
        return self.old == self.new


def shortened(text: str, length: int) -> str:
    """``text`` cut between words before ``length`` code points; in a longer word if it must."""
    return text if len(text) <= length else text[:length].rsplit(None, 1)[0] + "…"


def word_diff(old: str, new: str) -> list[Change]:
    """``old`` and ``new`` as stretches: joined, the old sides are ``old``, the new ones ``new``.

    Quadratic at worst in the words between what they share at both ends; where those are more
    than ``MOST`` they are one change.
    """
    a, b = _WORD.findall(old), _WORD.findall(new)
    head = _shared(a, b)
    tail = _shared(a[head:][::-1], b[head:][::-1])
    middle = a[head : len(a) - tail], b[head : len(b) - tail]
    changes = [Change("".join(a[:head]), "".join(b[:head]))]
    if max(map(len, middle)) > MOST:
        changes.append(Change("".join(middle[0]), "".join(middle[1])))
    else:
        matcher = difflib.SequenceMatcher(None, *middle, autojunk=False)
        for _, i, j, k, m in matcher.get_opcodes():
            changes.append(Change("".join(middle[0][i:j]), "".join(middle[1][k:m])))
    changes.append(Change("".join(a[len(a) - tail :]), "".join(b[len(b) - tail :])))
    return [change for change in changes if change.old or change.new]


def differing(text: str, others: Iterable[str]) -> list[tuple[int, int]]:
    """Start and end of the words that the likest of ``others`` lacks, in code points of ``text``.

    Case, spaces and stops make no difference. Words that follow one another are one stretch.
    """
    found = list(_LETTERS.finditer(text))
    own = [match[0].casefold() for match in found]
    there = ([word.casefold() for word in _LETTERS.findall(other)] for other in others)
    matchers = (difflib.SequenceMatcher(None, own, words, autojunk=False) for words in there)
    likest = max(matchers, key=difflib.SequenceMatcher.ratio, default=None)
    changes = likest.get_opcodes() if likest else []
    return [
        (found[i].start(), found[j - 1].end())
        for change, i, j, *_ in changes
        if change in ("replace", "delete")
    ]


def _shared(a: list[str], b: list[str]) -> int:
    """How many items both begin with."""
    pairs = zip(a, b, strict=False)
    return next((n for n, (x, y) in enumerate(pairs) if x != y), min(len(a), len(b)))
