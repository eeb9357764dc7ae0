"""Makes the indexes of the search and of /check/ anew, for a base that was tampered with."""

from django.core.management.base import BaseCommand
from django.db import transaction

from kb.management.terminal import many
from kb.models import Entry
from kb.publishing import lock
from kb.search.index import rebuild
from kb.textcheck import index


class Command(BaseCommand):
    help = (
        "Makes the indexes of the search and of /check/ anew from what is public. They follow "
        "every change by themselves: this is for when verify says that they did not, and after "
        "an update that says so."
    )

    @transaction.atomic
    def handle(self, *, verbosity, **options):
        lock()
        rebuild()
        index.rebuild()
        if verbosity:
            claims = Entry.objects.filter(paragraph=None).count()
            passages = Entry.objects.filter(claim=None).count()
            self.stdout.write(f"{many(claims, 'claim')} and {many(passages, 'passage')} indexed.")
