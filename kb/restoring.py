"""Puts a state into a draft: all of it, or nothing, and why not. For the history and for imports.

A state has the shape of ``kb.snapshots.snapshot``. It is held against the models of today: one
that was recorded when they had other fields is refused, for what it lacks would come back empty
without a word.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import transaction
from taggit.models import Tag

from .comparing import State
from .models import Citation, Claim, Paragraph, Revised
from .publishing import lock, open_draft, send_back, touch
from .revisions import record, revision, state_of
from .snapshots import CITATION, SHAPE, Unreadable, readable, snapshot

WORDS = ("title", "sentence", "note")


def revert(claim: Claim, state: Revised, *, by) -> Claim:
    """Makes the draft of ``claim`` hold what it held in ``state``; opens one if there is none.

    Returns the draft, which is in no review any more. Raises ValidationError, and changes nothing,
    if the state can't be restored; Unreadable if its record is gone.
    """
    wanted = state_of(state)
    with transaction.atomic():
        lock()
        draft = working_copy(claim)
        if not draft.is_frozen and not _is_recorded(draft):
            with revision("As it was found"):
                record(draft.pk)
        with revision(f"Reverted to the state of {_when(state)}", by=by):
            draft = open_draft(draft, by=by)
            if draft.status == Claim.Status.REVIEW:
                draft = send_back(draft, by=by).specific()
            Restoration(wanted, draft).apply()
            touch(draft, by)
    return draft


def working_copy(claim: Claim) -> Claim:
    """The draft successor of ``claim`` or else itself: the row of its kind, read afresh."""
    successor = Claim.objects.filter(supersedes=claim.pk).first()
    return (successor or Claim.objects.get(pk=claim.pk)).specific()


def _is_recorded(draft: Claim) -> bool:
    latest = Revised.objects.filter(row=draft.pk).first()
    try:
        return latest is not None and state_of(latest) == snapshot(draft)
    except Unreadable:
        return False


def _when(state: Revised) -> str:
    return f"{state.revision.date_created:%-d %B %Y, %H:%M} UTC"


class Restoration:
    """``state`` as it would go into ``draft``, the row of a claim's kind. A few queries.

    ``problems`` are the reasons why it can't, for people. Slug and standing are not restored.
    """

    def __init__(self, state: State, draft: Claim):
        self.draft = draft
        self.citations: list[Citation] = []
        self.tags: list[Tag] = []
        self.about: list[Claim] = []
        self.problems = [*_misfits(state, draft)]
        if not self.problems:
            self.problems += self._fill(state)

    @transaction.atomic
    def apply(self) -> None:
        """Stores it. Raises ValidationError with the ``problems`` and stores nothing."""
        if self.problems:
            raise ValidationError(self.problems)
        self.draft.save()
        self.draft.citations.all().delete()
        Citation.objects.bulk_create(self.citations)
        self.draft.tags.set(self.tags)
        self.draft.about.set(self.about)

    def _fill(self, state: State) -> Iterator[str]:
        fields = {field.name: field for field in _own(self.draft)}
        for name in WORDS:
            setattr(self.draft, name, state[name])
        for name, value in state["fields"].items():
            if fields[name].is_relation and value is not None:
                try:
                    related: Any = fields[name].related_model
                    value = related.objects.get_by_natural_key(*value)
                except (ObjectDoesNotExist, TypeError, ValueError):
                    yield f"The {fields[name].verbose_name} “{_shown(value)}” is gone."
                    continue
            setattr(self.draft, name, value)
        self.about = list(Claim.objects.filter(slug__in=state["about"], supersedes=None))
        yield from _gone("claim", state["about"], (claim.slug for claim in self.about))
        self.tags = list(Tag.objects.filter(name__in=state["tags"]))
        yield from _gone("theme", state["tags"], (tag.name for tag in self.tags))
        for position, cited in enumerate(state["citations"]):
            yield from self._cite(position, dict(cited))
        yield from self._refused(set(WORDS) | set(fields))

    def _cite(self, position: int, cited: State) -> Iterator[str]:
        key = [cited.pop(name) for name in ("source", "version", "paragraph")]
        where = "{}, version {}, {}".format(*key)
        try:
            paragraph = Paragraph.objects.get_by_natural_key(*key)
        except ObjectDoesNotExist:
            yield f"The paragraph that it cites is gone: {where}."
            return
        if paragraph.text[cited["start"] : cited["end"]] != cited["exact"]:
            yield f"“{cited['exact']}” does not stand at {cited['start']} of {where}."
        self.citations.append(
            Citation(claim=self.draft, paragraph=paragraph, position=position, **cited)
        )

    def _refused(self, restored: set[str]) -> Iterator[str]:
        """What the fields and constraints of today object to."""
        others = {field.name for field in self.draft._meta.get_fields()} - restored
        try:
            self.draft.full_clean(exclude=others, validate_unique=False)
        except ValidationError as error:
            for name, messages in error.message_dict.items():
                yield f"{name}: {' '.join(messages)}" if name in restored else " ".join(messages)


def _own(claim: Claim) -> list[Any]:
    return [field for field in claim._meta.local_fields if not field.primary_key]


def _misfits(state: State, draft: Claim) -> Iterator[str]:
    """Where the shape of ``state`` is not that of today."""
    if state.get("kind") != draft.kind:
        yield f"It is the state of a {state.get('kind')}; this is a {draft.kind}."
        return
    yield from _other_fields("a claim", state.keys() - {"titles"}, SHAPE.keys() - {"titles"})
    own = {field.name for field in _own(draft)}
    yield from _other_fields(f"a {draft.kind}", state.get("fields", {}).keys(), own)
    for citation in state.get("citations", [])[:1]:
        yield from _other_fields("a citation", citation.keys(), CITATION.keys())
    try:
        readable(state)
    except Unreadable as error:
        yield str(error)


def _other_fields(what: str, then: Iterable[str], now: Iterable[str]) -> Iterator[str]:
    then, now = set(then), set(now)
    parts = [("no longer has", then - now), ("has since got", now - then)]
    changed = [f"{verb} {', '.join(sorted(names))}" for verb, names in parts if names]
    if changed:
        yield f"It is of an older version of this software: {what} {' and '.join(changed)}."


def _gone(what: str, wanted: Iterable[str], found: Iterable[str]) -> Iterator[str]:
    there = set(found)
    yield from (f"The {what} “{name}” is gone." for name in wanted if name not in there)


def _shown(key: Any) -> str:
    return " ".join(map(str, key)) if isinstance(key, list) else str(key)
