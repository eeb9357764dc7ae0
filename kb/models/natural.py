"""Natural keys: what a row is known by in fixtures, where database keys mean nothing."""

from collections.abc import Callable


def depends_on(*labels: str) -> Callable[[Callable], Callable]:
    """Says which models' natural keys a ``natural_key`` holds, so that they are dumped first."""

    def mark(natural_key: Callable) -> Callable:
        natural_key.dependencies = list(labels)  # type: ignore[attr-defined]
        return natural_key

    return mark
