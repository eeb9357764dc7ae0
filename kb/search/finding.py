"""From a query to the entries that answer it, ranked and counted.

An entry is looked up by its tokens, at most so many by key; only these are ranked and counted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property, reduce
from operator import or_
from typing import NamedTuple

from django.db.models import Case, Q, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import Length

from kb.models import Claim, Entry, Word

from .asking import Query
from .engine import Lookup, Tokens, found
from .entries import PASSAGE
from .words import STOP_WORDS, facet, stem, token, word_of

MOST_TITLES, MOST_CLAIMS, MOST_PASSAGES = 300, 1000, 200  # that are ranked and counted
MOST_WORDS = 500  # of the vocabulary that are looked at for what begins so
MOST_NEAR = 3000  # and for what is near
LONGEST_WORD = 30  # characters of one that may be two words written as one
NEAR, LIKENESS = 3, 0.7
WEIGHTS = (6, 3, 1)  # what a word counts for in the title, our own words, the others
USUAL = 1500  # characters of a passage; much shorter ones don't gain by being short
TOGETHER = 4  # what the words together in a title count for


class Match(NamedTuple):
    """An entry, with what ranking and counting ask for."""

    pk: int
    claim_id: int | None
    paragraph_id: int | None
    start: int
    facets: str
    words: str

    @property
    def kind(self) -> str:
        return self.facets.partition(" ")[0].removeprefix("kind=")


@dataclass
class Found:
    """Entries by kind, best first, and the kind of the best first; passages come last.

    ``near`` are words of the base beside each that was typed and that it has in no form.
    """

    query: Query
    claims: list[Match] = field(default_factory=list)
    passages: list[Match] = field(default_factory=list)
    near: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_bounded(self) -> bool:
        """Whether there may be more than were looked at."""
        return len(self.claims) >= MOST_CLAIMS or len(self.passages) >= MOST_PASSAGES

    @cached_property
    def by_kind(self) -> dict[str, list[Match]]:
        kinds: dict[str, list[Match]] = {}
        for match in (*self.claims, *self.passages):
            kinds.setdefault(match.kind, []).append(match)
        return kinds

    @cached_property
    def counts(self) -> dict[str, Counter[str]]:
        """By facet: how many of these entries have which value."""
        found: dict[str, Counter[str]] = {}
        for match in (*self.claims, *self.passages):
            for each in match.facets.split():
                name, value = each.split("=", 1)
                found.setdefault(name, Counter())[value] += 1
        return found


def find(query: Query, chosen: Mapping[str, str]) -> Found:
    """What has every term and every facet that is ``chosen``. Two queries."""
    if not (query.terms or chosen):
        return Found(query)
    known = _known(query)
    query = query.resolved(known)
    if unknown := query.unknown(known):
        return Found(query, near=_near(unknown))
    rows = Entry.objects.filter(pk__in=_keys(query, chosen)).values_list(*Match._fields)
    matches = [match for match in map(Match._make, rows) if _fits(match, query)]
    claims = [match for match in matches if match.claim_id]
    passages = [match for match in matches if match.paragraph_id]
    order = list(Claim.kinds()).index
    claims.sort(key=lambda e: (-_score(e, query), order(e.kind), e.claim_id))
    passages.sort(key=lambda e: (-_density(e, query), e.paragraph_id, e.start))
    return Found(query, claims, passages)


def _known(query: Query) -> dict[str, str]:
    """The words of the base that have the stems of the query or begin as it does, with their
    stems; the most frequent first. One query.
    """
    stems = {stem(word) for term in query.terms for word in term.plain}
    wanted = reduce(or_, [_begins(t.plain[0]) for t in query.terms if t.goes_on], Q())
    first = Case(When(stem__in=stems, then=Value(0)), default=Value(1))
    known = Word.objects.filter(wanted | Q(stem__in=stems)).order_by(first, "-count", "word")
    return {word_of(word): of for word, of in known.values_list("word", "stem")[:MOST_WORDS]}


def _begins(word: str) -> Q:
    """By an index, in whatever order the database sorts letters."""
    start = token("", word)
    return Q(word__gte=start, word__lte=start + "z" * 20, word__startswith=start)


def _near(unknown: list[str]) -> dict[str, list[str]]:
    """Words of the base that resemble those and begin with the same letter; or two that make one
    of those up. One query.
    """
    wanted = reduce(or_, [_begins(word[0]) & _as_long_as(word) for word in unknown])
    parts = {token("", part) for word in unknown for two in _in_two(word) for part in two}
    known = Word.objects.alias(length=Length("word")).filter(wanted | Q(word__in=parts))
    first = Case(When(word__in=parts, then=Value(0)), default=Value(1))
    found = known.order_by(first, "-count", "word").values_list("word", flat=True)
    words = {word_of(word): None for word in found[:MOST_NEAR]}
    return {
        word: [" ".join(two) for two in _in_two(word) if words.keys() >= set(two)]
        or get_close_matches(word, words, NEAR, LIKENESS)
        for word in unknown
    }


def _in_two(word: str) -> list[tuple[str, str]]:
    return [(word[:at], word[at:]) for at in range(2, min(len(word), LONGEST_WORD) - 1)]


def _as_long_as(word: str) -> Q:
    length = len(token("", word))
    return Q(length__gte=length - 2, length__lte=length + 2)


def _keys(query: Query, chosen: Mapping[str, str]) -> RawSQL:
    """Claims that have the terms in their titles, claims that have them anywhere, passages."""
    facets: list[Sequence[Tokens]] = [[(facet(*each),)] for each in chosen.items()]
    passage = facet("kind", PASSAGE)
    short = [term for term in query.without if len(term.plain) < 3]
    without = [tokens for term in short for tokens in term.alternatives]
    anywhere = [*facets, *(term.alternatives for term in query.terms)]
    in_title = [*facets, *(term.in_title for term in query.terms)]
    claims = Lookup(anywhere, [*without, (passage,)])
    titles = Lookup(in_title, claims.no) if query.terms else claims
    passages = Lookup([*anywhere, [(passage,)]], without)
    return found(((titles, MOST_TITLES), (claims, MOST_CLAIMS), (passages, MOST_PASSAGES)))


def _fits(match: Match, query: Query) -> bool:
    """What no token tells: that three words and more stand together."""
    wanted = (term.stands_in(match.words) for term in query.terms if len(term.plain) > 2)
    unwanted = (term.stands_in(match.words) for term in query.without if len(term.plain) > 2)
    return all(wanted) and not any(unwanted)


def _score(match: Match, query: Query) -> float:
    """More for what stands in the title, most if the title is little else and begins with it."""
    lines = match.words.split("\n")
    places = list(zip(lines, WEIGHTS, strict=True))
    score = sum(
        next((weight for line, weight in places if term.stands_in(line)), 0) for term in query.terms
    )
    together = f" {' '.join(query.plain)} " in lines[0]
    share = max(_share(name, query) for name in lines[0].strip(" |").split(" | "))
    return score + TOGETHER * together + share


def _density(match: Match, query: Query) -> float:
    """How often a passage has the terms, for its length."""
    often = sum(term.count_in(match.words) for term in query.terms)
    return often / (len(match.words) + USUAL)


def _share(name: str, query: Query) -> float:
    """What part of a name is sought, and how near to its beginning."""
    words = [word for word in name.split() if word not in STOP_WORDS]
    at = [number for number, word in enumerate(words, 1) if word in query.forms]
    return WEIGHTS[0] * len(at) / len(words) + 1 / at[0] if at else 0
