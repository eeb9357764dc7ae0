"""What a source's next transcription does to the words that are cited: judged, nothing is changed.

``kb.carrying`` judges; here are the rows that it judges.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

from django.db.models import Q

from .carrying import Carrying, Fate, Place, Text, Verdict
from .cutting import Cut, Piece
from .excerpts import Part, Span, excerpt
from .models import Citation, Claim, Note, Sentence, Source, Transcription
from .snapshots import fingerprint
from .storing import cut_of


@dataclass(frozen=True)
class Judged:
    """Words of an earlier transcription: a citation, a note's, or a sentence that is set aside."""

    row: Any
    place: Place
    carrying: Carrying

    @property
    def fate(self) -> Fate:
        return self.carrying.fates[self.place]

    @property
    def transcription(self) -> Transcription:
        return self.row.paragraph.transcription

    @property
    def before(self) -> list[Part]:
        """The words in their sentences."""
        return _in_context(self.carrying.old, self.place)

    @property
    def after(self) -> list[Part]:
        """The words at ``there`` in their sentences; empty if there is no such place."""
        return _in_context(self.carrying.new, self.there) if self.there else []

    @cached_property
    def there(self) -> Place | None:
        """Where the words are carried to, or where an editor may want them."""
        return self.fate.place or self.carrying.proposal(self.place)

    @property
    def within(self) -> str:
        """What tells whether ``there`` still lies in the same paragraph."""
        return fingerprint(self.carrying.new.paragraphs[self.there.ref].text) if self.there else ""


class Impact:
    """What a text, cut into ``new``, does to the citations of a source's earlier transcriptions.

    All citations of working copies are judged; notes, and the reasons of sentences set aside, of
    the last of ``earlier``. Four queries for each of those.
    """

    def __init__(self, new: Sequence[Piece], earlier: Sequence[Transcription]):
        self.new = new
        self.old: Sequence[Piece] = []
        self.citations: list[Judged] = []
        self.notes: list[Judged] = []
        self.reasons: list[Judged] = []
        for transcription in earlier:
            here = {"paragraph__transcription": transcription}
            self.old = pieces(transcription)
            is_last = transcription == earlier[-1]
            self.citations += _judged(working().filter(**here), self.old, new)
            notes = _in_order(Note).filter(**here)
            self.notes = _judged(notes, self.old, new) if is_last else []
            set_aside = _in_order(Sentence).filter(**here).exclude(reason="")
            self.reasons = _judged(set_aside, self.old, new) if is_last else []

    @property
    def counts(self) -> dict[str, int]:
        """How many citations there are of each verdict."""
        verdicts = [judged.fate.verdict for judged in self.citations]
        return {verdict.value: verdicts.count(verdict) for verdict in Verdict}

    @property
    def waiting(self) -> list[Judged]:
        return [judged for judged in self.citations if judged.fate.place is None]

    @property
    def carried(self) -> list[Judged]:
        return [judged for judged in self.citations if judged.fate.place]

    @property
    def beside(self) -> list[Judged]:
        """The notes, and the reasons of sentences set aside."""
        return [*self.notes, *self.reasons]

    @property
    def copied(self) -> list[Judged]:
        return [judged for judged in self.beside if judged.fate.place]

    @property
    def left(self) -> list[Judged]:
        """Those that are not copied."""
        return [judged for judged in self.beside if judged.fate.place is None]


def judge(citations: Iterable[Citation], current: Iterable[Transcription]) -> list[Judged]:
    """Some of ``working``, in their order, against the ``current`` transcriptions of their sources.

    Four queries for each transcription that they stand on.
    """
    newest = {each.source_id: each for each in current}
    found: list[Judged] = []
    for old, rows in groupby(citations, key=lambda citation: citation.paragraph.transcription):
        found += _judged(rows, pieces(old), pieces(newest[old.source_id]))
    return found


def _judged(rows: Iterable[Any], old: Sequence[Piece], new: Sequence[Piece]) -> list[Judged]:
    places = [(row, Place(row.paragraph.ref, row.start, row.end)) for row in rows]
    carrying = Carrying(old, new, [place for _, place in places])
    return [Judged(row, place, carrying) for row, place in places]


def _in_context(text: Text, place: Place) -> list[Part]:
    sentences = [Span(s.start, s.end) for s in text.sentences(place.ref)]
    return excerpt(text.paragraphs[place.ref].text, [Span(place.start, place.end)], sentences)


def working() -> Any:
    """The citations of working copies, in the order of the texts: a claim's are its draft's if it
    has one, else its own; what was withdrawn has none.
    """
    withdrawn = Q(claim__status=Claim.Status.WITHDRAWN)
    return _in_order(Citation).filter(~withdrawn, claim__successor=None).select_related("claim")


def basis(source: Source, version: int) -> dict[str, list[tuple]]:
    """What the impact of the source's ``version`` follows from, apart from that text itself.

    By name, for people: each claim that cites an earlier one; notes, and reasons of sentences set
    aside, of the last before it. Three queries.
    """
    its = {"paragraph__transcription__source": source}
    place = ("paragraph", "start", "end")
    found: dict[str, list[tuple]] = defaultdict(list)
    cited = working().filter(**its, paragraph__transcription__version__lt=version)
    for title, *where in cited.values_list("claim__title", *place):
        found[f"“{title}”"].append(tuple(where))
    for name, model, told in (
        ("the notes", Note, "text"),
        ("the sentences set aside", Sentence, "reason"),
    ):
        last = _in_order(model).filter(**its, paragraph__transcription__version=version - 1)
        found[name] = list(last.exclude(**{told: ""}).values_list(*place, told))
    return found


def _in_order(model) -> Any:
    return model.objects.select_related("paragraph__transcription__source").order_by(
        "paragraph__transcription", "paragraph__position", "start", "pk"
    )


def pieces(transcription: Transcription) -> Sequence[Piece]:
    """As it is stored. Two queries."""
    stored = transcription.paragraphs.order_by("position").prefetch_related("sentences")
    return cut_of(transcription, stored).pieces


def impact(source: Source, cut: Cut) -> Impact:
    """Of a text that is not stored yet."""
    return Impact(cut.pieces, list(source.transcriptions.order_by("version")))


def impact_of(transcription: Transcription) -> Impact:
    """Of one that is stored."""
    earlier = transcription.source.transcriptions.filter(version__lt=transcription.version)
    return Impact(pieces(transcription), list(earlier.order_by("version")))
