"""manage.py verify: each invariant broken behind the triggers' back is one line and exit code 1."""

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from kb import triggers
from kb.content.verifying import unread, verify
from kb.models import Claim, Note, Paragraph, Publication, Sentence
from kb.publishing import open_draft, publish, withdraw

from .factories import cite, make_claim, make_published, make_source

pytestmark = pytest.mark.django_db


@pytest.fixture
def unguarded():
    """Runs SQL as somebody who dropped the triggers, and puts them back."""

    def run(sql):
        triggers.drop(connection)
        with connection.cursor() as cursor:
            cursor.execute(sql)
        triggers.install(connection)

    return run


@pytest.fixture
def peace():
    transcription = make_source("Peace is a principle. Neutrality is another.", slug="first")
    return make_published("principle", transcription, "p1", "Peace", slug="peace")


def faults():
    return [str(fault) for fault in verify()]


def test_a_sound_base_has_no_faults(peace):
    publish(open_draft(peace))
    withdraw(Claim.objects.get(slug="peace"), "Said twice.")
    assert faults() == []


def test_the_shipped_content_is_sound_and_complete(shipped, capsys):
    call_command("verify", "--complete")
    assert "2 sources, 43 sentences (0 not yet read)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        (
            "UPDATE kb_citation SET exact = 'Peach'",
            "[1] first/v1#p1.0-5: “Peach” is cited, “Peace” stands there",
        ),
        ("DELETE FROM kb_citation", "[2] peace: published without a citation"),
        ("UPDATE kb_paragraph SET separator = ' '", "[3] first/v1: SHA-256 on record"),
        (
            "UPDATE kb_sentence SET start = 3 WHERE number = 1",
            "[4] first/v1#p1: 'Peace is a principle. Neutrality is anot'",
        ),
        (
            "DELETE FROM kb_sentence WHERE number = 2",
            "[4] first/v1#p1: ' Neutrality is another.' is in no sentence, or in two",
        ),
        (
            "UPDATE kb_sentence SET reason = 'Unclear.'",
            "[4] first/v1#p1.s1: set aside, but a published claim rests on it",
        ),
        ("DELETE FROM principles_principle", "[5] peace: it has no row of its kind, principle"),
        (
            "INSERT INTO principles_statement SELECT id FROM kb_claim",
            "[5] peace: it has rows of two kinds",
        ),
        ("DELETE FROM kb_publication", "[8] peace: published, but no edition says so"),
        (
            "UPDATE kb_claim SET title = 'War'",
            "[8] peace: changed since its publication: title",
        ),
        ("UPDATE kb_claim SET status = 'draft'", "[5] peace: was published, and is now “draft”"),
        (
            "UPDATE kb_claim SET slug = 'war'",
            "[8] war: changed since its publication: slug",
        ),
    ],
)
def test_a_broken_invariant_is_reported(peace, unguarded, sql, expected):
    unguarded(sql)
    assert any(fault.startswith(expected) for fault in faults()), faults()


def test_words_set_aside_and_cited_are_reported(peace):
    paragraph = Paragraph.objects.get(number=1)
    Note.objects.create(
        paragraph=paragraph, start=0, end=8, exact="Peace is", text="No.", sets_aside=True
    )
    assert faults() == ["[4] first/v1#p1.0-8: words set aside, but a published claim rests on them"]
    Note.objects.update(sets_aside=False)
    assert faults() == []


def test_a_quotation_that_lost_its_speaker_is_reported(unguarded):
    transcription = make_source("Baku said that it is neutral.")
    claim = make_claim("quotation", slug="said")
    cite(claim, transcription, "p1", "Baku said", role="speaker")
    cite(claim, transcription, "p1", "it is neutral")
    publish(claim)
    unguarded("UPDATE kb_citation SET role = 'evidence'")
    assert any("No citation says who speaks" in fault for fault in faults())


def test_a_missing_trigger_is_reported_with_its_cure(peace):
    sql = triggers.expected()[0]
    drop = "DROP FUNCTION {}() CASCADE" if connection.vendor == "postgresql" else "DROP TRIGGER {}"
    with connection.cursor() as cursor:
        cursor.execute(drop.format(sql.name))
    assert faults() == [f"[0] {sql.name}: this trigger is missing: run manage.py migrate"]


def test_a_snapshot_of_an_older_format_is_left_to_its_readers(peace, unguarded):
    unguarded("UPDATE kb_publication SET format = 0, snapshot = '{}'")
    assert Publication.objects.get().format == 0
    assert faults() == []


def test_drafts_are_nobodys_fault(peace):
    draft = make_claim("principle", slug="half-done")
    assert draft.citations.count() == 0
    assert faults() == []


def test_faults_go_to_stderr_a_line_each_and_the_exit_code_is_1(peace, unguarded, capsys):
    unguarded("UPDATE kb_publication SET status = 'withdrawn'")
    with pytest.raises(SystemExit) as exit_info:
        call_command("verify")
    out, err = capsys.readouterr()
    assert exit_info.value.code == 1
    assert err.splitlines() == ["[8] peace: published, but no edition says so"]
    assert out.endswith("1 published claim, 1 citation: 1 fault.\n")


def test_open_sentences_fail_only_where_completeness_is_asked_for(peace, capsys):
    call_command("verify")
    assert "(1 not yet read)" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        call_command("verify", "--complete", "first")
    assert "[4] first/v1#p1.s2: not yet read: “Neutrality is another.”" in capsys.readouterr().err


def test_completeness_is_of_the_sources_named(peace):
    make_source("Nobody has read this.", slug="second")
    Sentence.objects.filter(paragraph__transcription__source__slug="first").update(reason="Later.")
    assert [fault.where for fault in unread(["first"])] == []
    assert [fault.where for fault in unread()] == ["second/v1#p1.s1"]


def test_an_unknown_source_is_named(peace):
    with pytest.raises(CommandError, match=r"There is no source “third”\. There are: first\."):
        call_command("verify", "--complete", "third")
