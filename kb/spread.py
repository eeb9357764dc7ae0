"""The home page's spread: one claim, and the paragraph that its first words stand in."""

from collections.abc import Sequence
from dataclasses import dataclass

from .coverage import ParagraphRead, TranscriptionRead
from .excerpts import OUR_CUT, Part, Span, enclosing, excerpt, runs
from .models import Citation, Claim, Paragraph

ROOM = 700  # code points of a paragraph that are shown if its sentences allow


@dataclass(frozen=True)
class Spread:
    claim: Claim
    paragraph: Paragraph
    parts: list[tuple[Part, Citation | None]]  # the paragraph's words, with what cites them
    elsewhere: list[Citation]  # the first in each other paragraph
    following: Claim  # the next of the walk, after the last the first
    number: int
    total: int


def walk(reads: Sequence[TranscriptionRead]) -> list[Claim]:
    """Every claim that rests on these texts, once: by kind, then in the order of the words."""
    kinds = list(Claim.kinds())
    met = {
        citation.claim_id: citation.claim
        for read in reads
        for paragraph in read.paragraphs
        for citation in paragraph.citations
    }
    return sorted(met.values(), key=lambda claim: kinds.index(claim.kind))


def spread(reads: Sequence[TranscriptionRead], slug: str = "") -> Spread | None:
    """The claim ``slug``, or the first of the walk; None if no claim there has that slug."""
    claims = walk(reads)
    number = next((n for n, claim in enumerate(claims) if slug in ("", claim.slug)), None)
    if number is None:
        return None
    claim = claims[number]
    places = [
        (paragraph, [c for c in paragraph.citations if c.claim_id == claim.pk])
        for read in reads
        for paragraph in read.paragraphs
    ]
    (first, cited), *others = [(paragraph, found) for paragraph, found in places if found]
    return Spread(
        claim,
        first.paragraph,
        _parts(first, cited),
        [found[0] for _, found in others],
        claims[(number + 1) % len(claims)],
        number + 1,
        len(claims),
    )


def _parts(read: ParagraphRead, cited: Sequence[Citation]) -> list[tuple[Part, Citation | None]]:
    text = read.paragraph.text
    sentences = [Span(s.sentence.start, s.sentence.end) for s in read.sentences]
    spans = [Span(citation.start, citation.end) for citation in cited]
    chosen = runs(spans, [Span(0, len(text))])[0]  # words that overlap others stand in place
    spans, cited = [spans[i] for i in chosen], [cited[i] for i in chosen]
    window = _window(Span(spans[0].start, spans[-1].end), sentences)
    parts = excerpt(text, spans, [window], reach=ROOM // 2)
    before, after = text[: window.start].strip(), text[window.end :].strip()
    parts = [*([OUR_CUT] if before else []), *parts, *([OUR_CUT] if after else [])]
    return [(part, None if part.of is None else cited[part.of]) for part in parts]


def _window(words: Span, sentences: Sequence[Span]) -> Span:
    """The sentences of the words, and as many around them as there is room for."""
    window = enclosing(words, sentences)
    after = [s.end for s in sentences if s.end > window.end]
    before = [s.start for s in reversed(sentences) if s.start < window.start]
    while after or before:
        grown = []
        if after:
            grown.append(Span(window.start, after[0]))
        if before:
            grown.append(Span(before[0], window.end))
        least = min(grown, key=lambda span: span.end - span.start)
        if least.end - least.start > ROOM:
            break
        if least.end > window.end:
            after.pop(0)
        else:
            before.pop(0)
        window = least
    return window
