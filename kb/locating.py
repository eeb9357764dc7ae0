"""Finds words in a text as people send them: selected in a browser, pasted or typed. Pure.

A selection comes back with other white space than the text has (line ends of its own, no-break
spaces as spaces, a run as one) and without what nobody sees (soft hyphens, marks of direction).
Who types writes straight quotes, plain hyphens and letters of one code point. So words are looked
for in all places that look alike, and what is found is what stands there: offsets are code points
of the text as it is stored, from 0, the end not included.
"""

import difflib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

CONTEXT = 5_000  # code points before and after the words that are compared
SHOWN = 50  # code points before and after the words that are shown
LONGEST = 20_000  # code points; nobody selects so many words to carry one claim
NEAREST = 50_000_000  # the product of both lengths: beyond, nothing near is looked for
TIES = 20  # stretches with as many of the words: the most alike by letters is nearest

UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_SPACE = rf"[{UNSEEN}]*\s[\s{UNSEEN}]*"
_GAP = rf"[\s{UNSEEN}]*"
_WORD = re.compile(r"\w+")
_CLUSTER = re.compile(r"\S[\u0300-\u036f]*")
# What is typed alike.
_ALIKE = {sign: f"[{signs}]" for signs in ("'‘’‚‛′ʼ", '"“”„‟″', "‐‑‒–—―−-") for sign in signs}


@dataclass(frozen=True)
class Place:
    """Where words stand in ``text``, from ``start`` up to ``end``."""

    text: str
    start: int
    end: int

    @property
    def exact(self) -> str:
        return self.text[self.start : self.end]

    @property
    def prefix(self) -> str:
        """What stands before the words, from the beginning of a word."""
        before = self.text[max(0, self.start - SHOWN) : self.start]
        return before if len(before) == self.start else re.sub(r"\A\S+", "", before) or before

    @property
    def suffix(self) -> str:
        """What stands after the words, up to the end of a word."""
        after = self.text[self.end : self.end + SHOWN]
        is_all = self.end + len(after) == len(self.text)
        return after if is_all else re.sub(r"\S+\Z", "", after) or after


@dataclass(frozen=True)
class Found:
    """``places`` of the words, in order; whether what was said to stand around them ``fits``."""

    places: list[Place]
    fits: bool = True

    def at(self, start: int | None) -> Place | None:
        """The place that begins at ``start``; without one, the only place that there is."""
        if not self.fits or (start is None and len(self.places) > 1):
            return None
        chosen = (place for place in self.places if start in (None, place.start))
        return next(chosen, None)


def locate(text: str, exact: str, prefix: str = "", suffix: str = "") -> Found:
    """Every place of ``exact`` in ``text``; of several, those between ``prefix`` and ``suffix``.

    What is merely typed alike (quotes, hyphens, composed letters) counts where nothing else is
    found. White space at the ends of ``exact`` is kept where it stands just so, else left out.
    """
    if len(exact) > LONGEST:
        return Found([])
    for typed in (False, True):
        if places := list(_places(text, exact, "", "", typed)):
            break
    if not places or not (prefix or suffix):
        return Found(places)
    between = list(_places(text, exact, prefix[-CONTEXT:], suffix[:CONTEXT], typed))
    return Found(between or places, fits=bool(between))


def occurrences(exact: str, text: str) -> list[int]:
    """Every offset at which ``exact`` stands to the code point, overlapping ones included."""
    return [m.start() for m in re.finditer(f"(?={re.escape(exact)})", text)] if exact else []


def nearest(exact: str, text: str) -> str:
    """The whole words of ``text`` that come closest to ``exact``; empty if nothing does.

    They have at least half of its words, or else eight of its letters in a row; and the quotation
    marks and stops beside them, at the ends at which ``exact`` has such signs.
    """
    wanted = Counter(_WORD.findall(exact.lower()))
    words = [(match[0].lower(), match.span()) for match in _WORD.finditer(text)]
    size = min(wanted.total(), len(words))
    seen: Counter[str] = Counter()
    shared = 0  # how many words of the window are wanted
    best, ends = 0, [0]
    for end, (word, _) in enumerate(words, 1):
        seen[word] += 1
        shared += seen[word] <= wanted[word]
        if end > size:
            gone = words[end - size - 1][0]
            shared -= seen[gone] <= wanted[gone]
            seen[gone] -= 1
        if end >= size and shared >= best:
            best, ends = shared, [end] if shared > best else [*ends[-TIES:], end]
    if not best or 2 * best < wanted.total():
        return _nearest_letters(exact, text)
    windows = [(words[end - size][1][0], words[end - 1][1][1]) for end in ends if end]
    start, end = max(
        windows, key=lambda w: difflib.SequenceMatcher(None, text[slice(*w)], exact).ratio()
    )
    asked = exact.strip()
    while start and _is_sign(asked[0]) and _is_sign(text[start - 1]):
        start -= 1
    while end < len(text) and _is_sign(asked[-1]) and _is_sign(text[end]):
        end += 1
    return text[start:end]


def _is_sign(character: str) -> bool:
    return not (character.isspace() or _WORD.match(character))


def _nearest_letters(exact: str, text: str) -> str:
    if not exact or len(text) * len(exact) > NEAREST:
        return ""
    block = difflib.SequenceMatcher(None, text, exact, autojunk=False).find_longest_match()
    if block.size < min(8, len(exact)):
        return ""
    start = max(0, block.a - block.b)
    end = min(len(text), start + len(exact))
    while 0 < start < len(text) and text[start - 1].isalnum() and text[start].isalnum():
        start -= 1
    while end < len(text) and text[end].isalnum() and text[end - 1].isalnum():
        end += 1
    return text[start:end]


def _places(text: str, exact: str, prefix: str, suffix: str, typed: bool) -> Iterator[Place]:
    """Each place once: the pattern begins with a sign that is seen and has one way to match."""
    skip = f"[{UNSEEN}]*" if re.search(f"[{UNSEEN}]", text) else ""
    before, words, after = (_pattern(part, skip, typed) for part in (prefix, exact, suffix))
    if not words:
        return
    before, after = before and before + _GAP, after and _GAP + after
    head, tail = _gap(exact), _gap(exact[::-1])[::-1]
    for match in re.finditer(f"(?={before}({words}){after})", text):
        start, end = match.span(1)
        if text.endswith(head, 0, start) and text.startswith(tail, end):
            start, end = start - len(head), end + len(tail)
        yield Place(text, start, end)


def _gap(text: str) -> str:
    """The white space and unseen signs that ``text`` begins with."""
    match = re.match(_GAP, text)
    return match[0] if match else ""


def _pattern(words: str, skip: str, typed: bool) -> str:
    """An expression for all that looks like ``words``; empty when nothing of them is seen."""
    seen = re.sub(f"[{UNSEEN}]", "", words).split()
    one = _typed if typed else re.escape
    return _SPACE.join(skip.join(map(one, _CLUSTER.findall(word))) for word in seen)


def _typed(cluster: str) -> str:
    """An expression for all that is typed like one sign with its combining marks."""
    if cluster in _ALIKE:
        return _ALIKE[cluster]
    forms = {cluster, *(unicodedata.normalize(form, cluster) for form in ("NFC", "NFD"))}
    return f"(?:{'|'.join(map(re.escape, sorted(forms)))})"
