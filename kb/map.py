"""The map of claims: paragraphs on one side, claims on the other, a line for each two that meet.

Pure geometry, in pixels of an SVG; the database is asked nothing. What is more than fits on a
screen is cut into panels, each with its own paragraphs, so that both ends of a line are in view.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, groupby
from math import ceil, sqrt
from statistics import mean

from .models import Citation, Claim, Paragraph

WIDTH, LEFT, RIGHT = 820, 88, 372  # LEFT and RIGHT are where the lines begin and end
STEP, HEAD = 24, 40  # labels are links, so at least STEP apart; each group has a head above it
BEND = 170
LABEL = 58  # code points that have room
PANEL, PANEL_LINES = 36, 120  # claims and lines that stay clear in one panel
MOST_CLAIMS, MOST_LINES = 240, 720
STYLES = 4  # the stylesheet knows s1 to s4: solid, dashed, dotted, dashed and dotted


@dataclass(frozen=True)
class Placed:
    """A claim with its citations by paragraph, in the order of the texts."""

    claim: Claim
    by_paragraph: dict[int, list[Citation]]

    @property
    def places(self) -> list[Citation]:
        """The first citation in each paragraph."""
        return [citations[0] for citations in self.by_paragraph.values()]


@dataclass(frozen=True)
class Head:
    y: int
    text: str
    style: int = 0  # of the lines that begin below it


@dataclass(frozen=True)
class Line:
    """``weight`` is the number of citations, up to 3; ``id`` is shared by what it joins."""

    id: str
    path: str
    style: int
    weight: int


@dataclass(frozen=True)
class Paragraphed:
    y: int
    paragraph: Paragraph
    radius: float
    lines: str  # their ids, apart by spaces


@dataclass(frozen=True)
class Labelled:
    y: int
    claim: Claim
    lines: list[Line]

    @property
    def text(self) -> str:
        title = self.claim.title
        return title if len(title) <= LABEL else f"{title[: LABEL - 1].rstrip()}…"

    @property
    def ids(self) -> str:
        return " ".join(line.id for line in self.lines)


@dataclass(frozen=True)
class Panel:
    height: int
    heads: list[Head]  # of the paragraphs: the sources
    paragraphs: list[Paragraphed]
    kinds: list[Head]
    claims: list[Labelled]


class Map:
    """Of ``citations``, which have their claims, paragraphs, transcriptions and sources.

    Never more than MOST_CLAIMS claims and MOST_LINES lines: those on most paragraphs are drawn,
    the others are ``left_out``.
    """

    width, left, right = WIDTH, LEFT, RIGHT

    def __init__(self, citations: Iterable[Citation]):
        in_order = sorted(citations, key=_place)
        every = _placed(in_order)
        self.rows = _in_kinds(_drawable(every), [c.paragraph_id for c in in_order])
        drawn = {row.claim.pk for row in self.rows}
        self.left_out = [row.claim for row in every if row.claim.pk not in drawn]
        shown = [c for c in in_order if c.claim_id in drawn]
        self.sources = list(dict.fromkeys(c.paragraph.transcription.source for c in shown))
        self.styles = {s.pk: n % STYLES + 1 for n, s in enumerate(self.sources)}
        ids = count(1)
        self.panels = [self._panel(rows, ids) for rows in _cut(self.rows)]

    @property
    def by_kind(self) -> list[tuple[str, str, list[Placed]]]:
        """Kind, its plural name, and what is drawn of it."""
        groups = groupby(self.rows, lambda row: row.claim.kind)
        return [(kind, _plural(kind), list(rows)) for kind, rows in groups]

    @property
    def has_weights(self) -> bool:
        """Whether a line stands for more than one citation."""
        return any(len(cited) > 1 for row in self.rows for cited in row.by_paragraph.values())

    @property
    def lists(self) -> list[tuple[str, str]]:
        """Address and name of the lists of what is left out."""
        kinds = Claim.kinds()
        left = {claim.kind for claim in self.left_out}
        return [(m.list_url(), m.public_plural) for kind, m in kinds.items() if kind in left]

    def _panel(self, rows: Sequence[Placed], ids) -> Panel:
        cited = sorted((c for row in rows for c in row.places), key=_place)
        found = list({c.paragraph_id: c.paragraph for c in cited}.values())
        sources = [(t, list(group)) for t, group in groupby(found, lambda p: p.transcription)]
        kinds = [(kind, list(group)) for kind, group in groupby(rows, lambda row: row.claim.kind)]
        columns = [[len(group) for _, group in side] for side in (sources, kinds)]
        height = max(HEAD * len(sizes) + STEP * sum(sizes) for sizes in columns) + STEP // 2
        (left_heads, left), (right_heads, right) = (spaced(sizes, height) for sizes in columns)
        at = {paragraph.pk: y for paragraph, y in zip(found, left, strict=True)}
        claims = [
            Labelled(y, row.claim, [self._line(at, y, c, ids) for c in row.by_paragraph.values()])
            for row, y in zip(rows, right, strict=True)
        ]
        meeting: dict[int, list[str]] = {}
        for row, claim in zip(rows, claims, strict=True):
            for paragraph, line in zip(row.by_paragraph, claim.lines, strict=True):
                meeting.setdefault(paragraph, []).append(line.id)
        return Panel(
            height,
            [
                Head(y, _source(transcription), self.styles[transcription.source_id])
                for y, (transcription, _) in zip(left_heads, sources, strict=True)
            ],
            [
                Paragraphed(at[p.pk], p, _radius(len(meeting[p.pk])), " ".join(meeting[p.pk]))
                for p in found
            ],
            [Head(y, _plural(kind)) for y, (kind, _) in zip(right_heads, kinds, strict=True)],
            claims,
        )

    def _line(self, at: dict[int, int], y: int, citations: list[Citation], ids) -> Line:
        first = citations[0]
        start = at[first.paragraph_id]
        path = f"M{LEFT} {start}C{LEFT + BEND} {start} {RIGHT - BEND} {y} {RIGHT} {y}"
        style = self.styles[first.paragraph.transcription.source_id]
        return Line(f"l{next(ids)}", path, style, min(3, len(citations)))


def spaced(sizes: Sequence[int], height: int) -> tuple[list[int], list[int]]:
    """Where the heads of groups of ``sizes`` stand, and where all their rows, over ``height``.

    Rows are at least STEP apart if there is room for them; a head is close above its first row.
    """
    step = (height - HEAD * len(sizes)) / (sum(sizes) or 1)
    heads: list[int] = []
    rows: list[int] = []
    top = 0.0
    for size in sizes:
        top += HEAD
        own = [round(top + step * (n + 0.5)) for n in range(size)]
        heads.append(own[0] - STEP - 4)
        rows += own
        top += step * size
    return heads, rows


def _place(citation: Citation) -> tuple:
    """The order of the sources, then of the text."""
    transcription = citation.paragraph.transcription
    siglum = transcription.source.siglum
    position = citation.paragraph.position
    return (len(siglum), siglum, transcription.version, position, citation.start, citation.end)


def _placed(in_order: Iterable[Citation]) -> list[Placed]:
    found: dict[int, Placed] = {}
    for citation in in_order:
        row = found.setdefault(citation.claim_id, Placed(citation.claim, {}))
        row.by_paragraph.setdefault(citation.paragraph_id, []).append(citation)
    return list(found.values())


def _drawable(every: Iterable[Placed]) -> list[Placed]:
    kept: list[Placed] = []
    lines = 0
    for row in sorted(every, key=lambda row: -len(row.by_paragraph)):
        if len(kept) < MOST_CLAIMS and lines + len(row.by_paragraph) <= MOST_LINES:
            kept.append(row)
            lines += len(row.by_paragraph)
    return kept


def _in_kinds(rows: Iterable[Placed], paragraphs: Iterable[int]) -> list[Placed]:
    """By kind, then each level with its paragraphs on average, so that lines cross seldom."""
    kinds = {kind: n for n, kind in enumerate(Claim.kinds())}
    rank = {paragraph: n for n, paragraph in enumerate(dict.fromkeys(paragraphs))}

    def level(row: Placed) -> tuple:
        claim = row.claim
        place = mean(rank[paragraph] for paragraph in row.by_paragraph)
        return kinds.get(claim.kind, len(kinds)), place, claim.title, claim.slug

    return sorted(rows, key=level)


def _cut(rows: Sequence[Placed]) -> Iterator[Sequence[Placed]]:
    """What one panel holds: all, or else of each kind equal parts."""
    if _panels(rows) <= 1:
        yield from [rows] if rows else []
        return
    for _, group in groupby(rows, lambda row: row.claim.kind):
        own = list(group)
        size = ceil(len(own) / _panels(own))
        yield from (own[n : n + size] for n in range(0, len(own), size))


def _panels(rows: Sequence[Placed]) -> int:
    lines = sum(len(row.by_paragraph) for row in rows)
    return max(ceil(len(rows) / PANEL), ceil(lines / PANEL_LINES))


def _source(transcription) -> str:
    siglum, version = transcription.source.siglum, transcription.version
    return f"Source {siglum}" if version == 1 else f"Source {siglum}, v{version}"


def _plural(kind: str) -> str:
    model = Claim.kinds().get(kind)
    return (model.public_plural if model else kind).capitalize()


def _radius(lines: int) -> float:
    return round(min(6, 1.5 + sqrt(lines)), 1)
