"""Leaders: how each source names and titles them, what they say, what is said of them."""

import pytest

from kb.publishing import publish
from tests.factories import cite, make_claim, make_hidden, make_published, make_source
from tests.pages import part, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return make_source("President Ann Lee spoke. Lee said that it rains. Roads are wet.", slug="a")


@pytest.fixture
def leader(text):
    leader = make_claim("leader", "ann-lee", title="Ann Lee")
    cite(leader, text, "p1", "President Ann Lee", role="name")
    publish(leader)
    return leader


def test_the_list_shows_each_leader_with_words(client, text, leader):
    make_hidden("leader", text, "p1", "Lee said")
    shown = read(client, "/leaders/")
    assert ">President Ann Lee</q>" in shown
    assert "1 published" in shown
    assert "Hidden" not in shown


def test_titles_stand_as_each_source_writes_them(client, text, leader):
    other = make_source("Chairwoman Lee opened it.", slug="b")
    second = make_claim("leader", "lee", title="Lee")
    cite(second, text, "p1", "President Ann Lee", role="name")
    cite(second, other, "p1", "Chairwoman Lee", role="name", note="Another title.")
    publish(second)
    shown = read(client, "/leaders/lee/")
    assert "How each source names and titles this person" in shown
    assert ">President Ann Lee</blockquote>" in part(shown, 'aria-label="Source A"', "</section>")
    second = part(shown, 'aria-label="Source B"', "</section>")
    assert ">Chairwoman Lee</blockquote>" in second
    assert "Another title." in second


def test_what_a_leader_says_and_what_concerns_them_stand_apart(client, text, leader):
    said = {"leader": leader, "mode": "reported"}
    make_published("quotation", text, "p1", "it rains", "rain", **said)
    make_published("quotation", text, "p1", "Lee said", "of-lee", about=[leader])
    make_published("statement", text, "p1", "Roads are wet", "roads", about=[leader])
    make_hidden("quotation", text, "p1", "that it rains", **said)
    make_hidden("statement", text, "p1", "wet", about=[leader])
    shown = read(client, "/leaders/ann-lee/")
    own = part(shown, "what the sources have Ann Lee say", "Quotations about Ann Lee")
    assert 'data-claim="rain"' in own
    assert "reported" in own
    assert ">it rains</blockquote>" in own
    assert 'data-claim="of-lee"' in part(shown, "Quotations about", "Statements about")
    assert 'data-claim="roads"' in part(shown, "Statements about Ann Lee", "Related claims")
    assert "Hidden" not in shown
    assert 'data-claim="rain"' not in shown.partition("Related claims")[2]


def test_it_says_when_no_source_quotes_directly(client, text, leader):
    words = "No source quotes Ann Lee directly."
    make_published("quotation", text, "p1", "it rains", leader=leader, mode="reported")
    assert words not in read(client, "/leaders/ann-lee/"), "a sentence is unread"
    make_published("statement", text, "p1", "Roads are wet")
    assert words in read(client, "/leaders/ann-lee/")
    make_published("quotation", text, "p1", "Lee said", leader=leader, mode="direct")
    assert words not in read(client, "/leaders/ann-lee/")


def test_the_page_costs_six_queries(client, text, leader, django_assert_num_queries):
    """Claim with editions; tags; citations; sentences; sources with counts; the same words."""
    for n in range(6):
        make_published("quotation", text, "p1", "it rains", f"rain-{n}", leader=leader)
    with django_assert_num_queries(6):
        client.get("/leaders/ann-lee/")
