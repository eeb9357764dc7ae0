"""What is indexed of a claim and of a paragraph."""

import re
from collections.abc import Iterable, Iterator

from kb.models import Claim, Entry, Paragraph

from .words import facet, title_tokens, tokens, words

PASSAGE = "passage"  # what a paragraph's kind is called among the kinds of claims
RUN = 1000  # words of an entry; a longer paragraph has several entries
_NAMES = re.compile("[()/]")  # between the names in a title, of which each can be meant alone


def of_claim(claim: Claim) -> Entry:
    """``claim`` is the row of its kind, with what it refers to, as of ``ClaimQuerySet.whole``."""
    own, rest = list(own_words(claim)), list(other_words(claim))
    facets = [f"kind={claim.kind}", *_facets(claim)]
    found = tokens([claim.title, *own, *rest]) | title_tokens(claim.title)
    lines = (_NAMES.split(claim.title), own, rest)
    return Entry(
        claim_id=claim.pk,
        facets=" ".join(dict.fromkeys(facets)),
        words="\n".join(map(_as_words, lines)),
        tokens=found | _as_tokens(facets),
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
    yield from (tag.name for tag in claim.tags.all())
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
    found = list(words(paragraph.text))
    facets = [f"kind={PASSAGE}", f"source={paragraph.transcription.source.slug}"]
    for first in range(0, len(found), RUN):
        run = found[first : first + RUN]
        text = paragraph.text[run[0].start : run[-1].end]
        yield Entry(
            paragraph_id=paragraph.pk,
            start=run[0].start,
            facets=" ".join(facets),
            words=_as_words([text]),
            tokens=tokens([text]) | _as_tokens(facets),
        )


def _as_words(texts: Iterable[str]) -> str:
    """With a space before and after each; a stroke parts a text from the next."""
    return " | ".join(["", *(" ".join(w.plain for w in words(text)) for text in texts), ""])


def _as_tokens(facets: Iterable[str]) -> set[str]:
    return {facet(*each.split("=", 1)) for each in facets}
