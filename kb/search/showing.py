"""The page of a search: groups of results with marked words, facets, and ways on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import urlencode

from django.db.models import Prefetch, Value
from django.db.models.functions import Concat
from django.urls import reverse
from taggit.models import Tag

from kb.excerpts import Part
from kb.models import Citation, Claim, Paragraph, Source
from kb.models.claims import telling

from .asking import Term, read
from .entries import PASSAGE, own_texts
from .finding import Found, Match, find
from .marking import found_in, marked, snippet

A_GROUP, A_PAGE = 5, 20  # results of each kind; of the kind that is chosen
A_FACET = 30  # values
MOST_QUOTES = 3  # of a claim


@dataclass(frozen=True)
class Choice:
    """A value of a facet: how many have it, and the address with it, or without."""

    label: str
    count: int
    url: str


@dataclass(frozen=True)
class Facet:
    name: str
    label: str
    choices: list[Choice]


@dataclass(frozen=True)
class Passage:
    """A paragraph that has the terms."""

    paragraph: Paragraph
    parts: list[Part]


class Hit:
    """A claim that has the terms, with its citations and their places, and its themes' names."""

    def __init__(self, claim: Claim, terms: Sequence[Term], themes: Iterable[str]):
        self.claim = claim
        self.terms = terms
        self.themes = themes
        self.title = marked(claim.title, terms)
        self.sentence = marked(claim.sentence, terms)
        self.quotes = self._quotes()

    @property
    def manner(self) -> str:
        """What the name of its kind does not say: how it is quoted, in what degree it is held."""
        row = self.claim.specific()
        return row.how or ("" if row.label.lower() == row.public_name else row.label.lower())

    def _quotes(self) -> list[tuple[Citation, list[Part]]]:
        """The words that have most of the terms, and, if others have more of them, those as well;
        of several, those that tell most.
        """
        left = {
            citation: marked(citation.exact, self.terms) for citation in self.claim.citations.all()
        }
        chosen: list[tuple[Citation, list[Part]]] = []
        has: set[int] = set()
        while left and len(chosen) < MOST_QUOTES:
            gain = {citation: len(found_in(parts) - has) for citation, parts in left.items()}
            most = max(gain.values())
            if chosen and not most:
                break
            best = telling(self.claim, [c for c in left if gain[c] == most])
            best = best or next(c for c in left if gain[c] == most)
            has |= found_in(left[best])
            chosen.append((best, left.pop(best)))
        return chosen

    @property
    def elsewhere(self) -> Iterator[tuple[str, list[Part]]]:
        """Where terms stand that are not seen yet: what it is, and a piece of it."""
        seen = [self.title, self.sentence, *(parts for _, parts in self.quotes)]
        missing = set(range(len(self.terms))) - found_in([part for p in seen for part in p])
        for name, text in self._others():
            parts = snippet(text, self.terms)
            if missing & found_in(parts):
                missing -= found_in(parts)
                yield name, parts

    def _others(self) -> Iterator[tuple[str, str]]:
        yield "ed.", self.claim.note
        yield from own_texts(self.claim.specific())
        yield from (("theme", name) for name in self.themes)
        yield from (("ed.", citation.note) for citation in self.claim.citations.all())


@dataclass(frozen=True)
class Group:
    """The first results of a kind, and where there are more."""

    kind: str
    name: str
    count: int
    hits: list[Hit | Passage]
    more: str


class SearchPage:
    """``parameters`` are those of the address. At most six queries: two of ``find``, claims, their
    citations, paragraphs, the names of facets' values.
    """

    def __init__(self, parameters: Mapping[str, str]):
        self.text = parameters.get("q", "").replace("\0", " ").strip()
        self.after = parameters.get("after", "")
        given = {name: parameters.get(name, "").strip()[:100] for name in facet_names()}
        self.chosen = {name: value for name, value in given.items() if value}
        self.query = read(self.text)
        is_asked = not self.query.is_too_long
        self.found: Found = find(self.query, self.chosen) if is_asked else Found(self.query)
        self.terms = self.found.query.terms

    @property
    def is_asked(self) -> bool:
        return bool(self.text or self.chosen)

    @property
    def is_wordless(self) -> bool:
        """Whether there is nothing that could be found: no word, or exclusions alone."""
        return self.is_asked and not (self.terms or self.chosen or self.query.is_too_long)

    def url(self, **changes: str) -> str:
        told = {"q": self.text, **self.chosen, **changes}
        return f"{reverse('search')}?{urlencode({n: v for n, v in told.items() if v})}"

    @property
    def beginnings(self) -> list[Term]:
        """Terms that were read as the beginnings of words."""
        return [term for term in self.terms if term.is_beginning]

    @cached_property
    def groups(self) -> list[Group]:
        """One of each kind; of the kind that is chosen, or the only one, a page."""
        by_kind = self.found.by_kind
        size = A_PAGE if len(by_kind) == 1 else A_GROUP
        slices = {kind: _from(entries, self.after, size) for kind, entries in by_kind.items()}
        shown = self._shown([entry for entries in slices.values() for entry in entries])
        groups = []
        for kind, entries in slices.items():
            every = by_kind[kind]
            is_last = not entries or entries[-1] is every[-1]
            onward = {"after": str(entries[-1].pk)} if size == A_PAGE else {"kind": kind}
            more = "" if is_last else self.url(**onward)
            hits = [shown[entry.pk] for entry in entries if entry.pk in shown]
            groups.append(Group(kind, _plural(kind), len(every), hits, more))
        return groups

    def _shown(self, matches: Sequence[Match]) -> dict[int, Hit | Passage]:
        claims = (
            Claim.objects.published()
            .with_kinds()
            .prefetch_related(Prefetch("citations", Citation.objects.with_places()))
            .in_bulk([match.claim_id for match in matches if match.claim_id])
        )
        paragraphs = Paragraph.objects.select_related("transcription__source").in_bulk(
            [match.paragraph_id for match in matches if match.paragraph_id]
        )
        shown: dict[int, Hit | Passage] = {}
        for match in matches:
            if match.claim_id in claims:
                slugs = (f.partition("=") for f in match.facets.split() if f.startswith("theme="))
                themes = [self._names.get(("theme", slug), slug) for _, _, slug in slugs]
                shown[match.pk] = Hit(claims[match.claim_id], self.terms, themes)
            elif match.paragraph_id in paragraphs:
                paragraph = paragraphs[match.paragraph_id]
                parts = snippet(paragraph.text, self.terms, match.start)
                shown[match.pk] = Passage(paragraph, parts)
        return shown

    @cached_property
    def facets(self) -> list[Facet]:
        found = (
            Facet(name, label, list(self._choices(name))) for name, label in facet_names().items()
        )
        return [facet for facet in found if facet.choices]

    def _choices(self, name: str) -> Iterator[Choice]:
        """The values that narrow what was found down, the most frequent first."""
        total = len(self.found.claims) + len(self.found.passages)
        if name in self.chosen:
            return
        for value, count in self._values(name):
            if count < total and (label := self._label(name, value)):
                yield Choice(label, count, self.url(**{name: value}))

    @property
    def removable(self) -> list[tuple[str, str, str]]:
        """What was chosen: the name of the facet, its value, and the address without it."""
        names = facet_names()
        return [
            (names[name], self._label(name, value) or value, self.url(**{name: ""}))
            for name, value in self.chosen.items()
        ]

    def _values(self, name: str) -> list[tuple[str, int]]:
        counts = self.found.counts.get(name)
        return sorted((counts or {}).items(), key=lambda each: (-each[1], each[0]))[:A_FACET]

    def _label(self, name: str, value: str) -> str:
        """Empty for what the public does not see, such as a leader who was withdrawn."""
        if name == "kind":
            return _plural(value).capitalize()
        return value if name == "how" else self._names.get((name, value), "")

    @cached_property
    def _names(self) -> dict[tuple[str, str], str]:
        """What the values of facets are called, by facet and slug. One query."""
        slugs = {n: [v for v, _ in self._values(n)] for n in facet_names()}
        kinds = [kind for kind, model in Claim.kinds().items() if model.is_facet]
        concerned = [slug for kind in kinds for slug in slugs[kind]]
        claims = Claim.objects.published().order_by().filter(kind__in=kinds, slug__in=concerned)
        themes = Tag.objects.filter(slug__in=slugs["theme"])
        sources = Source.objects.order_by().filter(slug__in=slugs["source"])
        named = claims.values_list("kind", "slug", "title").union(
            themes.values_list(Value("theme"), "slug", "name"),
            sources.values_list(Value("source"), "slug", Concat("siglum", Value(" · "), "title")),
        )
        return {(name, slug): label for name, slug, label in named}

    @property
    def near(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What was typed and is in no text, with words that are near and the query with them."""
        return [
            (word, [(other, self.url(q=self.query.instead(word, other))) for other in others])
            for word, others in self.found.near.items()
        ]

    @property
    def alone(self) -> list[tuple[str, str]]:
        """Each term with the address that seeks it alone, if there are several."""
        terms = self.terms if len(self.terms) > 1 else ()
        return [
            (t.typed, self.url(q=f'"{t.typed}"' if t.is_exact else t.typed, after=""))
            for t in terms
        ]


def facet_names() -> dict[str, str]:
    """What results can be narrowed down by, with what it is called; in order."""
    kinds = {k: m.public_name.capitalize() for k, m in Claim.kinds().items() if m.is_facet}
    return {"kind": "Kind", "source": "Source", "theme": "Theme", **kinds, "how": "Quoted"}


def _from(matches: list[Match], after: str, size: int) -> list[Match]:
    """The next ``size`` after the one with that key; the first if it is not among them."""
    at = next((n for n, match in enumerate(matches, 1) if str(match.pk) == after), 0)
    return matches[at : at + size]


def _plural(kind: str) -> str:
    model = Claim.kinds().get(kind)
    return model.public_plural if model else "passages" if kind == PASSAGE else kind
