"""The public history of a claim: what changed in which edition, and each state at its address."""

import json
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from selectolax.lexbor import LexborHTMLParser

from kb.models import Claim, Edition, Publication, PublishedWords
from kb.publishing import next_edition, open_draft, publish, send_back, submit, withdraw
from tests.factories import cite, make_claim, make_published, make_source, make_user
from tests.pages import part, read

pytestmark = pytest.mark.django_db

TEXT = "Peace is one aim. Trade is another.\nIt is a member of GUAM."


@pytest.fixture
def text():
    return make_source(TEXT, slug="a", language="az")


@pytest.fixture
def editor(db):
    return make_user("morgan", "Reviewers")


@pytest.fixture
def peace(text):
    """Published in edition 1, changed in edition 3; in edition 2 something else was published."""
    claim = make_published(
        "principle", text, "p1", "Peace", "peace", title="Of peace", sentence="It wants peace.",
        tags=["Aims"],
    )  # fmt: skip
    make_published("statement", text, "p2", "GUAM", "elsewhere")
    return changed(claim, title="Of lasting peace", sentence="It wants a lasting peace.")


def changed(claim, note="", **fields):
    draft = open_draft(claim)
    for name, value in fields.items():
        setattr(draft, name, value)
    draft.save()
    return publish(draft, note=note)


def edition(shown, number):
    return part(shown, f'id="edition-{number}"', "</section>")


def rewrite(publication, **values):
    """Stores another record than was published, as only a fault or an old version could have."""
    copy = Publication(
        edition=next_edition(Edition.Kind.PUBLICATION), claim=publication.claim,
        status=publication.status, format=publication.format, snapshot=publication.snapshot,
    )  # fmt: skip
    for name, value in values.items():
        setattr(copy, name, value)
    copy.save()
    return copy.edition.number


# The history


def test_each_edition_says_what_it_changed_word_by_word(client, text, peace):
    shown = read(client, "/claims/peace/history/")
    assert shown.index('id="edition-3"') < shown.index('id="edition-1"')
    assert 'id="edition-2"' not in shown, "that one left this claim alone"
    first, third = edition(shown, 1), edition(shown, 3)
    assert "· published<" in first
    assert "It wants peace." in first
    assert "<ins>" not in first
    assert "· changed<" in third
    assert "It wants <ins>a lasting </ins>peace." in third
    assert "Of <ins>lasting </ins>peace" in third
    assert "Themes" not in third, "only what changed is told"
    assert 'href="/claims/peace/@3/"' in third


def test_citations_themes_and_what_it_is_about_are_compared(client, text, peace):
    guam = make_published("organization", text, "p2", "GUAM", "guam", title="GUAM")
    draft = open_draft(peace)
    draft.tags.set(["War"])
    draft.about.set([guam])
    draft.citations.all().delete()
    cite(draft, text, "p1", "Peace is one aim", note="Wider.")
    cite(draft, text, "p1", "another")
    publish(draft)
    last = edition(read(client, "/claims/peace/history/"), 5)
    assert "<del>Aims</del><ins>War</ins>" in last
    assert "<ins>GUAM</ins>" in last
    assert "Citation, source A ¶ 1" in last
    assert "“Peace<ins> is one aim</ins>”" in last
    assert "<ins>“another” (source A ¶ 1, version 1, 27–34, carries the claim)</ins>" in last


def test_fields_of_the_kind_are_told_as_people_call_them(client, text):
    leader = make_published("leader", text, "p1", "Trade", "trade", title="A. Trader")
    said = make_published("quotation", text, "p1", "Peace", "said")
    changed(said.specific(), leader_id=leader.pk, speaker_name="")
    last = edition(read(client, "/claims/said/history/"), 3)
    assert "Leader" in last
    assert "<ins>A. Trader</ins>" in last
    assert "<del>Baku</del>" in last


def test_a_publication_that_changed_no_word_says_so(client, peace):
    changed(peace, note="Looked at again.")
    last = edition(read(client, "/claims/peace/history/"), 4)
    assert "Looked at again." in last
    assert "No word of it changed." in last


def test_no_editor_is_named_and_no_draft_shown(client, text, peace, editor):
    draft = open_draft(peace, by=editor)
    draft.title = "Hidden plan"
    draft.save()
    submit(draft, by=editor, note="Hidden note")
    send_back(draft, by=editor, note="Hidden answer")
    withdraw(Claim.objects.get(slug="elsewhere"), "Wrong.", by=editor)
    for url in ("/claims/peace/history/", "/claims/peace/@3/", "/claims/elsewhere/history/"):
        shown = read(client, url)
        assert "morgan" not in shown
        assert "Hidden" not in shown
        assert "~draft" not in shown
    unpublished = make_claim("principle", "plan", title="Hidden plan")
    for slug in (unpublished.slug, "peace~draft", "nothing"):
        read(client, f"/claims/{slug}/history/", 404)
        read(client, f"/claims/{slug}/@1/", 404)


def test_a_withdrawn_claim_keeps_its_history_with_the_reason_in_front(client, peace):
    withdraw(peace, "It says more than the words.")
    assert 'href="/claims/peace/history/"' in read(client, "/claims/peace/", 410)
    shown = read(client, "/claims/peace/history/")
    assert "It says more than the words." in part(shown, '<header class="front"', "</header>")
    assert "· withdrawn<" in edition(shown, 4)
    before = read(client, "/claims/peace/@1/")
    assert "It says more than the words." in before
    assert before.index("It says more than the words.") < before.index("It wants peace.")
    assert "data-claim" not in before, "a withdrawn claim is told of, not presented"
    assert "data-quote" not in before
    gone = read(client, "/claims/peace/@4/")
    assert "This is what was withdrawn in edition 4" in gone
    changed(peace, sentence="It wants peace, it says.")
    assert "· published again<" in edition(read(client, "/claims/peace/history/"), 5)
    assert "withdrawn: it is published no longer" not in read(client, "/claims/peace/@1/")


def test_pages_lead_to_the_history(client, peace):
    assert 'href="/claims/peace/history/"' in read(client, "/principles/peace/")
    shown = read(client, "/changes/")
    assert 'href="/claims/peace/history/#edition-3"' in shown
    assert 'href="/claims/peace/@1/"' in shown


# A state, for ever


def test_a_state_stays_at_its_address(client, text, peace):
    shown = read(client, "/claims/peace/@1/")
    assert ">Of peace</h1>" in shown
    assert "It wants peace." in shown
    assert "lasting peace." not in shown
    assert "This is how it was published in edition 1" in shown
    assert "until edition 3" in shown
    assert 'The present one is <a href="/claims/peace/">Of lasting peace</a>' in shown
    assert "Aims" in shown
    before = shown
    changed(peace, title="Something else", sentence="Otherwise.")
    after = read(client, "/claims/peace/@1/")
    assert after == before.replace("Of lasting peace", "Something else")


def test_the_present_state_says_that_it_is(client, peace):
    shown = read(client, "/claims/peace/@3/")
    assert 'It is <a href="/claims/peace/">so still</a>' in shown


def test_the_markup_keeps_its_promises(client, text, peace):
    draft = open_draft(peace)
    draft.citations.all().delete()
    cite(draft, text, "p1", "one aim")
    publish(draft)
    tree = LexborHTMLParser(client.get("/claims/peace/@1/").content.decode())
    (claim,) = tree.css("[data-claim]")
    assert claim.attributes["data-claim"] == "peace"
    assert claim.attributes["data-edition"] == "1"
    (quote,) = claim.css("[data-quote]")
    assert quote.text() == "Peace"
    assert quote.attributes["cite"] == "/sources/a/v1/#p1.0-5"
    assert "/sources/a/v1/#p1.0-5" in [a.attributes["href"] for a in claim.css("a[href]")]
    assert claim.css_first(".in-context").attributes["lang"] == "az"


def test_the_address_of_words_that_are_cited_no_more_still_leads_to_them(client, text, peace):
    draft = open_draft(peace)
    draft.citations.all().delete()
    cite(draft, text, "p1", "one aim")
    publish(draft)
    room = client.get("/sources/a/v1/").content.decode()
    tree = LexborHTMLParser(room)
    assert tree.css("#p1\\.0-5"), "the words of edition 1"
    assert len(tree.css("#p1\\.9-16")) == 1, "the words of today"
    assert not tree.css("mark#p1\\.0-5"), "no claim rests on them"
    for node in tree.css("[data-notext]"):
        node.decompose()
    assert tree.css_first("#p1").text() == TEXT.split("\n")[0]


def test_a_source_that_an_earlier_state_leads_to_is_not_removed(text, peace):
    draft = open_draft(peace)
    draft.citations.all().delete()
    cite(draft, make_source("Peace, again.", slug="b"), "p1", "Peace")
    publish(draft)
    withdraw(Claim.objects.get(slug="elsewhere"), "Wrong.")
    with pytest.raises(CommandError, match="rest on “a”"):
        call_command("remove_source", "a")
    open_elsewhere = open_draft(Claim.objects.get(slug="elsewhere"))
    open_elsewhere.citations.all().delete()
    cite(open_elsewhere, make_source("Elsewhere.", slug="c"), "p1", "Elsewhere")
    publish(open_elsewhere)
    with pytest.raises(CommandError, match="their history, which stays, leads to it"):
        call_command("remove_source", "a")


def test_words_that_were_published_before_they_were_noted_are_found(text, peace):
    withdraw(peace, "Wrong.")
    noted = set(PublishedWords.objects.values_list("paragraph", "start", "end"))
    PublishedWords.objects.all().delete()
    Publication.objects.create(
        edition=next_edition(Edition.Kind.LOAD), claim=peace, status="published", snapshot={}
    )
    fill = import_module("kb.migrations.0006_published_words").fill
    for _ in range(2):
        fill(apps, None)
        assert set(PublishedWords.objects.values_list("paragraph", "start", "end")) == noted


def test_a_carriage_return_in_a_quote_is_kept(client):
    text = make_source("Peace\r\nis one aim.", slug="crlf", join=[1])
    make_published("principle", text, "p1", "Peace\r\nis", "peace")
    tree = LexborHTMLParser(client.get("/claims/peace/@1/").content.decode())
    assert tree.css_first("[data-quote]").text() == "Peace\r\nis"


def test_an_edition_that_left_it_alone_leads_to_the_one_that_held(client, peace):
    response = client.get("/claims/peace/@2/")
    assert (response.status_code, response["Location"]) == (301, "/claims/peace/@1/")
    shown = read(client, "/claims/peace/@4/", 404)
    assert "There is no edition 4 yet." in shown, "what it will say can't be known"
    make_published("statement", peace.citations.get().paragraph.transcription, "p1", "aim")
    response = client.get("/claims/peace/@4/")
    assert (response.status_code, response["Location"]) == (301, "/claims/peace/@3/")


def test_before_its_first_publication_there_is_no_state(client, peace):
    assert "not yet published in edition 1" in read(client, "/claims/elsewhere/@1/", 404)


@pytest.mark.parametrize("number", ["0", "01", "-1", "x", "99999999999", "1.0", ""])
def test_what_is_no_edition_is_not_found(client, peace, number):
    read(client, f"/claims/peace/@{number}/", 404)


def test_titles_are_those_of_the_time(client, text):
    guam = make_published("organization", text, "p2", "GUAM", "guam", title="Old name")
    make_published("statement", text, "p1", "Trade", "trade", about=[guam])
    changed(guam.specific(), title="New name")
    shown = read(client, "/claims/trade/@2/")
    assert '<a href="/claims/guam/">Old name</a>' in shown
    assert "New name" not in shown


# Snapshots of other formats


def test_a_snapshot_of_format_1_is_read(client, text, peace):
    guam = make_published("organization", text, "p2", "GUAM", "guam", title="The group")
    old = dict(peace.publications.first().snapshot, about=[guam.slug])
    del old["titles"]
    number = rewrite(peace.publications.first(), format=1, snapshot=old)
    shown = read(client, f"/claims/peace/@{number}/")
    assert "It wants a lasting peace." in shown
    assert '<a href="/claims/guam/">The group</a>' in shown, "as it is called today"
    assert "<ins>The group</ins>" in edition(read(client, "/claims/peace/history/"), number)


def test_a_snapshot_without_a_field_that_exists_today_is_read(client, text):
    body = make_published("organization", text, "p2", "GUAM", "guam")
    old = json.loads(json.dumps(body.publications.get().snapshot))
    del old["fields"]["identity"], old["note"], old["tags"]
    del old["citations"][0]["note"]
    old["fields"]["former"] = "A field of long ago"
    number = rewrite(body.publications.get(), format=1, snapshot=old)
    shown = read(client, f"/claims/guam/@{number}/")
    assert "GUAM" in shown
    assert "<dt>Former</dt><dd>A field of long ago</dd>" in shown
    call_command("verify", verbosity=0)


@pytest.mark.parametrize(
    "values",
    [
        {"format": 99},
        {"snapshot": []},
        {"snapshot": {"title": 1}},
        {"snapshot": {"citations": ["x"]}},
        {"snapshot": {"citations": [{"source": "../x"}]}},
        {"snapshot": {"about": ["no slug"]}},
        {"snapshot": {"about": [["x"]]}},
        {"snapshot": {"titles": {"x": None}}},
    ],
)
def test_a_snapshot_that_cant_be_read_takes_no_page_down(client, peace, values):
    number = rewrite(peace.publications.first(), **values)
    shown = edition(read(client, "/claims/peace/history/"), number)
    assert "can’t be shown" in shown
    assert "can’t be shown" in read(client, f"/claims/peace/@{number}/")
    assert "It wants peace." in read(client, "/claims/peace/@1/")
    read(client, "/sources/a/v1/")
    read(client, "/changes/")


# Cost


def test_cost(client, text, peace, django_assert_num_queries):
    """The claim, its publications with their editions, sources, titles of today."""
    guam = make_published("organization", text, "p2", "GUAM", "guam")
    draft = open_draft(peace)
    draft.about.set([guam])
    publish(draft)
    urls = ("/claims/peace/history/", "/claims/peace/@1/", "/claims/peace/@5/")
    for url in urls:
        with django_assert_num_queries(4):
            client.get(url)
    for n in range(5):
        changed(peace, title=f"Title {n}")
    for url in urls:
        with django_assert_num_queries(4):
            client.get(url)
