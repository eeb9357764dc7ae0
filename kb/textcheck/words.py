"""Words of a text as they are compared, each with its place, and what differs by typography alone.

Pure. Offsets are code points of the text, from 0, the end not included.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable
from functools import lru_cache

from ..locating import UNSEEN

APOSTROPHES = "'’ʼ‘‛′＇`´"
QUOTES = "\"“”„‟″«»‹›‘’‚‛'`´＂「」『』"
DASHES = r"\-‐‑‒–—―−﹣－"
SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹"
# The words that tell little: a passage is not known by them.
COMMON = frozenset(
    re.findall(
        r"\w+",
        "a about after all also an and are as at be been but by can could did do does for from "
        "had has have he her his i if in into is it its may more most no nor not of on one or our "
        "out over own s she should so some such than that the their them then there these they "
        "this those through to under up upon us was we were what when which while who whom whose "
        "will with would you your said says say",
    )
)

_JOINED = rf"[{UNSEEN}\u0300-\u036f]*"
_LETTER = rf"[^\W_{SUPERSCRIPTS}]{_JOINED}"
_WORD = re.compile(rf"{_LETTER}(?:[{APOSTROPHES}]?{_LETTER})*")
_UNSEEN = re.compile(f"[{UNSEEN}]+")
_MARKS = re.compile(rf"(?<!\w)[{re.escape(QUOTES)}]+|[{re.escape(QUOTES)}]+(?!\w)")
_DASH = re.compile(f"[{DASHES}]+")
# Between words, or before the number of a name; not before a number, nor between two.
_HYPHENS = re.compile(rf"(?<=\w)\s*[{DASHES}]+\s*(?=[^\W\d])|(?<=[^\W\d])[{DASHES}]+(?=\d)")
_APOSTROPHE = re.compile(rf"(?<=\w)[{APOSTROPHES}](?=\w)")


class Words:
    """The words of ``text``: ``folded``, and where each starts and ends."""

    def __init__(self, text: str):
        self.text = text
        self.folded: list[str] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        for match in _WORD.finditer(text):
            self.folded.append(fold(match[0]))
            self.starts.append(match.start())
            self.ends.append(match.end())

    def __len__(self):
        return len(self.folded)

    def between(self, start: int, end: int) -> range:
        """The numbers of the words that stand wholly from ``start`` to ``end``."""
        first = bisect_left(self.starts, start)
        last = bisect_left(self.starts, end)
        while last > first and self.ends[last - 1] > end:
            last -= 1
        return range(first, last)


@lru_cache(maxsize=20_000)
def fold(word: str) -> str:
    """As it is compared: without case, invisible signs, or a form of its own for a letter."""
    if word.isascii():
        return word.lower().replace("`", "'")
    word = unicodedata.normalize("NFKC", _UNSEEN.sub("", word)).casefold()
    return unicodedata.normalize("NFC", _APOSTROPHE.sub("'", word))


def weight(words: Iterable[str]) -> float:
    """How much words tell of where they come from."""
    return sum(0.4 if word in COMMON else 1.0 for word in words)


def alike(text: str) -> str:
    """The same for texts that differ but in case, white space, quotation marks, dashes, ellipses,
    or forms of one letter. Apostrophes within words, full stops and commas count.
    """
    text = _APOSTROPHE.sub("'", _MARKS.sub("", _UNSEEN.sub("", text)))
    text = unicodedata.normalize("NFKC", _HYPHENS.sub("", text)).casefold()
    return unicodedata.normalize("NFC", "".join(_DASH.sub("-", text).split()))
