"""Adds a text as a source, or as the next transcription of a source that is there."""

from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse

from kb.cutting import Cut, UnfitOverride, UnfitText, cut, read
from kb.management.terminal import many, shown
from kb.models import Citation, Source, Transcription
from kb.storing import next_siglum, store

# What the options say of a source, with their defaults.
DESCRIPTION = {
    "title": None,
    "title_supplied": False,
    "siglum": "",
    "url": "",
    "publisher": "",
    "language": "en",
    "rights": "not stated",
}


def _place(given: str) -> int | str:
    return int(given) if given.isdecimal() else given


class Command(BaseCommand):
    help = (
        "Cuts a UTF-8 text into paragraphs and sentences and stores it, byte for byte, as a new "
        "source, or as the next transcription of the source that has this slug. "
        "Look at the cut first with --dry-run."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--slug", required=True, help="The source's address.")
        parser.add_argument("--title", help="Its title; required for a new source.")
        parser.add_argument(
            "--title-supplied", action="store_true", help="The title is ours: the text has none."
        )
        parser.add_argument("--siglum", default="", help="Its letter; the next free one if left.")
        parser.add_argument("--url", default="", help="Where it is published.")
        parser.add_argument("--publisher", default="")
        parser.add_argument("--language", default="en", help="A BCP 47 tag.")
        parser.add_argument("--rights", default="not stated")
        for name, metavar, text in (
            ("split", "LINE:OFFSET", "In this line a paragraph begins here, as 7:120."),
            ("heading", "PLACE", "What begins in this line, or at LINE:OFFSET, is a heading."),
            ("join", "LINE", "This line and the next that is not blank are one paragraph."),
            ("sentence-end", "P:OFFSET", "A sentence ends here, as p3:120."),
            ("no-sentence-end", "P:OFFSET", "No sentence ends here."),
        ):
            kind = {"LINE": int, "PLACE": _place}.get(metavar, str)
            parser.add_argument(
                f"--{name}", metavar=metavar, type=kind, action="append", default=[], help=text
            )
        parser.add_argument("--dry-run", action="store_true", help="Show the cut, store nothing.")

    def handle(self, *, file, **options):
        try:
            text = read(file.read_bytes())
            proposed = cut(
                text,
                split=options["split"],
                heading=options["heading"],
                join=options["join"],
                sentence_end=options["sentence_end"],
                no_sentence_end=options["no_sentence_end"],
            )
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from None
        except (UnfitText, UnfitOverride) as error:
            raise CommandError(f"{file}: {error} Nothing was stored.") from None
        self._show(proposed, in_full=options["dry_run"])
        try:
            source = self._source(options)
        except CommandError as error:
            if not options["dry_run"]:
                raise
            self.stderr.write(self.style.WARNING(f"To be mended before it is stored: {error}"))
        if options["dry_run"]:
            self.stdout.write("Nothing was stored: this was a dry run.")
            return
        transcription = self._store(source, proposed)
        self.stdout.write(
            self.style.SUCCESS(
                f"Stored as version {transcription.version} of source "
                f"{transcription.source.siglum}, “{transcription.source.slug}”; "
                f"SHA-256 {transcription.sha256}."
            )
        )

    def _source(self, options) -> Source:
        """The source that is there, or a new one, not saved. Raises CommandError if it is unfit."""
        source = Source.objects.filter(slug=options["slug"]).first()
        described = {name: options[name] for name in DESCRIPTION}
        if source is None:
            if not options["title"]:
                raise CommandError("A new source needs a --title. Nothing was stored.")
            source = Source(slug=options["slug"], **described)
            source.siglum = source.siglum or next_siglum()
            try:
                source.full_clean()
            except ValidationError as error:
                faults = (
                    f"--{name.replace('_', '-')}: {' '.join(messages)}"
                    for name, messages in error.message_dict.items()
                )
                raise CommandError(f"{' '.join(faults)} Nothing was stored.") from None
        elif other := [
            f"--{name.replace('_', '-')}"
            for name, value in described.items()
            if value not in (DESCRIPTION[name], getattr(source, name))
        ]:
            raise CommandError(
                f"“{source.slug}” is there already: a new transcription does not change its "
                f"{', '.join(other)}; the admin does. Nothing was stored."
            )
        return source

    def _store(self, source: Source, proposed: Cut) -> Transcription:
        behind = Citation.objects.filter(paragraph__transcription__source=source.pk).count()
        try:
            stored = store(
                source,
                proposed,
                progress=lambda pieces: shown(pieces, len(pieces), "Paragraph", self.stdout),
            )
        except ValidationError as error:
            raise CommandError(" ".join(error.messages) + " Nothing was stored.") from None
        if behind:
            self.stderr.write(
                f"No citation moves by itself: {many(behind, 'citation')} on earlier versions "
                "stay there until the admin carries what stays as it was: "
                f"{reverse('admin:kb_waiting')}"
            )
        return stored

    def _show(self, proposed: Cut, in_full: bool) -> None:
        bodies = [piece for piece in proposed.pieces if piece.kind == "body"]
        sentences = sum(len(piece.sentences) for piece in bodies)
        headings = len(proposed.pieces) - len(bodies)
        self.stdout.write(
            f"{many(headings, 'heading')}, {many(len(bodies), 'body paragraph')}, "
            f"{many(sentences, 'sentence')}."
        )
        for hint in proposed.hints:
            self.stderr.write(self.style.WARNING(f"Mind: {hint}"))
        if not in_full:
            return
        for piece in proposed.pieces:
            after = f", after {piece.offset} characters" if piece.offset else ""
            self.stdout.write(f"\n{piece.ref}  (line {piece.line}{after})")
            for number, (start, end) in enumerate(piece.sentences or [(0, len(piece.text))], 1):
                label = f"s{number}" if piece.sentences else "  "
                self.stdout.write(f"  {label} {start}-{end}  {piece.text[start:end]!r}")
        self.stdout.write("")
