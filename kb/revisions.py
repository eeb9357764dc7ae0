"""The history of drafts, for editors alone: every act on a claim is one of reversion's revisions.

Recorded are whole states: the claim, the row of its kind, its citations and themes, all together,
at the end of the outermost ``revision`` block, when all that was done in it is done. That is why
reversion is told what to add, and does not listen to signals, which bulk writes don't send.

A draft successor is deleted when it is published, so its states are found from the claim that it
replaces: ``Revised``, a row that each revision has for each of its claims, names that one. The
states themselves hold natural keys, and can be read when what they refer to is gone.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import reversion
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Prefetch
from reversion.models import Version

from .models import Citation, Claim, Revised, TaggedClaim
from .search.index import follow_claims
from .snapshots import Unreadable

OWN = ("kind", "slug", "title", "sentence", "note", "about")


def register() -> None:
    """Makes the models known to reversion, each kind of claim as well. When all apps are loaded."""
    natural = {"use_natural_foreign_keys": True}
    reversion.register(Claim, fields=OWN, follow=["citations", "tagged"], **natural)
    for model in Claim.kinds().values():
        reversion.register(model, follow=["claim_ptr"], **natural)
    for part in (Citation, TaggedClaim):
        reversion.register(part, **natural)


@dataclass
class Block:
    """What a revision will hold."""

    comment: str
    by: Any = None
    claims: dict[int, None] = field(default_factory=dict)  # keys, in order
    notes: list[str] = field(default_factory=list)

    def add(self, claims: Iterable[int], note: str, by: Any) -> None:
        self.claims |= dict.fromkeys(claims)
        self.by = self.by or by
        if note and note not in self.notes:
            self.notes.append(note)

    @property
    def told(self) -> str:
        """The comment, with the note if there is one; without a comment, what was done inside."""
        if not self.comment:
            return ". ".join(self.notes)
        return f"{self.comment}: {self.notes[0]}" if len(self.notes) == 1 else self.comment


_block: ContextVar[Block | None] = ContextVar("revision", default=None)


@contextmanager
def revision(comment: str = "", *, by=None) -> Iterator[None]:
    """One transaction and one revision of all claims that are given to ``record`` inside.

    A block inside another one is part of it: the outer one's comment stands, if it has one.
    Nothing is recorded of a block that is left by an exception or rolled back, or in which nothing
    was done. What can be searched follows at the end of the outermost block as well.
    """
    outer = _block.get()
    block = Block(comment, by)
    token = _block.set(block)
    try:
        with transaction.atomic():
            yield
            if transaction.get_rollback():
                block.claims.clear()
            elif outer is None and block.claims:
                _save(block)
                follow_claims(block.claims)
    finally:
        _block.reset(token)
    if outer is not None and block.claims:
        outer.add(block.claims, "" if outer.comment else block.told, block.by)


def record(*claims: int, note: str = "", by=None) -> None:
    """Has the revision hold the claims with these keys; one of its own if there is no block."""
    block = _block.get()
    if block is not None:
        block.add(claims, note, by)
        return
    with revision():
        record(*claims, note=note, by=by)


def record_unrecorded() -> None:
    """Has the revision hold every claim, drafts too, of which no state is known. One query."""
    known = Revised.objects.values("row")
    record(*Claim.objects.exclude(pk__in=known).values_list("pk", flat=True))


def _save(block: Block) -> None:
    """Some ten queries, and one for each claim; those that are gone by now are left out."""
    with reversion.create_revision(manage_manually=True):
        reversion.set_user(block.by)
        reversion.set_comment(block.told)
        for row in _rows(list(block.claims)):
            reversion.add_to_revision(row)
            reversion.add_meta(
                Revised, claim_id=row.supersedes_id or row.pk, row=row.pk, status=row.status
            )


def _rows(keys: list[int]) -> Iterator[Claim]:
    """The rows of the claims' kinds, with all that is recorded with them already fetched."""
    claims = Claim.objects.prefetch_related(
        Prefetch("citations", Citation.objects.with_places()),
        Prefetch("tagged", TaggedClaim.objects.select_related("tag")),
        "about",
    ).in_bulk(keys)
    for model in Claim.kinds().values():
        relations = [f.name for f in model._meta.local_fields if f.is_relation]
        of_kind = model.objects.select_related(*relations).in_bulk(
            [claim.pk for claim in claims.values() if claim.kind == model._meta.model_name]
        )
        for pk, child in of_kind.items():
            setattr(child, "claim_ptr", claims.pop(pk))  # noqa: B010
            yield child
    yield from claims.values()  # Those whose row of their kind is missing.


def state_of(revised: Revised) -> dict[str, Any]:
    """What a claim held, in the shape of ``kb.snapshots.snapshot``. Two queries.

    Exactly what was stored, under the names that it had then: whoever restores it has to see that
    they are those of today. Raises Unreadable if the revision lacks the claim.
    """
    parts = ContentType.objects.get_for_models(Citation, TaggedClaim)
    versions = Version.objects.filter(revision=revised.revision_id)
    rows = versions.filter(object_id=str(revised.row)).exclude(content_type__in=parts.values())
    stored = [_stored(version) for version in rows]
    claim = next((s["fields"] for s in stored if s["model"] == Claim._meta.label_lower), None)
    if claim is None:
        raise Unreadable("The record of this state is gone.")
    key = [claim["slug"]]
    found = versions.filter(
        content_type__in=parts.values(), serialized_data__contains=json.dumps(key)
    )
    citations, tags = [], []
    for part in sorted(
        map(_stored, found), key=lambda s: (s["fields"].get("position", 0), s["pk"])
    ):
        fields = part["fields"]
        if fields.pop("claim", None) == key:
            source, version, paragraph = fields.pop("paragraph")
            place = {"source": source, "version": version, "paragraph": paragraph}
            citations.append({**place, **fields})
        elif fields.get("content_object") == key:
            tags.append(fields["tag"][0])
    own: dict = next((s["fields"] for s in stored if s["fields"] is not claim), {})
    own.pop("claim_ptr", None)
    for citation in citations:
        citation.pop("position", None)
    about = sorted(slug for (slug,) in claim.pop("about", []))
    return {**claim, "fields": own, "tags": sorted(tags), "about": about, "citations": citations}


def _stored(version: Version) -> dict[str, Any]:
    """The record as it was written, read without the models of today."""
    (stored,) = json.loads(version.serialized_data)
    return stored
