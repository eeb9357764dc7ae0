"""Puts a cut text into the database: as a new source, or as a source's next transcription."""

import hashlib
from itertools import count

from django.core.exceptions import ValidationError
from django.db import transaction

from .cutting import Cut
from .markup import letters
from .models import Note, Paragraph, Sentence, Source, Transcription
from .models.sources import TranscriptionQuerySet


def next_siglum() -> str:
    """The first of A, B, … Z, AA, AB, … that no source has."""
    taken = set(Source.objects.values_list("siglum", flat=True))
    return next(siglum for n in count(1) if (siglum := letters(n).upper()) not in taken)


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
    sha256 = hashlib.sha256(cut.text().encode()).hexdigest()
    latest = source.transcriptions.order_by("-version").first()
    if latest and latest.sha256 == sha256 and _same_cut(latest, cut):
        raise ValidationError(
            f"Version {latest.version} of “{source.slug}” is this very text, cut in this way."
        )
    transcription = Transcription.objects.create(
        source=source,
        version=latest.version + 1 if latest else 1,
        sha256=sha256,
        leading=cut.leading,
        overrides=cut.overrides,
    )
    for position, piece in enumerate(progress(cut.pieces), 1):
        paragraph = Paragraph.objects.create(
            transcription=transcription,
            position=position,
            kind=piece.kind,
            number=piece.number,
            text=piece.text,
            separator=piece.separator,
        )
        Sentence.objects.bulk_create(
            Sentence(paragraph=paragraph, number=number, start=start, end=end)
            for number, (start, end) in enumerate(piece.sentences, 1)
        )
    return transcription


def remove(transcriptions: TranscriptionQuerySet) -> None:
    """Takes them out with the notes on them. The triggers refuse it for one that is cited."""
    pieces = Paragraph.objects.filter(transcription__in=transcriptions)
    Note.objects.filter(paragraph__in=pieces).delete()
    pieces.delete()
    transcriptions.delete()


def _same_cut(transcription: Transcription, cut: Cut) -> bool:
    stored = transcription.paragraphs.order_by("position").prefetch_related("sentences")
    return [(p.kind, p.text, [(s.start, s.end) for s in p.sentences.all()]) for p in stored] == [
        (p.kind, p.text, list(p.sentences)) for p in cut.pieces
    ]
