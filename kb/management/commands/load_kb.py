"""Loads the fixtures, all or nothing, as one edition."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kb.content.checking import Unfit
from kb.content.loading import Edited, load
from kb.management.terminal import many, shown
from kb.models import Claim, Source

SHOWN = 40


class Command(BaseCommand):
    help = (
        "Loads the fixtures in one transaction and publishes what they change as one edition. "
        "Without change on a base that has them. A base that was edited since the last load is "
        "left alone, with the differences listed, unless --overwrite: then the fixtures win, and "
        "claims that they lack are withdrawn, not deleted. Sources that they lack stay."
    )

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path, nargs="?", default=settings.FIXTURE_DIRS[0])
        parser.add_argument("--overwrite", action="store_true")
        parser.add_argument("--if-empty", action="store_true", help="Only if there is no content.")

    def handle(self, *, directory, overwrite, if_empty, verbosity, **options):
        if if_empty and (Source.objects.exists() or Claim.objects.exists()):
            return
        try:
            loaded = load(
                directory,
                overwrite=overwrite,
                progress=lambda items: shown(items, len(items), "Record", self.stdout),
            )
        except Unfit as error:
            raise CommandError(
                f"{error}\nNothing was loaded: mend {many(len(error.problems), 'fault')} first."
            ) from None
        except Edited as error:
            lines = list(error.plan.lines())
            more = f"\n… and {len(lines) - SHOWN} more" if len(lines) > SHOWN else ""
            raise CommandError(
                f"{error} Loading would change:\n"
                + "\n".join(lines[:SHOWN])
                + more
                + "\nNothing was loaded. Keep the edits with export_kb, or give them up with "
                "load_kb --overwrite."
            ) from None
        if not verbosity:
            return
        if loaded.edition is None:
            kept = ", ".join(record.fields["slug"] for record in loaded.plan.kept)
            self.stdout.write(
                "Nothing to load: the base has what the fixtures say."
                + (f" It also has sources that they lack: {kept}." if kept else "")
            )
            return
        plan = loaded.plan
        self.stdout.write(
            self.style.SUCCESS(
                f"{loaded.edition}: {many(len(plan.added), 'record')} added, "
                f"{len(plan.changed)} changed, {len(plan.removed)} removed, "
                f"{many(len(plan.withdrawn), 'claim')} withdrawn; "
                f"{many(Claim.objects.published().count(), 'published claim')} in all."
            )
        )
