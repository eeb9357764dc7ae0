"""A citation more for a claim: it goes into the claim's working copy, never into what is public."""

from django.db.models import Max

from .models import Citation, Claim
from .publishing import open_draft, touch
from .revisions import revision


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
