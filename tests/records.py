"""A small base with something of every model, and its fixtures as records, to change and load."""

from typing import Any

from kb.models import Note, Sentence
from kb.publishing import publish, withdraw

from .attempts import exported, parsed
from .factories import cite, make_claim, make_published, make_source

TEXT = "Peace is the aim. Not war.\nA second paragraph, said Baku."


def make_records() -> dict[str, list[dict[str, Any]]]:
    """Makes the base; returns its export, file by file."""
    source = make_source(TEXT, slug="policy", title="Policy")
    Sentence.objects.filter(number=2).update(reason="It adds nothing.")
    first = source.paragraphs.get(number=1)
    Note.objects.create(paragraph=first, start=0, end=5, exact="Peace", text="Ours.")
    aside = {"start": 6, "end": 8, "exact": "is", "sets_aside": True}
    Note.objects.create(paragraph=first, text="It joins.", **aside)
    leader = make_published("leader", source, "p2", "Baku", slug="baku").specific()
    body = make_published("organization", source, "p2", "second", slug="body").specific()
    peace = make_published("principle", source, "p1", "Peace", slug="peace", tags=["Aims"])
    quotation = make_claim(
        "quotation", "words", leader=leader, speaker_name="", about=[peace, leader]
    )
    cite(quotation, source, "p2", "A second paragraph", position=1)
    cite(quotation, source, "p2", "Baku", position=2, role="speaker")
    publish(quotation)
    membership = make_claim("membership", "in-body", organization=body)
    cite(membership, source, "p2", "paragraph")
    publish(membership)
    make_published("statement", source, "p1", "aim", slug="aim", tags=["Aims", "Ends"])
    gone = make_published("statement", source, "p1", "the aim", slug="gone")
    withdraw(gone, "A mistake.")
    return parsed(exported())


def find(records, model, **fields) -> dict[str, Any]:
    """The fields of the first record of ``model`` that has these."""
    return _first(records, model, fields)[1]["fields"]


def remove(records, slug) -> None:
    """Takes a claim out, with all its parts."""
    for name in records:
        records[name] = [
            record
            for record in records[name]
            if record["fields"].get("slug") != slug
            and not any(
                record["fields"].get(owner) == [slug]
                for owner in ("claim", "claim_ptr", "content_object")
            )
        ]


def updated(model, change, **fields):
    """A change of records: the first of ``model`` that has ``fields`` gets these values."""
    return lambda records: find(records, model, **fields).update(change)


def left_out(model, name, **fields):
    """A change of records: that record lacks the field ``name``."""
    return lambda records: find(records, model, **fields).pop(name)


def dropped(model, **fields):
    """A change of records: that record is gone."""

    def change(records):
        name, record = _first(records, model, fields)
        records[name].remove(record)

    return change


def added(name, model, **fields):
    """A change of records: the file ``name`` gets one more."""
    record = {"model": model, "fields": fields}
    return lambda records: records.setdefault(name, []).append(record)


def _first(records, model, fields):
    return next(
        (name, record)
        for name in records
        for record in records[name]
        if record["model"] == model and fields.items() <= record["fields"].items()
    )
