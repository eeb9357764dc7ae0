"""What a draft has otherwise than what the public reads, for the form and for the review list."""

from collections.abc import Iterable

from kb.comparing import Difference, Names, State, compare
from kb.models import Claim, Source
from kb.snapshots import snapshot, titles


def changes(draft: Claim) -> list[Difference]:
    """Empty for one that replaces nothing. Ten queries."""
    return changes_of([draft]).get(draft.pk, [])


def changes_of(drafts: Iterable[Claim]) -> dict[int, list[Difference]]:
    """By key of each draft that replaces a claim. Ten queries however many drafts."""
    replaced = {draft.pk: draft.supersedes_id for draft in drafts if draft.supersedes_id}
    rows = Claim.objects.filter(pk__in=[*replaced, *replaced.values()])
    states = {row.pk: snapshot(row) for row in rows.whole()} if replaced else {}
    pairs = {
        pk: (states[original], states[pk])
        for pk, original in replaced.items()
        if {pk, original} <= states.keys()
    }
    if not pairs:
        return {}
    names = names_of(states.values())
    return {pk: compare(old, new, names) for pk, (old, new) in pairs.items()}


def names_of(states: Iterable[State]) -> Names:
    """What an editor calls what the states name. Two queries."""
    return Names(titles(states), dict(Source.objects.values_list("slug", "siglum")))
