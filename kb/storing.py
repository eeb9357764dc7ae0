"""Puts a cut text into the database: as a new source, or as a source's next transcription."""

import hashlib
from collections.abc import Iterable
from itertools import count, islice

from django.core.exceptions import ValidationError
from django.db import transaction

from .cutting import LINE_END, Cut, Piece
from .markup import letters
from .models import Intake, Note, Paragraph, Sentence, Source, Transcription
from .models.sources import TranscriptionQuerySet
from .search.index import add_texts, follow_texts, remove_texts
from .textcheck import index

BATCH = 500  # paragraphs


def next_siglum() -> str:
    """The first of A, B, … Z, AA, AB, … that no source has."""
    taken = set(Source.objects.values_list("siglum", flat=True))
    return next(siglum for n in count(1) if (siglum := letters(n).upper()) not in taken)


def sha256_of(text: str) -> str:
    """Of the text's bytes in UTF-8, in lower-case hex."""
    return hashlib.sha256(text.encode()).hexdigest()


@transaction.atomic
def store(source: Source, cut: Cut, *, progress=lambda pieces: pieces) -> Transcription:
    """Saves ``source`` if it is new, and ``cut`` as its next transcription.

    Raises ValidationError when the source is unfit or already has this text cut in this way.
    ``progress`` wraps the pieces as they are stored.
    """
    if source.pk is None:
        source.siglum = source.siglum or next_siglum()
        source.full_clean()
        source.save()
    sha256 = sha256_of(cut.text())
    latest = source.transcriptions.order_by("-version").first()
    if latest and latest.sha256 == sha256 and _same_cut(latest, cut):
        raise ValidationError(
            f"Version {latest.version} of “{source.slug}” is this very text, cut in this way."
        )
    index.drop([source.pk])  # of the transcription that is no longer current
    transcription = Transcription.objects.create(
        source=source,
        version=latest.version + 1 if latest else 1,
        sha256=sha256,
        leading=cut.leading,
        overrides=cut.overrides,
    )
    follow_texts([source])
    _fill(transcription, progress(cut.pieces))
    return transcription


def _fill(transcription: Transcription, pieces: Iterable[Piece]) -> None:
    numbered = enumerate(pieces, 1)
    while batch := list(islice(numbered, BATCH)):
        paragraphs = Paragraph.objects.bulk_create(
            Paragraph(
                transcription=transcription,
                position=position,
                kind=piece.kind,
                number=piece.number,
                text=piece.text,
                separator=piece.separator,
            )
            for position, piece in batch
        )
        Sentence.objects.bulk_create(
            Sentence(paragraph=paragraph, number=number, start=start, end=end)
            for paragraph, (_, piece) in zip(paragraphs, batch, strict=True)
            for number, (start, end) in enumerate(piece.sentences, 1)
        )
        add_texts(paragraphs)
        index.add(paragraphs)


def take(intake: Intake) -> None:
    """Takes it out from among the texts coming in, to be stored in the same transaction.

    Raises ValidationError when somebody did so meanwhile.
    """
    if not Intake.objects.filter(pk=intake.pk).delete()[0]:
        raise ValidationError("This text was stored or discarded meanwhile.")


def cut_of(transcription: Transcription, paragraphs: Iterable[Paragraph]) -> Cut:
    """As it is stored in ``paragraphs``, all of them, in order; a query each for sentences that
    were not prefetched.
    """
    pieces, line, offset = [], 1 + len(LINE_END.findall(transcription.leading)), 0
    for stored in paragraphs:
        spans = tuple((s.start, s.end) for s in stored.sentences.all())
        pieces.append(
            Piece(stored.kind, stored.number, line, stored.text, stored.separator, spans, offset)
        )
        whole = stored.text + stored.separator
        breaks = [0, *(match.end() for match in LINE_END.finditer(whole))]
        line += len(breaks) - 1
        offset = len(whole) - breaks[-1] + (offset if len(breaks) == 1 else 0)
    return Cut(transcription.leading, tuple(pieces), transcription.overrides)


def remove(transcriptions: TranscriptionQuerySet) -> None:
    """Takes them out with the notes on them. The triggers refuse it for one that is cited."""
    sources = list(Source.objects.filter(transcriptions__in=transcriptions))
    pieces = Paragraph.objects.filter(transcription__in=transcriptions)
    remove_texts(pieces)
    Note.objects.filter(paragraph__in=pieces).delete()
    pieces.delete()
    transcriptions.delete()
    follow_texts(sources)
    index.follow(source.pk for source in sources)


def _same_cut(transcription: Transcription, cut: Cut) -> bool:
    stored = transcription.paragraphs.order_by("position").prefetch_related("sentences")
    return cut_of(transcription, stored).pieces == cut.pieces
