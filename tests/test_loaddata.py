"""Plain ``loaddata`` of the same files: the door is the same, and so is what is refused."""

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.core.serializers.base import DeserializationError
from django.db import IntegrityError, transaction

from kb.models import Citation, Claim, Edition, Publication, Source
from kb.publishing import withdraw

from .attempts import content_version, exported, loaddata, parsed, rewritten
from .factories import make_claim, make_published, make_source
from .records import added, dropped, find, updated


@pytest.fixture
def directory(db, records, tmp_path):
    return rewritten(tmp_path, records)


def _tried(directory, error):
    """Loads, and is refused: nothing has changed."""
    before = exported(), Edition.objects.count(), Publication.objects.count()
    with pytest.raises(error) as refusal, transaction.atomic():
        loaddata(directory)
    assert (exported(), Edition.objects.count(), Publication.objects.count()) == before
    return str(refusal.value)


def test_the_shipped_fixtures_load_on_an_empty_base(db, settings):
    [fixtures] = settings.FIXTURE_DIRS
    loaddata(fixtures)
    assert exported() == {path.name: path.read_text("utf-8") for path in fixtures.iterdir()}
    edition = Edition.objects.get()
    assert (edition.number, edition.kind) == (1, "load")
    assert Publication.objects.count() == Claim.objects.published().count() > 100
    before = content_version()
    call_command("load_kb", verbosity=0)  # It finds nothing to load.
    assert content_version() == before


def test_a_file_is_named_without_its_path(db, records, tmp_path, settings):
    settings.FIXTURE_DIRS = [rewritten(tmp_path, records)]
    names = sorted(path.name for path in tmp_path.iterdir())
    call_command("loaddata", *(name.rpartition(".")[0] for name in names), verbosity=0)
    assert parsed(exported()) == records


def test_what_it_publishes_is_on_record(directory, records):
    loaddata(directory)
    assert parsed(exported()) == records
    edition = Edition.objects.get()
    assert (edition.number, edition.kind) == (1, "load")
    made = dict(edition.publications.values_list("claim__slug", "status"))
    assert made == dict(Claim.objects.values_list("slug", "status"))
    assert made["gone"] == "withdrawn"
    assert made["peace"] == "published"
    assert Claim.objects.get(slug="gone").withdrawal_reason == "A mistake."


def test_it_is_repeatable(directory):
    loaddata(directory)
    before = exported(), Edition.objects.count(), Citation.objects.count()
    loaddata(directory)
    assert (exported(), Edition.objects.count(), Citation.objects.count()) == before


def test_load_kb_takes_such_a_base_for_unedited(directory, load, records):
    loaddata(directory)
    assert load().startswith("Nothing to load")
    find(records, "kb.claim", slug="peace")["title"] = "Other"
    assert load(records).startswith("Edition 2")


def test_a_withdrawal_in_the_fixtures_arrives(directory, records):
    loaddata(directory)
    find(records, "kb.claim", slug="peace").update(
        status="withdrawn", withdrawal_reason="Read too much into it."
    )
    loaddata(rewritten(directory, records))
    claim = Claim.objects.get(slug="peace")
    assert (claim.status, claim.withdrawal_reason) == ("withdrawn", "Read too much into it.")
    assert [p.status for p in claim.publications.order_by("pk")] == ["published", "withdrawn"]


def test_what_was_withdrawn_here_is_published_again(directory):
    loaddata(directory)
    withdraw(Claim.objects.get(slug="peace"), "A mistake.")
    loaddata(directory)
    claim = Claim.objects.get(slug="peace")
    assert (claim.status, claim.withdrawal_reason) == ("published", "")
    assert claim.publications.count() == 3


REFUSED = {
    "no citation": (
        dropped("kb.citation", claim=["peace"]),
        CommandError,
        "peace: No citation: cite the words it rests on. Nothing was loaded.",
    ),
    "no speaker": (
        updated("kb.citation", {"role": "evidence"}, role="speaker", position=2),
        CommandError,
        "words: No citation says who speaks",
    ),
    "no child": (
        dropped("principles.principle"),
        CommandError,
        "peace: it has no principle record",
    ),
    "other words": (
        updated("kb.citation", {"exact": "Piece"}, claim=["peace"]),
        IntegrityError,
        "the exact words do not stand at this place of the paragraph",
    ),
    "a note's other words": (
        updated("kb.note", {"exact": "Piece"}),
        IntegrityError,
        "the exact words do not stand at this place of the paragraph",
    ),
    "a withdrawal without a reason": (
        updated("kb.claim", {"withdrawal_reason": ""}, slug="gone"),
        IntegrityError,
        "kb_claim_withdrawn_with_reason",
    ),
    "two speakers": (
        updated("principles.quotation", {"speaker_name": "Baku"}),
        IntegrityError,
        "principles_quotation_one_speaker",
    ),
    "a letter twice": (
        added("1-other.json", "kb.source", slug="other", siglum="A", title="Other"),
        IntegrityError,
        "siglum",
    ),
    "a missing paragraph": (
        updated("kb.citation", {"paragraph": ["policy", 1, "p9"]}, claim=["peace"]),
        DeserializationError,
        "Citation has no paragraph",
    ),
    "a paragraph that is none": (
        updated("kb.citation", {"paragraph": ["policy", 1, "x9"]}, claim=["peace"]),
        DeserializationError,
        "Citation has no paragraph",
    ),
}


@pytest.mark.parametrize(("change", "error", "says"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_hold_is_refused_and_nothing_is_loaded(
    directory, records, change, error, says
):
    change(records)
    assert says in _tried(rewritten(directory, records), error)
    assert not Source.objects.exists()


def test_it_does_not_edit_in_place(directory, records):
    loaddata(directory)
    find(records, "kb.claim", slug="peace")["title"] = "Other"
    assert "not edited in place" in _tried(rewritten(directory, records), IntegrityError)


def test_it_does_not_publish_what_refers_to_a_draft(directory, records):
    make_claim("principle", slug="draft", title="Draft")
    find(records, "kb.claim", slug="words")["about"].append(["draft"])
    said = _tried(rewritten(directory, records), CommandError)
    assert "words: “Draft” is not public" in said


def test_a_draft_of_ones_own_loads_as_a_draft(directory, records):
    """A fixture of the tests, say: it publishes nothing, so there is no edition."""
    rewritten(
        directory,
        {
            "1.yaml": [
                {
                    "model": "kb.claim",
                    "fields": {"kind": "statement", "slug": "x", "title": "X", "sentence": "X."},
                },
                {"model": "principles.statement", "fields": {"claim_ptr": ["x"]}},
            ]
        },
    )
    loaddata(directory)
    assert Claim.objects.get().status == "draft"
    assert not Edition.objects.exists()


def test_it_does_not_take_an_editors_work_for_loaded(directory):
    """Something published here, then another file by loaddata: load_kb still sees an edit."""
    call_command("load_kb", directory, verbosity=0)
    text = make_source("Here alone.", slug="here")
    make_published("principle", text, "p1", "Here", slug="mine")
    loaddata(directory)
    with pytest.raises(CommandError, match="edited since it was last loaded"):
        call_command("load_kb", directory, verbosity=0)
    assert Claim.objects.get(slug="mine").status == "published"
