"""Invariant 1: the exact words of a span are those of its paragraph, to the code point.

Tried through the model, in bulk, by raw SQL and by ``loaddata``; the admin has its own module.
"""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import IntegrityError, transaction

from kb.models import Citation, Note

from .attempts import exported, loaddata, parsed, refused, rewritten, sql, undone, write
from .factories import cite, make_claim, make_published, make_source

WORDS = "the exact words do not stand at this place"

# Each text with the words cited from it: what counts is code points, neither bytes, UTF-16 units
# nor what a reader sees as one letter.
TEXTS = {
    "plain": ("Peace is the aim.", "aim"),
    "after an emoji": ("Flags 🇦🇿 and 👩‍👩‍👧 first. Then peace.", "peace"),
    "an emoji itself": ("Flags 🇦🇿 and 👩‍👩‍👧 first.", "👩‍👩‍👧"),
    "half a flag": ("Flags 🇦🇿 first.", "\U0001f1e6"),
    "combining marks": ("Cafe\u0301 and a\u0323\u0302 de\u0301tente.", "de\u0301tente"),
    "the letter without its mark": ("Cafe\u0301 talks.", "Cafe"),
    "precomposed": ("Caf\u00e9 talks.", "\u00e9"),
    "right to left": ("قال «السلام» ثم שלום.", "«السلام»"),
    "marks of direction": ("a \u202eflipped\u202c word", "\u202eflipped\u202c"),
    "a no-break space": ("in\u00a0the region", "in\u00a0the"),
    "lines joined with CR LF": ("One line\r\ngoes on here.", "line\r\ngoes"),
    "tabs and quotes": ("A\t“quoted” 'word' \"here\" \\n %s $1", "'word' \"here\" \\n %s $1"),
    "Ə and ə": ("Heydər Əliyev", "Əliyev"),
    "white space at its ends": ("a  b  c", " b "),
}


@pytest.fixture
def source(db):
    return make_source("Peace is the aim. Not war.\nA second paragraph, of peace too.")


@pytest.fixture
def citation(source):
    return cite(make_claim(), source, "p1", "aim")


def _store(text: str):
    return make_source(text, join=[1] if "\r\n" in text else [])


@pytest.mark.parametrize(("text", "exact"), TEXTS.values(), ids=TEXTS)
def test_offsets_are_code_points_in_every_script(db, text, exact):
    citation = cite(make_claim(), _store(text), "p1", exact)
    citation.refresh_from_db()
    assert citation.start == text.index(exact)
    assert citation.end - citation.start == len(exact)
    assert citation.paragraph.text[citation.start : citation.end] == citation.exact == exact


@pytest.mark.parametrize(("text", "exact"), TEXTS.values(), ids=TEXTS)
def test_an_offset_one_off_is_refused_in_every_script(db, text, exact):
    citation = cite(make_claim(), _store(text), "p1", exact)
    for shift in (-1, 1):
        start = citation.start + shift
        if start < 0:
            continue
        with refused(WORDS):
            Citation.objects.filter(pk=citation.pk).update(start=start, end=start + len(exact))


@pytest.mark.parametrize(("text", "exact"), TEXTS.values(), ids=TEXTS)
def test_offsets_survive_export_and_load(db, tmp_path, text, exact):
    with undone():
        make_published("statement", _store(text), "p1", exact)
        files = exported()
    write(tmp_path, files)
    call_command("load_kb", tmp_path, verbosity=0)
    citation = Citation.objects.get()
    assert citation.exact == exact
    assert citation.paragraph.text == text
    assert exported() == files


@pytest.mark.parametrize("text", ["Cafe\u0301", "Caf\u00e9"])
def test_equal_to_the_eye_is_not_equal(db, text):
    source = make_source(text)
    other = "\u00e9" if text.endswith("\u0301") else "e\u0301"
    with refused(WORDS):
        Citation.objects.create(
            claim=make_claim(),
            paragraph=source.paragraphs.get(),
            start=3,
            end=3 + len(other),
            exact=other,
        )


@pytest.mark.parametrize("exact", ["war", "AIM", "a\u0456m", "ai\u0301m"])
def test_other_words_are_refused_by_the_model_and_by_the_database(source, exact):
    paragraph = source.paragraphs.get(number=1)
    citation = Citation(
        claim=make_claim(), paragraph=paragraph, exact=exact, start=13, end=13 + len(exact)
    )
    with pytest.raises(ValidationError):
        citation.full_clean()
    with refused(WORDS):
        citation.save()
    with refused(WORDS):
        Citation.objects.bulk_create([citation])
    assert not Citation.objects.exists()


@pytest.mark.parametrize(
    "change",
    [
        {"exact": "aid"},
        {"start": 12, "end": 15},
        {"start": 0, "end": 3},
        {"start": 1_000_000, "end": 1_000_003},
    ],
    ids=str,
)
def test_a_citation_does_not_come_apart_from_its_words(citation, change):
    for name, value in change.items():
        setattr(citation, name, value)
    with refused(WORDS):
        citation.save()
    with refused(WORDS):
        Citation.objects.bulk_update([citation], ["exact", "start", "end"])
    with refused(WORDS):
        Citation.objects.filter(pk=citation.pk).update(**change)
    pairs = ", ".join(f'"{name}" = %s' for name in change)
    with refused(WORDS):
        sql(f"UPDATE kb_citation SET {pairs} WHERE id = %s", *change.values(), citation.pk)
    citation.refresh_from_db()
    assert (citation.start, citation.end, citation.exact) == (13, 16, "aim")


def test_a_citation_does_not_move_to_a_paragraph_without_its_words(source, citation):
    with refused(WORDS):
        Citation.objects.filter(pk=citation.pk).update(paragraph=source.paragraphs.get(number=2))


@pytest.mark.parametrize(("start", "end"), [(13, 13), (16, 13), (13, 12), (13, 17), (13, 15)])
def test_the_end_is_the_start_and_the_length(citation, start, end):
    with pytest.raises(IntegrityError), transaction.atomic():
        sql('UPDATE kb_citation SET start = %s, "end" = %s', start, end)


def test_no_offset_is_counted_from_the_end(citation):
    """SQLite's substr takes a negative offset from the end: -4 to -1 are the words "aim"."""
    with pytest.raises(IntegrityError), transaction.atomic():
        sql('UPDATE kb_citation SET exact = %s, start = -4, "end" = -1', "war")


def test_no_words_are_no_citation(source):
    paragraph = source.paragraphs.get(number=1)
    claim = make_claim()
    with pytest.raises(ValidationError):
        Citation(claim=claim, paragraph=paragraph, exact="", start=4, end=4).full_clean()
    with refused("not_empty"):
        Citation.objects.create(claim=claim, paragraph=paragraph, exact="", start=4, end=4)
    with refused("not_empty"):
        sql(
            'INSERT INTO kb_citation (claim_id, paragraph_id, start, "end", exact, role, note, '
            "position) VALUES (%s, %s, 4, 4, '', 'evidence', '', 0)",
            claim.pk,
            paragraph.pk,
        )


def test_raw_sql_can_not_insert_other_words(source):
    with refused(WORDS):
        sql(
            'INSERT INTO kb_citation (claim_id, paragraph_id, start, "end", exact, role, note, '
            "position) VALUES (%s, %s, 0, 3, 'War', 'evidence', '', 0)",
            make_claim().pk,
            source.paragraphs.get(number=1).pk,
        )


def test_notes_keep_to_their_words_too(source):
    paragraph = source.paragraphs.get(number=1)
    note = Note.objects.create(paragraph=paragraph, start=0, end=5, exact="Peace", text="Ours.")
    with refused(WORDS):
        Note.objects.create(paragraph=paragraph, start=0, end=5, exact="peace", text="Ours.")
    with refused(WORDS):
        Note.objects.filter(pk=note.pk).update(start=1, end=6)
    with refused(WORDS):
        sql("UPDATE kb_note SET exact = 'Piece'")


def test_a_sentence_stays_in_its_paragraph(source):
    sentence = source.paragraphs.get(number=1).sentences.first()
    with refused("ends after its paragraph"):
        sentence.paragraph.sentences.create(number=9, start=20, end=27)
    with refused("a transcription never changes"):
        sql('UPDATE kb_sentence SET "end" = 1000 WHERE id = %s', sentence.pk)


@pytest.mark.parametrize(
    "change",
    [{"exact": "War"}, {"start": 1, "end": 6}, {"end": 4}, {"start": 5, "end": 0}],
    ids=str,
)
def test_loaddata_of_a_wrong_span_loads_nothing(db, tmp_path, change):
    with undone():
        make_published("principle", make_source("Peace is the aim."), "p1", "Peace")
        files = parsed(exported())
    [record] = [r for r in files["5-principles.yaml"] if r["model"] == "kb.citation"]
    rewritten(tmp_path, files)
    with undone():
        loaddata(tmp_path)  # It is the change alone that is refused.
    record["fields"] |= change
    rewritten(tmp_path, files)
    with pytest.raises(IntegrityError), transaction.atomic():
        loaddata(tmp_path)
    assert not Citation.objects.exists()


def test_the_model_finds_the_place(source):
    citation = Citation(claim=make_claim(), paragraph=source.paragraphs.get(number=2))
    citation.exact = "of peace"
    citation.full_clean()
    assert (citation.start, citation.end) == (20, 28)


def test_the_model_asks_which_of_two_places_is_meant(db):
    paragraph = make_source("Peace, and again Peace.").paragraphs.get()
    citation = Citation(claim=make_claim(), paragraph=paragraph, exact="Peace")
    with pytest.raises(ValidationError) as error:
        citation.full_clean()
    assert "stand at 0, 17 in this paragraph" in str(error.value.message_dict["start"])
    citation.start = 17
    citation.full_clean()
    assert citation.end == 22


@pytest.mark.parametrize(
    ("exact", "start", "says"),
    [
        ("Peace is an aim", None, "It reads “Peace is the aim” instead."),
        ("nothing of this kind", None, "It begins “Peace is the aim. Not war.”"),
        ("aim", 12, "At 12 the paragraph reads “ ai”. These words stand at 13."),
    ],
)
def test_the_model_says_what_stands_there_instead(source, exact, start, says):
    citation = Citation(
        claim=make_claim(), paragraph=source.paragraphs.get(number=1), exact=exact, start=start
    )
    with pytest.raises(ValidationError) as error:
        citation.full_clean()
    assert says in " ".join(error.value.message_dict["exact"])
