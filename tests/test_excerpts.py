"""Excerpts: cited words whole, in their sentence, and our cuts where it is long."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from kb.excerpts import OUR_CUT, Part, Span, enclosing, excerpt, runs

LONG = "word " * 60


def shown(parts):
    return "".join(part.text for part in parts)


def test_a_short_sentence_stands_whole_and_alone():
    text = "First. The words count. Last."
    sentences = [Span(0, 6), Span(7, 23), Span(24, 29)]
    parts = excerpt(text, [Span(11, 16)], sentences)
    assert parts == [Part("The "), Part("words", of=0), Part(" count.")]


def test_a_long_sentence_is_cut_at_words_and_says_so():
    text = LONG + "CITED " + LONG
    parts = excerpt(text, [Span(300, 305)], [Span(0, len(text))], reach=50)
    assert shown(parts).startswith("[…] word ")
    assert shown(parts).endswith(" word […]")
    assert parts.count(OUR_CUT) == 2
    assert len(shown(parts)) < 130


def test_words_far_apart_have_a_cut_between_them():
    text = "One " + LONG + "two"
    parts = excerpt(text, [Span(0, 3), Span(304, 307)], [Span(0, 307)], reach=30)
    assert [part.of for part in parts if part.of is not None] == [0, 1]
    assert parts.count(OUR_CUT) == 1


def test_words_over_a_sentence_end_show_both_sentences():
    sentences = [Span(0, 4), Span(5, 9)]
    assert enclosing(Span(2, 7), sentences) == (0, 9)
    assert enclosing(Span(4, 5), sentences) == (4, 5), "between two sentences there is neither"


def test_runs_join_what_shares_a_sentence_and_part_what_overlaps():
    sentences = [Span(0, 20), Span(21, 40)]
    assert runs([Span(10, 15), Span(0, 5), Span(25, 30)], sentences) == [[1, 0], [2]]
    assert runs([Span(0, 10), Span(5, 15)], sentences) == [[0], [1]]
    assert runs([], sentences) == []


@st.composite
def texts(draw):
    text = draw(st.text(alphabet="ab \n\r\u0301\u202e😀.<&", min_size=1, max_size=300))
    bounds = sorted(draw(st.sets(st.integers(0, len(text)), max_size=6)) | {0, len(text)})
    sentences = [Span(*pair) for pair in pairwise(bounds)]
    start = st.integers(0, len(text) - 1)
    spans = draw(
        st.lists(
            start.flatmap(lambda s: st.tuples(st.just(s), st.integers(s + 1, len(text)))),
            min_size=1,
            max_size=6,
            unique=True,
        )
    )
    return text, [Span(*span) for span in spans], sentences


@given(texts(), st.integers(0, 80))
def test_every_span_is_shown_once_verbatim_and_in_order(given, reach):
    text, spans, sentences = given
    groups = runs(spans, sentences)
    assert sorted(index for group in groups for index in group) == list(range(len(spans)))
    for group in groups:
        chosen = [spans[index] for index in group]
        parts = excerpt(text, chosen, sentences, reach)
        cited = [part for part in parts if part.of is not None]
        assert [part.text for part in cited] == [text[s.start : s.end] for s in chosen]
        assert [part.of for part in cited] == list(range(len(chosen)))
        at = 0
        for part in parts:
            if not part.is_cut:
                at = text.index(part.text, at) + len(part.text)
        if OUR_CUT not in parts:
            around = enclosing(Span(chosen[0].start, chosen[-1].end), sentences)
            assert shown(parts) == text[around.start : around.end]
