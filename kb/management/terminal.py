"""What commands tell people: counts in words, and progress on a terminal, nothing in a pipe."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def shown(items: Iterable[T], total: int, what: str, stream) -> Iterator[T]:
    """Yields ``items`` and, where ``stream`` is a terminal, counts them there."""
    quiet = not getattr(stream, "isatty", lambda: False)()
    for done, item in enumerate(items, 1):
        yield item
        if not quiet and (done % 100 == 0 or done == total):
            stream.write(f"\r{what} {done} of {total}", ending="\n" if done == total else "")
            stream.flush()


def many(number: int, noun: str) -> str:
    """``1 claim``, ``2 claims``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"
