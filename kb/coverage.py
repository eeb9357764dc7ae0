"""How much of a text claims rest on: pure arithmetic of spans, then the sentences of a source."""

from collections.abc import Iterable


def cited_length(spans: Iterable[tuple[int, int]]) -> int:
    """The code points that lie in at least one of ``spans`` (start, end not included)."""
    total = reached = 0
    for start, end in sorted(spans):
        total += max(0, end - max(start, reached))
        reached = max(reached, end)
    return total
