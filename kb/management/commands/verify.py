"""Proves the invariants anew; one line a fault."""

from django.core.management.base import BaseCommand, CommandError

from kb.content.verifying import unread, verify
from kb.management.terminal import many, shown
from kb.models import Citation, Claim, Sentence, Source


class Command(BaseCommand):
    help = (
        "Proves every invariant over the whole base: quotes stand where they are said to stand, "
        "texts have their hashes, what is public is what was published. Exits with 1 on a fault."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "--complete",
            nargs="*",
            metavar="SOURCE",
            help="Fail on sentences that are not yet read, of these sources or of all.",
        )

    def handle(self, *, complete, verbosity, **options):
        known = set(Source.objects.values_list("slug", flat=True))
        if unknown := set(complete or []) - known:
            raise CommandError(
                f"There is no source “{min(unknown)}”. There are: {', '.join(sorted(known))}."
            )
        faults = 0
        for fault in verify(lambda claims: shown(claims, len(claims), "Claim", self.stdout)):
            faults += 1
            self.stderr.write(str(fault))
        if complete is not None:
            for fault in unread(complete):
                faults += 1
                self.stderr.write(str(fault))
        if verbosity:
            self.stdout.write(
                f"{many(len(known), 'source')}, {many(Sentence.objects.count(), 'sentence')} "
                f"({Sentence.objects.open().count()} not yet read), "
                f"{many(Claim.objects.published().count(), 'published claim')}, "
                f"{many(Citation.objects.published().count(), 'citation')}: "
                f"{many(faults, 'fault') if faults else 'no faults'}."
            )
        if faults:
            raise SystemExit(1)
