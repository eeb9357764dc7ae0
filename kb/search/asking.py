"""What a reader typed, read: words, “phrases”, -exclusions, beginnings of words. Pure."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

from .words import STOP_WORDS, pair, stem, token, words

LONGEST_QUERY = 300  # characters
MOST_BEGINNINGS = 30  # words that a beginning is read as
_PIECE = re.compile(r'(?P<no>(?<!\S)-)?(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_MARKS = str.maketrans(dict.fromkeys("“”„‟«»＂", '"') | {"\0": " "})


@dataclass(frozen=True)
class Term:
    """One thing sought: a word, or words that stand together.

    ``forms`` are all the words of the base that will do, folded; known when it is resolved.
    """

    typed: str
    plain: tuple[str, ...]  # folded
    is_exact: bool = False
    is_starred: bool = False
    goes_on: bool = False  # whether it is read as a beginning, if the base has no such word
    is_beginning: bool = False  # whether it was
    forms: tuple[str, ...] = ()

    @property
    def stem(self) -> str:
        return stem(self.plain[0])

    def resolved(self, known: Mapping[str, str]) -> "Term":
        """``known`` are words of the base, the most frequent first, with their stems."""
        if self.is_exact:
            return replace(self, forms=self.plain[: len(self.plain) == 1])
        forms = () if self.is_starred else tuple(w for w in known if known[w] == self.stem)
        if forms or not self.goes_on:
            return replace(self, forms=forms)
        longer = [word for word in known if word.startswith(self.plain[0])]
        return replace(self, is_beginning=bool(longer), forms=tuple(longer[:MOST_BEGINNINGS]))

    @property
    def alternatives(self) -> list[tuple[str, ...]]:
        """Sets of tokens, any of which will do; of three words and more that stand together, each
        two: ``stands_in`` tells the rest.
        """
        if len(self.plain) > 1:
            return [tuple(pair(*two) for two in pairwise(self.plain))]
        if self.is_exact:
            return [(token("x", self.plain[0]),)]
        if self.is_beginning:
            return [(token("x", word),) for word in self.forms]
        return [(token("w", self.stem),)]

    @property
    def in_title(self) -> list[tuple[str, ...]]:
        """The same, of which a title has at least the stems."""
        if self.is_beginning:
            return [(token("t", each),) for each in sorted(set(map(stem, self.forms)))]
        title = (token("t", stem(word)) for word in self.plain)
        return [(*self.alternatives[0], *title)]

    @cached_property
    def _sought(self) -> list[str]:
        every = [" ".join(self.plain)] if len(self.plain) > 1 else self.forms
        return [f" {each} " for each in every]

    def stands_in(self, words: str) -> bool:
        """Whether the folded words, with a space before and after each, have it."""
        return any(sought in words for sought in self._sought)

    def count_in(self, words: str) -> int:
        return sum(words.count(sought) for sought in self._sought)

    def length_at(self, plain: Sequence[str], at: int) -> int:
        """How many words of a text, folded, are meant here, from the one at ``at``; mostly 0."""
        size = len(self.plain)
        if size > 1:
            return size if tuple(plain[at : at + size]) == self.plain else 0
        return int(plain[at] in self.forms)


@dataclass(frozen=True)
class Query:
    """``terms`` are sought all together; an entry that has one of ``without`` is left out.

    ``plain`` is all that was typed of them, folded, stop words as well.
    """

    text: str = ""
    terms: tuple[Term, ...] = ()
    without: tuple[Term, ...] = ()
    plain: tuple[str, ...] = ()
    is_too_long: bool = False

    @cached_property
    def forms(self) -> frozenset[str]:
        """All words that are sought, whole phrases apart."""
        return frozenset(form for term in self.terms for form in (*term.forms, *term.plain))

    def resolved(self, known: Mapping[str, str]) -> "Query":
        return replace(self, terms=tuple(term.resolved(known) for term in self.terms))

    def unknown(self, known: Mapping[str, str]) -> list[str]:
        """The words, folded, that the base has in no form."""
        have = set(known.values())
        plain = [word for term in self.terms if not term.is_beginning for word in term.plain]
        return [word for word in plain if stem(word) not in have]

    def instead(self, plain: str, other: str) -> str:
        """The text with another word in the place of one, with a capital if that has one."""
        for word in words(self.text):
            if word.plain == plain:
                is_capital = self.text[word.start].isupper()
                new = other.capitalize() if is_capital else other
                return self.text[: word.start] + new + self.text[word.end :]
        return other


def read(text: str) -> Query:
    """Never fails: what can't be read is left out."""
    if len(text) > LONGEST_QUERY:
        return Query(text[:LONGEST_QUERY], is_too_long=True)
    terms: list[Term] = []
    without: list[Term] = []
    straight = text.translate(_MARKS)
    is_not = False
    for match in _PIECE.finditer(straight):
        into = without if match["no"] or is_not else terms
        is_not = match["word"] == "NOT"
        if match["word"] in ("AND", "OR", "NOT"):
            continue
        if match["phrase"] is not None:
            plain = tuple(word.plain for word in words(match["phrase"]))
            into += [Term(match["phrase"].strip(), plain, is_exact=True)] if plain else []
            continue
        for word in words(match["word"]):
            end = match.start("word") + word.end
            starred = straight.startswith("*", end)
            typed = match["word"][word.start : word.end]
            goes_on = starred or (end == len(straight) and len(word.plain) > 1)
            into.append(Term(typed, (word.plain,), is_starred=starred, goes_on=goes_on))
    told = [t for t in terms if t.is_exact or t.is_starred or t.plain[0] not in STOP_WORDS]
    return Query(
        text.strip(),
        tuple(dict.fromkeys(told or terms)),
        tuple(without),
        tuple(word for term in terms for word in term.plain),
    )
