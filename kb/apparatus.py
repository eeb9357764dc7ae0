"""Arranges what a reading room shows: each sentence's notes beside it, and coverage as a strip.

Takes rows that ``kb.coverage`` has fetched and asks the database nothing. A note stands beside the
sentence in which its words begin.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from . import markup
from .coverage import ParagraphRead, SentenceRead
from .cutting import LINE_END, OVERRIDES, Cut
from .models import Citation, Claim, Note, Paragraph
from .presenting import Cited
from .wording import shortened

SHOWN = 3  # notes of a sentence that are not folded away
AROUND = 30  # code points of the text on either side of a place that is named
HALF_LINE, GROWTHS = 33, 30  # code points in half a line; the stylesheet knows g1 to g30


@dataclass
class Entry:
    """A note in the margin: a claim with its words in one sentence, or an editor's note."""

    id: str
    claim: Claim | None = None
    note: Note | None = None
    words: list[tuple[str, Citation | Note]] = field(default_factory=list)  # with their keys

    @property
    def anchors(self) -> str:
        """Where its words stand, apart by spaces: what lights up together with the note."""
        return " ".join(words.anchor for _, words in self.words)

    @property
    def cited(self) -> list[Cited]:
        """The words of a claim, to be linked to."""
        return [
            Cited(words, key, words.get_absolute_url())
            for key, words in self.words
            if isinstance(words, Citation)
        ]


@dataclass
class Group:
    """The notes beside one sentence; a heading has one group and no sentence."""

    sentence: SentenceRead | None
    length: int
    entries: list[Entry] = field(default_factory=list)

    @property
    def shown(self) -> list[Entry]:
        """Three, or four: a fold that hides one note is worse than none."""
        return self.entries[: SHOWN if len(self.entries) > SHOWN + 1 else None]

    @property
    def folded(self) -> list[Entry]:
        return self.entries[len(self.shown) :]

    @property
    def more(self) -> str:
        """What is folded away: 5 more claims, 3 notes."""
        claims = sum(entry.claim is not None for entry in self.folded)
        counts = {"claim": claims, "note": len(self.folded) - claims}
        counted = [f"{n} {what}{'s' * (n > 1)}" for what, n in counts.items() if n]
        return ", ".join(counted).replace(" ", " more ", 1)

    @property
    def growth(self) -> int:
        """The sentence's height in half lines, so that its notes stand level with it."""
        return max(1, min(GROWTHS, round(self.length / HALF_LINE)))


class Apparatus:
    """A paragraph with its markup and notes; with the slug of a ``claim``, those of it alone.

    ``past`` are words that were published at some time: their addresses still lead to them.
    """

    def __init__(self, read: ParagraphRead, claim: str = "", past: Iterable[tuple[int, int]] = ()):
        self.read = read
        self.paragraph: Paragraph = read.paragraph
        self.claim = claim
        self.past = past
        self.citations = [c for c in read.citations if not claim or c.claim.slug == claim]
        self.notes: list[Note] = [] if claim else list(read.paragraph.notes.all())

    @cached_property
    def claim_count(self) -> int:
        return len({citation.claim_id for citation in self.citations})

    @property
    def is_crowded(self) -> bool:
        """Whether words are shaded. See ``kb.markup.is_crowded``."""
        return markup.is_crowded(self._spans())

    @cached_property
    def groups(self) -> list[Group]:
        """One for each sentence: a note for each claim whose words begin there, then ours."""
        sentences: list[SentenceRead | None] = list(self.read.sentences)
        later = (s.sentence.start for s in self.read.sentences[1:])
        starts = [0, *later, len(self.paragraph.text)]
        groups = [
            Group(sentence, end - start)
            for sentence, (start, end) in zip(sentences or [None], pairwise(starts), strict=True)
        ]
        entries: dict[tuple[int, int], Entry] = {}
        for number, citation in enumerate(self.citations, 1):
            key = markup.letters(number)
            beside = bisect_right(starts, citation.start, hi=len(groups)) - 1
            if (beside, citation.claim_id) not in entries:
                entry = Entry(f"{self._prefix}{key}", claim=citation.claim)
                entries[beside, citation.claim_id] = entry
                groups[beside].entries.append(entry)
            entries[beside, citation.claim_id].words.append((key, citation))
        for number, note in enumerate(self.notes, 1):
            entry = Entry(f"{self._prefix}-{number}", note=note, words=[(str(number), note)])
            groups[bisect_right(starts, note.start, hi=len(groups)) - 1].entries.append(entry)
        return groups

    @property
    def margin(self) -> list[Group]:
        """The groups to show: a sentence without notes says why, unless one claim is shown."""
        speaks = any(g.entries or (g.sentence and not self.claim) for g in self.groups)
        return self.groups if speaks else []

    @property
    def _prefix(self) -> str:
        """Notes on paragraph 3 have the ids n3a, n3b, n3-1; on heading 1, nh1a."""
        return "n" + self.paragraph.ref.removeprefix("p")

    def html(self) -> str:
        """The inside of the paragraph. See ``kb.markup.paragraph``."""
        return markup.paragraph(
            self.paragraph.ref,
            self.paragraph.text,
            [(s.sentence.start, s.sentence.end) for s in self.read.sentences],
            self._spans(),
            self.past,
        )

    def _spans(self) -> Iterator[markup.Span]:
        for entry in (entry for group in self.groups for entry in group.entries):
            kind, title = (entry.claim.kind, entry.claim.title) if entry.claim else ("", "")
            for key, words in entry.words:
                yield markup.Span(
                    words.start, words.end, key, entry.id, kind, title, lit=bool(self.claim)
                )


@dataclass(frozen=True)
class Cell:
    sentence: SentenceRead
    x: int
    y: int


class Strip:
    """Coverage as an image: a cell a sentence, grouped by paragraph, in rows of ``WIDTH``."""

    STEP, GAP, ROW, WIDTH = 14, 8, 42, 700

    def __init__(self, paragraphs: Iterable[ParagraphRead]):
        self.cells: list[Cell] = []
        self.numbers: list[tuple[int, int, str]] = []  # x, y, paragraph
        x = y = self.width = 0
        for read in paragraphs:
            if x and x + self.STEP * len(read.sentences) > self.WIDTH:
                x, y = 0, y + self.ROW
            self.numbers.append((x + 6, y + 35, read.paragraph.label))
            for sentence in read.sentences:
                if x + self.STEP > self.WIDTH:
                    x, y = 0, y + self.ROW
                self.cells.append(Cell(sentence, x, y))
                x += self.STEP
                self.width = max(self.width, x)
            x += self.GAP
        self.height = y + self.ROW - 2


def cut_in_words(cut: Cut) -> Iterator[str]:
    """What was overridden in the proposed cut into paragraphs and sentences, a phrase each."""
    overridden = {name: cut.overrides.get(name, ()) for name in OVERRIDES}
    begun = {str(piece.place): piece.text for piece in cut.pieces}
    for begin in map(str, overridden["split"]):
        words = shortened(begun[begin], AROUND)
        yield f"a paragraph begins in line {begin.partition(':')[0]} with “{words}”"
    yield from (f"{_begins(place)} is a heading" for place in overridden["heading"])
    for piece in cut.pieces:
        line, last = piece.line, piece.last_line
        if any(line <= number < last for number in overridden["join"]):
            inside = [match.start() for match in LINE_END.finditer(piece.text)]
            lines = f"{line} and {last}" if len(inside) == 1 else f"{line} to {last}"
            broken = any(start < at < end for start, end in piece.sentences for at in inside)
            yield f"lines {lines} are one paragraph, number {piece.label}" + (
                ", broken in mid-sentence by a line feed" if broken else ""
            )
    for place in overridden["sentence_end"]:
        before, _ = _around(cut, place)
        yield f"in paragraph {_number(place)} a sentence ends after “{before}”"
    for place in overridden["no_sentence_end"]:
        before, after = _around(cut, place)
        yield f"in paragraph {_number(place)} “{before}” and “{after}” are one sentence"


def _number(place: str) -> str:
    return place.partition(":")[0][1:]


def _around(cut: Cut, place: str) -> tuple[str, str]:
    """The words before and after ``p3:120``, cut short."""
    ref, _, offset = place.partition(":")
    (text,) = (piece.text for piece in cut.pieces if piece.ref == ref)
    before, after = text[: int(offset)], text[int(offset) :].strip()
    return shortened(before[::-1], AROUND)[::-1], shortened(after, AROUND)


def _begins(place: int | str) -> str:
    """7 → line 7, "7:120" → line 7, after 120 characters."""
    line, _, offset = str(place).partition(":")
    return f"line {line}, after {offset} characters," if offset else f"line {line}"
