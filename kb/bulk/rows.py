"""What a row says of a claim, in the shape of ``kb.snapshots``; or what is wrong, by column."""

import difflib
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Field
from taggit.models import Tag

from kb.content.checking import unkept
from kb.locating import locate
from kb.models import Citation, Claim, Paragraph, Transcription
from kb.theming import ASK, known_themes

from .cells import Written, citation, citation_line, joined, split
from .formats import Unfit

WORDS = ("title", "sentence", "note")
LISTS = ("themes", "about", "citations")
ROLE = Citation.Role.EVIDENCE.value


def cells(state: Mapping[str, Any], own: list[str]) -> list[str]:
    """A snapshot as the cells of its row: slug, our words, the kind's ``own`` fields, lists."""
    fields = [state["fields"][name] for name in own]
    return [
        state["slug"],
        *(state[name] for name in WORDS),
        *(
            "" if value is None else value[0] if isinstance(value, list) else value
            for value in fields
        ),
        joined(state["tags"]),
        joined(state["about"]),
        "\n".join(citation_line(cited, ROLE) for cited in state["citations"]),
    ]


class Reader:
    """Reads the rows of one file. A query for each paragraph, and a few for each row.

    ``slugs`` are those of the file, to which its claims may refer. Unknown themes are faults
    unless ``new_themes`` are asked for by somebody who ``may_add`` them.
    """

    def __init__(
        self, model: type[Claim], own: list[str], slugs: set[str], new_themes: bool, may_add: bool
    ):
        self.model, self.own, self.slugs = model, own, slugs
        self.new_themes, self.may_add = new_themes, may_add
        self._paragraphs: dict[tuple, Paragraph] = {}

    def state(self, row: Mapping[str, str | Unfit]) -> dict[str, Any]:
        """Raises ValidationError: the faults of each column."""
        values: dict[str, Any] = {}
        faults: dict[str, list[str]] = {}
        for column, cell in row.items():
            try:
                if isinstance(cell, Unfit):
                    raise ValidationError(cell.message)
                values[column] = self._reader(column)(cell.replace("\r\n", "\n").strip())
            except ValidationError as error:
                faults[column] = error.messages
        if faults:
            raise ValidationError(faults)
        return {
            "kind": self.model._meta.model_name,
            "slug": values["slug"],
            **{name: values[name] for name in WORDS},
            "fields": {name: values[name] for name in self.own},
            "tags": values["themes"],
            "about": values["about"],
            "citations": values["citations"],
        }

    def _reader(self, column: str) -> Callable[[str], Any]:
        if column in LISTS:
            return getattr(self, f"_{column}")
        field: Any = self.model._meta.get_field(column)
        if field.is_relation:
            return lambda cell: self._key(field, cell)
        if field.choices:
            return lambda cell: _choice(field, cell)
        return lambda cell: _fit(field, cell)

    def _key(self, field: Any, slug: str) -> list[str] | None:
        if not slug and field.null:
            return None
        if not field.related_model.objects.filter(slug=slug, supersedes=None).exists():
            kind = field.related_model._meta.verbose_name
            raise ValidationError(
                f"There is no {kind} with the slug “{slug}”." if slug else f"The {kind} is missing."
            )
        return [slug]

    @cached_property
    def _known_themes(self) -> dict[str, str]:
        return known_themes()

    def _themes(self, cell: str) -> list[str]:
        names = {self._theme(name) for name in _split(cell)}
        return sorted(names)

    def _theme(self, name: str) -> str:
        known = self._known_themes
        if name.casefold() not in known:
            if not (self.new_themes and self.may_add):
                near = difflib.get_close_matches(name.casefold(), known, 1)
                meant = f" Did you mean “{known[near[0]]}”?" if near else ""
                way = "have new themes added" if self.may_add else ASK
                raise ValidationError(f"There is no theme “{name}”.{meant} Correct it, or {way}.")
            known[name.casefold()] = _fit(Tag._meta.get_field("name"), name)
        return known[name.casefold()]

    def _about(self, cell: str) -> list[str]:
        slugs = set(_split(cell))
        there = Claim.objects.filter(slug__in=slugs, supersedes=None)
        unknown = slugs - self.slugs - set(there.values_list("slug", flat=True))
        if unknown:
            raise ValidationError(
                [
                    f"There is no claim with the slug “{slug}”: import it first, or leave it out."
                    for slug in sorted(unknown)
                ]
            )
        return sorted(slugs)

    def _citations(self, cell: str) -> list[dict[str, Any]]:
        """Each line's citation, with its place. Says of every faulty line what is wrong in it."""
        found: list[dict[str, Any]] = []
        faults = []
        for number, line in enumerate(cell.split("\n"), 1):
            try:
                if line.strip():
                    cited = self._citation(citation(line.strip(), ROLE))
                    if any(_place(cited) == _place(other) for other in found):
                        raise ValueError("These words are cited already.")
                    found.append(cited)
            except (ValueError, ValidationError) as error:
                faults.append(
                    f"Line {number}: {' '.join(getattr(error, 'messages', [str(error)]))}"
                )
        if faults:
            raise ValidationError(faults)
        return found

    def _citation(self, written: Written) -> dict[str, Any]:
        paragraph = self._paragraph(written)
        span = Citation(
            paragraph=paragraph,
            exact=_fit(Citation._meta.get_field("exact"), written.exact),
            role=_choice(Citation._meta.get_field("role"), written.role),
            note=_fit(Citation._meta.get_field("note"), written.note),
        )
        span.start = written.start  # type: ignore[assignment]
        places = locate(paragraph.text, span.exact).places
        if span.start is None and len(places) > 1:
            at = [f"{written.ref}.{place.start}-{place.end}" for place in places]
            raise ValueError(
                f"“{span.exact}” stands in {written.ref} {len(at)} times. "
                f"Say which, with its offsets: {' or '.join(at)}."
            )
        span.clean()
        if written.end not in (None, span.end):
            raise ValueError(
                f"{written.start}-{written.end} does not fit the words, "
                f"which are {len(span.exact)} characters: {span.start}-{span.end}."
            )
        return {
            "source": paragraph.transcription.source.slug,
            "version": paragraph.transcription.version,
            "paragraph": paragraph.ref,
            "start": span.start,
            "end": span.end,
            "exact": span.exact,
            "role": span.role,
            "note": span.note,
        }

    def _paragraph(self, written: Written) -> Paragraph:
        key = (written.source, written.version, written.ref)
        if key not in self._paragraphs:
            self._paragraphs[key] = _find(*key)
        return self._paragraphs[key]


def _find(source: str, version: int | None, ref: str) -> Paragraph:
    """Of the current transcription if ``version`` is None. Raises ValueError if it isn't there."""
    transcriptions = Transcription.objects.filter(source__slug=source).order_by("-version")
    if not transcriptions:
        raise ValueError(f"There is no source with the slug “{source}”.")
    transcription = next((t for t in transcriptions if version in (None, t.version)), None)
    if transcription is None:
        raise ValueError(
            f"“{source}” has no version {version}; the last is {transcriptions[0].version}."
        )
    kind, number = Paragraph.parse_ref(ref)
    paragraphs = transcription.paragraphs.select_related("transcription__source")
    found = paragraphs.filter(kind=kind, number=number).first()
    if found is None:
        last = paragraphs.filter(kind=kind).last()
        there = f"the last is {last.ref}" if last else "there is none of this kind"
        raise ValueError(f"“{source}” has no paragraph {ref}; {there}.")
    return found


def _place(cited: dict[str, Any]) -> tuple:
    return tuple(cited[name] for name in ("source", "version", "paragraph", "start", "end"))


def _split(cell: str) -> list[str]:
    try:
        return split(cell)
    except ValueError as error:
        raise ValidationError(str(error)) from error


def _choice(field: Any, value: str) -> str:
    if value not in (known := [key for key, _ in field.flatchoices]):
        raise ValidationError(f"“{value}” is none of: {', '.join(known)}.")
    return value


def _fit(field: Field, value: str) -> str:
    """``value``, if the field takes and keeps it. Raises ValidationError."""
    if faults := list(unkept(field, value)):
        raise ValidationError(faults)
    return field.clean(value, None)
