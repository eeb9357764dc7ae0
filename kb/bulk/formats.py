"""CSV and XLSX: written without formulas, read within limits. Every cell is text."""

import csv
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO, StringIO
from typing import Any

import openpyxl
import tablib
from import_export.formats import base_formats

from .cells import escaped, unescaped

SIZE = 10 * 2**20  # bytes of an upload
UNPACKED = 5 * SIZE  # bytes of what an XLSX holds packed
TAGS = 500_000  # of its XML; more take too long to read
ROWS = 2_000
EMPTY = 10 * ROWS  # and no row below that many, with nothing between
COLUMNS = 50
CELL = 32_767  # characters, the most that a cell of an XLSX has


class Unreadable(Exception):
    """An upload that holds no table that can be read; says what to do about it."""


@dataclass(frozen=True)
class Unfit:
    """Stands in place of a cell that holds no text; ``message`` says what to do."""

    message: str


class _Escaping:
    """Cells that a spreadsheet would calculate leave behind an apostrophe, and lose it again."""

    def _escape_formulae(self, dataset):
        rows = [[escaped(cell) for cell in row] for row in dataset]
        del dataset[:]
        dataset.extend(rows)


class CSV(_Escaping, base_formats.CSV):
    """UTF-8 with a byte order mark, by which Excel knows it; read with or without."""

    def is_binary(self):
        return True  # Bytes all the way: the encoding is ours.

    def get_read_mode(self):
        return "rb"

    def export_data(self, dataset, **kwargs):
        return super().export_data(dataset, **kwargs).encode("utf-8-sig")

    def create_dataset(self, in_stream: bytes, **kwargs) -> tablib.Dataset:
        """Separated by commas, semicolons or tabs. Raises Unreadable."""
        try:
            text = in_stream.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            raise Unreadable(
                "This is neither an XLSX file nor CSV in UTF-8. Save it as “CSV UTF-8” or as XLSX."
            ) from error
        first = text.partition("\n")[0]
        delimiter = max(",;\t", key=first.count)
        rows = csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)
        try:
            return _dataset([unescaped(cell) for cell in row] for row in rows)
        except csv.Error as error:
            raise Unreadable(
                f"The CSV breaks off in line {rows.line_num} ({error}). "
                "Save it anew as “CSV UTF-8”, or as XLSX."
            ) from error


class XLSX(_Escaping, base_formats.XLSX):
    def export_data(self, dataset, **kwargs):
        """Raises ValueError for what a cell can't hold."""
        for row in dataset:
            if any(len(cell) >= CELL for cell in row):
                raise ValueError(
                    f"“{row[0]}” has more than {CELL:,} characters in one cell, which XLSX can't "
                    "hold: export as CSV."
                )
        try:
            return super().export_data(dataset, column_width=40, **kwargs)
        except ValueError as error:
            raise ValueError(
                "One of the cells has a control character, which XLSX can't hold: export as CSV."
            ) from error

    def create_dataset(self, in_stream: bytes) -> tablib.Dataset:
        """The first sheet. Raises Unreadable."""
        try:
            _measure(in_stream)
            book = openpyxl.load_workbook(BytesIO(in_stream), read_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            rows = sheet.iter_rows(max_col=COLUMNS)
            return _dataset([_text(cell) for cell in row] for row in rows)
        except Unreadable:
            raise
        except Exception as error:  # Whatever a damaged file makes its reader raise.
            raise Unreadable(
                "This XLSX file is damaged or locked by a password. Save it anew, or as CSV UTF-8."
            ) from error


FORMATS = [CSV, XLSX]


def format_of(head: bytes) -> int:
    """The place in FORMATS of a file that begins with ``head``. Raises Unreadable."""
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(
            "This is an old Excel file, or one with a password. Save it as XLSX without one."
        )
    return int(head.startswith(b"PK\x03\x04"))


def _measure(xlsx: bytes) -> None:
    """Raises Unreadable for what would unpack to more than can be read in a request."""
    with zipfile.ZipFile(BytesIO(xlsx)) as packed:
        parts = packed.infolist()
        size = sum(part.file_size for part in parts)
        if size > UNPACKED:
            raise Unreadable(
                f"This XLSX unpacks to {size / 2**20:,.0f} MB, and {UNPACKED // 2**20} MB are the "
                "most. Import it in parts."
            )
        if sum(packed.read(part).count(b"<") for part in parts) > TAGS:
            raise Unreadable(
                f"This XLSX has far more cells than {ROWS:,} rows need. "
                "Copy the table alone into a new one."
            )


def _text(cell) -> str | Unfit:
    value: Any = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return Unfit("The cell has a formula: put the text itself there.")
    if isinstance(value, str) and cell.data_type != "e":
        return unescaped(value)
    if type(value) is int:
        return str(value)
    return Unfit(f"The spreadsheet takes “{value}” for no text: format the cell as text.")


def _dataset(rows: Iterable[list[str | Unfit]]) -> tablib.Dataset:
    """Columns by the first row; empty rows and columns at the end left out. Raises Unreadable."""
    rows = iter(rows)
    headers = _trimmed(next(rows, []))
    if not headers:
        raise Unreadable("The first row is empty: it names the columns.")
    names = [name.strip().lower() if isinstance(name, str) else "" for name in headers]
    dataset = tablib.Dataset(headers=names)
    empty = 0
    for number, row in enumerate(map(_trimmed, rows), 2):
        if not row and number < EMPTY:
            empty += 1
            continue
        if number > ROWS + 1:
            raise Unreadable(f"This has more than {ROWS:,} rows. Import it in parts.")
        if len(row) > len(names):
            raise Unreadable(
                f"Row {number} has {len(row)} cells, but there are {len(names)} columns. "
                "In CSV, text with a comma stands in quotation marks."
            )
        for _ in range(empty):
            dataset.append([""] * len(names))
        dataset.append(row + [""] * (len(names) - len(row)))
        empty = 0
    if not len(dataset):
        raise Unreadable("There are columns, but no rows below them.")
    return dataset


def _trimmed(row: list) -> list:
    while row and row[-1] == "":
        row.pop()
    return row
