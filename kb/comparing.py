"""What two states of a claim differ by, for people: word by word, part by part. No query.

States have the shape of ``kb.snapshots``, whether the public read them or only editors did.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import FieldDoesNotExist
from django.utils.text import capfirst

from .models import Citation, Claim
from .snapshots import is_key
from .wording import Change, word_diff

State = dict[str, Any]


@dataclass(frozen=True)
class Names:
    """What a reader calls what a state names by its slug: claims by title, sources by siglum."""

    titles: Mapping[str, str] = field(default_factory=dict)
    sigla: Mapping[str, str] = field(default_factory=dict)

    def at(self, state: State) -> "Names":
        """With the titles that the state itself has: those of its time."""
        return Names({**self.titles, **state.get("titles", {})}, self.sigla)

    def title(self, slug: str) -> str:
        return self.titles.get(slug, slug)


@dataclass(frozen=True)
class Difference:
    """A part that two states have differently; one that a state lacks is empty there."""

    label: str
    changes: list[Change]


def compare(old: State, new: State, names: Names) -> list[Difference]:
    """What ``new`` has otherwise than ``old``; empty if a reader would see no difference."""
    before, after = (dict(described(state, names.at(state))) for state in (old, new))
    found = [(label, before.get(label, ""), after.get(label, "")) for label in {**before, **after}]
    pairs = _pairs(old["citations"], new["citations"])
    for then, now in pairs:
        label = f"Citation, {place_of(now or then, names)}"
        found.append((label, words_of(then, names), words_of(now, names)))
    stayed = [then for then, now in pairs if then and now]
    if (in_order := [c for c in old["citations"] if c in stayed]) != stayed:
        was, is_now = (" · ".join(c["exact"] for c in cited) for cited in (in_order, stayed))
        found.append(("Order of the citations", was, is_now))
    return [Difference(label, word_diff(a, b)) for label, a, b in found if a != b]


def described(state: State, names: Names) -> list[tuple[str, str]]:
    """Label and text of each part but the citations, empty ones too."""
    model = Claim.kinds().get(state["kind"])
    own = [_own(model, name, value, names) for name, value in state["fields"].items()]
    about = sorted(names.title(slug) for slug in state["about"])
    return [
        ("Title", state["title"]),
        ("Sentence", state["sentence"]),
        *own,
        ("Our note", state["note"]),
        ("Themes", ", ".join(state["tags"])),
        ("About", "; ".join(about)),
    ]


def _own(model: type[Claim] | None, name: str, value: Any, names: Names) -> tuple[str, str]:
    """A field of the kind; one that the kind no longer has, under the name that it had."""
    label, choices = name.replace("_", " "), {}
    try:
        known: Any = model and model._meta.get_field(name)
    except FieldDoesNotExist:
        known = None
    if known:
        label, choices = known.verbose_name, dict(known.flatchoices)
    if is_key(value):
        value = names.title(value[0])
    elif isinstance(value, str | int):
        value = choices.get(value, value)
    return capfirst(label), "" if value is None else str(value)


def place_of(citation: State, names: Names) -> str:
    """Where the words stand: source A ¶ 3."""
    source, ref = citation["source"], citation["paragraph"]
    number = ref[1:] if ref.startswith("p") else f"heading {ref[1:]}"
    return f"source {names.sigla.get(source, source)} ¶ {number}"


def words_of(citation: State, names: Names) -> str:
    """The cited words with all that is said of them; nothing for no citation."""
    if not citation:
        return ""
    role = citation["role"]
    about = [
        place_of(citation, names),
        f"version {citation['version']}",
        f"{citation['start']}–{citation['end']}",
        dict(Citation.Role.choices).get(role, role),
        citation["note"],
    ]
    return f"“{citation['exact']}” ({', '.join(filter(None, about))})"


def _pairs(old: list[State], new: list[State]) -> list[tuple[State, State]]:
    """Each citation beside the one that it was before, or {}; those that are gone beside {}."""
    likeness: list[Callable[[State], tuple]] = [
        lambda c: (c["source"], c["version"], c["paragraph"], c["start"], c["end"]),
        lambda c: (c["source"], c["exact"]),
        lambda c: (c["source"], c["paragraph"], c["role"]),
    ]
    before: dict[int, State] = {}
    left = list(old)
    for alike in likeness:
        for number, citation in enumerate(new):
            if number not in before:
                found = next((c for c in left if alike(c) == alike(citation)), None)
                if found is not None:
                    before[number] = found
                    left.remove(found)
    paired = [(before.get(number, {}), citation) for number, citation in enumerate(new)]
    return [*paired, *((citation, {}) for citation in left)]
