"""Text as words, folded and stemmed here, so that both databases index the same tokens. Pure.

A token is ASCII letters and digits alone, which no tokenizer of a database takes apart or rejects;
its first letter says what it is: a stem anywhere (``w``) or in the title (``t``), a word as it is
written (``x``), two words in a row (``b``), a facet (``f``).
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import snowballstemmer

LONGEST = 100  # characters of a token; what is longer is cut, in texts and in queries alike

# Letters that Unicode does not take apart into a letter and marks. Ə stands for a and e in English
# spellings; a is that of the names that the texts have: Əliyev, Heydər.
_LETTERS = str.maketrans("əıøłđæœþð", "aioldaotd")
# Marks and joiners, which belong to the word that they stand in.
_INSIDE = "\u00ad\u200c\u200d" + "".join(
    chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code))[0] == "M"
)
_WORD = re.compile(f"[^\\W_]+(?:(?:['’ʼ]|[{_INSIDE}]+)[^\\W_]+)*[{_INSIDE}]*")
_POSSESSIVE = re.compile("['’ʼ][sS]$")
_DROPPED = re.compile(f"['’ʼ{_INSIDE}]")
_SPELLINGS = (("isation", "ization"), ("our", "or"), ("defence", "defense"), ("centre", "center"))
# Words that the stemmer would take for another: integration, internal.
_KEPT = frozenset(["integrity", "international"])
_english = snowballstemmer.stemmer("english")

_LEFT_OUT = """
a about an and are as at be been but by did do does for from had has have how if in into is it its
me of on or say says that the their there these they this those to was were what when where which
who whom whose why with
"""
STOP_WORDS = frozenset(_LEFT_OUT.split())


class Word(NamedTuple):
    """A word of a text: its place in code points, and how it is folded."""

    start: int
    end: int
    plain: str


def words(text: str) -> Iterator[Word]:
    """Hyphens part words, apostrophes don't."""
    for match in _WORD.finditer(text):
        if plain := fold(match[0]):
            yield Word(match.start(), match.end(), plain)


def folded(text: str) -> list[str]:
    return [plain for word in _WORD.findall(text) if (plain := fold(word))]


@lru_cache(maxsize=50_000)
def fold(word: str) -> str:
    """Without case, marks, apostrophes and a possessive: İlham → ilham, Əliyev’s → aliyev."""
    bare = _POSSESSIVE.sub("", word)
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", bare).casefold())
    return "".join(c for c in _DROPPED.sub("", apart).translate(_LETTERS) if c.isalnum())


@lru_cache(maxsize=50_000)
def stem(plain: str) -> str:
    """What a folded word has in common with its other forms, in British or American spelling."""
    if plain in _KEPT:
        return plain
    if len(plain) > 4:
        for british, american in _SPELLINGS:
            plain = plain.replace(british, american)
    return _english.stemWord(plain)


@lru_cache(maxsize=200_000)
def token(kind: str, text: str) -> str:
    """``text`` as a token; other characters than a-z and 0-9 by their number."""
    if not (text.isascii() and text.isalnum() and text == text.lower()):
        text = re.sub("[^a-z0-9]", lambda match: f"q{ord(match[0]):x}q", text)
    return (kind + text)[:LONGEST]


def word_of(token: str) -> str:
    """The folded word that ``token`` was made of, without the letter of its kind."""
    return re.sub("q([0-9a-f]+)q", lambda match: chr(int(match[1], 16)), token)


def pair(first: str, second: str) -> str:
    """The token of two folded words in a row."""
    half = LONGEST // 2
    return f"{token('b', first)[:half]}0{token('', second)[:half]}"


def tokens(texts: Iterable[Sequence[str]]) -> set[str]:
    """The tokens of texts, each in folded words; those of two texts are no pair."""
    found: set[str] = set()
    for text in texts:
        for word in set(text):
            found.add(token("x", word))
            found.add(token("w", stem(word)))
        found.update(pair(*two) for two in set(pairwise(text)))
    return found


def title_tokens(title: Sequence[str]) -> set[str]:
    return {token("t", stem(word)) for word in title}


def facet(name: str, value: str) -> str:
    return token("f", f"{name}={value}")
