"""How much of a text claims rest on: arithmetic of spans, and what is known of each sentence."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.db.models import Prefetch
from django.db.models.functions import Length

from .excerpts import Part, Span, excerpt
from .models import Citation, Claim, Note, Paragraph, Sentence
from .models.sources import ParagraphQuerySet, TranscriptionQuerySet


def union(spans: Iterable[tuple[int, int]]) -> list[Span]:
    """What lies in at least one of ``spans``, in order, apart from each other; none is empty."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(end, found[-1].end))
        elif start < end:
            found.append(Span(start, end))
    return found


def cited_length(spans: Iterable[tuple[int, int]]) -> int:
    """The code points that lie in at least one of ``spans`` (start, end not included)."""
    return sum(end - start for start, end in union(spans))


def parts(text: str, spans: Iterable[tuple[int, int]]) -> list[Part]:
    """The whole of ``text``; ``of`` is set in what lies in at least one of ``spans``."""
    cited = union(spans)
    return excerpt(text, cited, [Span(0, len(text))], len(text)) if cited else [Part(text)]


def percent(part: int, whole: int) -> int:
    """Rounded, but 100 only for the whole and 0 only for nothing."""
    if part in (0, whole):
        return 100 if part else 0
    return min(99, max(1, round(100 * part / whole)))


@dataclass(frozen=True)
class SentenceRead:
    """A sentence and the published citations that share at least one code point with it."""

    sentence: Sentence
    citations: list[Citation]

    @property
    def state(self) -> str:
        """``cited``, ``aside`` (with a reason) or ``open`` (not yet read)."""
        if self.citations:
            return "cited"
        return "aside" if self.sentence.reason else "open"

    @property
    def asides(self) -> list[Note]:
        """What remains of it and is set aside; only of what was read with ``notes``."""
        span = self.sentence
        notes = self.sentence.paragraph.notes.all()
        return [n for n in notes if n.sets_aside and n.start < span.end and n.end > span.start]

    @cached_property
    def firsts(self) -> list[Citation]:
        """Of each claim its first citation here, in the order of the words."""
        first: dict[int, Citation] = {}
        for citation in self.citations:
            first.setdefault(citation.claim_id, citation)
        return list(first.values())

    @property
    def parts(self) -> list[Part]:
        """The text of the sentence; ``of`` is set in the words that a claim rests on."""
        text, start = self.sentence.text, self.sentence.start
        return parts(
            text,
            ((max(c.start - start, 0), min(c.end - start, len(text))) for c in self.citations),
        )

    @property
    def count(self) -> int:
        return len(self.firsts)

    @property
    def tone(self) -> int:
        """How strong the sentence's cell is: 0 without a claim, 4 from six claims on."""
        return next((tone for tone, most in enumerate((0, 1, 3, 5)) if self.count <= most), 4)


class Shares:
    """Totals over ``sentences``, ``cited`` and ``length``, which a subclass provides."""

    sentences: list[SentenceRead]
    cited: int
    length: int

    @property
    def percent(self) -> int:
        """The share of the words, in code points, that at least one claim rests on."""
        return percent(self.cited, self.length)

    @cached_property
    def totals(self) -> dict[str, int]:
        """How many sentences are ``cited``, set ``aside`` and ``open``."""
        states = [sentence.state for sentence in self.sentences]
        return {state: states.count(state) for state in ("cited", "aside", "open")}


class ParagraphRead(Shares):
    def __init__(self, paragraph: Paragraph, citations: list[Citation]):
        self.paragraph = paragraph
        self.citations = citations
        self.sentences = [
            SentenceRead(
                sentence,
                [c for c in citations if c.start < sentence.end and c.end > sentence.start],
            )
            for sentence in paragraph.sentences.all()
        ]
        self.cited = cited_length((c.start, c.end) for c in citations)
        self.length = len(paragraph.text)

    @property
    def claim_count(self) -> int:
        return len({citation.claim_id for citation in self.citations})


class TranscriptionRead(Shares):
    """What is known of a transcription, from its paragraphs as ``read`` fetches them.

    Headings have no sentences and count in no share.
    """

    def __init__(self, paragraphs: Sequence[Paragraph]):
        self.transcription = paragraphs[0].transcription
        self.source = self.transcription.source
        self.paragraphs = [
            ParagraphRead(paragraph, list(paragraph.citations.all())) for paragraph in paragraphs
        ]
        self.bodies = [p for p in self.paragraphs if p.paragraph.kind == Paragraph.Kind.BODY]
        self.sentences = [sentence for p in self.bodies for sentence in p.sentences]
        self.cited = sum(p.cited for p in self.bodies)
        self.length = sum(p.length for p in self.bodies)

    @cached_property
    def claims(self) -> list[Claim]:
        """The published claims that rest on this transcription, headings included; each once."""
        return list({c.claim_id: c.claim for p in self.paragraphs for c in p.citations}.values())

    @property
    def claim_count(self) -> int:
        return len(self.claims)


class Together(Shares):
    """What is known of several texts, taken together."""

    def __init__(self, reads: Sequence[TranscriptionRead]):
        self.sentences = [sentence for found in reads for sentence in found.sentences]
        self.cited = sum(found.cited for found in reads)
        self.length = sum(found.length for found in reads)
        self.claim_count = len({claim.pk for found in reads for claim in found.claims})


def states(reads: Iterable[Shares]) -> set[str]:
    """The states that sentences are in, for a legend."""
    return {sentence.state for found in reads for sentence in found.sentences}


def with_reads(paragraphs: ParagraphQuerySet, *, notes: bool = False) -> ParagraphQuerySet:
    """With transcription and source, sentences and published citations, with claim and kind.

    Two queries more; one more for the editor's ``notes``.
    """
    citations = Citation.objects.published().select_related(
        "claim", *(f"claim__as_{kind}" for kind in Claim.kinds())
    )
    return paragraphs.select_related("transcription__source").prefetch_related(
        Prefetch("sentences", Sentence.objects.order_by("number")),
        Prefetch("citations", citations.order_by("start", "end", "claim__title", "pk")),
        *([Prefetch("notes", Note.objects.order_by("start", "end"))] if notes else []),
    )


def read(transcriptions: TranscriptionQuerySet, *, notes: bool = False) -> list[TranscriptionRead]:
    """Each of ``transcriptions``, paragraph by paragraph, in the order of the sources.

    Three queries, of ``with_reads``; one more for the editor's ``notes``.
    """
    paragraphs = Paragraph.objects.filter(transcription__in=transcriptions).order_by(
        Length("transcription__source__siglum"),
        "transcription__source__siglum",
        "transcription__version",
        "position",
    )
    return [
        TranscriptionRead(list(group))
        for _, group in groupby(
            with_reads(paragraphs, notes=notes), key=lambda paragraph: paragraph.transcription_id
        )
    ]
