"""Invariants 3, 4 and 6: texts never change, each sentence is accounted for, nothing moves."""

import pytest
from django.db import connection
from django.db.models import ProtectedError

from kb.cutting import cut
from kb.models import Citation, Claim, Note, Paragraph, Sentence, Source, Transcription
from kb.publishing import publish, withdraw
from kb.storing import store

from .attempts import dangling, exported, loaddata, parsed, refused, rewritten, sql, undone
from .factories import cite, make_claim, make_published, make_source

NEVER = "a transcription never changes: a correction or another cut is the next version"
KEEPS = "a transcription that is cited keeps its paragraphs and sentences"
TEXT = "FOREIGN\nPeace is the aim. Not war.\n\nA second paragraph."


@pytest.fixture
def source(db):
    return make_source(TEXT, slug="policy", heading=[1])


FROZEN = [
    (Transcription, {"sha256": "0" * 64}),
    (Transcription, {"version": 7}),
    (Transcription, {"leading": " "}),
    (Transcription, {"overrides": {"heading": [2]}}),
    (Paragraph, {"text": "Peace was the aim."}),
    (Paragraph, {"separator": ""}),
    (Paragraph, {"position": 9}),
    (Paragraph, {"number": 9}),
    (Paragraph, {"kind": "body", "number": 9}),
    (Sentence, {"start": 1}),
    (Sentence, {"end": 3}),
    (Sentence, {"number": 9}),
]


@pytest.mark.parametrize(("model", "change"), FROZEN, ids=[f"{m.__name__}-{c}" for m, c in FROZEN])
def test_no_part_of_a_transcription_changes(source, model, change):
    row = model.objects.order_by("pk").first()
    for name, value in change.items():
        setattr(row, name, value)
    with refused(NEVER):
        row.save()
    with refused(NEVER):
        model.objects.bulk_update([row], list(change))
    with refused(NEVER):
        model.objects.filter(pk=row.pk).update(**change)
    column, value = next(iter(change.items()))
    if not isinstance(value, dict):
        with refused(NEVER):
            sql(f'UPDATE {model._meta.db_table} SET "{column}" = %s WHERE id = %s', value, row.pk)
    assert source.text() == TEXT


def test_a_paragraph_does_not_move_to_another_transcription(source):
    other = make_source("Another text.")
    with refused(NEVER):
        source.paragraphs.update(transcription=other)
    with refused(NEVER):
        Transcription.objects.filter(pk=source.pk).update(source=other.source)


def test_a_paragraph_is_not_replaced_under_its_key(source):
    """As an upsert does, or SQLite's INSERT OR REPLACE, which calls no trigger for the old row."""
    paragraph = source.paragraphs.last()
    paragraph.text = "Other words."
    with refused(NEVER):
        Paragraph.objects.bulk_create(
            [paragraph], update_conflicts=True, update_fields=["text"], unique_fields=["id"]
        )


@pytest.mark.skipif(connection.vendor != "sqlite", reason="INSERT OR REPLACE is SQLite's")
def test_sqlite_replaces_no_row_of_a_text(source):
    for table, assigned in (
        ("kb_paragraph", "'Other words.' AS text"),
        ("kb_transcription", "'x' AS leading"),
        ("kb_sentence", "1 AS start"),
    ):
        column = assigned.split()[-1]
        names = [name for (_, name, *_) in sql(f"PRAGMA table_info({table})")]
        values = ", ".join(assigned if name == column else f'"{name}"' for name in names)
        columns = ", ".join(f'"{name}"' for name in names)
        with refused(NEVER):
            sql(f"INSERT OR REPLACE INTO {table} ({columns}) SELECT {values} FROM {table}")
    assert source.text() == TEXT


def test_a_version_is_there_once(source):
    with refused("(?i)unique"):
        Transcription.objects.create(source=source.source, version=1, sha256="0" * 64)
    with refused("version_from_1|version"):
        Transcription.objects.create(source=source.source, version=0, sha256="0" * 64)


def test_a_hash_is_a_hash(source):
    with refused("sha256_hex"):
        Transcription.objects.create(source=source.source, version=2, sha256="A" * 64)


def test_cited_texts_are_protected(source):
    """The citation of a draft protects no less."""
    claim = make_claim()
    cite(claim, source, "p1", "aim")
    paragraph = source.paragraphs.get(kind="body", number=1)
    for doomed in (source.source, source, paragraph):
        with pytest.raises(ProtectedError):
            doomed.delete()
    with refused(KEEPS):
        Paragraph.objects.filter(pk=paragraph.pk)._raw_delete("default")
    with refused(KEEPS):
        sql("DELETE FROM kb_paragraph WHERE number = 2")  # Cited itself or not.
    with refused(KEEPS):
        sql("DELETE FROM kb_sentence")
    with refused(KEEPS):
        Sentence.objects.first().delete()
    with dangling():
        sql("DELETE FROM kb_transcription")
    assert source.text() == TEXT
    assert Sentence.objects.count() == 3


def test_a_text_that_nobody_cites_can_go(source):
    for paragraph in source.paragraphs.all():
        paragraph.delete()
    source.delete()
    assert not Sentence.objects.exists()


def test_loaddata_does_not_change_a_text(source, tmp_path):
    files = parsed(exported())
    rewritten(tmp_path, files)
    loaddata(tmp_path)
    record = next(r for r in files["1-policy.json"] if r["model"] == "kb.paragraph")
    record["fields"]["text"] = "Foreign"
    rewritten(tmp_path, files)
    with refused(NEVER):
        loaddata(tmp_path)
    assert source.text() == TEXT


# Invariant 4


def _open() -> list[str]:
    return [sentence.text for sentence in Sentence.objects.open()]


def test_sentences_start_open_and_headings_have_none(source):
    assert _open() == ["Peace is the aim.", "Not war.", "A second paragraph."]


def test_a_sentence_is_read_when_a_published_claim_rests_on_it(source):
    claim = make_claim()
    cite(claim, source, "p1", "aim")
    assert len(_open()) == 3  # A draft's citation is no reading.
    make_published("principle", source, "p1", "aim", slug="aim")
    assert _open() == ["Not war.", "A second paragraph."]
    withdraw(Claim.objects.get(slug="aim"), "A mistake.")
    assert len(_open()) == 3


@pytest.mark.parametrize(
    ("exact", "left"),
    [
        ("aim.", ["Not war.", "A second paragraph."]),
        (" ", ["Peace is the aim.", "Not war.", "A second paragraph."]),
        ("aim. N", ["A second paragraph."]),
        ("Not", ["Peace is the aim.", "A second paragraph."]),
    ],
)
def test_one_shared_code_point_is_enough_and_touching_is_not(source, exact, left):
    claim = make_claim("principle")
    start = 17 if exact == " " else None
    cite(claim, source, "p1", exact, **({"start": start} if start else {}))
    publish(claim)
    assert _open() == left


def test_a_sentence_is_set_aside_with_a_reason(source):
    sentence = Sentence.objects.first()
    sentence.reason = "It announces what follows."
    sentence.save()
    assert _open() == ["Not war.", "A second paragraph."]
    current = Transcription.objects.current().with_counts().get()
    assert (current.sentence_count, current.open_count) == (3, 2)


def test_an_empty_sentence_is_none(source):
    paragraph = source.paragraphs.last()
    with refused("sentence_not_empty"):
        Sentence.objects.create(paragraph=paragraph, number=2, start=3, end=3)


# Invariant 6


def test_a_new_transcription_moves_no_citation(source):
    claim = make_published("principle", source, "p1", "aim", slug="aim")
    draft = make_claim()
    cite(draft, source, "p2", "second")
    paragraph = source.paragraphs.get(kind="body", number=1)
    Note.objects.create(paragraph=paragraph, start=0, end=5, exact="Peace", text="Ours.")
    before = list(Citation.objects.values_list("pk", "paragraph", "start", "end", "exact"))
    address = claim.citations.get().get_absolute_url()

    store(source.source, cut(TEXT))  # The same bytes, cut otherwise.
    newest = store(Source.objects.get(), cut(TEXT.replace("Peace", "Today peace")))

    assert newest.version == 3
    assert before == list(Citation.objects.values_list("pk", "paragraph", "start", "end", "exact"))
    assert claim.citations.get().get_absolute_url() == address == "/sources/policy/v1/#p1.13-16"
    assert not Citation.objects.filter(paragraph__transcription__version__gt=1).exists()
    assert not Note.objects.filter(paragraph__transcription__version__gt=1).exists()
    assert source.text() == TEXT
    unread = Sentence.objects.open().filter(paragraph__transcription=newest)
    assert [sentence.ref for sentence in unread] == ["p1.s1", "p2.s1", "p2.s2", "p3.s1"]


def test_loading_fixtures_moves_no_citation(db, tmp_path):
    with undone():
        make_published("principle", make_source("Peace. And peace."), "p1", "Peace", slug="aim")
        files = exported()
    rewritten(tmp_path, parsed(files))
    loaddata(tmp_path)
    store(Source.objects.get(), cut("And peace. Peace."))
    loaddata(tmp_path)
    citation = Citation.objects.get()
    assert (citation.paragraph.transcription.version, citation.start) == (1, 0)
