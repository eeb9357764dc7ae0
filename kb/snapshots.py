"""The state of a claim as plain data: what a Publication keeps, and what two states differ by."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from .models import Claim, Publication, PublishedWords

FORMAT = 2
READABLE = (1, FORMAT)  # Format 1 had no titles.
SHAPE: dict[str, Any] = {
    "kind": "",
    "slug": "",
    "title": "",
    "sentence": "",
    "note": "",
    "fields": {},
    "tags": [],
    "about": [],
    "citations": [],
    "titles": {},
}
CITATION: dict[str, Any] = {
    "source": "-",
    "version": 1,
    "paragraph": "",
    "start": 0,
    "end": 0,
    "exact": "",
    "role": "",
    "note": "",
}


_SLUG = re.compile(r"[-a-zA-Z0-9_]+")


class Unreadable(ValueError):
    """A state that can't be shown; says why, to people."""


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
    """Appends the present state of ``claim``, and where its words stand, to the public history.

    With ``titles``, those of the claims that it refers to: slug → what they are called now.
    """
    cited = claim.citations.values_list("paragraph", "start", "end")
    words = [PublishedWords(paragraph_id=pk, start=start, end=end) for pk, start, end in cited]
    PublishedWords.objects.bulk_create(words, ignore_conflicts=True)
    state = snapshot(claim)
    state["titles"] = titles([state])
    return Publication.objects.create(
        edition=edition, claim_id=claim.pk, status=status, format=FORMAT, snapshot=state
    )


def fingerprint(state: Any) -> str:
    """What tells whether plain data is still the same, for a form to carry: a SHA-256."""
    return hashlib.sha256(json.dumps(state, sort_keys=True).encode()).hexdigest()


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


def read(publication: Publication) -> dict[str, Any]:
    """The state that was published, of any format, with all that today's format has.

    Raises Unreadable.
    """
    if publication.format not in READABLE:
        raise Unreadable("It was recorded by another version of this software.")
    return readable(publication.snapshot)


def readable(state: Any) -> dict[str, Any]:
    """``state`` with nothing where it lacks something. Raises Unreadable for another shape."""
    whole = _filled(state, SHAPE)
    whole["citations"] = [_filled(citation, CITATION) for citation in whole["citations"]]
    texts = [*whole["tags"], *whole["titles"].values()]
    slugs = [*whole["about"], *(citation["source"] for citation in whole["citations"])]
    if not all(isinstance(text, str) for text in [*texts, *slugs]):
        raise Unreadable("Its record is damaged.")
    if not all(_SLUG.fullmatch(slug) for slug in slugs):
        raise Unreadable("Its record is damaged.")
    return whole


def _filled(given: Any, shape: dict[str, Any]) -> dict[str, Any]:
    whole = {**shape, **given} if isinstance(given, dict) else {}
    if not whole or any(type(whole[name]) is not type(value) for name, value in shape.items()):
        raise Unreadable("Its record is damaged.")
    return whole
