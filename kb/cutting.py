"""Cuts a text into paragraphs and sentences. The only code that does; pure, no database.

A line that is not blank is a paragraph, unless an override says otherwise. Whatever stands between
paragraphs is kept as separator, so that the pieces joined give back the bytes. Offsets are in code
points of the paragraph's text; lines are numbered from 1, as an editor shows them.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

KEPT_CONTROLS = "\t\n\r"
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

    @property
    def ref(self) -> str:
        return f"{'p' if self.kind == 'body' else 'h'}{self.number}"


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
    for at, char in enumerate(text):
        if unicodedata.category(char) == "Cc" and char not in KEPT_CONTROLS:
            line = text.count("\n", 0, at) + 1
            raise UnfitText(
                f"The text has a control character, U+{ord(char):04X}, in line {line} "
                f"(code point {at}): remove it; only tab, line feed and carriage return are kept."
            )
    return text


def cut(
    text: str,
    *,
    heading: list[int] | None = None,
    join: list[int] | None = None,
    sentence_end: list[str] | None = None,
    no_sentence_end: list[str] | None = None,
) -> Cut:
    """Cuts ``text``; ``heading`` and ``join`` name lines, the last two ``"p3:120"`` (paragraph
    and offset at which a sentence ends, or does not end). Raises UnfitOverride.
    """
    overrides: dict[str, list] = {
        "heading": sorted(set(heading or [])),
        "join": sorted(set(join or [])),
        "sentence_end": sorted(set(sentence_end or [])),
        "no_sentence_end": sorted(set(no_sentence_end or [])),
    }
    leading, lines = _lines(text)
    lines = _joined(lines, overrides["join"])
    ends = _by_paragraph(overrides["sentence_end"])
    no_ends = _by_paragraph(overrides["no_sentence_end"])
    unknown = set(overrides["heading"]) - {number for number, _, _ in lines}
    if unknown:
        raise UnfitOverride(f"No paragraph begins in line {min(unknown)}: it can't be a heading.")
    pieces, counts = [], {"heading": 0, "body": 0}
    for number, words, separator in lines:
        kind = "heading" if number in overrides["heading"] else "body"
        counts[kind] += 1
        ref = f"p{counts[kind]}"
        spans = _sentences(words, ends.pop(ref, ()), no_ends.pop(ref, ())) if kind == "body" else ()
        pieces.append(Piece(kind, counts[kind], number, words, separator, spans))
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


def _lines(text: str) -> tuple[str, list[tuple[int, str, str]]]:
    """(white space before the first line, [(line number, words, what follows), …])."""
    leading: list[str] = []
    lines: list[tuple[int, str, list[str]]] = []
    for number, match in enumerate(_LINE.finditer(text), 1):
        words, end = match.groups()
        if words.strip():
            lines.append((number, words, [end]))
        else:
            (lines[-1][2] if lines else leading).append(words + end)
    return "".join(leading), [(at, words, "".join(between)) for at, words, between in lines]


def _joined(lines: list[tuple[int, str, str]], joins: list[int]) -> list[tuple[int, str, str]]:
    joined: list[tuple[int, str, str]] = []
    to_next, pending = set(joins), False
    for number, words, separator in lines:
        if pending:
            first, before, between = joined.pop()
            joined.append((first, before + between + words, separator))
        else:
            joined.append((number, words, separator))
        pending = number in to_next
        to_next.discard(number)
    if pending or to_next:
        line = min(to_next, default=joins[-1])
        raise UnfitOverride(f"Line {line} can't be joined: it is blank, or nothing follows it.")
    return joined


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


def _hints(pieces: list[Piece]):
    """Lines at which the proposal may be wrong, for people."""
    for piece, following in zip(pieces, [*pieces[1:], None], strict=True):
        if piece.kind == "heading" or _END.search(piece.text):
            continue
        if following is not None and piece.separator in ("\n", "\r\n", "\r"):
            last = piece.line + len(re.findall(r"\r\n|\r|\n", piece.text))
            yield (
                f"line {last} does not end in punctuation: --heading {piece.line} or --join {last}?"
            )
