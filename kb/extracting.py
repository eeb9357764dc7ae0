"""Texts as people bring them in, made ready to be cut; pure, without a network.

Plain text is kept to the code point, or refused by ``cutting.read``; a page is reduced to its main
text. What was normalised is said in remarks, for people.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import trafilatura
from lxml.etree import iterwalk
from lxml.html import HtmlElement
from trafilatura.utils import detect_encoding

from .cutting import UnfitText, read

MAX_TEXT = 10 * 2**20  # bytes in UTF-8
MAX_PAGE = 4 * 2**20  # bytes; the extractor's time grows with the square
BLOCKS = {"ab", "body", "cell", "code", "head", "item", "list", "p", "quote", "row", "table"}
UNSEEN = ("script", "style", "noscript", "template")
_DECLARED = re.compile(rb"""<meta[^>]*?charset\s*=\s*["']?\s*([\w.:-]+)""", re.IGNORECASE)
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


@dataclass(frozen=True)
class Brought:
    """``original`` is the page that the text was taken from, empty for plain text."""

    text: str
    remarks: tuple[str, ...] = ()
    headings: tuple[int, ...] = ()  # lines
    original: str = ""


def from_file(raw: bytes) -> Brought:
    """Plain text, byte for byte. Raises UnfitText."""
    return Brought(read(raw), ("The file is kept as it is, byte for byte.",))


def from_paste(pasted: str) -> Brought:
    """Plain text out of a form. Raises UnfitText."""
    text = read(pasted.replace("\r\n", "\n").encode())
    if text == pasted:
        return Brought(text, ("The text is kept as it was pasted.",))
    return Brought(
        text,
        (
            "Its line breaks came as CR LF, as browsers send them, and are kept as LF; nothing "
            "else was changed. To keep a file byte for byte, upload it.",
        ),
    )


def from_page(page: bytes | str) -> Brought:
    """The main text of an HTML page, a paragraph a line. Raises UnfitText: too large, no text."""
    if len(page) > MAX_PAGE:
        raise UnfitText(
            f"The page has more than {MAX_PAGE // 2**20} MB of HTML, more than its main text can "
            "be found in: copy the text out of it and bring it in as plain text."
        )
    remarks = []
    if isinstance(page, bytes):
        page, how = _decoded(page)
        remarks.append(how)
    tree: Any = trafilatura.load_html(page)
    seen = "" if tree is None else _seen(tree)
    document: Any = trafilatura.bare_extraction(tree, include_comments=False) if seen else None
    lines = list(_lines(document.body)) if document else []
    if not lines:
        raise UnfitText(
            "No main text was found in this page. Open it in a browser, copy the text out of it "
            "and paste that."
        )
    text = "".join(f"{line}\n" for line, _ in lines)
    headings = tuple(number for number, (_, is_heading) in enumerate(lines, 1) if is_heading)
    remarks += _of_page(seen, text, len(headings))
    return Brought(read(text.encode()), tuple(remarks), headings, page)


def _decoded(raw: bytes) -> tuple[str, str]:
    """By its byte-order mark, as it declares, or by its bytes; and a remark on that."""
    for mark, encoding in _MARKS.items():
        if raw.startswith(mark):
            name = encoding.removesuffix("-sig").upper()
            return (
                raw.decode(encoding, "replace"),
                f"Decoded from {name}, by its byte-order mark, which was left out.",
            )
    declared = _DECLARED.search(raw[:4096])
    named = [(declared[1].decode("ascii"), "as the page declares")] if declared else []
    for encoding, why in [*named, *((name, "by its bytes") for name in detect_encoding(raw))]:
        try:
            return raw.decode(encoding), f"Decoded from {encoding.upper()}, {why}."
        except (LookupError, UnicodeDecodeError):
            continue
    raise UnfitText("The page's characters could not be read: save it as UTF-8.")


def _lines(body: HtmlElement) -> Iterator[tuple[str, bool]]:
    """Each block of the extracted body, its white space collapsed, and whether it is a heading."""
    words: list[str] = []
    for event, element in iterwalk(body, events=("start", "end")):
        breaks = element.tag in BLOCKS or element.tag == "lb"
        if breaks and (line := " ".join("".join(words).split())):
            yield line, event == "end" and element.tag == "head"
        if breaks:
            words = []
        words.append((element.text if event == "start" else element.tail) or "")


def _seen(tree: HtmlElement) -> str:
    """The text that a browser would show of the page, more or less; drops its scripts."""
    for element in tree.iter(*UNSEEN):
        element.text = None
    return "".join(tree.itertext())


def _of_page(seen: str, text: str, headings: int) -> Iterator[str]:
    whole = len(" ".join(seen.split()))
    yield (
        f"The extractor took the main text: {len(text):,} of the page's {whole:,} characters. "
        "Compare it with the page."
    )
    yield "Runs of white space are one space each; each paragraph, list item and cell is a line."
    if hard := seen.count("\u00a0") - text.count("\u00a0"):
        yield f"{hard:,} no-break space{'s' * (hard > 1)} became spaces or were left out."
    if headings:
        yield f"{headings:,} heading{'s' * (headings > 1)} of the page are proposed as headings."
