"""A source's next transcription: what stays as it was is carried to it, which can be undone.

Read ``kb.impact`` first: it judges. What it lets pass is carried into drafts, for review; what it
does not stays behind, on a transcription that is no longer current: see ``kb.deciding``.
"""

import logging
from collections.abc import Iterator, Sequence
from itertools import groupby

from django.core.exceptions import ValidationError
from django.db import transaction

from .cutting import Cut
from .impact import Judged, impact_of
from .models import (
    Carry,
    Citation,
    Claim,
    Intake,
    Note,
    Paragraph,
    PublishedWords,
    Sentence,
    Source,
    Transcription,
)
from .publishing import lock, open_draft, submit, touch
from .revisions import revision
from .snapshots import snapshot
from .storing import remove, store, take

log = logging.getLogger("kb.editors")


@revision()
def confirm(source: Source, cut: Cut, *, by=None, intake: Intake | None = None) -> Carry:
    """Stores ``cut`` as the source's next transcription and carries to it what stays as it was.

    ``intake``, from which the text comes, is gone then. Raises ValidationError as ``store`` does,
    and when somebody took the intake meanwhile.
    """
    lock()
    if intake:
        take(intake)
    transcription = store(source, cut)
    return carry(transcription, by=by, stored=True)


@revision("Carried to the next transcription")
def carry(transcription: Transcription, *, by=None, stored: bool = False) -> Carry:
    """Carries to a stored transcription the words that stay as they were: into drafts.

    Drafts that are opened for it go to review; those that were there stay what they are.
    ``stored`` says that undoing it takes the transcription out. Raises ValidationError when there
    is a newer one, or it was carried to already.
    """
    lock()
    if transcription.source.transcriptions.filter(version__gt=transcription.version).exists():
        raise ValidationError(f"{transcription} is not the current one: carry to that.")
    if Carry.objects.filter(transcription=transcription).exists():
        raise ValidationError(f"What stays as it was is carried to {transcription} already.")
    found = impact_of(transcription)
    anew = {paragraph.ref: paragraph for paragraph in transcription.paragraphs.all()}
    by_claim = sorted(found.carried, key=lambda judged: judged.row.claim_id)
    entries = [
        _carry_claim(claim, list(group), anew, by)
        for claim, group in groupby(by_claim, key=lambda judged: judged.row.claim)
    ]
    moved = {
        "stored": stored,
        "claims": [entry for entry in entries if entry["moves"]],
        "reasons": list(_copy_reasons(found.reasons, anew)),
        "notes": list(_copy_notes(found.notes, anew)),
    }
    made = Carry.objects.create(transcription=transcription, moved=moved, by=by)
    count = sum(len(entry["moves"]) for entry in entries)
    _log(f"{transcription}: citations carried: {count}", by)
    return made


def _log(what: str, by) -> None:
    """Once it is certain."""
    transaction.on_commit(lambda: log.info("%s, by %s", what, by or "a command"))


def _carry_claim(claim: Claim, group: list[Judged], anew: dict[str, Paragraph], by) -> dict:
    """Returns what ``undo`` needs: the keys of claim and draft, from where to where each citation
    was moved, and the state that a draft was left in if it was opened here.
    """
    cited = {_where(citation) for citation in claim.citations.all()}
    steps = []
    for judged in group:
        before, after = _where(judged.row), _place(judged, anew)
        if after not in cited:  # Else an editor cites these words there already.
            cited.add(after)
            steps.append((before, after))
    if not steps:
        return {"moves": []}
    draft = open_draft(claim, by=by)
    own = {_where(citation): citation.pk for citation in draft.citations.all()}
    for before, after in steps:
        _move(own[before], after)
    touch(draft, by)
    is_opened = draft.pk != claim.pk
    if is_opened:
        submit(draft, by=by)
    return {
        "claim": claim.pk,
        "draft": draft.pk,
        "moves": [[own[before], before, after] for before, after in steps],
        "left": snapshot(draft) if is_opened else None,
    }


def _where(row: Citation) -> tuple[int, int, int]:
    return row.paragraph_id, row.start, row.end


def _place(judged: Judged, anew: dict[str, Paragraph]) -> tuple[int, int, int]:
    ref, start, end = judged.fate.carried
    return anew[ref].pk, start, end


def _move(citation: int, where: Sequence[int]) -> None:
    paragraph, start, end = where
    Citation.objects.filter(pk=citation).update(paragraph=paragraph, start=start, end=end)


def _copy_reasons(judged: list[Judged], anew: dict[str, Paragraph]) -> Iterator[list]:
    for each in judged:
        if each.fate.place:
            paragraph, start, end = _place(each, anew)
            there = Sentence.objects.filter(paragraph=paragraph, start=start, end=end)
            for sentence in there.open():
                Sentence.objects.filter(pk=sentence.pk).update(reason=each.row.reason)
                yield [sentence.pk, each.row.reason]


def _copy_notes(judged: list[Judged], anew: dict[str, Paragraph]) -> Iterator[list]:
    for each in judged:
        if each.fate.place:
            paragraph, start, end = _place(each, anew)
            cited = Citation.objects.published().filter(paragraph=paragraph).within(start, end)
            if each.row.sets_aside and cited.exists():
                continue
            note, is_new = Note.objects.get_or_create(
                paragraph_id=paragraph,
                start=start,
                end=end,
                defaults={
                    "exact": each.row.exact,
                    "text": each.row.text,
                    "sets_aside": each.row.sets_aside,
                },
            )
            if is_new:
                yield [note.pk, note.text]


# Undoing it.


@revision("Carrying undone")
def undo(carry: Carry, *, by=None) -> bool:
    """Puts everything back that ``carry`` did, and takes its transcription out if it had stored it
    and nothing else rests on it by now; the text is then among those coming in. Returns whether.

    Raises ValidationError, a message for each claim, note and reason that can't be put back.
    """
    lock()
    carry = Carry.objects.select_related("transcription__source").get(pk=carry.pk)
    transcription = carry.transcription
    if problems := [*_obstacles(carry)]:
        raise ValidationError(["Nothing was undone.", *problems])
    for entry in carry.moved["claims"]:
        draft = Claim.objects.filter(pk=entry["draft"]).first()
        if draft and entry["left"]:
            draft.delete()
        elif draft:
            for citation, before, _ in entry["moves"]:
                _move(citation, before)
            touch(draft, by)
    for pk, text in carry.moved["notes"]:
        Note.objects.filter(pk=pk, text=text).delete()
    for pk, reason in carry.moved["reasons"]:
        Sentence.objects.filter(pk=pk, reason=reason).update(reason="")
    _log(f"{transcription}: carrying undone", by)
    is_taken_out = carry.moved["stored"] and not _rests_on(transcription)
    carry.delete()
    if is_taken_out:
        Intake.objects.create(
            text=transcription.text(),
            overrides=transcription.overrides,
            source=transcription.source,
            by=by,
        )
        remove(Transcription.objects.filter(pk=transcription.pk))
    return is_taken_out


def _obstacles(carry: Carry) -> Iterator[str]:
    transcription = carry.transcription
    if transcription.source.transcriptions.filter(version__gt=transcription.version).exists():
        yield "A newer transcription came in meanwhile: start with that."
    for entry in carry.moved["claims"]:
        yield from _changed_meanwhile(entry, transcription)
    for model, name, text_of in (
        (Note, "notes", lambda note: note.text),
        (Sentence, "reasons", lambda sentence: sentence.reason),
    ):
        before = dict(carry.moved[name])
        for row in model.objects.filter(pk__in=before).select_related("paragraph__transcription"):
            if text_of(row) not in ("", before[row.pk]):
                what = "note" if model is Note else "reason of a sentence"
                yield f"A {what} in ¶ {row.paragraph.label} was edited meanwhile."


def _changed_meanwhile(entry: dict, transcription: Transcription) -> Iterator[str]:
    """Why what was carried in this draft can't be put back. A draft that was deleted needs not."""
    draft = Claim.objects.filter(pk=entry["draft"]).first()
    public = Claim.objects.public().filter(
        pk=entry["claim"], citations__paragraph__transcription=transcription
    )
    if claim := public.first():
        yield f"“{claim}” was published meanwhile."
    elif draft and entry["left"]:
        if snapshot(draft) != entry["left"]:
            yield f"“{draft}” was edited meanwhile."
    elif draft:
        now = {citation.pk: list(_where(citation)) for citation in draft.citations.all()}
        if any(now.get(pk) != after or old in now.values() for pk, old, after in entry["moves"]):
            yield f"“{draft}” was edited meanwhile."


def _rests_on(transcription: Transcription) -> bool:
    """Whether anything needs the transcription, a state that the public read included."""
    here = {"paragraph__transcription": transcription}
    return (
        Citation.objects.filter(**here).exists()
        or Note.objects.filter(**here).exists()
        or Sentence.objects.filter(**here).exclude(reason="").exists()
        or PublishedWords.objects.filter(**here).exists()
    )
