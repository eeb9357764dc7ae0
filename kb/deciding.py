"""Citations that wait for a decision: their words are those of an earlier transcription.

Nothing about them is stored. Each decision edits the claim's working draft, for review like any
other change.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import F

from .impact import working
from .models import Citation, Claim, Paragraph
from .publishing import lock, open_draft, touch
from .revisions import revision

LAST = "last"


def waiting() -> Any:
    """The citations of working copies that stand on a transcription that is not current."""
    return working().with_newest().filter(newest__gt=F("paragraph__transcription__version"))


@revision("Cites other words")
def put(citation: Citation, paragraph: Paragraph, exact: str, start: int | None, *, by) -> Claim:
    """Cites ``exact`` of ``paragraph`` instead. Returns the draft.

    Without ``start`` the words are looked for. Raises ValidationError as ``TextSpan.clean`` does.
    """
    found = _in_draft(citation, by)
    found.paragraph, found.exact, found.start, found.end = paragraph, exact, start, None
    found.full_clean()
    found.save()
    touch(found.claim, by)
    return found.claim


@revision("A citation dropped")
def drop(citation: Citation, *, by) -> Claim:
    """Takes the citation out of the draft, which is returned; raises ValidationError (``LAST``)
    if it is the only one.
    """
    found = _in_draft(citation, by)
    if found.claim.citations.count() == 1:
        raise ValidationError(
            "This is the claim's only citation, and without one it can't stand: cite other words, "
            "or withdraw the claim.",
            LAST,
        )
    found.delete()
    touch(found.claim, by)
    return found.claim


def _in_draft(citation: Citation, by) -> Any:
    """The same words in the claim's draft, which is opened if there is none."""
    lock()
    there = waiting().filter(pk=citation.pk).first()
    if there is None:
        raise ValidationError("Somebody decided this meanwhile: it no longer waits.")
    draft = open_draft(there.claim, by=by)
    return draft.citations.select_related("claim").get(
        paragraph=there.paragraph_id, start=there.start, end=there.end
    )
