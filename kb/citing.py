"""A citation more for a claim: it goes into the claim's working copy, never into what is public."""

from django.core.exceptions import ValidationError
from django.db.models import Max

from .models import Citation, Claim
from .publishing import lock, open_draft, touch
from .revisions import revision
from .snapshots import snapshot


@revision("Words cited")
def cite(claim: Claim, words: Citation, *, by=None) -> Citation:
    """Adds ``words``, which have a paragraph and a place in it, as the claim's last citation.

    A published or withdrawn claim's draft is opened for it. Raises ValidationError when they do
    not stand there or are cited already.
    """
    draft = open_draft(claim, by=by)
    last = draft.citations.aggregate(last=Max("position"))["last"] or 0
    words.claim, words.position = Claim.objects.get(pk=draft.pk), last + 1
    words.full_clean()
    words.save()
    touch(draft, by)
    return words


@revision("Words taken back")
def take_back(citation: Citation, *, by=None) -> None:
    """Takes a citation out of a draft; a draft that then replaces a claim by the same is discarded.

    Raises ValidationError when the words are public by now, or were taken out.
    """
    lock()
    there = Citation.objects.filter(pk=citation.pk).select_related("claim__supersedes").first()
    if there is None or there.claim.is_frozen:
        raise ValidationError("These words were published or taken out meanwhile.")
    draft = there.claim
    there.delete()
    touch(draft, by)
    if draft.supersedes and _content(draft) == _content(draft.supersedes):
        draft.delete()


def _content(claim: Claim) -> dict:
    return {**snapshot(claim), "slug": ""}
