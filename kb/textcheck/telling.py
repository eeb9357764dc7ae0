"""What was found, in words for a page."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from kb.models import Paragraph

from .checking import Found
from .comparing import Verdict

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
# Of each verdict: its name, what is said before the place, and of one passage or several.
WORDS = {
    Verdict.VERBATIM: (
        "Verbatim",
        "Stands so in",
        ("stands in a source word for word", "stand in a source word for word"),
    ),
    Verdict.TYPOGRAPHY: (
        "Same words",
        "Stands, but for typography, in",
        ("differs in typography alone", "differ in typography alone"),
    ),
    Verdict.ALTERED: ("Altered", "Nearest words:", ("is altered", "are altered")),
    Verdict.MISATTRIBUTED: (
        "Another speaker",
        "The words stand in",
        ("is another’s in the source", "are another’s in the source"),
    ),
    Verdict.REPORTED_AS_DIRECT: (
        "Reported, not quoted",
        "The words stand in",
        ("is only reported in the source", "are only reported in the source"),
    ),
    Verdict.ABSENT: ("Not found", "", ("is not found", "are not found")),
}


@dataclass(frozen=True)
class Result:
    """A passage for a page."""

    number: int
    found: Found

    @property
    def label(self) -> str:
        return "Shortened" if self.found.elided else WORDS[self.found.verdict][0]

    @property
    def stands(self) -> str:
        if self.found.elided:
            return "Words are left out, and the text marks it:"
        if self.found.also:
            return "Put together of words from"
        return WORDS[self.found.verdict][1]

    @property
    def places(self) -> list[Paragraph]:
        """The paragraphs, each once, in which the passage stands, or its pieces."""
        match = self.found.match
        pieces = (match, *self.found.also) if match else ()
        return [*{p: None for m in pieces for p, _, _ in m.text.spans(m.there, m.until)}]

    @property
    def speaks(self) -> str:
        """Who the source has speak, where the text has it otherwise."""
        found = self.found
        if found.verdict == Verdict.REPORTED_AS_DIRECT:
            return f"The source retells what {found.speaker} said; it does not quote these words."
        if found.verdict != Verdict.MISATTRIBUTED:
            return ""
        if found.speaker:
            return f"There {found.speaker} speaks, not {found.attributed}."
        return f"There the source itself speaks, and does not quote {found.attributed}."

    @property
    def has_one_place(self) -> bool:
        return len(self.places) == 1

    @property
    def is_changed(self) -> bool:
        return self.found.verdict in (Verdict.ALTERED, Verdict.TYPOGRAPHY)


def summary(found: Sequence[Found]) -> str:
    """Six passages: three stand in a source word for word, two are altered, one is not found."""
    if not found:
        return "Nothing in it is quoted from a source, or stands in one for eight words in a row."
    times = Counter(passage.verdict for passage in found)
    parts = [f"{_number(n)} {words[2][n > 1]}" for v, words in WORDS.items() if (n := times[v])]
    noun = "passage" if len(found) == 1 else "passages"
    return f"{_number(len(found)).capitalize()} {noun}: {', '.join(parts)}."


def _number(number: int) -> str:
    return NUMBERS[number] if number < len(NUMBERS) else str(number)
