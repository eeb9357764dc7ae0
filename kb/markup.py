"""Spans of a paragraph as markup, pure: offsets in code points in, safe HTML out, escaped once.

What is made holds the paragraph's text to the code point: its text content, apart from elements
with ``data-notext``, is the text. A paragraph is cut at every boundary of a span; in each segment
one element per span is nested, so that overlapping spans stay apart. Three spans at a time have a
lane, an underline of their own; what overlaps more than that shares a tint. Claims of one kind on
the same words share an underline. So the markup grows with the number of segments, not with its
square.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby

from django.utils.safestring import SafeString, mark_safe

LANES = 3
KEYS = 3  # More claims than that on the same words show the first key and the last.


@dataclass(frozen=True)
class Span:
    """Words from ``start`` up to ``end``, not included, with the key, if any, to their note."""

    start: int
    end: int
    key: str = ""
    note: str = ""  # the id of the note
    kind: str = ""  # the kind of the claim; empty for an editor's note
    title: str = ""  # of the claim
    lit: bool = False
    label: str = ""  # what the key is called, if not the note

    @property
    def order(self) -> tuple[int, int]:
        """The longer of two that begin together stands outside."""
        return self.start, -self.end

    @property
    def words(self) -> str:
        """What the address of these words ends in, after the paragraph: ``120-145``."""
        return f"{self.start}-{self.end}"


def letters(number: int) -> str:
    """1 → a, 26 → z, 27 → aa."""
    found = ""
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(ord("a") + rest) + found
    return found


def escaped(text: str) -> str:
    """``text`` as HTML; a carriage return as a reference: no parser makes that a line feed."""
    return escape(text).replace("\r", "&#13;")


def drawn(spans: Iterable[Span]) -> list[Span]:
    """One span for all claims of one kind on the same words, the first."""
    first: dict[tuple[str, str], Span] = {}
    for span in spans:
        first.setdefault((span.words, span.kind), span)
    return list(first.values())


def lanes(spans: Iterable[Span]) -> dict[Span, int]:
    """The lane of each span, from 1, kept to its end; 0 for what finds all lanes taken."""
    taken = [0] * (LANES + 1)  # by lane: where the span that holds it ends
    found = {}
    for span in sorted(spans, key=lambda span: span.order):
        free = (lane for lane in range(1, LANES + 1) if taken[lane] <= span.start)
        lane = found[span] = next(free, 0)
        taken[lane] = max(taken[lane], span.end)
    return found


def is_crowded(spans: Iterable[Span]) -> bool:
    """Whether more lines than there are lanes would overlap, so that words are shaded."""
    return 0 in lanes(drawn(span for span in spans if span.kind)).values()


def paragraph(
    ref: str,
    text: str,
    sentences: Sequence[tuple[int, int]] = (),
    spans: Iterable[Span] = (),
    past: Iterable[tuple[int, int]] = (),
) -> SafeString:
    """The inside of a paragraph.

    ``sentences`` are spans in order, apart from each other; each is ``<span id="p3.s2">``. Words
    have ``id="p3.120-145"`` once, on the first segment of the first span that has these ends; so
    has the place of ``past`` words, unmarked, as far as they are words of the text.
    Raises ValueError for a span outside the text.
    """
    spans = sorted(set(spans), key=lambda span: (*span.order, len(span.key), span.key, span.kind))
    for span in spans:
        if not 0 <= span.start < span.end <= len(text):
            raise ValueError(f"{span.start}-{span.end} is no span of a text of {len(text)}.")
    anchors = [Span(start, end) for start, end in past if 0 <= start < end <= len(text)]
    return mark_safe("".join(_Weaver(ref, text, sentences, spans, anchors).woven()))  # noqa: S308


class _Weaver:
    """One walk over the boundaries of a paragraph; ``active`` are the spans open at the cursor."""

    def __init__(self, ref, text, sentences, spans, anchors):
        self.ref, self.text = ref, text
        shown = {span.words for span in spans}
        self.anchors = _by((a for a in anchors if a.words not in shown), lambda span: span.start)
        marks = drawn(spans)
        self.lane = lanes(span for span in marks if span.kind)
        self.starting = _by(marks, lambda span: span.start)
        self.ending = _by(marks, lambda span: span.end)
        self.keys = _by((span for span in spans if span.key), lambda span: span.end)
        self.opens = {start: number for number, (start, _) in enumerate(sentences, 1)}
        self.closes = {end for _, end in sentences}
        self.named: set[str] = set()
        # The open spans by layer: one in each lane, then all others, the last begun on top.
        self.laned: dict[int, Span] = {}
        self.crowd: dict[Span, None] = {}
        self.noted: dict[Span, None] = {}

    def woven(self):
        bounds = sorted(
            {
                *(0, len(self.text)),
                *(*self.starting, *self.ending, *self.anchors),
                *(*self.opens, *self.closes),
            }
        )
        for at, following in zip(bounds, [*bounds[1:], None], strict=True):
            for span in self.ending.get(at, ()):
                self._close(span)
            yield from self._keys(at)
            if at in self.closes:
                yield "</span>"
            if at in self.opens:
                yield f'<span class="s" id="{self.ref}.s{self.opens[at]}">'
            for span in self.anchors.get(at, ()):
                yield f"<span{self._name(span)}></span>"
            for span in self.starting.get(at, ()):
                self._open(span)
            if following is not None and following > at:
                yield from self._segment(at, following)

    def _layer(self, span):
        if not span.kind:
            return self.noted
        return self.crowd if not self.lane[span] else None

    def _open(self, span):
        layer = self._layer(span)
        if layer is None:
            self.laned[self.lane[span]] = span
        else:
            layer[span] = None

    def _close(self, span):
        layer = self._layer(span)
        if layer is None:
            del self.laned[self.lane[span]]
        else:
            del layer[span]

    def _segment(self, start, end):
        """The words from ``start`` to ``end`` in one element for each span that is shown there."""
        shown = [(span, "mark") for _, span in sorted(self.laned.items())]
        shown += [(next(reversed(self.crowd)), "mark")] if self.crowd else []
        shown += [(next(reversed(self.noted)), "span")] if self.noted else []
        wrapped = {span.words for span, _ in shown}
        for span in self.starting.get(start, ()):
            if span.words not in wrapped and (name := self._name(span)):
                yield f"<span{name}></span>"
        closing = []
        for span, tag in shown:
            name = self._name(span) if span.start == start else ""
            yield f'<{tag} class="{self._classes(span)}"{name} data-c="{self.ref}.{span.words}">'
            closing.append(f"</{tag}>")
        yield escaped(self.text[start:end])
        yield from reversed(closing)

    def _name(self, span) -> str:
        """The id of the span's words, unless another element has it."""
        if span.words in self.named:
            return ""
        self.named.add(span.words)
        return f' id="{self.ref}.{span.words}"'

    def _classes(self, span) -> str:
        if not span.kind:
            return "noted"
        lane = self.lane[span]
        where = f"k-{escape(span.kind)} l{lane}" if lane else "crowd"
        return f"{where} lit" if span.lit else where

    def _keys(self, at):
        """The keys of the words that end here, those of the same words together."""
        spans = sorted(self.keys.get(at, ()), key=lambda span: (len(span.key), span.key))
        for _, same in groupby(spans, key=lambda span: (span.words, bool(span.kind))):
            keys = [self._key(span) for span in same]
            yield (
                f'<span class="keys">{"".join(keys)}</span>' if len(keys) > KEYS else "".join(keys)
            )

    def _key(self, span) -> str:
        what = "Note " if span.kind else "Editor’s note "
        number = self.ref[1:] + ("" if span.kind else ".") + span.key
        called = f"{what}{number}: {span.title}" if span.title else f"{what}{number}"
        label = span.label or called
        return (
            f'<a class="key{"" if span.kind else " edkey"}" data-notext href="#{escape(span.note)}"'
            f' data-c="{self.ref}.{span.words}" aria-label="{escape(label)}">'
            f"{escape(span.key)}</a>"
        )


def _by(spans: Iterable[Span], place: Callable[[Span], int]) -> dict[int, list[Span]]:
    found: dict[int, list[Span]] = {}
    for span in spans:
        found.setdefault(place(span), []).append(span)
    return found
