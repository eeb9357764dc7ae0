"""Where the exact words of a claim stand in the current texts without carrying it there."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import GreaterThan

from .excerpts import Part, Span, excerpt
from .models import Citation, Paragraph

SHORTEST, LONGEST = 2, 300  # code points of words that are looked for
MOST_WORDS, MOST_PLACES, MOST_READ = 8, 12, 30
REACH = 60


@dataclass(frozen=True)
class Elsewhere:
    paragraph: Paragraph
    parts: list[Part]  # the words, ``of`` 0, in what stands around them


def words_of(citations: Sequence[Citation]) -> list[str]:
    """What is looked for, the longest first: names, and words that carry the claim alone.

    Not who speaks, nor words that say something only with others of their paragraph.
    """
    told = [c for c in citations if c.role != Citation.Role.SPEAKER]
    together = Counter(c.paragraph_id for c in told)
    sought = {
        c.exact for c in told if c.role == Citation.Role.NAME or together[c.paragraph_id] == 1
    }
    fitting = (words for words in sought if SHORTEST <= len(words) <= LONGEST)
    return sorted(fitting, key=lambda words: (-len(words), words))[:MOST_WORDS]


def with_words(citations: Sequence[Citation]) -> list[Paragraph]:
    """Paragraphs of the current texts that have such words, the citations' own among them.

    One query, if there is anything to look for. Of very many the first.
    """
    sought = [Q(GreaterThan(StrIndex("text", Value(words)), 0)) for words in words_of(citations)]
    if not sought:
        return []
    having = sought[0]
    for condition in sought[1:]:
        having |= condition
    own = len({citation.paragraph_id for citation in citations})
    return list(
        Paragraph.objects.current()
        .filter(having, kind=Paragraph.Kind.BODY)
        .select_related("transcription__source")
        .order_by("transcription__source", "position")[: MOST_READ + own]
    )


def elsewhere(citations: Sequence[Citation], paragraphs: Iterable[Paragraph]) -> list[Elsewhere]:
    """In each of the ``paragraphs`` the first such place that no citation touches."""
    return list(_places(citations, paragraphs))[:MOST_PLACES]


def _places(citations: Sequence[Citation], paragraphs: Iterable[Paragraph]) -> Iterator[Elsewhere]:
    sought = [re.compile(rf"(?<!\w){re.escape(words)}(?!\w)") for words in words_of(citations)]
    for paragraph in paragraphs:
        text = paragraph.text
        cited = [c for c in citations if c.paragraph_id == paragraph.pk]
        found = (Span(*match.span()) for words in sought for match in words.finditer(text))
        free = (s for s in found if not any(c.start < s.end and s.start < c.end for c in cited))
        if span := next(free, None):
            yield Elsewhere(paragraph, _around(text, span))


def _around(text: str, span: Span) -> list[Part]:
    """The words with a little of what stands before and after them."""
    return excerpt(text, [span], [Span(0, len(text))], REACH)
