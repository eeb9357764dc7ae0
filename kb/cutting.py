"""Cuts a text into paragraphs and sentences. The only code that does; pure, no database.

A line that is not blank is a paragraph, unless an override says otherwise. Whatever stands between
paragraphs is kept as separator, so that the pieces joined give back the bytes. Offsets are in code
points of the paragraph's text; lines are numbered from 1, as an editor shows them. A place where a
paragraph begins is a line, or line and offset, as 7:120, where the line is split.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import NamedTuple

OVERRIDES = ("split", "heading", "join", "sentence_end", "no_sentence_end")
LINE_END = re.compile(r"\r\n|\r|\n")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")  # All but tab, LF and CR.
_LINE = re.compile(r"([^\r\n]*)(\r\n|\r|\n|\Z)")
_END = re.compile(r"[.!?…:;][\"'”’»)\]]*\s*\Z")


class UnfitText(ValueError):
    """The bytes are no text that can be kept; the message says what and where, for people."""


class UnfitOverride(ValueError):
    """An override names what is not there; the message says which, for people."""


@dataclass(frozen=True)
class Piece:
    """A paragraph: verbatim text, what follows it, and the spans of its sentences."""

    kind: str  # "heading" or "body"
    number: int  # from 1, headings and bodies apart
    line: int
    text: str
    separator: str
    sentences: tuple[tuple[int, int], ...] = ()
    offset: int = 0  # in its line; more than 0 where the line is split

    @property
    def ref(self) -> str:
        return f"{'p' if self.kind == 'body' else 'h'}{self.number}"

    @property
    def label(self) -> str:
        """How it is called beside a ¶ sign."""
        return str(self.number) if self.kind == "body" else f"heading {self.number}"

    @property
    def place(self) -> int | str:
        return f"{self.line}:{self.offset}" if self.offset else self.line

    @property
    def last_line(self) -> int:
        return self.line + len(LINE_END.findall(self.text))


@dataclass(frozen=True)
class Cut:
    leading: str
    pieces: tuple[Piece, ...]
    overrides: dict[str, list] = field(default_factory=dict)
    hints: tuple[str, ...] = ()

    def text(self) -> str:
        return self.leading + "".join(p.text + p.separator for p in self.pieces)


def read(raw: bytes) -> str:
    """Decodes UTF-8, changing nothing. Raises UnfitText: not UTF-8, empty, BOM, controls."""
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        raise UnfitText("The text begins with a byte-order mark: save it as UTF-8 without one.")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise UnfitText(
            f"The text is not UTF-8: byte {error.start} (0x{raw[error.start]:02x}) does not fit. "
            "Save it as UTF-8."
        ) from None
    if not text.strip():
        raise UnfitText("The text is empty: there is nothing to cite in it.")
    if found := _CONTROL.search(text):
        at = found.start()
        line = text.count("\n", 0, at) + 1
        raise UnfitText(
            f"The text has a control character, U+{ord(found[0]):04X}, in line {line} "
            f"(code point {at}): remove it; only tab, line feed and carriage return are kept."
        )
    return text


def cut(
    text: str,
    *,
    split: Iterable[str] = (),
    heading: Iterable[int | str] = (),
    join: Iterable[int] = (),
    sentence_end: Iterable[str] = (),
    no_sentence_end: Iterable[str] = (),
) -> Cut:
    """Cuts ``text``. Raises UnfitOverride.

    ``split`` names places within lines, ``heading`` places and ``join`` lines; the last two
    ``"p3:120"`` (paragraph and offset at which a sentence ends, or does not end). Lines are split
    first, then joined: a line that is split is joined by its last part.
    """
    overrides: dict[str, list] = {
        "split": sorted(set(split), key=_place),
        "heading": sorted(set(heading), key=_place),
        "join": sorted(set(join)),
        "sentence_end": sorted(set(sentence_end)),
        "no_sentence_end": sorted(set(no_sentence_end)),
    }
    leading, lines = _lines(text)
    lines = list(_joined(list(_split(lines, overrides["split"])), overrides["join"]))
    ends = _by_paragraph(overrides["sentence_end"])
    no_ends = _by_paragraph(overrides["no_sentence_end"])
    headings = {_place(place) for place in overrides["heading"]}
    if unknown := headings - {(line.number, line.offset) for line in lines}:
        raise UnfitOverride(
            f"No paragraph begins in {_called(min(unknown))}: it can't be a heading."
        )
    pieces, counts = [], {"heading": 0, "body": 0}
    for number, offset, words, separator in lines:
        kind = "heading" if (number, offset) in headings else "body"
        counts[kind] += 1
        ref = f"p{counts[kind]}"
        spans = _sentences(words, ends.pop(ref, ()), no_ends.pop(ref, ())) if kind == "body" else ()
        pieces.append(Piece(kind, counts[kind], number, words, separator, spans, offset))
    for left in (*ends, *no_ends):
        raise UnfitOverride(f"There is no paragraph {left} to change the sentences of.")
    kept = {name: value for name, value in overrides.items() if value}
    return Cut(leading, tuple(pieces), kept, tuple(_hints(pieces)))


def untiled(text: str, spans: Sequence[tuple[int, int]]) -> int | None:
    """Where ``text`` is in none of ``spans``, or in two; None if each word is in one, in order."""
    at = 0
    for start, end in spans:
        if start < at or text[at:start].strip():
            return at
        at = end
    return at if text[at:].strip() else None


class _Line(NamedTuple):
    number: int
    offset: int
    words: str
    separator: str


def _lines(text: str) -> tuple[str, list[_Line]]:
    """(white space before the first line, the lines that are not blank)."""
    leading: list[str] = []
    lines: list[tuple[int, str, list[str]]] = []
    for number, match in enumerate(_LINE.finditer(text), 1):
        words, end = match.groups()
        if words.strip():
            lines.append((number, words, [end]))
        else:
            (lines[-1][2] if lines else leading).append(words + end)
    return "".join(leading), [_Line(at, 0, words, "".join(after)) for at, words, after in lines]


def _place(place: int | str) -> tuple[int, int]:
    """7 → (7, 0), "7:120" → (7, 120). Raises UnfitOverride."""
    match = re.fullmatch(r"([0-9]{1,9})(?::([1-9][0-9]{0,8}))?", str(place))
    if not match:
        raise UnfitOverride(f"“{place}” is no place: write line and offset, as 7:120.")
    return int(match[1]), int(match[2] or 0)


def _called(place: tuple[int, int]) -> str:
    line, offset = place
    return f"line {line} after {offset} characters" if offset else f"line {line}"


def _split(lines: list[_Line], places: list[str]) -> Iterator[_Line]:
    """The lines, with one for each part of a line that is split."""
    at: dict[int, list[int]] = {}
    for number, offset in map(_place, places):
        at.setdefault(number, []).append(offset)
    for line in lines:
        starts = [0, *at.pop(line.number, ())]
        for start, end in pairwise([*starts, len(line.words)]):
            words = line.words[start:end]
            if not words.strip() or start >= end:
                raise UnfitOverride(
                    f"Line {line.number} can't be split there: a part has no words."
                )
            if end == len(line.words):
                yield _Line(line.number, start, words, line.separator)
            else:
                yield _Line(line.number, start, words.rstrip(), words[len(words.rstrip()) :])
    if at:
        raise UnfitOverride(f"Line {min(at)} can't be split: it is blank, or there is none.")


def _joined(lines: list[_Line], joins: list[int]) -> Iterator[_Line]:
    to_next = set(joins)
    before: _Line | None = None
    for line, following in zip(lines, [*lines[1:], None], strict=True):
        number = line.number
        if before:
            words = before.words + before.separator + line.words
            line = before._replace(words=words, separator=line.separator)
        before = None
        if number in to_next and (following is None or following.number != number):
            to_next.remove(number)
            before = line
        else:
            yield line
    if before or to_next:
        line_number = min(to_next, default=joins[-1])
        raise UnfitOverride(
            f"Line {line_number} can't be joined: it is blank, or nothing follows it."
        )


def _by_paragraph(places: list[str]) -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for place in places:
        match = re.fullmatch(r"(p[1-9]\d*):([1-9]\d*)", place)
        if not match:
            raise UnfitOverride(f"“{place}” is no place: write paragraph and offset, as p3:120.")
        found.setdefault(match[1], set()).add(int(match[2]))
    return found


@cache
def _model():
    """nupunkt's English model: half a second, once a process, and only where text is cut."""
    from nupunkt import load_default_model

    return load_default_model()


def _sentences(text: str, ends, no_ends) -> tuple[tuple[int, int], ...]:
    """Spans without the white space around them, which together hold every other character."""
    last = _end_of_words(text, len(text))
    proposed = {_end_of_words(text, end) for _, end in _model().span_tokenize(text)} | {last}
    for place in no_ends:
        if place not in proposed or place == last:
            raise UnfitOverride(f"No sentence is proposed to end at {place}.")
    for place in ends:
        if not 0 < place < last:
            raise UnfitOverride(f"{place} lies outside the paragraph.")
    spans, start = [], 0
    for end in sorted((proposed - set(no_ends)) | set(ends)):
        while start < end and text[start].isspace():
            start += 1
        if start < end:
            spans.append((start, _end_of_words(text, end)))
            start = end
    return tuple(spans)


def _end_of_words(text: str, end: int) -> int:
    """``end``, moved back over white space."""
    while end and text[end - 1].isspace():
        end -= 1
    return end


def doubtful(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Those that do not end as a sentence does, and go on in the next line: headings, or broken."""
    for piece in pieces[:-1]:
        broken = LINE_END.fullmatch(piece.separator) and not _END.search(piece.text)
        if broken and piece.kind == "body":
            yield piece


def _hints(pieces: Sequence[Piece]) -> Iterator[str]:
    for piece in doubtful(pieces):
        last = piece.last_line
        yield (
            f"line {last} does not end in punctuation: --heading {piece.place} or --join {last}?"
        )
