"""Makes the index of the search anew; nothing else needs it but a base that was tampered with."""

from django.core.management.base import BaseCommand
from django.db import transaction

from kb.management.terminal import many
from kb.models import Entry
from kb.publishing import lock
from kb.search.index import rebuild


class Command(BaseCommand):
    help = (
        "Makes the index of the search anew from what is public. It follows every change by "
        "itself: this is for when verify says that it did not, and after an update that says so."
    )

    @transaction.atomic
    def handle(self, *, verbosity, **options):
        lock()
        rebuild()
        if verbosity:
            claims = Entry.objects.filter(paragraph=None).count()
            passages = Entry.objects.filter(claim=None).count()
            self.stdout.write(f"{many(claims, 'claim')} and {many(passages, 'passage')} indexed.")
