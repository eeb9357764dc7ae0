"""Checks a text against the sources; prints what was found as JSON."""

import json
import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from kb.textcheck.checking import TooLong, check


class Command(BaseCommand):
    help = (
        "Checks a text against the sources and prints JSON: each passage that is quoted, or stands "
        "in a source, and whether it is verbatim, altered, absent, or said by somebody else."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", metavar="FILE", help="A text in UTF-8, or - for what is piped.")

    def handle(self, *, file, **options):
        try:
            raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
            found = check(raw.decode("utf-8-sig"))
        except UnicodeDecodeError as error:
            raise CommandError(
                f"{file} is no text in UTF-8 (byte {error.start}). Save it as UTF-8."
            ) from None
        except (OSError, TooLong) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(json.dumps(found, ensure_ascii=False, indent=2))
