"""An editor's hand on a cut: paragraphs split, joined, made headings; the text stays the text."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.cutting import UnfitOverride, cut
from kb.recutting import ACTS, placed, recut

from .test_cutting import TEXTS

TEXT = "POLICY One is here. Two is there.\nThree\n\nends here. Four."


def _texts(made):
    return [(piece.ref, piece.text) for piece in made.pieces]


def _begin(made, ref):
    return next(start for start, piece in placed(made) if piece.ref == ref)


@given(TEXTS, st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 80)), max_size=8))
def test_whatever_is_done_the_pieces_joined_are_the_text(text, acts):
    made = cut(text)
    for act, number in acts:
        places = [start for start, _ in placed(made)] if number % 2 else range(len(text) + 1)
        with suppress(UnfitOverride):
            made = recut(made, act, places[number % len(places)])
        assert made.text() == text
        assert cut(text, **made.overrides) == made


@given(TEXTS, st.data())
def test_what_is_split_and_joined_again_is_as_before(text, data):
    made = cut(text)
    begins = [start + at for start, piece in placed(made) for at, _ in piece.sentences[1:]]
    if not begins:
        return
    at = data.draw(st.sampled_from(begins))
    parted = recut(made, "split", at)
    assert len(parted.pieces) == len(made.pieces) + 1
    assert at in [start for start, _ in placed(parted)]
    begin = max(start for start, _ in placed(parted) if start < at)
    assert recut(parted, "join", begin) == made


@given(TEXTS, st.data())
def test_what_is_joined_and_split_again_is_as_before(text, data):
    made = cut(text)
    starts = [start for start, _ in placed(made)]
    if len(starts) < 2:
        return
    number = data.draw(st.integers(0, len(starts) - 2))
    joined = recut(made, "join", starts[number])
    assert len(joined.pieces) == len(made.pieces) - 1
    assert recut(joined, "split", starts[number + 1]) == made


def test_a_paragraph_is_split_before_a_sentence():
    made = recut(cut(TEXT), "split", TEXT.index("Two"))
    assert made.overrides == {"split": ["1:20"]}
    assert _texts(made)[:2] == [("p1", "POLICY One is here."), ("p2", "Two is there.")]
    assert made.pieces[0].separator == " "


def test_a_title_on_the_line_of_its_text_becomes_a_heading_and_each_part_can():
    made = recut(cut(TEXT), "split", TEXT.index("One"))
    made = recut(made, "heading", 0)
    assert _texts(made)[:2] == [("h1", "POLICY"), ("p1", "One is here. Two is there.")]
    made = recut(made, "heading", TEXT.index("One"))
    assert made.overrides == {"split": ["1:7"], "heading": [1, "1:7"]}
    assert recut(made, "body", 0).overrides == {"split": ["1:7"], "heading": ["1:7"]}


def test_a_line_that_is_split_is_joined_by_its_last_part():
    made = recut(cut(TEXT), "split", TEXT.index("Two"))
    made = recut(made, "join", TEXT.index("Two"))
    assert _texts(made)[:2] == [("p1", "POLICY One is here."), ("p2", "Two is there.\nThree")]
    made = recut(made, "split", TEXT.index("Four"))
    assert made.overrides == {"split": ["1:20", "4:11"], "join": [1]}
    assert recut(made, "split", TEXT.index("Three")).overrides == {"split": ["1:20", "4:11"]}


def test_a_join_over_blank_lines_is_taken_back():
    made = recut(cut(TEXT), "join", TEXT.index("Three"))
    assert made.overrides == {"join": [2]}
    assert recut(made, "split", TEXT.index("ends")).overrides == {}


def test_joining_a_heading_makes_it_body():
    made = recut(cut(TEXT), "heading", TEXT.index("Three"))
    assert recut(made, "join", 0).overrides == {"join": [1]}


def test_changed_sentence_ends_stay_in_the_text_when_paragraphs_are_numbered_anew():
    at = TEXT.index(" here. Two")
    made = recut(cut(TEXT), "no_end", TEXT.index(" Two"))
    made = recut(made, "end", at)
    assert made.overrides == {"sentence_end": ["p1:13"], "no_sentence_end": ["p1:19"]}
    made = recut(made, "split", TEXT.index("One"))
    assert made.overrides["sentence_end"] == ["p2:6"]
    made = recut(made, "heading", 0)
    assert made.overrides["sentence_end"] == ["p1:6"]
    assert made.overrides["no_sentence_end"] == ["p1:12"]
    assert recut(made, "heading", TEXT.index("One")).overrides.keys() == {"heading", "split"}


def test_sentence_ends_are_put_back():
    end = TEXT.index(" Two")
    made = recut(cut(TEXT), "no_end", end)
    assert recut(made, "end", end).overrides == {}
    made = recut(cut(TEXT), "end", 10)
    assert recut(made, "no_end", 10).overrides == {}


@pytest.mark.parametrize(
    ("act", "at", "says"),
    [
        ("erase", 0, "“erase” is nothing that can be done"),
        ("heading", 3, "No paragraph begins there any more"),
        ("join", TEXT.index("ends"), "No paragraph follows"),
        ("split", 0, "begins there already"),
        ("split", TEXT.index("ends"), "begins there already"),
        ("split", len(TEXT), "a part has no words"),
        ("heading", 9999, "No paragraph stands there"),
    ],
)
def test_what_can_not_be_done_is_said(act, at, says):
    with pytest.raises(UnfitOverride, match=says):
        recut(cut(TEXT), act, at)
