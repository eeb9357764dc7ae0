"""What a check costs grows with the text, not with the sources."""

import random
import time

import pytest

from kb.textcheck.checking import LONGEST, check
from tests.factories import make_source

pytestmark = pytest.mark.django_db


def _paragraphs(number: int, seed: int) -> list[str]:
    """As texts on one subject have them: few words often, many seldom."""
    chance = random.Random(seed)
    words = [f"{chance.choice('bdfgklmnprst')}{chance.choice('aeiou')}{n}" for n in range(3000)]
    weights = [1 / (n + 1) for n in range(len(words))]
    return [" ".join(chance.choices(words, weights, k=60)) for _ in range(number)]


def _seconds(text: str) -> float:
    def once():
        started = time.process_time()
        assert {"verbatim", "altered"} <= {p["verdict"] for p in check(text)["passages"]}
        return time.process_time() - started

    return min(once() for _ in range(3))


def test_a_base_that_is_forty_times_as_large_costs_little_more(capsys):
    own = _paragraphs(10, seed=1)
    make_source("\n".join(own))
    quoted = (f"He writes “{p[:150]}” and “{p[20:80]} never {p[80:160]}”. " for p in own)
    text = "".join(quoted)[: LONGEST // 4]
    few = _seconds(text)
    make_source("\n".join(_paragraphs(400, seed=2)))
    many = _seconds(text)
    with capsys.disabled():
        print(f"\n{few:.3f} s with 10 paragraphs, {many:.3f} s with 410: {many / few:.1f} times")
    assert many < 3 * few
