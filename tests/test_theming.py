"""Themes are separated by commas alone."""

import pytest
from taggit.utils import parse_tags


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Peace and stability", ["Peace and stability"]),
        ("Peace and stability, Trade", ["Peace and stability", "Trade"]),
        ('"Peace, stability"', ["Peace, stability"]),
        ('"Peace, stability", Trade', ["Peace, stability", "Trade"]),
        ("Trade, Trade,", ["Trade"]),
        ("", []),
    ],
)
def test_only_commas_separate(typed, names):
    assert parse_tags(typed) == names
