"""Changes: editions, newest first, with what was published, changed or withdrawn."""

import pytest

from kb.publishing import next_edition, open_draft, publish, withdraw
from tests.factories import make_claim, make_hidden, make_published, make_source, make_user
from tests.pages import part, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return make_source("Peace is one aim. Trade is another.", slug="a")


def edition(shown, number):
    return part(shown, f'id="edition-{number}"', "</section>")


def test_the_newest_edition_comes_first_with_what_it_did(client, text):
    claim = make_published("principle", text, "p1", "Peace", "peace", title="Of peace")
    draft = open_draft(claim)
    type(draft).objects.filter(pk=draft.pk).update(title="Of peace and quiet")
    claim = publish(draft, note="The title was too short.")
    withdraw(claim, "It says more than the words.")
    shown = read(client, "/changes/")
    assert shown.index("Edition 3") < shown.index("Edition 2") < shown.index("Edition 1")
    first, second, third = (edition(shown, n) for n in (1, 2, 3))
    assert ">published</span>" in first
    assert '<a href="/claims/peace/">Of peace</a>' in first
    assert ">changed</span>" in second
    assert "Of peace and quiet" in second
    assert "The title was too short." in second
    assert ">withdrawn</span>" in third
    assert "It says more than the words." in third


def test_drafts_and_editors_are_nobodys_business(client, text):
    editor = make_user("morgan", "Reviewers")
    publish_later = make_claim("principle", title="Hidden plan")
    make_published("principle", text, "p1", "Peace")
    open_draft(make_published("principle", text, "p1", "Trade", "trade"), by=editor)
    withdraw(make_published("principle", text, "p1", "one aim"), "Why.", by=editor)
    shown = read(client, "/changes/")
    assert publish_later.title not in shown
    assert "morgan" not in shown
    assert "~draft" not in shown


def test_words_of_withdrawn_claims_are_not_shown(client, text):
    make_hidden("statement", text, "p1", "another", sentence="Ours to hide.")
    shown = read(client, "/changes/")
    assert "Hidden c" in shown, "the history names it"
    assert "Hidden a" not in shown
    assert "Hidden b" not in shown
    assert "Ours to hide." not in shown


def test_a_large_edition_is_folded(client, text):
    load = next_edition("load", note="Loaded.")
    for n in range(20):
        claim = make_claim("statement", title=f"Number {n}")
        claim.citations.create(
            paragraph=text.paragraphs.get(number=1), start=0, end=5, exact="Peace"
        )
        publish(claim, edition=load)
    shown = edition(read(client, "/changes/"), 1)
    assert "<summary>20 claims</summary>" in shown
    assert all(f"Number {n}<" in shown for n in range(20))


def test_before_the_first_edition(client, db):
    assert "Nothing has been published yet" in read(client, "/changes/")


@pytest.mark.parametrize(
    "query", ["page=0", "page=x", "page=-3", "page=99999999999999999999", "page=%00"]
)
def test_hostile_pages_show_the_nearest(client, text, query):
    make_published("principle", text, "p1", "Peace")
    assert "Edition 1" in read(client, f"/changes/?{query}")


def test_pages_and_cost(client, text, django_assert_num_queries):
    """Count, editions, publications with their claims."""
    make_published("statement", text, "p1", "Peace")
    with django_assert_num_queries(3):
        client.get("/changes/")
    for _ in range(25):
        make_published("statement", text, "p1", "Peace")
    with django_assert_num_queries(3):
        shown = read(client, "/changes/")
    assert "Page 1 of 2" in shown
    assert "Edition 26" in shown
    assert "Edition 1<" in read(client, "/changes/?page=2")
