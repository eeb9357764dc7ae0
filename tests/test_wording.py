"""The word diff: what it shows joins back to both wordings."""

from hypothesis import given
from hypothesis import strategies as st

from kb import wording
from kb.wording import Change, word_diff

WORDS = st.lists(st.sampled_from(["peace", "is", "the", "aim", " ", ",", "\n", "é"])).map("".join)


@given(WORDS | st.text(), WORDS | st.text())
def test_both_wordings_come_back(old, new):
    changes = word_diff(old, new)
    assert "".join(change.old for change in changes) == old
    assert "".join(change.new for change in changes) == new
    assert all(change.is_same for change in changes) == (old == new)


def test_a_word_is_changed_whole():
    assert word_diff("the aim is peace.", "the aims are peace.") == [
        Change("the ", "the "),
        Change("aim", "aims"),
        Change(" ", " "),
        Change("is", "are"),
        Change(" peace.", " peace."),
    ]


def test_what_is_too_much_to_compare_is_one_change(monkeypatch):
    monkeypatch.setattr(wording, "MOST", 3)
    assert word_diff("so a b c d end", "so e b f d end") == [
        Change("so ", "so "),
        Change("a b c", "e b f"),
        Change(" d end", " d end"),
    ]
