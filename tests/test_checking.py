"""What a check finds in a text: how often it is right, and what can never be."""

import time

import pytest
from django.core.management import call_command
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.models import Paragraph
from kb.textcheck.checking import LONGEST, TooLong, check
from kb.textcheck.words import Words
from tests.benchmarks.passages import HELD_OUT, Measured

FEW = settings(max_examples=30)


@pytest.fixture(scope="module")
def content(django_db_setup, django_db_blocker):
    """The shipped content, for the whole module; nothing here changes it."""
    from tests.attempts import undone

    with django_db_blocker.unblock(), undone():
        call_command("load_kb", verbosity=0)
        yield [*Paragraph.objects.filter(kind="body").order_by("pk")]


def test_the_labelled_passages(content, capsys):
    """The table that CI prints: at least 0.95 each, and nothing altered is called verbatim."""
    measured = Measured()
    with capsys.disabled():
        print(f"\n{measured.table()}")
    assert sum(n for name, n in measured.expected.items() if name[0] != "=") >= 80
    for verdict in ("verbatim", "altered"):
        assert measured.precision(verdict) >= 0.95, measured.misses
        assert measured.recall(f"={verdict}") >= 0.95, measured.misses
    assert not measured.altered_as_verbatim


def test_passages_that_were_not_used_to_build_it(content):
    measured = Measured(HELD_OUT)
    for verdict in ("verbatim", "altered"):
        assert measured.precision(verdict) >= 0.9, measured.misses
        assert measured.recall(f"={verdict}") >= 0.9, measured.misses
    assert not measured.altered_as_verbatim


def _slices(data, content, least):
    """A paragraph, and where some of its words start and end."""
    paragraph = data.draw(st.sampled_from(content))
    words = Words(paragraph.text)
    first = data.draw(st.integers(0, len(words) - least))
    last = data.draw(st.integers(first + least - 1, min(len(words), first + 60) - 1))
    return paragraph, words, first, last


@FEW
@given(st.data())
def test_a_slice_in_quotation_marks_is_verbatim(content, data):
    paragraph, words, first, last = _slices(data, content, 3)
    exact = paragraph.text[words.starts[first] : words.ends[last]]
    before = data.draw(st.sampled_from(["The text says ", "Read: ", "", "It is said\n\nthat "]))
    marks = data.draw(st.sampled_from(["«»", "„“", "“”"]))
    text = f"{before}{marks[0]}{exact}{marks[1]}, and so on."
    found = check(text)["passages"]
    at = len(before) + 1
    assert [(f["start"], f["end"], f["verdict"], f["exact"]) for f in found] == [
        (at, at + len(exact), "verbatim", exact)
    ]


@FEW
@given(st.data(), st.sampled_from(["not", "war", "three", "Germany"]), st.booleans())
def test_a_slice_with_another_word_is_never_verbatim(content, data, other, instead):
    paragraph, words, first, last = _slices(data, content, 3)
    changed = data.draw(st.integers(first, last))
    after = words.ends[changed] if instead else words.starts[changed]
    text = (
        paragraph.text[words.starts[first] : words.starts[changed]]
        + (other if instead else f"{other} ")
        + paragraph.text[after : words.ends[last]]
    )
    at = len(paragraph.text[words.starts[first] : words.starts[changed]])
    for found in check(f"The text says «{text}».")["passages"]:
        if found["start"] <= 15 + at < found["end"]:
            assert found["verdict"] not in ("verbatim", "typography")


@FEW
@given(st.text(max_size=400) | st.text(alphabet="“”\"'‘’«»> <q>/*_[]()…. peac\n", max_size=400))
def test_anything_gets_an_answer(content, text):
    before = 0
    for found in check(text)["passages"]:
        assert before <= found["start"] < found["end"] <= len(text)
        before = found["end"]


def test_what_is_verbatim_is_equal_to_the_code_point(content):
    text = "It says “peace and coopera\u00adtion for” and “peace\u00a0and cooperation”."
    assert [found["verdict"] for found in check(text)["passages"]] == ["typography", "typography"]


def test_offsets_are_those_of_the_text_as_given(content):
    text = "<p>😀 &ldquo;<b>full</b> member of a number&rdquo; and “active *member* of the”</p>"
    one, two = check(text)["passages"]
    assert text[one["start"] : one["end"]] == "full</b> member of a number"
    assert text[two["start"] : two["end"]] == "active *member* of the"


def test_where_it_stands_twice_the_neighbours_decide(content):
    text = "“{}”, and the first of them is “mutually beneficial relations”."
    for near, source in (
        ("the Western, Islamic countries, the Turkic world", "foreign-policy"),
        ("the path of democratic development", "after-gaining-independence"),
    ):
        assert [f["source"] for f in check(text.format(near))["passages"]] == [source, source]


def test_what_is_put_together_of_two_places_is_compared_with_both(content):
    text = "“{}, and {}”".format(
        "having overcome difficult trials, restored historical justice",
        "at present our state is a full member of a number of influential organizations",
    )
    [found] = check(text)["passages"]
    assert found["verdict"] == "altered"
    old = "".join(change["old"] for change in found["diff"])
    assert old.index("restored historical justice") < old.index("[…]") < old.index("At present")
    assert "".join(change["new"] for change in found["diff"]) == text[1:-1]


def test_a_longer_text_is_refused(content):
    check("a" * LONGEST)
    with pytest.raises(TooLong, match="20,001 characters; at most 20,000"):
        check("a" * (LONGEST + 1))


def test_time_grows_with_the_text(content):
    """Twice the text takes no more than some three times as long: what is quadratic takes four."""
    sentence = content[3].text[:400]

    def seconds(times):
        text = (
            f"The text says “{sentence}” and “{sentence[:90]} never {sentence[90:300]}”. " * times
        )
        started = time.process_time()
        check(text[:LONGEST])
        return time.process_time() - started

    seconds(2)
    assert seconds(24) < 3.5 * max(seconds(8), 0.05)
