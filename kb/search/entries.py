"""What is indexed of a claim and of a paragraph."""

import re
from collections.abc import Iterable, Iterator, Sequence

from kb.models import Claim, Entry, Paragraph

from .words import facet, folded, title_tokens, tokens, words

PASSAGE = "passage"  # what a paragraph's kind is called among the kinds of claims
RUN = 1000  # words of an entry; a longer paragraph has several entries
_NAMES = re.compile("[()/]")  # between the names in a title, of which each can be meant alone


def of_claim(claim: Claim) -> Entry:
    """``claim`` is the row of its kind, with what it refers to, as of ``ClaimQuerySet.whole``."""
    title = folded(claim.title)
    own, rest = list(map(folded, own_words(claim))), list(map(folded, other_words(claim)))
    facets = [f"kind={claim.kind}", *sorted(set(_facets(claim)))]
    lines = (map(folded, _NAMES.split(claim.title)), own, rest)
    return Entry(
        claim_id=claim.pk,
        facets=" ".join(facets),
        words="\n".join(map(_as_words, lines)),
        tokens=tokens([title, *own, *rest]) | title_tokens(title) | _as_tokens(facets),
    )


def own_words(claim: Claim) -> Iterator[str]:
    """Beside the title: the sentence, and the names of whom and what its kind tells of."""
    yield claim.sentence
    for name in claim.refers_by():
        if other := getattr(claim, name):
            yield other.title
    yield from (text for _, text in own_texts(claim))


def own_texts(claim: Claim) -> Iterator[tuple[str, str]]:
    """The name and the words of each field of its kind that is filled in freely."""
    for field in claim._meta.local_fields:
        if not (field.is_relation or field.choices) and (text := getattr(claim, field.name)):
            yield str(field.verbose_name), str(text)


def other_words(claim: Claim) -> Iterator[str]:
    """Notes, themes, and the words that it cites."""
    yield claim.note
    yield from sorted(tag.name for tag in claim.tags.all())
    for citation in claim.all_citations():
        yield citation.exact
        yield citation.note


def _facets(claim: Claim) -> Iterator[str]:
    for citation in claim.all_citations():
        yield f"source={citation.paragraph.transcription.source.slug}"
    for tag in claim.tags.all():
        yield f"theme={tag.slug}"
    for other in (claim, *claim.references()):
        if Claim.kinds()[other.kind].is_facet:
            yield f"{other.kind}={other.slug}"
    if claim.how:
        yield f"how={claim.how}"


def of_paragraph(paragraph: Paragraph) -> Iterator[Entry]:
    """With its transcription and source. One that has no word has no entry."""
    facets = [f"kind={PASSAGE}", f"source={paragraph.transcription.source.slug}"]
    for start, run in _runs(paragraph.text):
        yield Entry(
            paragraph_id=paragraph.pk,
            start=start,
            facets=" ".join(facets),
            words=_as_words([run]),
            tokens=tokens([run]) | _as_tokens(facets),
        )


def _runs(text: str) -> Iterator[tuple[int, list[str]]]:
    """At most RUN words at a time, folded, and where they begin."""
    plain = folded(text)
    starts = [word.start for word in words(text)][::RUN] if len(plain) > RUN else [0]
    for number, start in enumerate(starts if plain else ()):
        yield start, plain[number * RUN : (number + 1) * RUN]


def _as_words(texts: Iterable[Sequence[str]]) -> str:
    """With a space before and after each; a stroke parts a text from the next."""
    return " | ".join(["", *map(" ".join, texts), ""])


def _as_tokens(facets: Iterable[str]) -> set[str]:
    return {facet(*each.split("=", 1)) for each in facets}
