"""The index of the search follows every way in which what is public changes, and nothing else."""

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from taggit.models import Tag

from kb.correcting import confirm, undo
from kb.cutting import cut
from kb.models import Claim, Entry, Paragraph, Source, Word
from kb.publishing import (
    as_if_published,
    open_draft,
    publish,
    publish_all,
    send_back,
    submit,
    withdraw,
)
from kb.search import entries, index
from kb.search.asking import read
from kb.search.finding import find
from kb.search.index import drift
from kb.storing import remove

from .attempts import rewritten, sql
from .factories import cite, make_claim, make_hidden, make_published, make_source
from .records import find as find_record
from .records import remove as remove_record

pytestmark = pytest.mark.django_db

TEXT = "Peace is our aim, said Baku.\nNothing rests on the second paragraph."


@pytest.fixture
def source():
    return make_source(TEXT, "policy", title="Policy")


def found(query, **facets) -> set[str]:
    """The slugs of claims, and the addresses of paragraphs; the index is sound besides."""
    assert list(drift()) == []
    answer = find(read(query), facets)
    claims = Claim.objects.filter(pk__in=[entry.claim_id for entry in answer.claims])
    places = Paragraph.objects.filter(pk__in=[entry.paragraph_id for entry in answer.passages])
    return {claim.slug for claim in claims} | {
        f"v{p.transcription.version} {p.ref}" for p in places
    }


def test_what_is_not_public_is_not_found_by_any_of_its_words(source):
    secret = {"sentence": "Zyxsentence", "note": "Zyxnote", "tags": ["Zyxtheme"]}
    for kind in ("principle", "quotation", "organization"):
        make_hidden(kind, source, "p1", "Peace", **secret)
    draft = open_draft(make_published("leader", source, "p1", "Baku", slug="baku"))
    Claim.objects.filter(pk=draft.pk).update(title="Zyxtitle")
    cite(draft, source, "p2", "second paragraph", note="Zyxcited")
    submit(draft, note="Zyxstep")
    assert Claim.objects.filter(sentence="Zyxsentence").count() == 9
    for word in ("sentence", "note", "theme", "title", "cited", "step"):
        assert found(f"zyx{word}") == set()
    assert found("zyx*") == found("hidden") == set()
    assert not Word.objects.filter(word__startswith="zyx").exists()
    assert found("baku") == {"baku", "v1 p1"}
    assert Entry.objects.filter(claim__isnull=False).count() == 1


def test_a_preview_leaves_nothing(source):
    draft = make_claim("principle", "zyx", title="Zyx")
    cite(draft, source, "p1", "Peace")
    with as_if_published(draft):
        pass
    assert found("zyx") == set()


def test_publishing_withdrawing_and_publishing_anew(source):
    claim = make_published("principle", source, "p1", "Peace", slug="peace", title="Harmony")
    assert found("harmony") == {"peace"}
    assert found("peace") == {"peace", "v1 p1"}
    draft = open_draft(claim)
    type(draft).objects.filter(pk=draft.pk).update(title="Concord")
    draft.tags.set(["Aims"])
    assert found("harmony") == {"peace"}
    assert found("concord") == set()
    publish(draft)
    assert found("harmony") == set()
    assert found("concord") == found("", theme="aims") == {"peace"}
    withdraw(claim, "A mistake.")
    assert found("concord") == found("", theme="aims") == found("mistake") == set()
    assert not Word.objects.filter(word="concord").exists()


def test_several_published_at_once_and_one_sent_back(source):
    claims = [make_claim("principle", slug, title="Concord") for slug in ("one", "two")]
    for claim in claims:
        cite(claim, source, "p1", "Peace")
        submit(claim)
    send_back(claims[1])
    publish_all(claims)
    assert found("concord") == {"one", "two"}


def test_what_fails_or_is_rolled_back_leaves_no_trace(source):
    claim = make_claim("principle", "peace", title="Concord")
    cite(claim, source, "p1", "Peace")
    with transaction.atomic():
        publish(claim)
        transaction.set_rollback(True)
    assert found("concord") == set()


def test_a_name_that_changes_changes_for_those_that_bear_it(source):
    leader = make_published("leader", source, "p1", "Baku", slug="baku", title="Baku").specific()
    make_published(
        "quotation", source, "p1", "said Baku", slug="said", leader=leader, title="On peace"
    )
    assert found("baku", kind="quotation") == {"said"}
    draft = open_draft(leader)
    type(draft).objects.filter(pk=draft.pk).update(title="The capital")
    publish(draft)
    assert found("capital") == {"baku", "said"}
    assert found("", leader="baku") == {"baku", "said"}


def test_a_theme_that_is_renamed(source):
    make_published("principle", source, "p1", "Peace", slug="peace", tags=["Goals"])
    theme = Tag.objects.get()
    theme.name, theme.slug = "Ends", "ends"
    theme.save()
    assert found("ends") == found("", theme="ends") == {"peace"}
    assert found("goals") == found("", theme="goals") == set()


def test_a_source_described_otherwise_changes_nothing_that_is_found(source):
    Source.objects.update(title="Another title", siglum="Q")
    assert found("second", source="policy") == {"v1 p2"}


def test_the_next_transcription_takes_the_place_of_the_last_and_gives_it_back(source):
    make_published("principle", source, "p1", "Peace", slug="peace")
    assert found("nothing") == {"v1 p2"}
    carry = confirm(source.source, cut(TEXT.replace("Nothing", "Something")))
    assert found("nothing") == set()
    assert found("something") == {"v2 p2"}
    assert found("peace") == {"peace", "v2 p1"}
    publish(Claim.objects.get(supersedes__slug="peace"))
    assert found("peace", source="policy") == {"peace", "v2 p1"}
    withdraw(Claim.objects.get(slug="peace"), "A mistake.")
    assert found("peace") == {"v2 p1"}
    assert not carry.moved["reasons"]


def test_a_carrying_undone_and_a_source_taken_out(source):
    carry = confirm(source.source, cut(TEXT.replace("Nothing", "Something")))
    assert undo(carry)
    assert found("nothing") == {"v1 p2"}
    assert found("something") == set()
    remove(source.source.transcriptions.all())
    assert found("peace") == set()
    assert not Word.objects.exists()


def test_loads(load, records):
    load(records)
    assert found("peace") == {"peace", "v1 p1"}
    assert found("", theme="aims") == {"peace", "aim"}
    find_record(records, "kb.claim", slug="peace")["title"] = "Concord"
    remove_record(records, "aim")
    load(records, "--overwrite")
    assert found("concord") == {"peace"}
    assert found("", theme="ends") == set()


def test_loaddata_of_texts_and_claims(tmp_path, records):
    rewritten(tmp_path, records)
    call_command("loaddata", *sorted(tmp_path.iterdir()), verbosity=0)
    assert {"peace", "v1 p1"} <= found("peace")


def test_a_long_paragraph_is_indexed_whole_and_a_late_word_leads_to_it(monkeypatch):
    monkeypatch.setattr(entries, "RUN", 5)
    make_source("one two three four five six seven eight nine ten eleven", "long")
    assert found("eleven") == found("two") == {"v1 p1"}
    assert found("one nine") == set()
    [late] = find(read("seven"), {}).passages
    assert late.start == len("one two three four five ")


def test_a_load_indexes_in_few_queries(django_assert_max_num_queries, source):
    """One for all that is known; claims, kinds, citations, themes, what they are about; entries
    that there are, entries out and in; words out and in.
    """
    keys = [make_published("principle", source, "p1", "Peace", tags=["Aims"]).pk for _ in range(12)]
    Entry.objects.filter(claim__in=keys).delete()
    Word.objects.all().delete()
    with django_assert_max_num_queries(13):
        index.follow_claims(keys)
    assert Entry.objects.filter(claim__in=keys).count() == 12


def test_drafts_cost_one_query(django_assert_num_queries, source):
    keys = [make_claim("principle").pk for _ in range(3)]
    with transaction.atomic(), django_assert_num_queries(1):
        index.follow_claims.__wrapped__(keys)


DRIFTS = {
    "DELETE FROM kb_entry WHERE claim_id IS NOT NULL": "peace: it is public, and no search finds",
    "DELETE FROM kb_entry WHERE paragraph_id IS NOT NULL": "it is public, and no search finds it",
    "UPDATE kb_entry SET words = 'other'": "a search finds it by other words than it has",
    "UPDATE kb_entry SET facets = 'kind=other'": "a search finds it by other words than it has",
    "UPDATE kb_entry SET tokens = 'xother'": "a search finds it by other words than it has",
    "UPDATE kb_word SET count = count + 1": "words: miscounted in the index of the search: ",
    "DELETE FROM kb_word": "words: miscounted in the index of the search: aim, baku",
}


@pytest.mark.parametrize("change", DRIFTS)
def test_drift_is_reported_and_reindex_mends_it(source, change, capsys):
    make_published("principle", source, "p1", "Peace", slug="peace")
    sql(change)
    with pytest.raises(SystemExit):
        call_command("verify")
    told = capsys.readouterr().err
    assert DRIFTS[change] in told
    assert "run manage.py reindex" in told
    call_command("reindex")
    assert "1 claim and 2 passages indexed." in capsys.readouterr().out
    assert found("peace") == {"peace", "v1 p1"}


def test_an_entry_of_what_is_not_public_is_reported(source):
    draft = make_claim("principle", "zyx", title="Zyx")
    Entry.objects.create(claim=draft, facets="kind=principle", words="zyx", tokens={"xzyx"})
    assert ("zyx", f"a search finds it, and it is not public: {index.CURE}") in list(drift())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL keeps its index itself")
def test_a_damaged_index_of_sqlite_is_reported_and_mended(source):
    sql("INSERT INTO kb_entry_index (kb_entry_index) VALUES ('delete-all')")
    assert [place for place, _ in drift()] == ["index"]
    call_command("reindex", verbosity=0)
    assert found("peace") == {"v1 p1"}


def test_a_base_older_than_its_index_is_indexed(source):
    Entry.objects.all().delete()
    Word.objects.all().delete()
    index.rebuild_if_empty()
    assert found("peace") == {"v1 p1"}
