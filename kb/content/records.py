"""The base as fixture records, and fixture files as records, told apart by natural keys.

A record is what ``loaddata`` reads: ``{"model": label, "fields": {…}}``, fields at their default
left out, relations as natural keys. Only content is exported: sources, themes, and claims that are
published or withdrawn; drafts and the history of editions stay in their base.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.db.models import Exists, Field, Model, OuterRef, Prefetch
from taggit.models import Tag

from kb.models import Citation, Claim, Note, Paragraph, Sentence, Source, TaggedClaim, Transcription

Key = tuple[str, tuple]
FROZEN = [Claim.Status.PUBLISHED, Claim.Status.WITHDRAWN]
NOT_CONTENT = {"touched_by", "supersedes"}
OF_SOURCES = (Source, Transcription, Paragraph, Sentence, Note)
PARENTS_FIRST = (*OF_SOURCES, Tag, Claim)


def models_in_order() -> list[type[Model]]:
    """Every model that has content, each after those it refers to."""
    return [*PARENTS_FIRST, *Claim.kinds().values(), Citation, TaggedClaim]


@dataclass
class Record:
    """One record, with where it stands: in a file (name, number, line) or in the base (pk)."""

    model: type[Model]
    fields: dict[str, Any]
    file: str = ""
    number: int = 0
    line: int = 0
    pk: int | None = None

    @property
    def label(self) -> str:
        return self.model._meta.label_lower

    @property
    def key(self) -> Key:
        """Model and natural key, from the fields alone. Raises KeyError, TypeError if unfit."""
        return (self.label, natural_key(self.model, self.fields))

    @property
    def claim(self) -> str | None:
        """The slug of the claim that the record is part of, if it is."""
        owner = {Claim: "slug", Citation: "claim", TaggedClaim: "content_object"}
        name = owner.get(self.model, "claim_ptr" if issubclass(self.model, Claim) else "")
        value = self.fields.get(name)
        return value[0] if isinstance(value, list) else value

    def data(self) -> dict[str, Any]:
        return {"model": self.label, "fields": self.fields}


def natural_key(model: type[Model], fields: dict[str, Any]) -> tuple:
    if model in (Source, Claim):
        return (fields["slug"],)
    if model is Tag:
        return (fields["name"],)
    if model is Transcription:
        return (*fields["source"], fields.get("version", 1))
    if model is Paragraph:
        letter = "h" if fields.get("kind") == Paragraph.Kind.HEADING else "p"
        return (*fields["transcription"], f"{letter}{fields['number']}")
    if model is Sentence:
        *transcription, ref = fields["paragraph"]
        return (*transcription, f"{ref}.s{fields['number']}")
    if model is Note:
        return (*fields["paragraph"], fields["start"], fields["end"])
    if model is Citation:
        return (*fields["claim"], *fields["paragraph"], fields["start"], fields["end"])
    if model is TaggedClaim:
        return (*fields["content_object"], *fields["tag"])
    return tuple(fields["claim_ptr"])


def default_of(model: type[Model], name: str) -> Any:
    """What a field holds that a record leaves out."""
    field = model._meta.get_field(name)
    return field.get_default() if isinstance(field, Field) and not field.is_relation else None


def in_base() -> dict[str, list[list[Record]]]:
    """The content of the base: file name → blocks (a source's piece, a claim) of records."""
    files = {f"1-{source.slug}.json": list(_source_blocks(source)) for source in _sources()}
    unpublished = TaggedClaim.objects.filter(tag=OuterRef("pk"))
    used = unpublished.filter(content_object__status__in=FROZEN)
    tags = Tag.objects.filter(Exists(used) | ~Exists(unpublished))
    if blocks := [[_record(tag)] for tag in _by_slug(tags)]:
        files["2-themes.yaml"] = blocks
    for model in Claim.kinds().values():
        blocks = [list(_claim_records(child)) for child in _by_slug(_claims(model))]
        if blocks:
            files.setdefault(f"{model.fixture}.yaml", []).extend(blocks)
    return dict(sorted(files.items()))


def _by_slug(rows: Iterable) -> list:
    """In the order of code points: a database may sort by the rules of a language."""
    return sorted(rows, key=lambda row: row.slug)


def texts(files: dict[str, list[list[Record]]]) -> dict[str, str]:
    """File name → its text, the same for the same content."""
    return {
        name: _as_json(blocks) if name.endswith(".json") else _as_yaml(blocks)
        for name, blocks in files.items()
    }


def digest(files: dict[str, str]) -> str:
    """The SHA-256 of all files' names and texts."""
    return hashlib.sha256(json.dumps(files, sort_keys=True).encode()).hexdigest()


def flat(files: dict[str, list[list[Record]]]) -> Iterator[Record]:
    for blocks in files.values():
        for block in blocks:
            yield from block


def _sources() -> Iterable[Source]:
    return Source.objects.prefetch_related(
        "transcriptions__paragraphs__sentences", "transcriptions__paragraphs__notes"
    )


def _source_blocks(source: Source) -> Iterator[list[Record]]:
    yield [_record(source)]
    for transcription in source.transcriptions.all():
        yield [_record(transcription)]
        for paragraph in transcription.paragraphs.all():
            parts = [*paragraph.sentences.all(), *paragraph.notes.all()]
            yield [_record(paragraph), *map(_record, parts)]


def _claims(model: type[Claim]) -> Iterable[Claim]:
    return (
        model.objects.filter(status__in=FROZEN)
        .order_by()
        .prefetch_related(
            Prefetch("citations", Citation.objects.with_places()),
            Prefetch("tagged", TaggedClaim.objects.select_related("tag")),
            "about",
        )
    )


def _claim_records(child: Claim) -> Iterator[Record]:
    claim = Record(Claim, _fields(Claim, child), pk=child.pk)
    if about := [list(other.natural_key()) for other in _by_slug(child.about.all())]:
        claim.fields["about"] = about
    yield claim
    yield _record(child)
    for citation in child.citations.all():
        citation.claim = child
        yield _record(citation)
    for tagged in sorted(child.tagged.all(), key=lambda tagged: tagged.tag.slug):
        tagged.content_object = child
        yield _record(tagged)


def _record(instance: Model) -> Record:
    return Record(type(instance), _fields(type(instance), instance), pk=instance.pk)


def _fields(model: type[Model], instance: Model) -> dict[str, Any]:
    """The fields of this very model that are not at their default; whose they are comes first."""
    fields: dict[str, Any] = {}
    for field in sorted(model._meta.local_fields, key=lambda field: field.name != "claim"):
        if field.name in NOT_CONTENT or (field.primary_key and not field.is_relation):
            continue
        value = getattr(instance, field.name)
        if field.is_relation:
            if value is not None:
                fields[field.name] = list(value.natural_key())
        elif value != field.get_default():
            # PostgreSQL orders the keys of an object by their length.
            fields[field.name] = dict(sorted(value.items())) if isinstance(value, dict) else value
    return fields


class _Dumper(yaml.SafeDumper):
    """Lists of plain values on one line; everything else a line each."""

    def increase_indent(self, flow=False, indentless=False):
        return super().increase_indent(flow, False)

    def ignore_aliases(self, data):
        return True


def _list(dumper: _Dumper, values: list):
    plain = all(not isinstance(value, list | dict) for value in values)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=plain)


def _text(dumper: _Dumper, text: str):
    """Text with a rare line break in double quotation marks: read back plain, it is a space."""
    style = '"' if re.search("[\x85\u2028\u2029]", text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(list, _list)
_Dumper.add_representer(str, _text)


def _as_yaml(blocks: list[list[Record]]) -> str:
    return "\n".join(
        yaml.dump(
            [record.data() for record in block],
            Dumper=_Dumper,
            allow_unicode=True,
            sort_keys=False,
            width=2**31,
        )
        for block in blocks
    )


def _as_json(blocks: list[list[Record]]) -> str:
    lines = [json.dumps(record.data(), ensure_ascii=False) for block in blocks for record in block]
    return "[\n" + ",\n".join(lines) + "\n]\n"


def files_in(directory: Path) -> list[Path]:
    """The fixture files of a directory, in the order in which they load."""
    return sorted(p for p in directory.iterdir() if p.suffix in (".json", ".yaml"))
