"""A cut as an editor looks at it before it is stored, page by page; pure."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.core.paginator import Page, Paginator

from .cutting import Cut, Piece, doubtful
from .recutting import placed

PER_PAGE = 150  # sentences; a heading counts as one
HINTS = 10
LONGEST = 5000  # code points of a sentence that are shown


@dataclass(frozen=True)
class Unit:
    """A sentence, or a heading as a whole; ``start`` and ``end`` in the whole text."""

    piece: Piece
    begins: int  # its piece
    start: int
    end: int
    gap: str  # white space before it, within its piece
    following: int | None  # where the next sentence of the piece begins

    @property
    def text(self) -> str:
        words = self.piece.text[self.start - self.begins : self.end - self.begins]
        left_out = len(words) - LONGEST
        return words if left_out <= 0 else f"{words[:LONGEST]} [… {left_out:,} more characters]"


@dataclass(frozen=True)
class Shown:
    """What one page shows of a paragraph."""

    piece: Piece
    begins: int
    units: list[Unit]
    is_doubtful: bool = False
    is_last: bool = False
    continues: bool = False  # from the page before


class Preview:
    """The page ``number``, or the one that the code point ``at`` of the text is on.

    ``fault`` says why a change there could not be made, with the ``words`` that were typed.
    """

    def __init__(self, made: Cut, number: str = "", *, at: int = 0, fault="", words=""):
        self.made, self.at, self.fault, self.words = made, at, fault, words
        self._units = list(_units(made))
        self.page: Page = Paginator(self._units, PER_PAGE).get_page(number or self._page_of(at))

    @cached_property
    def counts(self) -> dict[str, int]:
        bodies = [piece for piece in self.made.pieces if piece.kind == "body"]
        return {
            "heading": len(self.made.pieces) - len(bodies),
            "body paragraph": len(bodies),
            "sentence": sum(len(piece.sentences) for piece in bodies),
        }

    @cached_property
    def doubts(self) -> list[Piece]:
        return list(doubtful(self.made.pieces))

    @property
    def hints(self) -> list[tuple[Piece, str]]:
        """The first paragraphs that may be cut wrongly, with the addresses of where they stand."""
        first = {id(piece) for piece in self.doubts[:HINTS]}
        begins = [(begin, piece) for begin, piece in placed(self.made) if id(piece) in first]
        return [(piece, self.address(begin)) for begin, piece in begins]

    @property
    def paragraphs(self) -> Iterator[Shown]:
        doubted = set(map(id, self.doubts))
        for _, group in groupby(self.page, key=lambda unit: unit.begins):
            units = list(group)
            piece, begins = units[0].piece, units[0].begins
            first = piece.sentences[0][0] if piece.sentences else 0
            yield Shown(
                piece,
                begins,
                units,
                id(piece) in doubted,
                piece is self.made.pieces[-1],
                units[0].start > begins + first,
            )

    def address(self, at: int) -> str:
        """Page and anchor of the paragraph in which the code point ``at`` of the text is."""
        begins = self._units[self._index(at)].begins
        return f"?page={self._page_of(at)}#at-{begins}"

    def _page_of(self, at: int) -> int:
        return self._index(at) // PER_PAGE + 1

    def _index(self, at: int) -> int:
        return max(0, bisect_right(self._units, at, key=lambda unit: unit.start) - 1)


def _units(made: Cut) -> Iterator[Unit]:
    for begins, piece in placed(made):
        spans = piece.sentences or ((0, len(piece.text)),)
        nexts = [begins + start for start, _ in spans[1:]]
        before = 0
        for (start, end), following in zip(spans, [*nexts, None], strict=True):
            gap = piece.text[before:start]
            yield Unit(piece, begins, begins + start, begins + end, gap, following)
            before = end
