"""A text as people give it, and as it reads: without markup, entities and what editors put in.

Pure. What reads as nothing (tags, emphasis, [sic], (¶ 3), the numbers of notes) is left out, and
each code point that is left knows where it stands in the text as given.
"""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from .words import SUPERSCRIPTS

_TAGS = (
    "a abbr article b big blockquote body br center cite code dd div dl dt em figcaption figure "
    "font footer h1 h2 h3 h4 h5 h6 head header hr html i img ins li link main mark meta nav ol p "
    "pre q s section small span strike strong sub sup table tbody td th thead time title tr u ul"
)
_BREAKS = frozenset(
    re.findall(
        r"\w+",
        "blockquote br dd div dl dt figcaption h1 h2 h3 h4 h5 h6 li ol p pre tr ul",
    )
)
_LEFT_OUT = re.compile(
    rf"""
      (?P<hidden> <!--.{{0,2000}}?-->
        | <(?P<raw>script|style)\b[^>]{{0,500}}>.{{0,2000}}?</(?P=raw)> )
    | (?P<note> <sup\b[^>]{{0,200}}>\s*\[?[\d*†]{{1,3}}\]?\s*</sup> )
    | <(?P<close>/?)(?P<tag>{_TAGS.replace(" ", "|")})(?:\s[^<>]{{0,500}})?/?>
    | (?P<entity> &(?:\#\d{{1,7}}|\#x[0-9a-f]{{1,6}}|[a-z][a-z0-9]{{1,30}}); )
    | (?P<block> ^[ \t]*(?:>[ \t]?)+ )
    | (?P<sic> \s?[\[(]sic[!.?]?[\])]
        | \s?[\[(](?:my\ |our\ )?(?:emphasis|italics)\ [^\])]{{1,20}}[\])] )
    | (?P<place> \s?[\[(](?:source\ )?[a-z]?,?\s?
        (?:¶+|para(?:graph|s|\.)?|pp?\.)\s?\d+(?:[-–]\d+)?[\])] )
    | (?P<number> \[\d{{1,3}}\](?!\() | (?<=\w|[.,;:!?”"’)])[{SUPERSCRIPTS}]+ )
    | \[(?P<letter>[^\W\d_])\](?=\w)
    | (?P<emphasis> (?<![\w*])\*{{1,3}}(?=[^\s*]) | (?<=[^\s*])\*{{1,3}}(?![\w*])
        | (?<![^\W_])_{{1,3}}(?=[^\W_]) | (?<=[^\W_])_{{1,3}}(?![^\W_]) )
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE | re.DOTALL,
)


@dataclass(frozen=True)
class Given:
    """``text`` as it reads; ``starts`` and ``ends`` of each of its code points in ``whole``.

    ``blocks`` are the spans of ``text`` that are set as quotations without marks.
    """

    whole: str
    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    blocks: list[tuple[int, int]] = field(default_factory=list)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """From ``start`` to ``end`` of ``text``, which are not the same, in ``whole``."""
        return self.starts[start], self.ends[end - 1]


def given(whole: str) -> Given:
    """``whole``, read. In one pass."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    blocks: list[tuple[int, int]] = []
    opened: list[int] = []
    quoted = -1  # where the lines begin that "> " sets off

    def put(text: str, start: int, end: int, spread: bool) -> None:
        pieces.append(text)
        starts.extend(range(start, end) if spread else [start] * len(text))
        ends.extend(range(start + 1, end + 1) if spread else [end] * len(text))

    at = 0
    for match in _LEFT_OUT.finditer(whole):
        if quoted >= 0 and (lines := whole.find("\n", at, match.start())) >= 0:
            follows = match.lastgroup == "block" and lines + 1 == match.start()
            if not follows:
                kept = len(starts) + lines - at
                blocks.append((quoted, kept))
                quoted = -1
        put(whole[at : match.start()], at, match.start(), spread=True)
        at = match.end()
        if match["entity"]:
            put(html.unescape(match[0]), *match.span(), spread=False)
        elif match["letter"]:
            put(match["letter"], *match.span(), spread=False)
        elif match["block"]:
            quoted = len(starts) if quoted < 0 else quoted
        elif tag := (match["tag"] or "").lower():
            if tag == "q":
                put("”" if match["close"] else "“", *match.span(), spread=False)
            elif tag == "blockquote":
                put("\n\n", *match.span(), spread=False)
                if not match["close"]:
                    opened.append(len(starts))
                elif opened:
                    blocks.append((opened.pop(), len(starts) - 2))
            elif tag in _BREAKS:
                put("\n" if tag in ("br", "li", "tr") else "\n\n", *match.span(), spread=False)
    if not at:
        return Given(whole, whole, range(len(whole)), range(1, len(whole) + 1))
    if quoted >= 0:
        lines = whole.find("\n", at)
        blocks.append((quoted, len(starts) + (lines if lines >= 0 else len(whole)) - at))
    put(whole[at:], at, len(whole), spread=True)
    blocks += [(start, len(starts)) for start in opened]
    return Given(whole, "".join(pieces), starts, ends, sorted(b for b in blocks if b[0] < b[1]))
