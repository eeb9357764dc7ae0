"""Cutting and storing texts: what comes out is what went in, byte for byte."""

import hashlib
import unicodedata
from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from kb.cutting import UnfitOverride, UnfitText, cut, read
from kb.models import Paragraph, Sentence, Source, Transcription
from kb.storing import cut_of, next_siglum, store

from .attempts import undone
from .factories import make_source

KEPT = "\t\n\r"
CHARACTERS = st.one_of(
    st.sampled_from(" \t\n\r.!?…:;,\"'“”’()ab\u00a0\u2028\u3000\u200b\u0301\u05d0🇦🇿"),
    st.characters(exclude_categories=["Cs", "Cc"]),
    st.sampled_from(KEPT),
)
WORDS = st.sampled_from(
    [
        "Peace is the aim.",
        "Dr. Smith",
        "etc.",
        "U.N.",
        "“Yes.”",
        "...",
        "\r\n",
        "\n\n",
        " ",
        "e\u0301",
    ]
)
TEXTS = st.one_of(
    st.text(CHARACTERS, min_size=1, max_size=80), st.lists(WORDS, min_size=1).map("".join)
).filter(lambda text: text.strip() and not text.startswith("\ufeff"))


@st.composite
def overridden(draw):
    """A text and overrides that fit it."""
    text = draw(TEXTS)
    lines = [piece.line for piece in cut(text).pieces]
    splits = {
        f"{piece.line}:{draw(st.sampled_from(piece.sentences[1:]))[0]}"
        for piece in cut(text).pieces
        if piece.sentences[1:] and draw(st.booleans())
    }
    joins = draw(st.sets(st.sampled_from(lines[:-1]))) if lines[1:] else set()
    joined = cut(text, split=splits, join=joins)
    headings = draw(st.sets(st.sampled_from([piece.place for piece in joined.pieces])))
    overrides = {"split": list(splits), "join": list(joins), "heading": list(headings)}
    bodies = [p for p in cut(text, **overrides).pieces if p.kind == "body"]
    ends, no_ends = [], []
    for piece in bodies:
        words = piece.text.rstrip()
        if len(words) > 1 and draw(st.booleans()):
            ends.append(f"{piece.ref}:{draw(st.integers(1, len(words) - 1))}")
        if piece.sentences[1:] and draw(st.booleans()):
            no_ends.append(f"{piece.ref}:{draw(st.sampled_from(piece.sentences[:-1]))[1]}")
    return text, overrides | {"sentence_end": ends, "no_sentence_end": no_ends}


# Properties


@given(TEXTS)
@example("\r\n\r\n  One.\rTwo.\r\n\n ")
def test_any_text_comes_back_byte_for_byte(text):
    raw = text.encode()
    assert cut(read(raw)).text().encode() == raw


@given(overridden())
def test_whatever_is_overridden_the_bytes_come_back(drawn):
    text, overrides = drawn
    assert cut(text, **overrides).text() == text


@given(overridden())
def test_sentences_hold_every_character_once_and_in_order(drawn):
    text, overrides = drawn
    for piece in cut(text, **overrides).pieces:
        assert piece.text.strip()
        if piece.kind == "heading":
            assert piece.sentences == ()
            continue
        at = 0
        for start, end in piece.sentences:
            assert at <= start < end <= len(piece.text)
            assert piece.text[at:start].strip() == ""
            assert piece.text[start:end] == piece.text[start:end].strip()
            at = end
        assert piece.text[at:].strip() == ""
        assert piece.sentences


@given(overridden())
def test_the_overrides_on_record_give_the_same_cut_again(drawn):
    text, overrides = drawn
    made = cut(text, **overrides)
    assert cut(text, **made.overrides) == made


@given(overridden())
def test_pieces_are_numbered_from_1_each_kind_apart(drawn):
    text, overrides = drawn
    pieces = cut(text, **overrides).pieces
    for kind in ("heading", "body"):
        numbers = [piece.number for piece in pieces if piece.kind == kind]
        assert numbers == list(range(1, len(numbers) + 1))


@given(overridden())
def test_any_text_comes_back_from_the_database(db, drawn):
    text, overrides = drawn
    with undone():
        stored = store(Source(slug="any", title="Any"), cut(text, **overrides))
        assert stored.text().encode() == text.encode()
        assert stored.sha256 == hashlib.sha256(text.encode()).hexdigest()
        assert all(sentence.text.strip() for sentence in Sentence.objects.all())
        again = cut(stored.text(), **Transcription.objects.get().overrides)
        paragraphs = Paragraph.objects.order_by("position")
        assert cut_of(Transcription.objects.get(), paragraphs) == replace(again, hints=())
        with pytest.raises(ValidationError, match="this very text, cut in this way"):
            store(stored.source, again)


@given(st.binary(max_size=60))
def test_any_bytes_are_kept_or_refused_in_words(raw):
    try:
        text = read(raw)
    except UnfitText as error:
        refusal = str(error)
    else:
        assert text.encode() == raw
        assert text.strip()
        assert not {c for c in text if unicodedata.category(c) == "Cc"} - set(KEPT)
        assert cut(text).text() == text
        return
    assert refusal.startswith("The text ")


# Refusals


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "is empty"),
        (b" \t\r\n\n", "is empty"),
        ("\u00a0\u3000\u2028".encode(), "is empty"),
        (b"Peace\xff", r"is not UTF-8: byte 5 \(0xff\)"),
        ("Ə.".encode() + b"\xe2\x82", r"is not UTF-8: byte 3 \(0xe2\)"),
        ("Əliyev".encode("cp1254", "replace") + b"\xfe", "is not UTF-8: byte 6"),
        (b"\xed\xa0\x80", "is not UTF-8: byte 0"),
        (b"\xc0\xaf", "is not UTF-8: byte 0"),
        (b"\xef\xbb\xbfPeace.", "begins with a byte-order mark"),
        ("Peace.".encode("utf-16"), "begins with a byte-order mark"),
        ("Peace.".encode("utf-32"), "begins with a byte-order mark"),
        (b"\xfe\xff\x00P", "begins with a byte-order mark"),
        ("Peace.".encode("utf-16-le"), r"control character, U\+0000, in line 1 \(code point 1\)"),
        (b"Peace\x00.", r"U\+0000, in line 1 \(code point 5\)"),
        ("🇦🇿\n\u0301\x1b[0m".encode(), r"U\+001B, in line 2 \(code point 4\)"),
        (b"One.\n\nTwo\x0c.", r"U\+000C, in line 3"),
        (b"One\x7f", r"U\+007F"),
        ("One\u0085Two".encode(), r"U\+0085"),
        ("One\x9dTwo".encode(), r"U\+009D"),
    ],
    ids=repr,
)
def test_unfit_bytes_are_refused_in_clear_words(raw, says):
    with pytest.raises(UnfitText, match=says):
        read(raw)


def test_tab_and_line_ends_are_kept():
    assert read(b"A\tb.\r\nC.\rD.\n") == "A\tb.\r\nC.\rD.\n"


@pytest.mark.parametrize(
    ("overrides", "says"),
    [
        ({"heading": [2]}, "No paragraph begins in line 2"),
        ({"heading": [9]}, "No paragraph begins in line 9"),
        ({"heading": [0]}, "No paragraph begins in line 0"),
        ({"heading": [3], "join": [1]}, "No paragraph begins in line 3"),
        ({"join": [2]}, "Line 2 can't be joined"),
        ({"join": [3]}, "Line 3 can't be joined"),
        ({"join": [9]}, "Line 9 can't be joined"),
        ({"split": ["1"]}, "Line 1 can't be split there"),
        ({"split": ["2:1"]}, "Line 2 can't be split: it is blank"),
        ({"split": ["9:1"]}, "Line 9 can't be split"),
        ({"split": ["1:26"]}, "Line 1 can't be split there: a part has no words"),
        ({"split": ["1:99"]}, "Line 1 can't be split there"),
        ({"split": ["1:17", "1:18"]}, "Line 1 can't be split there"),
        ({"split": ["p1:4"]}, "“p1:4” is no place: write line and offset, as 7:120"),
        ({"split": ["1:0"]}, "“1:0” is no place"),
        ({"heading": ["1:18"]}, "No paragraph begins in line 1 after 18 characters"),
        ({"heading": ["one"]}, "“one” is no place"),
        ({"sentence_end": ["p3:4"]}, "There is no paragraph p3"),
        ({"sentence_end": ["h1:4"]}, "“h1:4” is no place"),
        ({"sentence_end": ["p1"]}, "“p1” is no place"),
        ({"sentence_end": ["p1:0"]}, "“p1:0” is no place"),
        ({"sentence_end": ["p1:x"]}, "“p1:x” is no place"),
        ({"sentence_end": ["p1:26"]}, "26 lies outside the paragraph"),
        ({"no_sentence_end": ["p1:5"]}, "No sentence is proposed to end at 5"),
        ({"no_sentence_end": ["p1:26"]}, "No sentence is proposed to end at 26"),
        ({"no_sentence_end": ["p7:1"]}, "There is no paragraph p7"),
        ({"heading": [1], "sentence_end": ["p2:4"]}, "There is no paragraph p2"),
    ],
    ids=str,
)
def test_unfit_overrides_are_refused_in_clear_words(overrides, says):
    with pytest.raises(UnfitOverride, match=says):
        cut("Peace is the aim. Not war.\n\nA second paragraph.", **overrides)


# The cut


def _cut(text, **overrides):
    made = cut(text, **overrides)
    return [(piece.ref, piece.text, piece.separator) for piece in made.pieces]


def test_a_line_that_is_not_blank_is_a_paragraph():
    assert _cut("\n One.\r\n \t\r\nTwo.\rThree.") == [
        ("p1", " One.", "\r\n \t\r\n"),
        ("p2", "Two.", "\r"),
        ("p3", "Three.", ""),
    ]
    assert cut("\n One.").leading == "\n"


def test_lines_are_counted_as_an_editor_counts_them():
    assert [piece.line for piece in cut("One.\r\n\r\nTwo.\rThree.\n").pieces] == [1, 3, 4]


def test_headings_are_no_body_paragraphs():
    assert _cut("Peace\nOne.\nWar\nTwo.", heading=[1, 3]) == [
        ("h1", "Peace", "\n"),
        ("p1", "One.", "\n"),
        ("h2", "War", "\n"),
        ("p2", "Two.", ""),
    ]


def test_joined_lines_keep_what_stands_between_them():
    assert _cut("The aim\r\n\r\nis\npeace.", join=[1, 3]) == [
        ("p1", "The aim\r\n\r\nis\npeace.", "")
    ]
    assert cut("The aim\nis peace.", join=[1]).pieces[0].sentences == ((0, 17),)


def test_a_line_is_split_and_the_white_space_between_is_kept():
    text = "POLICY  Peace is the aim. Not war."
    assert _cut(text, split=["1:8", "1:26"], heading=[1, "1:26"]) == [
        ("h1", "POLICY", "  "),
        ("p1", "Peace is the aim.", " "),
        ("h2", "Not war.", ""),
    ]
    assert [piece.place for piece in cut(text, split=["1:8"]).pieces] == [1, "1:8"]


def test_a_line_that_is_split_is_joined_by_its_last_part():
    assert _cut("POLICY The aim\nis peace.", split=["1:7"], join=[1]) == [
        ("p1", "POLICY", " "),
        ("p2", "The aim\nis peace.", ""),
    ]


def test_sentence_ends_are_overridden():
    text = "Peace is the aim. Not war."
    assert cut(text).pieces[0].sentences == ((0, 17), (18, 26))
    assert cut(text, no_sentence_end=["p1:17"]).pieces[0].sentences == ((0, 26),)
    assert cut(text, sentence_end=["p1:5"]).pieces[0].sentences == ((0, 5), (6, 17), (18, 26))


def test_overrides_are_kept_once_and_in_order():
    made = cut("A\nB\nC\nD.", heading=[3, 1, 1])
    assert made.overrides == {"heading": [1, 3]}
    assert cut("A.").overrides == {}


def test_a_line_that_ends_like_a_heading_is_hinted_at():
    assert cut("POLICY\nThe aim.\nA broken\nline.").hints == (
        "line 1 does not end in punctuation: --heading 1 or --join 1?",
        "line 3 does not end in punctuation: --heading 3 or --join 3?",
    )
    assert cut("POLICY\nThe aim.\nA broken\nline.", heading=[1], join=[3]).hints == ()
    assert cut("POLICY\nA\nb\nc.", heading=[1], join=[2]).hints == (
        "line 3 does not end in punctuation: --heading 2 or --join 3?",
    )


# Storing


def test_a_text_is_stored_with_its_hash_and_its_overrides(db):
    stored = make_source("POLICY\r\nPeace. War.\r\n", heading=[1])
    assert (stored.version, stored.overrides) == (1, {"heading": [1]})
    assert stored.sha256 == hashlib.sha256(b"POLICY\r\nPeace. War.\r\n").hexdigest()
    assert [(p.ref, p.position, p.text, p.separator) for p in stored.paragraphs.all()] == [
        ("h1", 1, "POLICY", "\r\n"),
        ("p1", 2, "Peace. War.", "\r\n"),
    ]
    assert [(s.ref, s.text) for s in Sentence.objects.all()] == [
        ("p1.s1", "Peace."),
        ("p1.s2", "War."),
    ]


def test_another_cut_of_the_same_text_is_the_next_version(db):
    first = make_source("POLICY\nPeace.")
    second = store(first.source, cut("POLICY\nPeace.", heading=[1]))
    assert (second.version, second.sha256) == (2, first.sha256)
    assert list(Transcription.objects.current()) == [second]
    third = store(first.source, cut("POLICY\nPeace."))
    assert third.version == 3  # A cut that was left may come back.


def test_the_same_cut_of_the_same_text_is_refused(db):
    first = make_source("POLICY\nPeace.", slug="policy", heading=[1])
    with pytest.raises(ValidationError, match="Version 1 of “policy” is this very text"):
        store(first.source, cut("POLICY\nPeace.", heading=[1]))
    assert Transcription.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"slug": "not a slug"},
        {"slug": ""},
        {"title": ""},
        {"title": "x" * 301},
        {"url": "no address"},
        {"url": "javascript:alert(1)"},
        {"siglum": "LONGER"},
    ],
    ids=str,
)
def test_an_unfit_source_stores_nothing(db, fields):
    with pytest.raises(ValidationError):
        store(Source(**{"slug": "any", "title": "Any"} | fields), cut("Peace."))
    assert not Source.objects.exists()
    assert not Paragraph.objects.exists()


def test_a_failure_half_way_stores_nothing(db):
    def broken(pieces):
        yield pieces[0]
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011
        store(Source(slug="any", title="Any"), cut("One.\nTwo."), progress=broken)
    assert not Source.objects.exists()
    assert not Paragraph.objects.exists()


def test_sigla_run_through_the_alphabet_and_on(db):
    for expected in (*"ABCDEFGHIJKLMNOPQRSTUVWXYZ", "AA", "AB"):
        assert next_siglum() == expected
        Source.objects.create(slug=f"source-{expected}", siglum=expected, title=expected)
    assert [source.siglum for source in Source.objects.all()][-3:] == ["Z", "AA", "AB"]
    Source.objects.get(siglum="C").delete()
    assert next_siglum() == "C"


# The shipped texts

SHIPPED = {
    "foreign-policy": (
        "c2105acd117815f95572759bc6c85399446cb601c6564f5cd8959f0937a85f4c",
        {"heading": [1], "join": [8]},
        (1, 7, 29),
    ),
    "after-gaining-independence": (
        "0c930c1b7f4560b6934313745840d5456fba1d9ddf70f34c748dd97025aa2e49",
        {},
        (0, 4, 14),
    ),
}


@pytest.mark.parametrize("slug", SHIPPED)
def test_the_shipped_texts_are_the_files_and_are_cut_by_this_code(shipped, slug):
    sha256, overrides, (headings, bodies, sentences) = SHIPPED[slug]
    stored = Transcription.objects.get_by_natural_key(slug, 1)
    raw = stored.text().encode()
    assert hashlib.sha256(raw).hexdigest() == stored.sha256 == sha256
    assert stored.overrides == overrides
    paragraphs = stored.paragraphs.all()
    assert sum(p.kind == "heading" for p in paragraphs) == headings
    assert sum(p.kind == "body" for p in paragraphs) == bodies
    assert Sentence.objects.filter(paragraph__transcription=stored).count() == sentences
    again = cut(read(raw), **stored.overrides)
    assert [(p.ref, p.text, p.separator) for p in again.pieces] == [
        (p.ref, p.text, p.separator) for p in paragraphs
    ]
    with pytest.raises(ValidationError, match="this very text, cut in this way"):
        store(stored.source, again)


def test_the_first_text_opens_with_a_heading_and_has_a_broken_paragraph(shipped):
    paragraphs = Paragraph.objects.filter(transcription__source__slug="foreign-policy")
    assert paragraphs.get(kind="heading").text == "FOREIGN POLICY"
    seventh = paragraphs.get(kind="body", number=7)
    first, _, rest = seventh.text.partition("\n")
    assert not first.rstrip().endswith((".", ":", "!", "?"))
    assert rest.startswith("(")  # As the text has it: in mid-sentence, before a bracket.
    [broken] = [s for s in seventh.sentences.all() if "\n" in s.text]
    assert broken.start < len(first) < broken.end


def test_the_second_text_keeps_its_no_break_space(shipped):
    stored = Transcription.objects.get_by_natural_key("after-gaining-independence", 1)
    assert stored.text().count("\u00a0") == 1
