"""How well a check finds passages: precision and recall over texts that people labelled.

``python -m tests.benchmarks.passages [FILE …]`` prints the tables, for the base that DATABASE_URL
names, with the shipped content.
"""

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What a check should say of each class.
VERDICTS = {
    "verbatim": "verbatim",
    "unquoted": "verbatim",
    "typography": "typography",
    "word": "altered",
    "negation": "altered",
    "number": "altered",
    "clause": "altered",
    "elided": "altered",
    "spliced": "altered",
    "unquoted-altered": "altered",
    "speaker": "misattributed",
    "reported": "reported_as_direct",
    "invented": "absent",
}
SOURCES = {"foreign-policy": "A", "after-gaining-independence": "B"}
OVERLAP = 0.5  # of both together that a passage found must share with the one labelled
HERE = Path(__file__).parent
LABELLED = HERE / "passages.txt"
HELD_OUT = HERE / "held_out.txt"
_MARK = re.compile(r"⟦([-a-z]+)((?: [A-Z]\d+)*)\|(.*?)⟧", re.DOTALL)


@dataclass(frozen=True)
class Label:
    name: str
    start: int
    end: int
    places: tuple[str, ...]

    @property
    def verdict(self) -> str:
        return VERDICTS[self.name]

    def shares(self, found: dict) -> float:
        both = min(self.end, found["end"]) - max(self.start, found["start"])
        return both / (max(self.end, found["end"]) - min(self.start, found["start"]))

    def is_met_by(self, found: dict) -> bool:
        place = SOURCES.get(found["source"] or "", "") + (found["paragraph"] or "")[1:]
        return (
            found["verdict"] == self.verdict
            and (not self.places or place in self.places)
            and (found.get("elided", False) or self.name != "elided")
        )


def labelled(path: Path) -> Iterator[tuple[str, list[Label]]]:
    """The texts without their marks, and what is marked in each."""
    _, *texts = path.read_text(encoding="utf-8").split("\n----\n")
    for marked in texts:
        text, labels, at = "", [], 0
        for mark in _MARK.finditer(marked):
            text += marked[at : mark.start()]
            labels.append(
                Label(mark[1], len(text), len(text) + len(mark[3]), tuple(mark[2].split()))
            )
            text += mark[3]
            at = mark.end()
        yield text + marked[at:], labels


class Measured:
    """What came of the labelled passages of a file."""

    def __init__(self, path: Path = LABELLED):
        from kb.textcheck.checking import check

        self.expected: Counter[str] = Counter()  # by class and by verdict
        self.met: Counter[str] = Counter()
        self.given: Counter[str] = Counter()  # by verdict
        self.true: Counter[str] = Counter()
        self.misses: list[str] = []
        self.altered_as_verbatim: list[str] = []
        for text, labels in labelled(path):
            found = check(text)["passages"]
            for each in found:
                self.given[each["verdict"]] += 1
                label = max(labels, key=lambda at: at.shares(each), default=None)
                words = text[each["start"] : each["end"]]
                if label and label.shares(each) >= OVERLAP and label.is_met_by(each):
                    self.true[each["verdict"]] += 1
                else:
                    place = f"{each['source']} {each['paragraph']}"
                    self.misses.append(f"found {each['verdict']} at {place}: {words!r}")
            for label in labels:
                self.expected[label.name] += 1
                self.expected[f"={label.verdict}"] += 1
                near = [each for each in found if label.shares(each) >= OVERLAP]
                words = text[label.start : label.end]
                if any(label.is_met_by(each) for each in near):
                    self.met[label.name] += 1
                    self.met[f"={label.verdict}"] += 1
                else:
                    self.misses.append(f"{label.name} was {near and near[0]['verdict']}: {words!r}")
                if label.verdict == "altered":
                    self.altered_as_verbatim += [
                        words
                        for each in found
                        if label.shares(each) > 0 and each["verdict"] in ("verbatim", "typography")
                    ]

    def precision(self, verdict: str) -> float:
        return self.true[verdict] / self.given[verdict] if self.given[verdict] else 1.0

    def recall(self, name: str) -> float:
        """Of a class, or, after a =, of a verdict."""
        return self.met[name] / self.expected[name] if self.expected[name] else 1.0

    def table(self) -> str:
        lines = [f"{'verdict':20} {'labelled':>8} {'found':>6} {'precision':>10} {'recall':>7}"]
        for verdict in dict.fromkeys(VERDICTS.values()):
            lines.append(
                f"{verdict:20} {self.expected[f'={verdict}']:8} {self.given[verdict]:6} "
                f"{self.precision(verdict):10.3f} {self.recall(f'={verdict}'):7.3f}"
            )
        lines += ["", f"{'class':20} {'labelled':>8} {'recall':>7}"]
        for name in VERDICTS:
            lines.append(f"{name:20} {self.expected[name]:8} {self.recall(name):7.3f}")
        lines += ["", f"altered, but found verbatim: {len(self.altered_as_verbatim)}"]
        return "\n".join(lines)


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kb.settings")
    django.setup()
    for name in sys.argv[1:] or [str(LABELLED)]:
        measured = Measured(Path(name))
        sys.stdout.write(f"{name}\n{measured.table()}\n")
        for miss in measured.misses:
            sys.stdout.write(f"- {miss}\n")
