"""Two texts side by side: paragraphs are aligned by what they say."""

from hypothesis import given
from hypothesis import strategies as st

from kb.aligning import runs
from kb.cutting import Piece, cut


def shown(old: str, new: str, **overrides) -> list[tuple[bool, list[str]]]:
    aligned = runs(cut(old).pieces, cut(new, **overrides).pieces)
    return [(run.is_same, [pair.label for pair in run.pairs]) for run in aligned]


def test_paragraphs_are_paired_by_their_words():
    old = "First of all.\nTrade is free in all of the region.\nWe want peace.\nThe end."
    new = "First of all.\nWe all want peace.\nTrade is fair in all of the region.\nThe end."
    assert shown(old, new) == [
        (True, ["¶ 1"]),
        (False, ["¶ 2, new", "¶ 3, formerly 2", "¶ 3, left out"]),
        (True, ["¶ 4"]),
    ]


def test_a_paragraph_may_be_left_out_or_new():
    assert shown("One thing.\nTwo things.", "Two things.\nOther stuff.") == [
        (False, ["¶ 1, left out"]),
        (True, ["¶ 1, formerly 2"]),
        (False, ["¶ 2, new"]),
    ]
    assert shown("One thing.", "Quite another.") == [(False, ["¶ 1, left out", "¶ 1, new"])]


def test_what_became_a_heading_is_new():
    assert shown("On peace\nWe want it.", "On peace\nWe want it.", heading=[1]) == [
        (False, ["¶ heading 1, formerly 1"]),
        (True, ["¶ 1, formerly 2"]),
    ]


def test_changes_are_shown_word_by_word():
    (run,) = runs(cut("We want peace.").pieces, cut("We all want peace.").pieces)
    (pair,) = run.pairs
    assert "".join(change.old for change in pair.changes) == "We want peace."
    assert [change.new for change in pair.changes if not change.is_same] == ["all "]


def test_the_same_words_cut_otherwise():
    text = "We met at 5 p.m. in Baku. All was well."
    (run,) = runs(cut(text).pieces, cut(text, sentence_end=["p1:16"]).pieces)
    assert run.is_same
    assert run.pairs[0].is_cut_otherwise


def test_paragraphs_that_stand_more_than_once_keep_their_order():
    old = "* * *\nOne thing.\n* * *\nTwo things.\n* * *"
    new = "* * *\nOne thing.\n* * *\nThree of them.\n* * *"
    assert shown(old, new) == [
        (True, ["¶ 1", "¶ 2", "¶ 3"]),
        (False, ["¶ 4, left out", "¶ 4, new"]),
        (True, ["¶ 5"]),
    ]


@given(st.lists(st.sampled_from("abcdef"), max_size=9), st.lists(st.sampled_from("abcdef")))
def test_each_paragraph_stands_there_once_and_in_order(old, new):
    texts = [[Piece("body", n, n, text, "\n") for n, text in enumerate(t, 1)] for t in (old, new)]
    pairs = [pair for run in runs(*texts) for pair in run.pairs]
    assert [pair.old for pair in pairs if pair.old] == texts[0]
    assert [pair.new for pair in pairs if pair.new] == texts[1]
    if old == new:
        assert all(pair.is_same for pair in pairs)


def test_very_many_paragraphs_that_all_changed_go_in_order():
    old = "\n".join(f"Old {n} says this." for n in range(250))
    new = "\n".join(f"New {n} says that." for n in range(250))
    assert shown(old, new) == [(False, [f"¶ {n}" for n in range(1, 251)])]
