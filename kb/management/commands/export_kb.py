"""Writes the content of the base back as fixtures."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from kb.content.loading import mark_as_loaded
from kb.content.records import files_in, in_base, texts
from kb.models import Claim


class Command(BaseCommand):
    help = (
        "Writes sources, themes, and published and withdrawn claims as fixtures: the same bytes "
        "for the same content. Drafts stay in the base."
    )

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path, nargs="?", default=settings.FIXTURE_DIRS[0])
        parser.add_argument(
            "--check", action="store_true", help="Write nothing; fail if a file would change."
        )

    def handle(self, *, directory, check, **options):
        with transaction.atomic():
            files = texts(in_base())
            drafts = Claim.objects.exclude(
                status__in=[Claim.Status.PUBLISHED, Claim.Status.WITHDRAWN]
            ).count()
        present = {p.name: p for p in files_in(directory)} if directory.is_dir() else {}
        stale = sorted(set(present) - set(files))
        changed = [
            name
            for name, text in files.items()
            if name not in present or present[name].read_bytes() != text.encode()
        ]
        if check:
            if changed or stale:
                raise CommandError(f"Not as the base has it: {', '.join([*changed, *stale])}.")
            self.stdout.write("The fixtures are what the base holds.")
            return
        try:
            directory.mkdir(parents=True, exist_ok=True)
            for name in changed:
                _replace(directory / name, files[name])
        except OSError as error:
            raise CommandError(
                f"{directory}: {error.strerror}. Not everything was written."
            ) from None
        if directory == settings.FIXTURE_DIRS[0]:
            mark_as_loaded()
        self.stdout.write(
            f"{len(changed)} of {len(files)} files changed in {directory}."
            + (f" {drafts} drafts stay in the base." if drafts else "")
        )
        for name in stale:
            self.stderr.write(f"{name} holds nothing that the base has: delete it if it may go.")


def _replace(path: Path, text: str) -> None:
    """Writes the whole file or leaves the old one."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=path.parent, delete=False
    ) as new:
        new.write(text)
    Path(new.name).chmod(0o644)
    Path(new.name).replace(path)
