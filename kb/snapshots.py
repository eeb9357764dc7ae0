"""The state of a claim as plain data: what a Publication keeps, and what two states differ by."""

from collections.abc import Iterable, Iterator
from typing import Any

from .models import Claim, Publication

FORMAT = 1


def snapshot(claim: Claim) -> dict[str, Any]:
    """Everything that the public sees of ``claim``, without database keys. Some five queries.

    ``{"kind", "slug", "title", "sentence", "note", "fields", "tags", "about", "citations"}``;
    ``fields`` are those of the kind, keys as natural keys; citations hold ``source``,
    ``version``, ``paragraph`` (its anchor), ``start``, ``end`` (code points), ``exact``, ``role``
    and ``note``, in order.
    """
    child = claim.specific()
    fields = {}
    for field in child._meta.local_fields:
        if field.primary_key:
            continue
        value = getattr(child, field.name)
        fields[field.name] = list(value.natural_key()) if field.is_relation and value else value
    return {
        "kind": claim.kind,
        "slug": claim.slug,
        "title": claim.title,
        "sentence": claim.sentence,
        "note": claim.note,
        "fields": fields,
        "tags": sorted(tag.name for tag in claim.tags.all()),
        "about": sorted(other.slug for other in claim.about.all()),
        "citations": [
            {
                "source": citation.paragraph.transcription.source.slug,
                "version": citation.paragraph.transcription.version,
                "paragraph": citation.paragraph.ref,
                "start": citation.start,
                "end": citation.end,
                "exact": citation.exact,
                "role": citation.role,
                "note": citation.note,
            }
            for citation in claim.all_citations()
        ],
    }


def record(claim: Claim, edition, status: str) -> Publication:
    """Appends the present state of ``claim`` to the public history."""
    return Publication.objects.create(
        edition=edition, claim_id=claim.pk, status=status, format=FORMAT, snapshot=snapshot(claim)
    )


def titles(states: Iterable[dict[str, Any]]) -> dict[str, str]:
    """What the claims that the states refer to are called now. One query, if they refer to any."""
    slugs = {slug for state in states for slug in references(state)}
    if not slugs:
        return {}
    return dict(Claim.objects.filter(slug__in=slugs).values_list("slug", "title"))


def references(state: dict[str, Any]) -> Iterator[str]:
    """The slugs of the claims that a state names, in ``about`` and in the fields of its kind."""
    yield from state["about"]
    yield from (value[0] for value in state["fields"].values() if is_key(value))


def is_key(value: Any) -> bool:
    """Whether a field's value is the natural key of a claim."""
    return isinstance(value, list) and len(value) == 1 and isinstance(value[0], str)
