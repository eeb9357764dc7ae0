"""The state of a claim as plain data: what a Publication keeps, and what two states differ by."""

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
            for citation in claim.citations.with_places()
        ],
    }


def record(claim: Claim, edition, status: str) -> Publication:
    """Appends the present state of ``claim`` to the public history."""
    return Publication.objects.create(
        edition=edition, claim_id=claim.pk, status=status, format=FORMAT, snapshot=snapshot(claim)
    )
