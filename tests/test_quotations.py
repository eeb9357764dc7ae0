"""Quotations: direct or reported, who speaks, and the way from the speaker to the reader."""

import pytest
from django.db import connection

from kb.models import Claim
from kb.publishing import publish, withdraw
from principles.models import Quotation
from tests.factories import cite, make_claim, make_hidden, make_published, make_source
from tests.pages import part, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return make_source(
        "Ann Lee noted: “We build roads”. Officially the capital stated that it rains.",
        slug="a",
        url="https://example.org/a",
        publisher="example.org",
    )


@pytest.fixture
def leader(text):
    return make_published("leader", text, "p1", "Ann Lee", "ann-lee", title="Ann Lee").specific()


def quotation(text, words, speaker, slug, **fields):
    claim = make_claim("quotation", slug, **fields)
    cite(claim, text, "p1", words)
    cite(claim, text, "p1", speaker, role="speaker")
    return publish(claim)


@pytest.fixture
def direct(text, leader):
    return quotation(text, "We build roads", "Ann Lee noted", "roads", mode="direct", leader=leader)


@pytest.fixture
def reported(text):
    return quotation(text, "it rains", "the capital stated", "rain", speaker_name="the capital")


def test_the_list_tells_direct_from_reported_and_who_speaks(client, text, direct, reported):
    make_hidden("quotation", text, "p1", "stated that", speaker_name="Hidden speaker")
    shown = read(client, "/quotations/")
    assert "2 published" in shown
    roads = part(shown, 'data-claim="roads"', "</li>")
    assert "Direct" in roads
    assert "quoted in quotation marks" in roads
    assert '<a href="/leaders/ann-lee/">Ann Lee</a>' in roads
    assert ">We build roads</q>" in roads
    rain = part(shown, 'data-claim="rain"', "</li>")
    assert "Reported" in rain
    assert "retold in the source’s words" in rain
    assert "“the capital”" in rain
    assert "Hidden" not in shown


def test_the_page_shows_who_speaks_with_the_words_that_say_so(client, direct):
    shown = read(client, "/quotations/roads/")
    assert '<span class="how">direct</span>' in shown
    words = part(shown, 'aria-label="Source A"', "</section>")
    assert ">Ann Lee noted</blockquote>" in words
    assert ">We build roads</blockquote>" in words
    assert "<b>1</b> <i>who speaks</i>" in words


def test_the_chain_leads_from_the_speaker_to_where_it_is_published(client, direct, reported):
    chain = part(read(client, "/quotations/roads/"), 'class="chain"', "</ul>")
    order = [
        "Ann Lee",
        "quoted in quotation marks by",
        "/sources/a/",
        "published at",
        "example.org",
    ]
    assert [chain.index(step) for step in order] == sorted(chain.index(step) for step in order)
    chain = part(read(client, "/quotations/rain/"), 'class="chain"', "</ul>")
    assert "the capital" in chain
    assert "retold by" in chain


def test_a_leader_who_is_not_public_is_not_named(client, direct, leader):
    withdraw(leader, "Mistaken identity.")
    for url in ("/quotations/", "/quotations/roads/"):
        shown = read(client, url)
        assert "/leaders/ann-lee/" not in shown
        assert "<q>Ann Lee noted</q>" in shown, "the words that say who speaks stand in"


def test_a_quotation_without_speaker_takes_no_page_down(client, text, reported):
    claim = make_claim("quotation", "nobody")
    cite(claim, text, "p1", "Officially")
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = ON")
        else:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(
                "ALTER TABLE principles_quotation DROP CONSTRAINT principles_quotation_one_speaker"
            )
        Quotation.objects.filter(slug="nobody").update(speaker_name="")
        claim.citations.update(role="speaker")
        publish(claim)
        Claim.objects.filter(slug="nobody").update(status=Claim.UNLOCKED)
        claim.citations.update(role="evidence")
        Claim.objects.filter(slug="nobody").update(status="published")
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA ignore_check_constraints = OFF")
    assert 'data-claim="rain"' in read(client, "/quotations/")
    for url in ("/quotations/nobody/", "/coverage/", "/changes/"):
        assert "Nobody" in read(client, url)


def test_cost(client, text, direct, django_assert_num_queries):
    """List: count, quotations with leader, citations, tags, themes. Page: as of any claim."""
    with django_assert_num_queries(5):
        client.get("/quotations/")
    for n in range(5):
        make_published("quotation", text, "p1", "it rains", tags=[f"Theme {n}"])
    with django_assert_num_queries(5):
        client.get("/quotations/")
    with django_assert_num_queries(6):
        client.get("/quotations/roads/")
