"""The public history of one claim: each publication and withdrawal beside the one before.

It rests on publications alone, which are appended and never changed, and names no editor.
"""

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe

from .comparing import Difference, Names, State, compare, described, place_of
from .markup import escaped
from .models import Citation, Claim, Publication, PublishedWords, Source, Transcription
from .snapshots import Unreadable, read, titles


@dataclass(frozen=True)
class Quoted:
    """A citation of a state, from the state alone; ``source`` is its row."""

    citation: State
    place: str
    source: Source | None

    @property
    def url(self) -> str:
        """The words at the permanent address of their transcription."""
        address = reverse("transcription", args=[self.citation["source"], self.citation["version"]])
        start, end = self.citation["start"], self.citation["end"]
        return f"{address}#{self.citation['paragraph']}.{start}-{end}"

    @property
    def html(self) -> SafeString:
        return mark_safe(escaped(self.citation["exact"]))  # noqa: S308

    @property
    def role(self) -> str:
        """What the words do, where that is not simply to carry the claim."""
        given = self.citation["role"]
        plain = given == Citation.Role.EVIDENCE
        return "" if plain else str(dict(Citation.Role.choices).get(given, given))


class Entry:
    """What one edition did to a claim. ``before`` and ``after`` are the entries around it."""

    before: "Entry | None" = None
    after: "Entry | None" = None

    def __init__(self, publication: Publication, history: "History"):
        self.publication = publication
        self.edition = publication.edition
        self.history = history
        self.fault = ""
        self.state: State | None = None
        try:
            self.state = read(publication)
        except Unreadable as error:
            self.fault = str(error)

    @property
    def url(self) -> str:
        return reverse("claim-state", args=[self.history.claim.slug, self.edition.number])

    @property
    def is_withdrawal(self) -> bool:
        return self.publication.status == Claim.Status.WITHDRAWN

    @property
    def what(self) -> str:
        if self.is_withdrawal:
            return "withdrawn"
        if self.before is None:
            return "published"
        return "published again" if self.before.is_withdrawal else "changed"

    @property
    def title(self) -> str:
        return self.state["title"] if self.state else self.history.claim.title

    @cached_property
    def differences(self) -> list[Difference]:
        """From the entry before; empty without one, and where either can't be read."""
        if self.before is None or self.before.state is None or self.state is None:
            return []
        return compare(self.before.state, self.state, self.history.names)

    @property
    def own(self) -> list[tuple[str, str]]:
        """The fields of the kind that hold something, as label and text."""
        if self.state is None:
            return []
        bare = {**self.state, "title": "", "sentence": "", "note": "", "tags": [], "about": []}
        return [part for part in described(bare, self._names) if part[1]]

    @property
    def about(self) -> list[tuple[str, str]]:
        """Slug and title, as it was then, of each claim that this one is about."""
        slugs = self.state["about"] if self.state else []
        return sorted(((slug, self._names.title(slug)) for slug in slugs), key=lambda p: p[1])

    @property
    def citations(self) -> list[Quoted]:
        cited = self.state["citations"] if self.state else []
        sources = self.history.sources
        return [Quoted(c, place_of(c, self._names), sources.get(c["source"])) for c in cited]

    @property
    def _names(self) -> Names:
        return self.history.names.at(self.state or {})


class History:
    """All entries of ``claim``, oldest first. Three queries: publications, sources, titles.

    The titles of today stand in for those that a snapshot of format 1 lacks.
    """

    def __init__(self, claim: Claim):
        self.claim = claim
        made = claim.publications.select_related("edition").order_by("edition__number")
        self.entries = [Entry(publication, self) for publication in made]
        for earlier, later in pairwise(self.entries):
            earlier.after, later.before = later, earlier
        self.sources = {source.slug: source for source in Source.objects.all()}
        states = [entry.state for entry in self.entries if entry.state]
        sigla = {slug: source.siglum for slug, source in self.sources.items()}
        self.names = Names(titles(states), sigla)

    @property
    def latest(self) -> Entry:
        return self.entries[-1]

    def at(self, number: int) -> Entry | None:
        """What held in edition ``number``: the latest entry at or before it."""
        held = (e for e in reversed(self.entries) if e.edition.number <= number)
        return next(held, None)


def published_words(transcription: Transcription) -> dict[int, list[tuple[int, int]]]:
    """The spans that published states cite, those of today among them, by the paragraph's key.

    Their addresses stay. One query.
    """
    found: dict[int, list[tuple[int, int]]] = defaultdict(list)
    there = PublishedWords.objects.filter(paragraph__transcription=transcription)
    for paragraph, start, end in there.values_list("paragraph", "start", "end"):
        found[paragraph].append((start, end))
    return found
