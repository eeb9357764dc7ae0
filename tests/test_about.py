"""About: what a reader must know before trusting a page."""

import pytest

from kb.models import Claim
from tests.factories import make_source
from tests.pages import part, read

pytestmark = pytest.mark.django_db


def test_it_says_what_this_is_not(client):
    shown = read(client, "/about/")
    for words in ("one side’s official account of contested matters", "undated", "never assert"):
        assert words in shown


def test_it_says_what_silent_means(client):
    assert "none carries this claim; it may touch the subject elsewhere" in read(client, "/about/")


def test_it_names_the_sources_as_far_as_they_are_known(client):
    text = make_source(
        "One. Two.",
        slug="a",
        title="Opening words …",
        title_supplied=True,
        url="https://example.org/a",
    )
    make_source("Three.", slug="b", title="THE SECOND", publisher="The Press", rights="CC0")
    shown = read(client, "/about/")
    assert "has no title; called by its opening words" in shown
    assert 'href="https://example.org/a"' in shown
    assert "rights: not stated" in shown
    assert "rights: CC0" in shown
    assert text.sha256 in shown


def test_the_legend_shows_the_line_of_every_kind(client):
    legend = part(read(client, "/about/"), 'id="marks"', "</section>")
    for kind in Claim.kinds():
        assert f'class="kind k-{kind}"' in legend
    assert '<span class="kind k-membership">Relation</span>' in legend


def test_places_that_other_pages_lead_to_are_there(client):
    shown = read(client, "/about/")
    for anchor in (
        "method",
        "sources",
        "not",
        "check",
        "marks",
        "identity",
        "addresses",
        "mistakes",
    ):
        assert shown.count(f'id="{anchor}"') == 1


def test_mistakes_go_to_the_address_in_the_settings(client, settings):
    settings.KB_REPORT_ADDRESS = "desk@example.org"
    assert 'href="mailto:desk@example.org"' in read(client, "/about/")
    settings.KB_REPORT_ADDRESS = ""
    shown = read(client, "/about/")
    assert "mailto:" not in shown
    assert "names no address" in shown


def test_it_costs_one_query(client, django_assert_num_queries):
    """Sources with their current transcription."""
    for slug in "abcd":
        make_source("One. Two.", slug=slug)
    with django_assert_num_queries(1):
        client.get("/about/")
