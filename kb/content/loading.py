"""Loads fixtures over a base: one transaction, one edition, nothing lost.

What is in the fixtures and differs is saved and published; claims that are published in the base
and not in the fixtures are withdrawn. Sources, drafts and the history of the base stay.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import DatabaseError, connection, models
from django.db.models import ForeignKey
from taggit.models import Tag

from kb.cutting import UnfitText
from kb.cutting import read as as_text
from kb.models import (
    Citation,
    Claim,
    Edition,
    Note,
    Paragraph,
    Source,
    TaggedClaim,
    Transcription,
)
from kb.publishing import next_edition, seal, unlock
from kb.revisions import record_unrecorded, revision
from kb.search.index import follow_texts
from kb.textcheck import index

from .checking import Problem, Unfit, check, problem, read
from .records import Key, Record, default_of, digest, flat, in_base, models_in_order, texts

Status = Claim.Status
TRANSCRIPTION = Transcription._meta.label_lower
WITHDRAWN_BY_LOAD = "It was taken out of the curated content."


class Edited(Exception):
    """Loading would undo edits, or withdraw claims; ``plan`` lists what it would change."""

    def __init__(self, plan: "Plan", why: str):
        self.plan = plan
        super().__init__(why)


@dataclass
class Plan:
    """What separates the fixtures from the base."""

    added: list[Record] = field(default_factory=list)
    changed: list[Record] = field(default_factory=list)
    removed: list[Record] = field(default_factory=list)  # parts of what stays; unused themes
    withdrawn: list[Record] = field(default_factory=list)  # claims only in the base
    kept: list[Record] = field(default_factory=list)  # sources only in the base, which stay

    def __bool__(self):
        return bool(self.added or self.changed or self.removed or self.withdrawn)

    def lines(self) -> Iterable[str]:
        """One line a difference, for people."""
        for verb in ("added", "changed", "removed", "withdrawn"):
            for record in getattr(self, verb):
                yield f"{verb}: {record.label} {' '.join(map(str, record.key[1]))}"

    @property
    def only_adds(self) -> bool:
        return not (self.changed or self.removed or self.withdrawn)

    @property
    def claims(self) -> set[str]:
        """The slugs of the claims whose state changes and that stay."""
        records = [*self.added, *self.changed, *self.removed]
        return {record.claim for record in records if record.claim}


@dataclass(frozen=True)
class Loaded:
    edition: Edition | None
    plan: Plan


def load(
    directory: Path,
    *,
    overwrite: bool = False,
    progress: Callable[[list], Iterable] = lambda items: items,
) -> Loaded:
    """Loads the fixtures of ``directory``; all or nothing.

    Raises Unfit (what is wrong with the fixtures) or Edited (unless ``overwrite``).
    """
    records = read(directory)
    with revision("Loaded from the fixtures"):
        files = in_base()
        base = {record.key: record for record in flat(files)}
        if problems := check(records, base) or [*_drafts_in_the_way(records, base)]:
            raise Unfit(problems)
        plan = _plan(records, base)
        record_unrecorded()
        if not plan:
            mark_as_loaded()
            return Loaded(None, plan)
        if not overwrite:
            if not is_as_loaded() and (_last_load() or not plan.only_adds):
                raise Edited(plan, "This base was edited since it was last loaded.")
            if plan.withdrawn:
                raise Edited(plan, "The fixtures lack claims that are published here.")
        loaded = Loaded(_apply(plan, records, base, progress), plan)
        follow_texts(Source.objects.all())
        if any(record.model is Paragraph for record in plan.added):
            index.rebuild()
        _count_rows()
        return loaded


def _count_rows() -> None:
    """PostgreSQL plans by statistics, and has none of a base that has just been filled."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")


def _drafts_in_the_way(records: list[Record], base: dict[Key, Record]) -> Iterable[Problem]:
    new = {r.claim: r for r in records if r.model is Claim and r.key not in base}
    taken = Claim.objects.filter(slug__in=new).values_list("slug", flat=True)
    for slug in taken:
        yield problem(new[slug], "slug", "a draft in this base has it: give that draft another.")


def is_as_loaded() -> bool:
    """Whether the base is as the last load left it, or has no content but themes."""
    files = in_base()
    if all(record.model is Tag for record in flat(files)):
        return True
    last = _last_load()
    return last is not None and last.digest == digest(texts(files))


def mark_as_loaded() -> None:
    """Notes that the base holds what the fixtures say, so that later edits can be told."""
    now = digest(texts(in_base()))
    if (last := _last_load()) and last.digest != now:
        Edition.objects.filter(pk=last.pk).update(digest=now)


def _last_load() -> Edition | None:
    return Edition.objects.filter(kind=Edition.Kind.LOAD).order_by("-number").first()


def _plan(records: list[Record], base: dict[Key, Record]) -> Plan:
    plan = Plan()
    incoming = {record.key: record for record in records}
    for key, record in incoming.items():
        if key not in base:
            plan.added.append(record)
        elif _normal(record) != base[key].fields:
            plan.changed.append(record)
    slugs = {record.claim for record in records if record.model is Claim}
    sources = {record.fields["slug"] for record in records if record.model is Source}
    in_use = {
        record.fields["tag"][0]
        for record in base.values()
        if record.model is TaggedClaim and record.claim not in slugs
    }
    for key, record in base.items():
        if key in incoming:
            continue
        of_source = record.model is Note and key[1][0] in sources
        unused = record.model is Tag and record.fields["name"] not in in_use
        if record.claim in slugs or of_source or unused:
            plan.removed.append(record)
        elif record.model is Claim and record.fields["status"] == Status.PUBLISHED:
            plan.withdrawn.append(record)
        elif record.model is Source:
            plan.kept.append(record)
    return plan


def _normal(record: Record) -> dict[str, Any]:
    """The fields as an export has them: without those at their default."""
    normal = {}
    for name, value in record.fields.items():
        model_field = record.model._meta.get_field(name)
        if model_field.many_to_many:
            value = sorted(value)
        if value not in (None, []) and value != default_of(record.model, name):
            normal[name] = value
    return normal


def _apply(plan: Plan, records: list[Record], base: dict[Key, Record], progress) -> Edition:
    edition = next_edition(Edition.Kind.LOAD, note="The curated content was loaded.")
    pks = {key: record.pk for key, record in base.items() if record.pk is not None}
    for record in plan.withdrawn:
        claim = Claim.objects.get(slug=record.claim)
        unlock(claim)
        seal(claim, edition, Status.WITHDRAWN, reason=WITHDRAWN_BY_LOAD)
    Claim.objects.filter(slug__in=plan.claims).update(status=Claim.UNLOCKED)
    gone = {
        model: [record.pk for record in plan.removed if record.model is model and record.pk]
        for model in (Note, Citation, TaggedClaim, Tag)
    }
    Note.objects.filter(pk__in=gone[Note]).delete()
    Citation.objects.filter(pk__in=gone[Citation]).delete()
    TaggedClaim.objects.filter(pk__in=gone[TaggedClaim]).delete()
    Tag.objects.filter(pk__in=gone[Tag], tagged_claims=None).delete()
    rank = {model: number for number, model in enumerate(models_in_order())}
    saved = sorted([*plan.added, *plan.changed], key=lambda record: rank[record.model])
    for record in progress(saved):
        pks[record.key] = _save(record, pks)
    for record in saved:
        if record.model is Claim:
            about = [pks[record.label, tuple(key)] for key in record.fields.get("about", [])]
            Claim(pk=pks[record.key]).about.set(about)
    claims = {record.claim: record for record in records if record.model is Claim}
    touched = [claims[slug] for slug in sorted(plan.claims)]
    if problems := [*_hashes(saved, pks), *_unpublishable(touched)]:
        raise Unfit(problems)
    for record in touched:
        reason = record.fields.get("withdrawal_reason", "")
        seal(Claim(pk=pks[record.key]), edition, record.fields["status"], reason=reason)
    mark_as_loaded()
    return edition


def _save(record: Record, pks: dict[Key, int]) -> int:
    """Inserts or updates one row; a claim enters, or stays, unpublished until it is sealed."""
    values: dict[str, Any] = {}
    for name, value in record.fields.items():
        model_field = record.model._meta.get_field(name)
        if isinstance(model_field, ForeignKey) and value is not None:
            label = model_field.remote_field.model._meta.label_lower
            values[model_field.attname] = pks[label, tuple(value)]
        elif not model_field.many_to_many:
            values[name] = value
    known = pks.get(record.key)
    if record.model is Claim:
        values["withdrawal_reason"] = ""
        values["status"] = Status.DRAFT if known is None else Claim.UNLOCKED
    instance = record.model(**values)
    if not instance.pk:
        instance.pk = known
    try:
        models.Model.save_base(instance, raw=True)
    except DatabaseError as error:
        said = str(error).partition("\n")[0]
        raise Unfit([problem(record, "", f"the database refuses it: {said}.")]) from None
    return instance.pk


def _hashes(saved: list[Record], pks: dict[Key, int]) -> Iterable[Problem]:
    """A new piece changes the text of its transcription, so it is checked as well."""
    pieces: dict[Key, Record] = {}
    for record in saved:  # A transcription before its paragraphs.
        if record.model in (Transcription, Paragraph):
            pieces.setdefault((TRANSCRIPTION, record.key[1][:2]), record)
    for key, record in pieces.items():
        stored = Transcription.objects.get(pk=pks[key])
        field = "sha256" if record.model is Transcription else "text"
        raw = stored.text().encode()
        found = hashlib.sha256(raw).hexdigest()
        if found != stored.sha256:
            yield problem(
                record, field, f"the pieces joined have the SHA-256 {found}, not {stored.sha256}."
            )
        try:
            as_text(raw)
        except UnfitText as error:
            yield problem(record, field, str(error))


def _unpublishable(claims: list[Record]) -> Iterable[Problem]:
    for record in claims:
        if record.fields.get("status") == Status.PUBLISHED:
            for what in Claim.objects.get(slug=record.claim).specific().problems():
                yield problem(record, "status", what)
