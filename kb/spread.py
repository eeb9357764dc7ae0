"""The home page's spread: one claim, and the paragraph that its first words stand in."""

from collections.abc import Sequence
from dataclasses import dataclass

from .coverage import ParagraphRead, TranscriptionRead
from .excerpts import OUR_CUT, Part, Span, enclosing, excerpt, runs
from .models import Citation, Claim, Paragraph

# In code points: a paragraph up to this length stands whole; of a longer one, so much context
# stands on each side of the words.
WHOLE, ROOM = 900, 350


@dataclass(frozen=True)
class Spread:
    claim: Claim
    paragraph: Paragraph
    parts: list[tuple[Part, Citation | None]]  # the paragraph's words, with what cites them
    elsewhere: list[Citation]  # the first in each other paragraph
    following: Claim  # the next of the walk, after the last the first
    number: int
    total: int

    @property
    def anchor(self) -> str:
        """Of the first words that are shown."""
        return next(citation.anchor for _, citation in self.parts if citation)


def walk(reads: Sequence[TranscriptionRead]) -> list[Claim]:
    """Every claim that rests on these texts, once: by kind, then in the order of the words."""
    kinds = {kind: number for number, kind in enumerate(Claim.kinds())}
    met = {
        citation.claim_id: citation.claim
        for read in reads
        for paragraph in read.paragraphs
        for citation in paragraph.citations
    }
    return sorted(met.values(), key=lambda claim: kinds.get(claim.kind, len(kinds)))


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
    window = _window(Span(spans[0].start, spans[-1].end), sentences, len(text))
    parts = excerpt(text, spans, [window], reach=WHOLE if len(text) <= WHOLE else ROOM)
    if text[: window.start].strip() and not parts[0].is_cut:
        parts.insert(0, OUR_CUT)
    if text[window.end :].strip() and not parts[-1].is_cut:
        parts.append(OUR_CUT)
    return [(part, None if part.of is None else cited[part.of]) for part in parts]


def _window(words: Span, sentences: Sequence[Span], length: int) -> Span:
    """The sentences of the words, and those before and after them that there is room for."""
    if length <= WHOLE:
        return Span(0, length)
    around = enclosing(words, sentences)
    floor, ceiling = words.start - ROOM, words.end + ROOM
    return Span(
        min([around.start, *(s.start for s in sentences if floor <= s.start < around.start)]),
        max([around.end, *(s.end for s in sentences if around.end < s.end <= ceiling)]),
    )
