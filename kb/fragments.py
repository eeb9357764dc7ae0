"""Links to words on somebody else's page, by a text fragment. Pure.

After the WICG's URL Fragment Text Directives: ``text=[prefix-,]start[,end][,-suffix]``. A browser
takes the first place that fits, whole words only, whatever their case and white space.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple
from urllib.parse import quote

LONG, ENDS = 120, 5  # code points; of longer words the first and the last so many are named
FEW, AROUND = 8, 3  # fewer words than FEW never stand without AROUND words before and after them


class Directive(NamedTuple):
    prefix: str
    start: str
    end: str
    suffix: str

    def __str__(self) -> str:
        given = [
            self.prefix and f"{_encoded(self.prefix)}-",
            _encoded(self.start),
            _encoded(self.end),
            self.suffix and f"-{_encoded(self.suffix)}",
        ]
        return f"text={','.join(filter(None, given))}"

    def found(self, text: str) -> tuple[int, int] | None:
        """The first place that fits, in code points from 0, the end not included."""
        start = _whole(self.start, left=not self.prefix, right=bool(self.end or not self.suffix))
        end = f".*?{_whole(self.end, right=not self.suffix)}" if self.end else ""
        prefix = rf"{_whole(self.prefix, right=False)}\s*" if self.prefix else ""
        suffix = rf"\s*{_whole(self.suffix, left=False)}" if self.suffix else ""
        match = re.search(
            f"{prefix}(?P<words>{start}{end}){suffix}", text, re.DOTALL | re.IGNORECASE
        )
        return match.span("words") if match else None


def directive(text: str, start: int, end: int, others: Iterable[str] = ()) -> Directive:
    """Names the words from ``start`` to ``end``, widened to whole ones, so that they alone fit.

    As much of their paragraph, ``text``, stands around them as tells them from what it has before
    them, and from all of the ``others``; the whole of their line if nothing less does.
    """
    words = widened(text, start, end)
    candidates = list(_candidates(text, *words))
    alone = (
        candidate
        for candidate in candidates
        if candidate.found(text) == words and not any(map(candidate.found, others))
    )
    return next(alone, candidates[-1])


def widened(text: str, start: int, end: int) -> tuple[int, int]:
    """Without white space at either end, and with the rest of a word that is cut."""
    chosen = text[start:end]
    start += len(chosen) - len(chosen.lstrip())
    end -= len(chosen) - len(chosen.rstrip())
    while start and re.fullmatch(r"\w\w", text[start - 1 : start + 1]):
        start -= 1
    while re.fullmatch(r"\w\w", text[end - 1 : end + 1]):
        end += 1
    return start, end


def address(url: str, words: Directive) -> str:
    """``url`` with the directive, after an anchor that it has; empty if it is no web page."""
    if not url.lower().startswith(("http://", "https://")):
        return ""
    page, _, anchor = url.partition("#")
    return f"{page}#{anchor.partition(':~:')[0]}:~:{words}"


def _candidates(text: str, start: int, end: int) -> Iterator[Directive]:
    exact = text[start:end].split()
    ends = min(ENDS, len(exact) // 2)
    is_long = ends and (end - start > LONG or len(text[start:end].splitlines()) > 1)
    named = (exact[:ends], exact[-ends:]) if is_long else (exact, [])
    before = re.split(r"[\r\n]", text[:start])[-1].split()
    after = re.split(r"[\r\n]", text[end:])[0].split()
    least = 0 if len(exact) >= FEW else AROUND
    for size in range(least, max(least, len(before), len(after)) + 1):
        around = before[-size:] if size else [], named[0], named[1], after[:size]
        yield Directive(*map(" ".join, around))


def _whole(words: str, *, left: bool = True, right: bool = True) -> str:
    """A pattern for ``words``, whose first and last are whole unless told otherwise."""
    pattern = r"\s+".join(map(re.escape, words.split()))
    begins = r"(?<!\w)" if left and re.match(r"\w", words) else ""
    ends = r"(?!\w)" if right and re.search(r"\w\Z", words) else ""
    return f"{begins}{pattern}{ends}"


def _encoded(words: str) -> str:
    """Percent-encoded, what separates the parts of a directive included: ``-``, ``,``, ``&``."""
    return quote(words, safe="").replace("-", "%2D")
