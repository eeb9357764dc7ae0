"""What stands in one cell of a spreadsheet: lists, citations, text that is no formula. Pure."""

import csv
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from io import StringIO
from typing import Any

# What makes a spreadsheet read a cell as a formula (OWASP, CSV injection), behind any apostrophes.
_FORMULA = re.compile(r"'*[=+\-@＝＋－＠\t\r\n]")
_ESCAPED = re.compile(r"'+[=+\-@＝＋－＠\t\r\n]")
_CITATION = re.compile(
    r"(?P<source>[-\w]+)(?:/v(?P<version>\d{1,9}))?\s+(?P<ref>[hp][1-9]\d{0,8})"
    r"(?:\.(?P<start>\d{1,9})-(?P<end>\d{1,9}))?(?:\s+(?P<role>[a-z]+))?\s*(?=\")",
    re.ASCII,
)
_STRING = json.JSONDecoder()
EXAMPLE = 'foreign-policy p3 "the exact words"'


def escaped(text: str) -> str:
    """``text`` behind an apostrophe if a spreadsheet would calculate it; ``unescaped`` undoes it.

    Text that begins with apostrophes and would look so escaped gets one more.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def unescaped(cell: str) -> str:
    return cell[1:] if _ESCAPED.match(cell) else cell


def joined(names: Iterable[str]) -> str:
    """Names with commas between; one that has a comma or quotation marks stands in such marks."""
    return ", ".join(map(_quoted, names))


def split(cell: str) -> list[str]:
    """The names that ``joined`` put together, or that a person wrote, on one line or several.

    Raises ValueError for quotation marks that don't close.
    """
    try:
        rows = list(csv.reader(StringIO(cell, newline=""), skipinitialspace=True, strict=True))
    except csv.Error as error:
        raise ValueError(
            "The quotation marks don't fit: a name with a comma stands in a pair of them."
        ) from error
    return [name.strip() for row in rows for name in row if name.strip()]


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"' if re.search('[,"\r\n]', name) else name


@dataclass(frozen=True)
class Written:
    """A citation as a cell has it. Offsets are in code points; without them the words are found."""

    source: str
    version: int | None
    ref: str
    start: int | None
    end: int | None
    role: str
    exact: str
    note: str


def citation_line(citation: Mapping[str, Any], role: str) -> str:
    """One citation of a snapshot: ``foreign-policy/v1 p3.120-145 name "words" "note"``.

    ``role`` is that which goes without saying. Words and note are JSON strings, without escapes
    for what is not ASCII.
    """
    place = "{source}/v{version} {paragraph}.{start}-{end}".format_map(citation)
    said = [] if citation["role"] == role else [citation["role"]]
    texts = [citation["exact"], *filter(None, [citation["note"]])]
    return " ".join([place, *said, *(json.dumps(text, ensure_ascii=False) for text in texts)])


def citation(line: str, role: str) -> Written:
    """The citation that a line of a cell is. Raises ValueError, which says what is wrong."""
    found = _CITATION.match(line)
    if not found:
        curly = " The marks are straight ones." if re.search("[“”„«»]", line) else ""
        raise ValueError(
            f"“{line[:60]}” is no citation. Write source, paragraph and words, as {EXAMPLE}.{curly}"
        )
    exact, rest = _string(line[found.end() :])
    note, rest = _string(rest) if rest else ("", "")
    if rest:
        raise ValueError(f"“{rest[:60]}” stands after the note: take it out.")
    return Written(
        source=found["source"],
        version=_number(found["version"]),
        ref=found["ref"],
        start=_number(found["start"]),
        end=_number(found["end"]),
        role=found["role"] or role,
        exact=exact,
        note=note,
    )


def _number(digits: str | None) -> int | None:
    return None if digits is None else int(digits)


def _string(text: str) -> tuple[str, str]:
    """The string that ``text`` begins with, and what stands after it."""
    if not text.startswith('"'):
        raise ValueError(f"“{text[:60]}” is not in quotation marks.")
    try:
        value, end = _STRING.raw_decode(text)
    except ValueError as error:
        raise ValueError(
            f'{text[:60]} is no text in quotation marks: inside, write \\" for a mark, '
            "\\\\ for a backslash and \\n for a line break."
        ) from error
    return value, text[end:].strip()
