"""What of a text stands in the sources, and how: one function for page, command and API."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from kb.models import Citation, Paragraph
from kb.wording import Change, word_diff

from . import sources
from .attributing import attribution, overlapping
from .comparing import Match, Verdict
from .finding import Item, Search

LONGEST = 20_000  # code points


class TooLong(ValueError):
    """The text has more than LONGEST code points."""


@dataclass(frozen=True)
class Found:
    """A passage, ``start`` to ``end`` in code points of the text. Without ``match`` it is absent.

    ``speaker`` is whom the source has say the words, ``attributed`` whom the text does.
    """

    start: int
    end: int
    quoted: bool
    verdict: Verdict
    match: Match | None = None
    also: Sequence[Match] = ()
    speaker: str = ""
    attributed: str = ""
    citations: Sequence[Citation] = ()  # the first of each claim that rests on some of the words

    @property
    def paragraph(self) -> Paragraph | None:
        return self.match.text.at(self.match.there)[0] if self.match else None

    @property
    def diff(self) -> list[Change]:
        """The source's words against the text's; those of several places with […] between."""
        if self.match is None or not self.also:
            return self.match.diff if self.match else []
        pieces = sorted((self.match, *self.also), key=lambda piece: piece.begins)
        return word_diff(" […] ".join(piece.exact for piece in pieces), self.match.words)

    @property
    def elided(self) -> bool:
        return bool(self.match and self.match.elided)

    def data(self) -> dict[str, Any]:
        """As ``check`` gives it."""
        match, paragraph = self.match, self.paragraph
        shared = {
            "start": self.start,
            "end": self.end,
            "quoted": self.quoted,
            "verdict": str(self.verdict),
            "source": None,
            "paragraph": None,
            "exact": None,
            "diff": None,
            "speaker": self.speaker or None,
            "claims": [citation.claim.slug for citation in self.citations],
        }
        if match is None or paragraph is None:
            return shared
        diff = [{"old": change.old, "new": change.new} for change in self.diff]
        found = {
            "source": paragraph.transcription.source.slug,
            "paragraph": paragraph.ref,
            "exact": match.exact,
            "diff": diff or None,
        }
        return shared | found | ({"elided": match.elided} if self.verdict == "altered" else {})


def check(text: str) -> dict[str, list[dict[str, Any]]]:
    """The passages of ``text`` that are quoted or stand in a source, in order; none overlap.

    ``{"passages": [{"start", "end", "quoted", "verdict", "source", "paragraph", "exact", "diff",
    "speaker", "claims"}]}``: ``start`` and ``end`` are code points of ``text``, the end not
    included; ``quoted`` says whether it stands in quotation marks or as a block. ``verdict`` is

    - ``verbatim``: the code points are equal to ``exact``;
    - ``typography``: but for case, white space, quotation marks, dashes, or editors' marks;
    - ``altered``: words are; if only left out where the text marks it, ``elided`` is true;
    - ``absent``: it stands nowhere, and ``source`` to ``diff`` are None;
    - ``misattributed``: it stands so, but the text has another say it than ``speaker``;
    - ``reported_as_direct``: it stands so, but the source only reports it of ``speaker``.

    ``source`` is a slug, ``paragraph`` an anchor such as ``p3`` of its current transcription,
    ``exact`` the source's words. ``diff`` lists ``{"old", "new"}``: the source's words and the
    text's, the same where they agree; None if all do. ``speaker`` is whom the source has say the
    words, ``claims`` the slugs of the published claims that rest on some of them.

    Four queries. Raises TooLong for more than LONGEST code points.
    """
    return {"passages": [found.data() for found in passages(text)]}


def passages(text: str) -> list[Found]:
    """As ``check`` has them, with paragraphs and claims at hand."""
    if len(text) > LONGEST:
        raise TooLong(f"The text has {len(text):,} characters; at most {LONGEST:,} are checked.")
    search = Search(text)
    items = [*search.quotations(), *search.unmarked()]
    items.sort(key=lambda item: item.passage.first)
    cited = sources.citations(
        p.pk for item in items for m in item.all_matches for p in m.text.paragraphs
    )
    found: list[Found] = []
    for item in items:
        found.append(_found(item, cited, found[-1] if found else None))
    return found


def _found(item: Item, cited: dict[int, list[Citation]], before: Found | None) -> Found:
    """The item at the best of its places: where the right one speaks, near the passage before."""
    if not item.matches:
        start, end, _ = item.passage.whole(*item.passage.trims[0])
        named = item.speaker.name if item.speaker else ""
        return Found(start, end, True, Verdict.ABSENT, attributed=named)
    told = [
        (match, attribution(match, cited, item.speaker, item.passage)) for match in item.matches
    ]
    match, (verdict, speaker) = min(told, key=lambda each: _order(each[0], each[1][0], before))
    citations = [c for m in (match, *item.also) for c in overlapping(m, cited)]
    return Found(
        match.start,
        match.end,
        item.speaker is not None,
        verdict,
        match,
        item.also,
        speaker,
        item.speaker.name if item.speaker else "",
        [*{c.claim_id: c for c in reversed(citations)}.values()][::-1],
    )


def _order(match: Match, verdict: Verdict, before: Found | None) -> tuple:
    paragraph, at = match.text.at(match.there)
    near = (True, True)
    if before and before.match:
        last, _ = before.match.text.at(before.match.there)
        near = (
            paragraph.transcription_id != last.transcription_id,
            paragraph.pk != last.pk,
        )
    siglum = paragraph.transcription.source.siglum
    return verdict != match.verdict, near, len(siglum), siglum, paragraph.position, at
