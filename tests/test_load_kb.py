"""``manage.py load_kb``: all or nothing, one edition, nothing of an editor's work lost."""

import io
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from kb.content.loading import WITHDRAWN_BY_LOAD
from kb.cutting import cut
from kb.models import Claim, Edition, Note, Paragraph, Publication, Sentence, Source, Transcription
from kb.publishing import open_draft, publish, withdraw
from kb.storing import store

from .attempts import content_version, exported, parsed, rewritten, undone
from .factories import cite, make_claim, make_published, make_source
from .records import TEXT, dropped, find, left_out, remove, updated

# What is loaded


def test_an_empty_base_takes_the_fixtures_as_one_edition(load, records):
    out = load(records)
    assert parsed(exported()) == records
    edition = Edition.objects.get()
    assert (edition.number, edition.kind) == (1, "load")
    assert Publication.objects.filter(edition=edition).count() == Claim.objects.count() == 7
    total = sum(len(of_file) for of_file in records.values())
    assert out == (
        f"Edition 1: {total} records added, 0 changed, 0 removed, 0 claims withdrawn; "
        "6 published claims in all.\n"
    )
    assert Claim.objects.get(slug="gone").withdrawal_reason == "A mistake."
    assert Publication.objects.get(claim__slug="gone").status == "withdrawn"


def test_loading_again_changes_nothing(load, records):
    load(records)
    before = content_version(), Edition.objects.count(), Publication.objects.count()
    assert load() == "Nothing to load: the base has what the fixtures say.\n"
    assert load(None, "--overwrite").startswith("Nothing to load")
    assert (content_version(), Edition.objects.count(), Publication.objects.count()) == before


def test_values_at_their_default_and_order_are_no_difference(load, records):
    load(records)
    before = content_version()
    find(records, "kb.claim", slug="peace")["note"] = ""
    find(records, "kb.claim", slug="words")["about"].reverse()
    find(records, "kb.transcription")["version"] = 1
    for name in records:
        records[name].reverse()
    assert load(records).startswith("Nothing to load")
    assert content_version() == before


def test_changed_fixtures_are_a_new_edition_of_what_changed(load, records):
    load(records)
    find(records, "kb.claim", slug="peace")["title"] = "Peace and quiet"
    find(records, "kb.citation", claim=["aim"])["note"] = "Here."
    remove(records, "in-body")
    with pytest.raises(CommandError, match="lack claims that are published here"):
        load(records)  # Files may be missing by mistake: nothing is withdrawn unasked.
    out = load(records, "--overwrite")
    assert out == (
        "Edition 2: 0 records added, 2 changed, 0 removed, 1 claim withdrawn; "
        "5 published claims in all.\n"
    )
    made = Edition.objects.get(number=2).publications.all()
    assert {(publication.claim.slug, publication.status) for publication in made} == {
        ("peace", "published"),
        ("aim", "published"),
        ("in-body", "withdrawn"),
    }
    assert Claim.objects.get(slug="in-body").withdrawal_reason == WITHDRAWN_BY_LOAD
    assert made.get(claim__slug="peace").snapshot["title"] == "Peace and quiet"
    assert load().startswith("Nothing to load")


CHANGES = {
    "another citation": updated(
        "kb.citation", {"start": 9, "end": 12, "exact": "the"}, claim=["aim"]
    ),
    "a citation less": dropped("kb.citation", claim=["words"], start=0),
    "a theme less": dropped("kb.taggedclaim", tag=["Ends"]),
    "about less": updated("kb.claim", {"about": [["peace"]]}, slug="words"),
    "about none": left_out("kb.claim", "about", slug="words"),
    "another speaker": updated("principles.quotation", {"leader": None, "speaker_name": "Baku"}),
    "another degree": updated("organizations.membership", {"degree": "active"}),
    "back from withdrawal": updated(
        "kb.claim", {"status": "published", "withdrawal_reason": ""}, slug="gone"
    ),
    "withdrawn": updated(
        "kb.claim", {"status": "withdrawn", "withdrawal_reason": "Ours."}, slug="peace"
    ),
    "another reason": updated("kb.claim", {"withdrawal_reason": "Another."}, slug="gone"),
    "the source's title": updated("kb.source", {"title": "POLICY"}),
    "a note": updated("kb.note", {"text": "Another."}),
    "a note less": dropped("kb.note"),
    "words set aside no longer": dropped("kb.note", start=6),
    "words set aside, now only noted": left_out("kb.note", "sets_aside", start=6),
    "a theme's slug": updated("taggit.tag", {"slug": "the-ends"}, name="Ends"),
    "a sentence set aside no longer": left_out("kb.sentence", "reason", reason="It adds nothing."),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_each_change_of_the_fixtures_arrives_in_the_base(load, records, change):
    load(records)
    change(records)
    assert load(records).startswith("Edition 2: ")
    for name, found in parsed(exported()).items():
        assert sorted(map(_bare, found)) == sorted(map(_bare, records[name]))
    assert load().startswith("Nothing to load")


def _bare(record):
    fields = {name: value for name, value in record["fields"].items() if value}
    return json.dumps([record["model"], fields], sort_keys=True)


def test_a_new_transcription_in_the_fixtures_is_added(load, records):
    load(records)
    with undone():
        store(Source.objects.get(), cut(TEXT, join=[1]))
        newer = parsed(exported())
    assert load(newer).startswith("Edition 2: ")
    assert Transcription.objects.count() == 2


def test_if_empty_loads_an_empty_base_alone(load, records):
    assert load(records, "--if-empty").startswith("Edition 1")
    find(records, "kb.claim", slug="peace")["title"] = "Other"
    assert load(records, "--if-empty") == ""
    assert Claim.objects.get(slug="peace").title == "Peace"
    assert load({"5-principles.yaml": ["broken"]}, "--if-empty") == ""


def test_if_empty_leaves_a_base_with_a_draft_alone(load, records):
    make_claim(slug="mine")
    assert load(records, "--if-empty") == ""
    assert not Source.objects.exists()


def test_quiet_when_told(load, records):
    assert load(records, verbosity=0) == ""


def test_progress_is_shown_on_a_terminal_alone(db, tmp_path, records):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    rewritten(tmp_path, records)
    with undone():
        call_command("load_kb", tmp_path, stdout=(terminal := Terminal()))
        assert "\rRecord " in terminal.getvalue()
    call_command("load_kb", tmp_path, stdout=(pipe := io.StringIO()))
    assert "\r" not in pipe.getvalue()


# A base that was edited

EDITS = {
    "published": lambda: make_published(
        "principle", Transcription.objects.get(), "p1", "is", slug="war"
    ),
    "corrected": lambda: _correct("peace"),
    "withdrawn": lambda: withdraw(Claim.objects.get(slug="peace"), "A mistake."),
    "noted otherwise": lambda: Note.objects.update(text="Changed."),
    "set aside": lambda: Sentence.objects.filter(number=2).update(reason="Another."),
    "renamed": lambda: Source.objects.update(title="Renamed"),
    "noted": lambda: Note.objects.create(
        paragraph=Paragraph.objects.last(), start=0, end=1, exact="A", text="x"
    ),
}


def _correct(slug):
    draft = open_draft(Claim.objects.get(slug=slug))
    draft.title = "Corrected"
    draft.save()
    publish(draft)


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_an_edited_base_is_left_alone_with_the_differences_listed(load, records, edit):
    load(records)
    edit()
    before = exported(), content_version(), Edition.objects.count()
    with pytest.raises(CommandError, match="was edited since it was last loaded") as error:
        load()
    assert (exported(), content_version(), Edition.objects.count()) == before
    assert "Nothing was loaded. Keep the edits with export_kb" in str(error.value)


@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_overwrite_gives_the_edits_up(load, records, edit):
    load(records)
    before = parsed(exported())
    edit()
    load(None, "--overwrite")
    after = parsed(exported())
    published = [r for r in after["5-principles.yaml"] if r["fields"].get("slug") != "war"]
    assert {**before, "5-principles.yaml": []} == {**after, "5-principles.yaml": []}
    if edit is EDITS["published"]:
        assert Claim.objects.get(slug="war").status == "withdrawn"  # Not deleted.
        published = [r for r in published if "war" not in json.dumps(r["fields"])]
    assert published == before["5-principles.yaml"]
    assert load().startswith("Nothing to load")


def test_the_differences_are_named(load, records):
    load(records)
    _correct("peace")
    make_published("principle", Transcription.objects.get(), "p1", "aim", slug="war")
    remove(records, "aim")
    find(records, "kb.citation", claim=["in-body"]).update(
        start=2, end=8, exact="second", position=0
    )
    with pytest.raises(CommandError) as error:
        load(records)
    listed = str(error.value).splitlines()[1:-1]
    assert sorted(listed) == [
        "added: kb.citation in-body policy 1 p2 2 8",
        "changed: kb.claim peace",
        "removed: kb.citation in-body policy 1 p2 9 18",
        "withdrawn: kb.claim aim",
        "withdrawn: kb.claim war",
    ]


def test_a_long_list_of_differences_is_cut(load, records):
    load(records)
    source = Transcription.objects.get()
    for number in range(45):
        make_published("principle", source, "p1", "aim", slug=f"war-{number}")
    with pytest.raises(CommandError, match="… and 5 more"):
        load()


def test_an_edit_that_reached_the_fixtures_is_no_difference(load, records):
    load(records)
    _correct("peace")
    assert load(parsed(exported())).startswith("Nothing to load")


def test_a_source_of_the_base_alone_stays(load, records):
    load(records)
    other = make_source("Another text.", slug="other", siglum="Z")
    find(records, "kb.claim", slug="peace").update(title="x")
    with pytest.raises(CommandError, match="was edited"):
        load(records)
    load(records, "--overwrite")
    assert other.text() == "Another text."


def test_drafts_in_the_base_survive(load, records):
    load(records)
    fresh = make_claim(slug="mine", tags=["Mine"])
    cite(fresh, Transcription.objects.get(), "p1", "war")
    successor = open_draft(Claim.objects.get(slug="peace"))
    successor.title = "Being changed"
    successor.save()
    find(records, "kb.claim", slug="peace")["title"] = "From the fixtures"
    find(records, "kb.citation", claim=["peace"]).update(note="Here.")
    load(records)  # Drafts are no edit of the content.
    assert Claim.objects.get(slug="peace").title == "From the fixtures"
    assert Claim.objects.get(pk=successor.pk).title == "Being changed"
    assert successor.citations.get().exact == "Peace"
    assert [c.exact for c in Claim.objects.get(slug="mine").citations.all()] == ["war"]
    assert publish(successor).title == "Being changed"


def test_a_draft_in_the_way_is_named_and_kept(load, records):
    mine = make_claim("statement", slug="peace", title="Mine")
    with pytest.raises(CommandError) as error:
        load(records)
    assert "5-principles.yaml, record 1 (line 1, kb.claim peace): slug: a draft in this base" in (
        str(error.value)
    )
    assert Claim.objects.get().title == mine.title
    assert not Source.objects.exists()


def test_an_export_is_no_edit_any_more(load, records, settings, tmp_path):
    """Edited here, exported, changed by somebody else in the files: their change is loaded."""
    load(records)
    draft = open_draft(Claim.objects.get(slug="peace"))
    draft.title = "Peace here"
    draft.save()
    publish(draft)
    settings.FIXTURE_DIRS = [tmp_path]
    call_command("export_kb", verbosity=0, stdout=io.StringIO())
    records = parsed(exported())
    find(records, "kb.claim", slug="aim")["title"] = "An aim elsewhere"
    assert load(records).startswith("Edition 3: 0 records added, 1 changed")
    assert Claim.objects.get(slug="peace").title == "Peace here"


def test_a_theme_that_claims_still_carry_is_missed(load, records):
    load(records)
    records["2-themes.yaml"] = records["2-themes.yaml"][1:]
    with pytest.raises(CommandError, match="there is no tag"):
        load(records)


def test_an_added_source_keeps_no_base_from_its_first_load(load, records):
    make_source("Another text.", slug="other", siglum="Z")
    assert load(records).startswith("Edition 1:")
    assert "sources that they lack: other" in load()
