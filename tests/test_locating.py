"""Words are found as a browser gives them back, in their place or in none."""

import random
import re
import unicodedata

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from kb.locating import LONGEST, Found, locate, nearest
from kb.models import Citation
from kb.models.spans import Unplaced

from .factories import make_source

UNSEEN = "\u00ad\u200b\u200e\u2060\ufeff"
SPACES = " \u00a0\n\r\t\u2009\u2028"
SIGNS = st.sampled_from([*"abA.,'’“”\"-–é1\U0001f54a", "e\u0301", "\r\n", *SPACES, *UNSEEN])
TEXTS = st.lists(SIGNS, min_size=1, max_size=40).map("".join)


def mangled(words: str, chance: random.Random) -> str:
    """``words`` as a browser may give them back."""
    sent = re.sub(r"\r\n|\r", "\n", words) if chance.random() < 0.5 else words
    sent = "".join(sign for sign in sent if sign not in UNSEEN or chance.random() < 0.5)
    kind = chance.randrange(4)
    if kind == 0:
        sent = sent.replace("\u00a0", " ")
    elif kind == 1:
        sent = re.sub(r"\s+", " ", sent)
    elif kind == 2:
        sent = sent.replace("\n", "\r\n")
    return f" {sent}\n" if chance.random() < 0.3 else sent


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space and unseen signs at its ends."""
    unseen = re.compile(rf"[\s{UNSEEN}]")
    while start < end and unseen.match(text[start]):
        start += 1
    while start < end and unseen.match(text[end - 1]):
        end -= 1
    return start, end


@given(TEXTS, st.data(), st.randoms(use_true_random=False))
def test_any_span_as_a_browser_sends_it_is_found_or_ambiguous_and_nowhere_else(text, data, chance):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    meant = trimmed(text, start, end)
    if meant[0] == meant[1]:
        assert locate(text, mangled(text[start:end], chance)) == Found([])
        return
    exact = mangled(text[start:end], chance)
    around = mangled(text[:start], chance), mangled(text[end:], chance)
    for found in (
        locate(text, exact),
        locate(text, exact, *around),
        locate(text, exact, around[0]),
    ):
        assert found.fits
        assert meant in [trimmed(text, place.start, place.end) for place in found.places]
        if only := found.at(None):
            assert trimmed(text, only.start, only.end) == meant
            assert found.at(only.start) == only


@given(TEXTS, st.data())
def test_all_that_stands_before_and_after_decides(text, data):
    """As the pages send it: unmangled, from the beginning to the end of the paragraph."""
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    meant = trimmed(text, start, end)
    found = locate(text, text[start:end], text[:start], text[end:])
    if meant[0] < meant[1] and text[:start].strip(SPACES + UNSEEN):
        assert meant in [trimmed(text, place.start, place.end) for place in found.places]
    if only := found.at(None):
        assert trimmed(text, only.start, only.end) == meant


@given(TEXTS, TEXTS)
def test_what_is_found_looks_like_what_was_sent(text, exact):
    def look(words):
        words = re.sub(f"[{UNSEEN}]", "", unicodedata.normalize("NFC", words))
        for signs in ("'’", '"“”', "-–"):
            words = re.sub(f"[{signs}]", signs[0], words)
        return " ".join(words.split())

    for place in locate(text, exact).places:
        assert look(place.exact) == look(exact)
        assert place.exact == text[place.start : place.end]


@pytest.mark.parametrize(
    ("text", "sent", "stands"),
    [
        ("We keep\nto order.", "keep\r\nto", "keep\nto"),
        ("We keep\r\nto order.", "keep\nto", "keep\r\nto"),
        ("We keep\rto order.", "keep to", "keep\rto"),
        ("100\u00a0million people", "100 million", "100\u00a0million"),
        ("co\u00adopera\u00adtion", "cooperation", "co\u00adopera\u00adtion"),
        ("said “good” things", 'said "good"', "said “good”"),
        ("a long–term aim", "long-term", "long–term"),
        ("the country’s aim", "country's", "country’s"),
        ("\U0001f54a\U0001f54a peace", "peace", "peace"),
        ("A cafe\u0301 there", "caf\u00e9", "cafe\u0301"),
        ("a.b (c) [d] $1", "(c) [d] $1", "(c) [d] $1"),
        ("A 5% share", "5% share", "5% share"),
        ("A peace", "\u2009\u200bpeace\u2028", "peace"),
        ("A peace now", " peace ", " peace "),
        ("The aim", "ai\u00adm", "aim"),
    ],
)
def test_words_are_taken_as_they_stand(text, sent, stands):
    place = locate(text, sent).at(None)
    assert place
    assert place.exact == stands
    assert place.start == text.index(stands)


def test_look_alikes_are_asked_about_and_typed_ones_only_when_nothing_else_is_there():
    spaces = "a\u00a0b or a b"
    assert [place.start for place in locate(spaces, "a b").places] == [0, 7]
    quotes = 'the "aim", the “aim”'
    assert [place.exact for place in locate(quotes, '"aim"').places] == ['"aim"']
    assert [place.exact for place in locate("“aim”, «aim», „aim“", '"aim"').places] == [
        "“aim”",
        "„aim“",
    ]


def test_what_stands_around_decides():
    text = "Peace is our aim, and again peace is the aim."
    assert locate(text, "is").at(None) is None
    assert locate(text, "is", "Peace ").at(None).start == 6
    assert locate(text, "is", suffix=" the aim").at(None).start == 34
    assert locate(text, "is", "x" * 9000 + "again\npeace").at(None) is None


def test_what_does_not_stand_around_is_not_passed_over():
    found = locate("Peace is our aim.", "Peace", suffix=" was")
    assert (len(found.places), found.fits, found.at(None), found.at(0)) == (1, False, None, None)


def test_a_place_shows_whole_words_around_it():
    text = f"{'word ' * 30}HERE{' next' * 30}"
    (place,) = locate(text, "HERE").places
    assert place.prefix == " " + "word " * 9
    assert place.suffix == " next" * 9 + " "
    (place,) = locate("Only HERE now", "HERE").places
    assert (place.prefix, place.suffix) == ("Only ", " now")


def test_what_is_far_too_long_is_looked_for_nowhere():
    assert locate("a" * 2 * LONGEST, "a" * (LONGEST + 1)) == Found([])
    assert nearest("a" * 10_000, "b" * 10_000) == ""


def test_the_model_finds_by_the_same_rule(db):
    paragraph = make_source("A 5%\u00a0share, and a 5% share of the “rest”.").paragraphs.get()
    citation = Citation(paragraph=paragraph, exact='share of the "rest"')
    citation.clean()
    assert (citation.start, citation.exact) == (21, "share of the “rest”")
    for exact, start, prefix, says in (
        ("5% share", None, "", "These words stand at 2, 18 in this paragraph: give the start"),
        (
            "5% share",
            3,
            "",
            "At 3 the paragraph reads “%\u00a0share,”. These words stand at 2, 18.",
        ),
        (
            "5% share",
            2,
            "and a ",
            "At 2 the paragraph reads “5%\u00a0share”. These words stand at 18",
        ),
        ("5% share", 2, "of a ", "but not between the words that came with them"),
        ("share of the rust", 2, "", "does not have these words. It reads “share of the “rest"),
    ):
        citation = Citation(paragraph=paragraph, exact=exact, start=start)
        citation.prefix = prefix
        with pytest.raises(ValidationError) as raised:
            citation.clean()
        (error,) = (e for errors in raised.value.error_dict.values() for e in errors)
        assert isinstance(error, Unplaced)
        assert says in error.message
    citation = Citation(paragraph=paragraph, exact="5% share", start=2)
    citation.clean()
    assert (citation.exact, citation.end) == ("5%\u00a0share", 10)
