"""Reads fixture files and says what is wrong with them: file, record, field; all of it at once."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db.models import (
    BooleanField,
    CharField,
    Field,
    ForeignKey,
    IntegerField,
    ManyToManyField,
    TextField,
)

from kb.cutting import untiled
from kb.locating import nearest, occurrences
from kb.models import Citation, Claim, Note, Paragraph, Sentence, TextSpan, Transcription

from .records import (
    FROZEN,
    NOT_CONTENT,
    OF_SOURCES,
    Key,
    Record,
    default_of,
    files_in,
    models_in_order,
)


@dataclass(frozen=True)
class Problem:
    """A fault of one record, or of one file (number 0), for the person who wrote it."""

    file: str
    number: int
    line: int
    what: str
    field: str
    message: str

    def __str__(self):
        where = self.file
        if self.number:
            where += f", record {self.number} (line {self.line}, {self.what})"
        return f"{where}: {self.field + ': ' if self.field else ''}{self.message}"


class Unfit(Exception):
    """Fixtures that can't be loaded; ``problems`` says why."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__("\n".join(map(str, problems)))


def read(directory: Path) -> list[Record]:
    """Every record of the fixture files. Raises Unfit for files and records without a shape."""
    problems: list[Problem] = []
    records: list[Record] = []
    if not directory.is_dir() or not (files := files_in(directory)):
        raise Unfit([Problem(str(directory), 0, 0, "", "", "no fixture files (.json, .yaml).")])
    models = {model._meta.label_lower: model for model in models_in_order()}
    for path in files:
        try:
            for number, (line, data) in enumerate(_items(path), 1):
                if fault := _shape(data, models):
                    problems.append(Problem(path.name, number, line, "unknown", *fault))
                else:
                    model = models[data["model"].lower()]
                    records.append(Record(model, data["fields"], path.name, number, line))
        except (OSError, ValueError, RecursionError, yaml.YAMLError) as error:
            problems.append(Problem(path.name, 0, 0, "", "", f"can't be read: {error}"))
    if problems:
        raise Unfit(problems)
    return records


def _items(path: Path) -> Iterator[tuple[int, Any]]:
    """(line, record) of a file that holds a list."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        data = json.loads(text)
        if not isinstance(data, list):
            raise ValueError("a list of records was expected")
        yield from ((line, item) for line, item in enumerate(data, 2))
        return
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is not None and not isinstance(node, yaml.SequenceNode):
            raise ValueError("a list of records was expected")
        for item in node.value if node else []:
            yield item.start_mark.line + 1, loader.construct_object(item, deep=True)
    finally:
        loader.dispose()


def _shape(data: Any, models: dict) -> tuple[str, str] | None:
    if not isinstance(data, dict) or not isinstance(data.get("fields"), dict):
        return ("", "a record has a model and fields.")
    label = str(data.get("model", "")).lower()
    if label not in models:
        return (
            "model",
            f"“{label}” has no place in the fixtures; these have: {', '.join(models)}.",
        )
    return None


def check(records: list[Record], base: dict[Key, Record]) -> list[Problem]:
    """What stands against loading ``records`` over ``base``. No query."""
    problems: list[Problem] = []
    seen: dict[Key, Record] = {}
    for record in records:
        for field, message in _own_faults(record):
            problems.append(problem(record, field, message))
        key = _key(record)
        if key is None:
            message = "the fields that identify it are missing or out of shape."
            problems.append(problem(record, "", message))
            continue
        if key in seen:
            other = seen[key]
            problems.append(
                problem(
                    record,
                    "slug" if record.model is Claim else "",
                    f"stands already in {other.file}, record {other.number} (line {other.line}).",
                )
            )
        seen[key] = record
    if problems:
        return problems
    known = seen | {key: record for key, record in base.items() if record.model in OF_SOURCES}
    for record in records:
        problems += [problem(record, *fault) for fault in _references(record, known)]
    if problems:
        return problems
    for record in records:
        problems += [problem(record, *fault) for fault in _never_changes(record, base)]
        if issubclass(record.model, TextSpan | Sentence):
            problems += [problem(record, *fault) for fault in _words(record, known)]
    problems += _cited_and_set_aside(records)
    problems += _untiled(records)
    return [*problems, *_children(records, seen)]


def problem(record: Record, field: str, message: str) -> Problem:
    """A fault of ``record``, named by its natural key where it has one."""
    key = _key(record)
    name = " ".join(map(str, key[1])) if key else "unnamed"
    return Problem(
        record.file, record.number, record.line, f"{record.label} {name}", field, message
    )


def _key(record: Record) -> Key | None:
    """The record's key, or None if the fields that make it are missing or out of shape."""
    try:
        hash(record.key)
    except (KeyError, TypeError, ValueError):
        return None
    return record.key


def _own_faults(record: Record) -> Iterator[tuple[str, str]]:
    """Unknown fields, and values that the field itself refuses."""
    meta = record.model._meta
    local = {
        field.name: field
        for field in (*meta.local_fields, *meta.local_many_to_many)
        if field.name not in NOT_CONTENT and not field.auto_created and isinstance(field, Field)
    }
    for name in record.fields.keys() - local.keys():
        yield name, f"there is no such field; there are: {', '.join(local)}."
    for name, field in local.items():
        value = record.fields.get(name, default_of(record.model, name))
        if isinstance(field, ManyToManyField):
            if not isinstance(value or [], list):
                yield name, "a list of natural keys is expected, as [[peace], [neutrality]]."
        elif isinstance(field, ForeignKey):
            if not (isinstance(value, list) and value) and not (value is None and field.null):
                yield name, "a natural key is expected, a list such as [peace]."
        else:
            try:
                field.clean(value, None)
            except ValidationError as error:
                yield name, " ".join(error.messages)
            else:
                yield from ((name, fault) for fault in unkept(field, value))


def unkept(field: Field, value: Any) -> Iterator[str]:
    """What the field would take, but keep as something else than what the fixture says."""
    if isinstance(field, CharField | TextField):
        if not isinstance(value, str):
            yield "text is expected: put it in quotation marks."
        elif unfit := re.search("[\0\ud800-\udfff]", value):
            yield f"the character U+{ord(unfit[0]):04X} can't be kept: take it out."
    elif isinstance(field, BooleanField) and not isinstance(value, bool):
        yield "true or false is expected, without quotation marks."
    elif isinstance(field, IntegerField) and type(value) is not int:
        yield "a whole number is expected, without quotation marks."


def _references(record: Record, known: dict[Key, Record]) -> Iterator[tuple[str, str]]:
    for name, value in record.fields.items():
        field = record.model._meta.get_field(name)
        if field.remote_field is None or value is None:
            continue
        target = field.remote_field.model._meta
        for key in value if field.many_to_many else [value]:
            fit = isinstance(key, list) and all(isinstance(part, str | int) for part in key)
            if not fit or (target.label_lower, tuple(key)) not in known:
                shown = " ".join(map(str, key)) if isinstance(key, list) else key
                yield name, f"there is no {target.verbose_name} “{shown}”."


def _never_changes(record: Record, base: dict[Key, Record]) -> Iterator[tuple[str, str]]:
    """What the base has and can't take otherwise: a stored text, and the kind of a claim."""
    stored = base.get(record.key)
    if stored is None:
        return
    fixed: dict = {
        Transcription: ["sha256", "leading", "overrides"],
        Paragraph: ["position", "text", "separator"],
        Sentence: ["start", "end"],
        Claim: ["kind"],
    }
    for name in fixed.get(record.model, []):
        default = default_of(record.model, name)
        if record.fields.get(name, default) != stored.fields.get(name, default):
            yield (
                name,
                (
                    "a claim does not change its kind: withdraw it and add another."
                    if record.model is Claim
                    else "a transcription never changes: another text or cut is the next version."
                ),
            )


def _words(record: Record, known: dict[Key, Record]) -> Iterator[tuple[str, str]]:
    paragraph = known[Paragraph._meta.label_lower, tuple(record.fields["paragraph"])]
    text = paragraph.fields["text"]
    start, end = record.fields["start"], record.fields["end"]
    if record.model is Sentence:
        if not 0 <= start < end <= len(text):
            yield "end", f"{start}-{end} is no span of a paragraph of {len(text)} code points."
        return
    exact = record.fields["exact"]
    if text[start:end] == exact:
        return
    if places := occurrences(exact, text):
        at = " or ".join(f"{place}-{place + len(exact)}" for place in places)
        yield (
            "start",
            f"at {start}-{end} the paragraph reads “{text[start:end]}”; “{exact}” is {at}.",
        )
    else:
        near = nearest(exact, text)
        reads = f"; it reads “{near}”" if near else ""
        yield "exact", f"“{exact}” is not in the paragraph{reads}."


def _cited_and_set_aside(records: list[Record]) -> Iterator[Problem]:
    published = {
        record.claim
        for record in records
        if record.model is Claim and record.fields.get("status") == Claim.Status.PUBLISHED
    }
    cited: dict[tuple, list[tuple[int, int]]] = {}
    for record in records:
        if record.model is Citation and record.claim in published:
            span = (record.fields["start"], record.fields["end"])
            cited.setdefault(tuple(record.fields["paragraph"]), []).append(span)
    for record in records:
        name = {Sentence: "reason", Note: "sets_aside"}.get(record.model, "")
        if name and record.fields.get(name):
            start, end = record.fields["start"], record.fields["end"]
            spans = cited.get(tuple(record.fields["paragraph"]), [])
            if any(s < end and start < e for s, e in spans):
                yield problem(record, name, "set aside, but a published claim rests on it.")


def _untiled(records: list[Record]) -> Iterator[Problem]:
    """All of a body paragraph is in sentences, each once."""
    spans: dict[tuple, list[tuple[int, int, int]]] = {}
    for record in records:
        if record.model is Sentence:
            fields = record.fields
            span = (fields["number"], fields["start"], fields["end"])
            spans.setdefault(tuple(fields["paragraph"]), []).append(span)
    for record in records:
        if record.model is Paragraph and record.fields.get("kind") != Paragraph.Kind.HEADING:
            tiles = [span[1:] for span in sorted(spans.get(record.key[1], []))]
            if (gap := untiled(record.fields["text"], tiles)) is not None:
                words = record.fields["text"][gap:][:40]
                yield problem(record, "", f"“{words}” is in no sentence, or in two.")


def _children(records: list[Record], seen: dict[Key, Record]) -> Iterator[Problem]:
    """A claim has one child record, of its kind."""
    for record in records:
        if record.model is Claim:
            if record.fields.get("status") not in FROZEN:
                yield problem(record, "status", "fixtures hold published and withdrawn claims.")
            elif bool(record.fields.get("withdrawal_reason", "").strip()) != (
                record.fields["status"] == Claim.Status.WITHDRAWN
            ):
                yield problem(
                    record, "withdrawal_reason", "a withdrawn claim has one, and no other has."
                )
            kind = record.fields.get("kind", "")
            child = Claim.kinds().get(kind)
            if child is None:
                kinds = ", ".join(Claim.kinds())
                yield problem(record, "kind", f"“{kind}” is no kind; there are: {kinds}.")
            elif (child._meta.label_lower, record.key[1]) not in seen:
                yield problem(record, "kind", f"there is no {child._meta.label_lower} for it.")
        elif issubclass(record.model, Claim):
            claim = seen.get((Claim._meta.label_lower, record.key[1]))
            kind = record.model._meta.model_name
            if claim is not None and claim.fields.get("kind") != kind:
                yield problem(record, "claim_ptr", f"the claim is no {kind}.")
