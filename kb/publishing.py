"""From draft to public and back: the only door, for the admin, commands and imports alike.

Each act is one transaction, noted as a Step and recorded as a revision; what the public sees of it
ends in a Publication. A claim that is published or withdrawn is unlocked inside that transaction
alone; the triggers refuse every other change.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F, Max

from .models import Citation, Claim, ContentVersion, Edition, Note, Sentence, Step, TaggedClaim
from .revisions import record as revise
from .revisions import revision
from .snapshots import record

Status = Claim.Status
PUBLISH = "kb.publish_claim"  # the permission that publish and withdraw ask of a user
log = logging.getLogger("kb.editors")


def lock() -> None:
    """Makes everybody else who writes wait until this transaction ends.

    Taken before any other row, as the triggers do: so nobody waits in a circle.
    """
    ContentVersion.objects.select_for_update().get(pk=1)


def next_edition(kind: str, *, note: str = "", by=None) -> Edition:
    """The next in number. Inside a transaction, under ``lock``."""
    lock()
    last = Edition.objects.aggregate(last=Max("number"))["last"] or 0
    return Edition.objects.create(number=last + 1, kind=kind, note=note, editor=by)


@revision("Published")
def publish(claim: Claim, *, by=None, edition: Edition | None = None, note: str = "") -> Claim:
    """Publishes a draft; a successor's contents replace those of the claim that it supersedes.

    Returns the published claim. ``by`` is a user, or None for a command. Raises ValidationError,
    one message a reason: no citation, other problems of its kind, a claim that it refers to is
    not public, ``by`` touched it or lacks the permission.
    """
    _check_permission(by)
    lock()
    draft = Claim.objects.get(pk=claim.pk).specific()
    if draft.is_frozen:
        raise ValidationError(f"“{draft}” is {draft.get_status_display()} already.")
    problems = [*draft.problems(), *unpublished_references(draft)]
    if by is not None and not may_publish(draft, by):
        problems.append(
            "You wrote or changed this, so somebody else publishes it. "
            "(A team too small for that sets KB_SELF_PUBLISHING=1.)"
        )
    if problems:
        raise ValidationError(problems)
    if edition is None:
        edition = next_edition(Edition.Kind.PUBLICATION, note=note, by=by)
    return _make_public(draft, edition, by)


def publish_all(
    claims: Iterable[Claim], *, by=None, note: str = ""
) -> tuple[list[Claim], list[tuple[Claim, list[str]]]]:
    """Publishes in one edition those that ``publish`` lets pass.

    Returns them, and the others, each with the reasons. One that refers to another of them is
    published after it. ``claims`` are looked at under ``lock``.
    """
    published: list[Claim] = []
    before = -1
    with revision("Published", by=by):
        edition = next_edition(Edition.Kind.PUBLICATION, note=note, by=by)
        refused: list[tuple[Claim, list[str]]] = [(claim, []) for claim in claims]
        while before < len(published):
            before, waiting, refused = len(published), refused, []
            for claim, _ in waiting:
                try:
                    published.append(publish(claim, by=by, edition=edition))
                except (ValidationError, IntegrityError) as error:
                    refused.append((claim, getattr(error, "messages", [str(error)])))
        if not published:
            transaction.set_rollback(True)  # no edition in which nothing was done
    return published, refused


@contextmanager
def as_if_published(draft: Claim) -> Iterator[Claim]:
    """Inside, ``draft`` is public, and so are the drafts it refers to; then nothing has happened.

    Nobody is asked who may publish, nor what stands against it. Raises IntegrityError for what the
    triggers refuse: a draft without citations.
    """
    with revision():
        lock()
        edition = next_edition(Edition.Kind.PUBLICATION)
        for other in _drafts_behind(draft):
            with suppress(IntegrityError), transaction.atomic():
                _make_public(other, edition)
        yield _make_public(Claim.objects.get(pk=draft.pk).specific(), edition)
        transaction.set_rollback(True)


def _make_public(draft: Claim, edition: Edition, by=None) -> Claim:
    """``draft`` is the row of its kind. Asks nothing: what it must be, the triggers ask."""
    target = draft
    if draft.supersedes_id:
        target = Claim.objects.get(pk=draft.supersedes_id).specific()
        unlock(target)
        _replace(target, draft)
    return seal(target, edition, Status.PUBLISHED, by=by)


def _drafts_behind(claim: Claim) -> list[Claim]:
    """The drafts that ``claim`` refers to, and those that they refer to, and so on."""
    found: dict[int, Claim] = {}
    todo = [claim]
    while todo:
        for other in todo.pop().specific().references():
            if not other.is_frozen and other.pk not in (claim.pk, *found):
                found[other.pk] = other.specific()
                todo.append(other)
    return list(found.values())


@revision("Withdrawn")
def withdraw(claim: Claim, reason: str, *, by=None, edition: Edition | None = None) -> Claim:
    """Takes a published claim off the public pages; its address answers with ``reason``.

    Raises ValidationError when it is not published, the reason is missing or ``by``, a user, lacks
    the permission.
    """
    _check_permission(by)
    lock()
    claim = Claim.objects.get(pk=claim.pk)
    if claim.status != Status.PUBLISHED:
        raise ValidationError(f"“{claim}” is not published: there is nothing to withdraw.")
    if not reason.strip():
        raise ValidationError("A withdrawal needs a reason, which the public sees.")
    if edition is None:
        edition = next_edition(Edition.Kind.WITHDRAWAL, note=reason, by=by)
    unlock(claim)
    return seal(claim, edition, Status.WITHDRAWN, reason=reason, by=by)


@revision("Sent to review")
def submit(claim: Claim, *, by=None, note: str = "") -> Claim:
    """Sends a draft to review. Raises ValidationError when it is no draft."""
    return _step(claim, Status.DRAFT, Status.REVIEW, by, note)


@revision("Sent back")
def send_back(claim: Claim, *, by=None, note: str = "") -> Claim:
    """Makes a claim in review a draft again. Raises ValidationError when it is not in review."""
    return _step(claim, Status.REVIEW, Status.DRAFT, by, note)


def _step(claim: Claim, before: str, after: str, by, note: str) -> Claim:
    lock()
    claim = Claim.objects.get(pk=claim.pk)
    if claim.status != before:
        raise ValidationError(f"“{claim}” is {claim.get_status_display()}.")
    Claim.objects.filter(pk=claim.pk).update(status=after)
    note_step(claim, after, by=by, note=note)
    return Claim.objects.get(pk=claim.pk)


def note_step(claim: Claim, status: str, *, by=None, note: str = "") -> None:
    """Notes who gave the claim this standing; in the revision as well, and in the log
    once it is certain.
    """
    Step.objects.create(claim_id=claim.pk, status=status, by=by, note=note)
    revise(claim.pk, note=note, by=by)
    level = logging.INFO if by else logging.DEBUG  # A load would be a hundred lines.
    who = by or "a command"
    transaction.on_commit(lambda: log.log(level, "%s: %s, by %s", claim.slug, status, who))


@revision("Draft opened")
def open_draft(claim: Claim, *, by=None) -> Claim:
    """The draft successor of a published or withdrawn claim, made if there is none."""
    lock()
    claim = Claim.objects.get(pk=claim.pk).specific()
    if not claim.is_frozen:
        return claim
    successor = Claim.objects.filter(supersedes=claim).first()
    if successor:
        return successor.specific()
    draft = type(claim)(
        slug=_draft_slug(claim),
        supersedes_id=claim.pk,
        title=claim.title,
        sentence=claim.sentence,
        note=claim.note,
        **_own_fields(claim),
    )
    draft.save()
    _copy_parts(claim, draft)
    note_step(draft, Status.DRAFT, by=by)
    touch(draft, by)
    return draft


def touch(claim: Claim, by) -> None:
    """Notes that ``by`` changed the claim since its last publication; the revision holds it."""
    revise(claim.pk, by=by)
    if by is not None:
        claim.touched_by.add(by)


def may_publish(claim: Claim, by) -> bool:
    """Whether ``by`` left the claim alone since its last publication, or need not. One query."""
    return settings.KB_SELF_PUBLISHING or not claim.touched_by.filter(pk=by.pk).exists()


def touched(claims: Iterable[Claim], by) -> set[int]:
    """The keys of those that ``by`` may not publish since they changed them. One query."""
    if settings.KB_SELF_PUBLISHING:
        return set()
    links = Claim.touched_by.through.objects.filter(claim__in=[c.pk for c in claims], user=by)
    return set(links.values_list("claim", flat=True))


def _check_permission(by) -> None:
    if by is not None and not by.has_perm(PUBLISH):
        raise ValidationError(
            "Only reviewers publish and withdraw: send it to review, or ask one of them."
        )


def unlock(claim: Claim) -> None:
    """Opens a public claim to changes, inside a transaction that ends with ``seal``."""
    Claim.objects.filter(pk=claim.pk).update(status=Claim.UNLOCKED)


def seal(claim: Claim, edition: Edition, status: str, *, reason: str = "", by=None) -> Claim:
    """Records the claim's state in ``edition`` and sets ``status``. Returns it afresh."""
    claim = Claim.objects.get(pk=claim.pk)
    record(claim, edition, status)
    note_step(claim, status, by=by, note=reason)
    Claim.objects.filter(pk=claim.pk).update(status=status, withdrawal_reason=reason)
    claim.touched_by.clear()
    if status == Status.PUBLISHED:
        _clear_reasons([claim.pk])
    return Claim.objects.get(pk=claim.pk)


def unpublished_references(claim: Claim) -> list[str]:
    """A message for each claim that ``claim``, a child row, refers to and that has no public page.

    One that was withdrawn has: its address says why.
    """
    return [
        f"“{other}” is not public: publish it first, or take it out here."
        for other in claim.references()
        if not other.is_frozen
    ]


def _draft_slug(claim: Claim) -> str:
    """The slug with a suffix; the key in place of one that leaves no room. No public slug has ~."""
    slug = claim.slug + Claim.DRAFT_SUFFIX
    fits = len(slug) <= (Claim._meta.get_field("slug").max_length or 0)
    return slug if fits else f"~{claim.pk}{Claim.DRAFT_SUFFIX}"


def _own_fields(claim: Claim) -> dict:
    return {
        field.attname: getattr(claim, field.attname)
        for field in claim._meta.local_fields
        if not field.primary_key
    }


def _copy_parts(claim: Claim, draft: Claim) -> None:
    for citation in claim.citations.all():
        citation.pk, citation.claim_id = None, draft.pk
        citation._state.adding = True
        citation.save()
    draft.tags.set(claim.tags.all())
    draft.about.set(claim.about.all())


def _replace(target: Claim, draft: Claim) -> None:
    """Moves the contents of ``draft`` into ``target`` and deletes the draft."""
    common = {name: getattr(draft, name) for name in ("title", "sentence", "note")}
    Claim.objects.filter(pk=target.pk).update(**common)
    if own := _own_fields(draft):
        type(draft).objects.filter(pk=target.pk).update(**own)
    target.citations.all().delete()
    draft.citations.update(claim_id=target.pk)
    TaggedClaim.objects.filter(content_object_id=target.pk).delete()
    TaggedClaim.objects.filter(content_object_id=draft.pk).update(content_object_id=target.pk)
    target.about.set(draft.about.all())
    draft.steps.update(claim_id=target.pk)
    draft.delete()


def _clear_reasons(claims: Iterable[int]) -> None:
    """What a published claim rests on is no longer set aside, a sentence or words of one."""
    cited = Citation.objects.filter(
        claim__in=claims,
        paragraph__sentences__reason__gt="",
        start__lt=F("paragraph__sentences__end"),
        end__gt=F("paragraph__sentences__start"),
    )
    pks = list(cited.values_list("paragraph__sentences", flat=True))
    Sentence.objects.filter(pk__in=pks).update(reason="")
    Note.objects.setting_aside_cited().delete()
