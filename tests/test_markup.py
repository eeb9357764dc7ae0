"""Span arithmetic: whatever the text and the spans, the markup holds the text, each span once."""

from collections import Counter
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb.markup import LANES, Span, drawn, is_crowded, lanes, letters, paragraph

VOID_OF_TEXT = "data-notext"


class Reader(HTMLParser):
    """Text content without ``data-notext``, ids, tags that stay open, and marks by code point."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.text, self.keys, self.ids, self.stack = "", [], [], []
        self.under: list[list[str]] = []  # for each code point: the classes around it
        self.deepest = 0
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.ids += [attrs["id"]] if "id" in attrs else []
        self.keys += [attrs["href"]] if VOID_OF_TEXT in attrs else []
        self.stack.append((tag, VOID_OF_TEXT in attrs, attrs.get("class") or ""))
        self.deepest = max(self.deepest, len(self.stack))

    def handle_endtag(self, tag):
        assert self.stack.pop()[0] == tag

    def handle_data(self, data):
        if not any(hidden for _, hidden, _ in self.stack):
            self.text += data
            self.under += [[classes for _, _, classes in self.stack]] * len(data)


# What add_source takes: any text but control characters other than tab, LF and CR.
alphabet = st.characters(exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\n\r&<>\"' ")
awkward = st.sampled_from(
    [
        "line one\r\nline two\rthree\n",
        "<script>alert('x')</script> & “quotes” &amp;",
        "שלום عليكم ‏right‎ to left",
        "👩‍👩‍👧 family e\u0301 a\u0300\u0323 flags 🇦🇿",
        "non\xa0breaking\u2028separator\u2029",
    ]
)
texts = st.text(alphabet, min_size=1, max_size=60) | awkward


@st.composite
def paragraphs(draw):
    """(text, disjoint sentences in order, spans of claims and notes)."""
    text = draw(texts)
    points = st.integers(0, len(text))
    bounds = sorted(draw(st.sets(points, max_size=8)))
    sentences = list(zip(bounds[::2], bounds[1::2], strict=False))
    pairs = draw(st.lists(st.tuples(points, points), max_size=12))
    spans = [
        Span(min(a, b), max(a, b), letters(n), f"n1{letters(n)}", draw(st.sampled_from(KINDS)))
        for n, (a, b) in enumerate(pairs, 1)
        if a != b
    ]
    return text, sentences, spans


KINDS = ["principle", "quotation", "statement", ""]


@given(paragraphs())
@example(("a\r\nb<i>&amp;", [(0, 4)], [Span(1, 2, "a", "n1a", "leader")]))
def test_text_content_is_the_text(case):
    text, sentences, spans = case
    read = Reader(paragraph("p1", text, sentences, spans))
    assert read.text == text
    assert read.stack == []


@given(paragraphs())
def test_every_anchor_stands_once_and_every_span_has_its_key(case):
    text, sentences, spans = case
    read = Reader(paragraph("p1", text, sentences, spans))
    expected = [f"p1.s{number}" for number, _ in enumerate(sentences, 1)]
    expected += [f"p1.{start}-{end}" for start, end in {(s.start, s.end) for s in spans}]
    assert Counter(read.ids) == Counter(expected)
    assert Counter(read.keys) == Counter(f"#{span.note}" for span in spans)


@given(paragraphs())
def test_words_are_marked_where_a_claim_cites_them_and_nowhere_else(case):
    text, sentences, spans = case
    read = Reader(paragraph("p1", text, sentences, spans))
    lane = lanes(drawn(span for span in spans if span.kind))
    for at, classes in enumerate(read.under):
        here = [span for span in lane if span.start <= at < span.end]
        lines = {f"k-{span.kind} l{lane[span]}" for span in here if lane[span]}
        crowd = {"crowd"} if any(not lane[span] for span in here) else set()
        noted = {"noted"} if any(s.start <= at < s.end for s in spans if not s.kind) else set()
        sentence = {"s"} if any(start <= at < end for start, end in sentences) else set()
        assert set(classes) == lines | crowd | noted | sentence
        assert len(classes) == len(set(classes)) <= LANES + 3


@given(paragraphs())
def test_a_lane_holds_one_span_at_a_time(case):
    by_lane: dict[int, list[Span]] = {}
    for span, lane in lanes(case[2]).items():
        by_lane.setdefault(lane, []).append(span)
    by_lane.pop(0, None)
    for spans in by_lane.values():
        spans.sort(key=lambda span: span.start)
        assert all(a.end <= b.start for a, b in pairwise(spans))


def test_sentences_and_spans_are_nested_and_keyed():
    html = paragraph(
        "p3",
        "Peace, law.",
        [(0, 11)],
        [
            Span(0, 10, "a", "n3a", "statement", "Law & <peace>"),
            Span(0, 5, "b", "n3b", "principle", "Peace"),
            Span(7, 10, "1", "n3-1", ""),
        ],
    )
    assert html == (
        '<span class="s" id="p3.s1">'
        '<mark class="k-statement l1" id="p3.0-10" data-c="p3.0-10">'
        '<mark class="k-principle l2" id="p3.0-5" data-c="p3.0-5">Peace</mark></mark>'
        '<a class="key" data-notext href="#n3b" data-c="p3.0-5" aria-label="Note 3b: Peace">b</a>'
        '<mark class="k-statement l1" data-c="p3.0-10">, </mark>'
        '<mark class="k-statement l1" data-c="p3.0-10">'
        '<span class="noted" id="p3.7-10" data-c="p3.7-10">law</span></mark>'
        '<a class="key edkey" data-notext href="#n3-1" data-c="p3.7-10"'
        ' aria-label="Editor’s note 3.1">1</a>'
        '<a class="key" data-notext href="#n3a" data-c="p3.0-10"'
        ' aria-label="Note 3a: Law &amp; &lt;peace&gt;">a</a>'
        ".</span>"
    )


def test_claims_of_one_kind_on_the_same_words_share_the_mark_but_not_the_key():
    same = [Span(0, 5, key, f"n1{key}", "principle") for key in "ab"]
    html = paragraph("p1", "Peace", (), [*same, Span(0, 5, "c", "n1c", "statement")])
    assert html.count('id="p1.0-5"') == 1
    assert html.count('<mark class="k-principle') == 1
    assert html.count('<mark class="k-statement') == 1
    assert Reader(html).keys == ["#n1a", "#n1b", "#n1c"]
    assert 'class="keys"' not in html


def test_many_keys_of_the_same_words_stand_together():
    spans = [Span(0, 5, key, f"n1{key}", "principle") for key in "abcd"]
    html = paragraph("p1", "Peace", (), [*spans, Span(2, 5, "e", "n1e", "principle")])
    together = html[html.index('<span class="keys">') : html.index("</span>")]
    assert [f"#n1{key}" in together for key in "abcde"] == [True, True, True, True, False]
    assert Reader(html).keys == [f"#n1{key}" for key in "abcde"]


def test_a_fourth_overlap_has_no_line_but_a_tint_and_its_key():
    spans = [Span(n, 10, letters(n + 1), f"n1{letters(n + 1)}", "statement") for n in range(5)]
    read = Reader(paragraph("p1", "0123456789", (), spans))
    assert read.under[9] == [*(f"k-statement l{lane}" for lane in (1, 2, 3)), "crowd"]
    assert read.keys == [f"#n1{letter}" for letter in "abcde"]


@given(paragraphs())
def test_a_text_is_crowded_where_words_are_shaded(case):
    text, sentences, spans = case
    shaded = any("crowd" in u for u in Reader(paragraph("p1", text, sentences, spans)).under)
    assert is_crowded(spans) == shaded


def test_markup_grows_with_the_spans_not_with_their_square():
    def size(count):
        spans = [
            Span(n, 2 * count - n, letters(n + 1), letters(n + 1), "statement")
            for n in range(count)
        ]
        return len(paragraph("p1", "x" * 2 * count, (), spans))

    assert size(2000) < 12 * size(200)


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (0, 6), (3, 3), (4, 2)])
def test_a_span_outside_the_text_is_refused(start, end):
    with pytest.raises(ValueError, match="no span of a text of 5"):
        paragraph("p1", "Peace", (), [Span(start, end, "a", "n", "leader")])


def test_letters():
    assert [letters(n) for n in (1, 26, 27, 52, 53, 702, 703)] == [
        "a", "z", "aa", "az", "ba", "zz", "aaa",
    ]  # fmt: skip
