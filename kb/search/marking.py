"""The words sought, marked in a text as it stands: by place, never by changing it. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from kb.excerpts import Part, Span, excerpt

from .asking import Term
from .words import words

REACH = 90  # code points of context beside marked words
WIDTH = 340  # code points of a snippet, more or less
MOST = 12  # marks in a snippet


def places(text: str, terms: Sequence[Term]) -> list[tuple[Span, int]]:
    """Where the terms stand, in order and apart from each other, and which each is."""
    every = list(words(text))
    plain = [word.plain for word in every]
    found: list[tuple[Span, int]] = []
    at = 0
    while at < len(every):
        lengths = [(term.length_at(plain, at), -n) for n, term in enumerate(terms)]
        length, n = max(lengths, default=(0, 0))
        if length:
            found.append((Span(every[at].start, every[at + length - 1].end), -n))
        at += max(1, length)
    return found


def marked(text: str, terms: Sequence[Term]) -> list[Part]:
    """All of the text."""
    parts, last = [], 0
    for span, n in places(text, terms):
        parts += [Part(text[last : span.start])] if span.start > last else []
        parts.append(Part(text[span.start : span.end], of=n))
        last = span.end
    return [*parts, Part(text[last:])] if text[last:] else parts


def found_in(parts: Sequence[Part]) -> set[int]:
    """Which terms are marked."""
    return {part.of for part in parts if part.of is not None}


def snippet(text: str, terms: Sequence[Term], start: int = 0) -> list[Part]:
    """A piece of the text that has most of the terms, from ``start`` on; its beginning, if there
    are none. Cuts are shown.
    """
    found = [(span, n) for span, n in places(text, terms) if span.start >= start]
    if not found:
        beginning = Span(start, min(start + WIDTH, len(text)))
        return [replace(p, of=None) for p in excerpt(text, [beginning], [Span(0, len(text))], 0)]
    windows = (
        [each for each in found[first : first + MOST] if each[0].end - span.start <= WIDTH]
        or found[first : first + 1]
        for first, (span, _) in enumerate(found)
    )
    best = max(windows, key=lambda window: (len({n for _, n in window}), len(window)))
    parts = excerpt(text, [span for span, _ in best], [Span(0, len(text))], REACH)
    return [part if part.of is None else replace(part, of=best[part.of][1]) for part in parts]
