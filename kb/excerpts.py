"""Words of a text in the context of their sentence, cut by us where it is long. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.safestring import SafeString, mark_safe

from .markup import escaped


class Span(NamedTuple):
    """Code points of a text, from 0, the end not included."""

    start: int
    end: int


@dataclass(frozen=True)
class Part:
    """A stretch of a text: cited words (``of`` is their span's index), context, or our cut."""

    text: str
    of: int | None = None
    is_cut: bool = False

    @property
    def html(self) -> SafeString:
        return mark_safe(escaped(self.text))  # noqa: S308


OUR_CUT = Part("[…]", is_cut=True)


def runs(spans: Sequence[Span], sentences: Sequence[Span]) -> list[list[int]]:
    """Groups the indices of ``spans`` that can share an excerpt, in the order of the text.

    Spans in the same sentences go together, unless they overlap: each keeps its words whole.
    """
    groups: list[list[int]] = []
    reach = Span(0, 0)
    for index in sorted(range(len(spans)), key=lambda i: spans[i]):
        around = enclosing(spans[index], sentences)
        last = spans[groups[-1][-1]] if groups else None
        if last and around.start < reach.end and spans[index].start >= last.end:
            groups[-1].append(index)
            reach = Span(reach.start, max(reach.end, around.end))
        else:
            groups.append([index])
            reach = around
    return groups


def enclosing(span: Span, sentences: Sequence[Span]) -> Span:
    """From the start of the first to the end of the last sentence that ``span`` touches."""
    touched = [s for s in sentences if s.start < span.end and s.end > span.start]
    starts, ends = [s.start for s in touched], [s.end for s in touched]
    return Span(min([span.start, *starts]), max([span.end, *ends]))


def excerpt(
    text: str, spans: Sequence[Span], sentences: Sequence[Span], reach: int = 170
) -> list[Part]:
    """``spans``, which ascend and don't overlap, in their sentences.

    Of the context, at most some ``reach`` code points stand on either side of cited words; where
    more is left out, ``OUR_CUT`` stands for it.
    """
    around = enclosing(Span(spans[0].start, spans[-1].end), sentences)
    parts = _context(text[around.start : spans[0].start], 0, reach)
    for index, span in enumerate(spans):
        parts.append(Part(text[span.start : span.end], of=index))
        if index + 1 < len(spans):
            parts += _context(text[span.end : spans[index + 1].start], reach, reach)
    return parts + _context(text[spans[-1].end : around.end], reach, 0)


def _context(text: str, left: int, right: int) -> list[Part]:
    """The first ``left`` and the last ``right`` code points or so, at the borders of words."""
    slack = 24  # A cut that saves less than this is worse than none.
    if len(text) <= left + right + slack:
        return [Part(text)] if text else []
    opening = re.sub(r"\S+\Z", "", text[:left]) or text[:left]
    closing = text[len(text) - right :] if right else ""
    closing = re.sub(r"\A\S+", "", closing) or closing
    kept = [Part(opening)] if opening else []
    kept.append(OUR_CUT)
    return [*kept, Part(closing)] if closing else kept
