"""Takes out a source that was added by mistake; never one that a claim cites."""

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from kb.management.terminal import many
from kb.models import Citation, Paragraph, PublishedWords, Source
from kb.publishing import lock
from kb.storing import remove


class Command(BaseCommand):
    help = "Removes a source with all its transcriptions and notes, if no claim ever cited it."

    def add_arguments(self, parser):
        parser.add_argument("slug")

    @transaction.atomic
    def handle(self, *, slug, **options):
        lock()
        source = Source.objects.filter(slug=slug).first()
        if source is None:
            known = ", ".join(Source.objects.values_list("slug", flat=True))
            raise CommandError(f"There is no source “{slug}”. There are: {known or 'none'}.")
        pieces = Paragraph.objects.filter(transcription__source=source)
        if cited := Citation.objects.filter(paragraph__in=pieces).count():
            raise CommandError(
                f"{many(cited, 'citation')} rest on “{slug}”, drafts and withdrawn claims "
                "included: a source that is cited stays."
            )
        if PublishedWords.objects.filter(paragraph__in=pieces).exists():
            raise CommandError(
                f"Claims rested on “{slug}” when they were published, and their history, which "
                "stays, leads to it: so it stays as well."
            )
        remove(source.transcriptions.all())
        source.delete()
        self.stdout.write(self.style.SUCCESS(f"Removed “{slug}”."))
