"""Text fragments: encoded as browsers read them, and leading to these words alone."""

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.fragments import Directive, address, directive, widened
from kb.models import Citation

WORDS = st.sampled_from(["peace", "Law", "and", "the", "non-use", "a,b", "x&y", "“we", "é", "İl"])
TEXTS = st.lists(st.tuples(WORDS, st.sampled_from([" ", "\n", ", ", " — "])), min_size=1).map(
    lambda pairs: "".join(word + gap for word, gap in pairs)
)


def parsed(encoded: str) -> Directive:
    """As the draft has it: split at commas, then a dash tells prefix and suffix, then decoded."""
    parts = encoded.removeprefix("text=").split(",")
    prefix = parts.pop(0)[:-1] if parts[0].endswith("-") else ""
    suffix = parts.pop()[1:] if parts[-1].startswith("-") else ""
    start, end = [*parts, ""][:2]
    assert len(parts) <= 2
    return Directive(*map(unquote, (prefix, start, end, suffix)))


def at(text, words, *others):
    start = text.index(words)
    return str(directive(text, start, start + len(words), others))


def test_few_words_stand_with_what_is_around_them():
    text = "We have always held to peace and to law in all that we do."
    assert at(text, "peace") == "text=always%20held%20to-,peace,-and%20to%20law"


def test_many_words_need_nothing_around_them():
    text = "So we say that one two three four five six seven eight is enough."
    words = "one two three four five six seven eight"
    assert at(text, words) == "text=one%20two%20three%20four%20five%20six%20seven%20eight"


def test_of_long_words_the_first_and_the_last_are_named():
    text = "Now " + " ".join(f"word{n}" for n in range(40)) + " end."
    words = text[4:-5]
    assert at(text, words) == (
        "text=word0%20word1%20word2%20word3%20word4,word35%20word36%20word37%20word38%20word39"
    )


def test_words_in_two_lines_are_named_by_both():
    text = "He said:\nwe hold to peace\nand to law\nfor ever."
    assert at(text, "we hold to peace\nand to law") == "text=we%20hold%20to,and%20to%20law"


def test_what_separates_the_parts_is_encoded():
    text = "a non-use, b & c of it"
    assert at(text, "non-use, b & c") == "text=a-,non%2Duse%2C%20b%20%26%20c,-of%20it"
    assert parsed(at(text, "non-use, b & c")).start == "non-use, b & c"


def test_a_later_place_is_told_from_an_earlier_one():
    text = "the law of the sea and the law of the land"
    start = text.rindex("law of")
    assert directive(text, start, start + 6).found(text) == (start, start + 6)


def test_a_place_is_told_from_those_in_other_paragraphs():
    text, other = "once more we say peace to all men here", "for never more we say peace to all men"
    assert directive(text, 17, 22).found(other)
    assert not directive(text, 17, 22, [other]).found(other)


def test_half_a_word_is_widened_and_white_space_left_out():
    assert widened("one peaceful two", 6, 9) == (4, 12)
    assert widened("one peace  two", 3, 11) == (4, 9)
    assert widened("(one)", 0, 5) == (0, 5)


def test_the_address_keeps_an_anchor_and_is_of_web_pages_alone():
    words = Directive("", "peace", "", "")
    assert address("https://a.example/b", words) == "https://a.example/b#:~:text=peace"
    assert address("https://a.example/b#top", words) == "https://a.example/b#top:~:text=peace"
    assert address("https://a.example/#:~:text=old", words) == "https://a.example/#:~:text=peace"
    assert address("ftp://a.example/b", words) == ""
    assert address("", words) == ""
    assert address("javascript:alert(1)", words) == ""


@given(TEXTS, st.data())
def test_the_first_place_that_fits_is_the_right_one(text, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    words = widened(text, start, end)
    if words[0] >= words[1]:
        return
    made = directive(text, start, end)
    assert parsed(str(made)) == made
    line = text.rfind("\n", 0, words[0]), text.find("\n", words[1])
    if made.found(text) != words:  # then its whole line stands around it, and tells it from none
        assert made.prefix == " ".join(text[line[0] + 1 : words[0]].split())


@pytest.mark.usefixtures("shipped")
def test_each_shipped_citation_is_found_alone_in_its_whole_source():
    whole: dict = {}
    for citation in Citation.objects.select_related("paragraph__transcription"):
        paragraph = citation.paragraph
        text, start = whole.get(paragraph.pk) or whole.setdefault(paragraph.pk, _whole(paragraph))
        made = directive(paragraph.text, citation.start, citation.end)
        words = widened(paragraph.text, citation.start, citation.end)
        assert made.found(text) == (start + words[0], start + words[1]), str(citation)


def _whole(paragraph):
    pieces = list(paragraph.transcription.paragraphs.order_by("position"))
    texts = [piece.text for piece in pieces]
    before = texts[: [piece.pk for piece in pieces].index(paragraph.pk)]
    return "\n\n".join(texts), sum(len(text) + 2 for text in before)
