"""Whether the right one is said to speak, and in his own words; and the claims on the words."""

from collections.abc import Iterator, Mapping, Sequence

from kb.models import Citation

from .comparing import Match, Passage, Verdict
from .speaking import Speaker, is_same, parts_of

SAID = 4  # words: fewer are nobody's in particular
INSIDE = 0.8  # how much of a passage lies in somebody's words, if they are quoted
Cited = Mapping[int, Sequence[Citation]]  # by paragraph


def overlapping(match: Match, cited: Cited) -> Iterator[Citation]:
    """The citations that share a code point with the words of the source."""
    for paragraph, start, end in match.text.spans(match.there, match.until):
        for citation in cited.get(paragraph.pk, ()):
            if citation.start < end and start < citation.end:
                yield citation


def attribution(
    match: Match, cited: Cited, named: Speaker | None, passage: Passage
) -> tuple[Verdict, str]:
    """The verdict, and whom the source has say the words; nobody if they are its own.

    Words that are altered, or that no marks set off, are attributed to nobody wrongly.
    """
    by_speaker = _said(match, cited)
    speaker = next(iter(by_speaker), "")
    fair = match.verdict in (Verdict.VERBATIM, Verdict.TYPOGRAPHY)
    if named is None or not named.name or not fair or len(passage.words) < SAID:
        return match.verdict, speaker
    if not by_speaker:
        is_own = bool({*_roles(match, cited)})
        wrong = named.is_person and not named.by_source and not is_own
        return (Verdict.MISATTRIBUTED if wrong else match.verdict), speaker
    for speaker, citations in by_speaker.items():
        if _fits(named, speaker, citations):
            reported = all(c.claim.specific().is_reported for c in citations)
            if reported and not named.by_source:
                return Verdict.REPORTED_AS_DIRECT, speaker
            return match.verdict, speaker
    return Verdict.MISATTRIBUTED, next(iter(by_speaker))


def _said(match: Match, cited: Cited) -> dict[str, list[Citation]]:
    """By speaker, the citations of what he is quoted or reported as saying, if the passage lies in
    them.
    """
    if {*_roles(match, cited)}:
        return {}
    found: dict[str, list[Citation]] = {}
    for citation in overlapping(match, cited):
        speaker = _speaker(citation)
        if speaker and citation.role == Citation.Role.EVIDENCE:
            found.setdefault(speaker, []).append(citation)
    size = match.until - match.there
    return {
        speaker: citations
        for speaker, citations in found.items()
        if sum(_shared(match, citation) for citation in citations) >= INSIDE * size
    }


def _roles(match: Match, cited: Cited) -> Iterator[Citation]:
    """Those that say who speaks: a passage with these words quotes the source itself."""
    for citation in overlapping(match, cited):
        if citation.role == Citation.Role.SPEAKER:
            yield citation


def _shared(match: Match, citation: Citation) -> int:
    return sum(
        max(0, min(end, citation.end) - max(start, citation.start))
        for paragraph, start, end in match.text.spans(match.there, match.until)
        if paragraph.pk == citation.paragraph_id
    )


def _speaker(citation: Citation) -> str:
    """Of a claim that has the row of its kind."""
    claim = getattr(citation.claim, f"as_{citation.claim.kind}", None)
    return claim.speaker if claim else ""


def _fits(named: Speaker, speaker: str, citations: Sequence[Citation]) -> bool:
    known = parts_of(speaker)
    told = {c.claim.title + " " + c.claim.sentence for c in citations}
    around = {part for text in told for part in parts_of(text)}
    if is_same(named.parts, known, around - known):
        return True
    if len(known) > 1:
        return False  # a person's name
    return named.is_body or (not named.is_person and named.parts <= around)
