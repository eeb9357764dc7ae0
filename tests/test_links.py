"""Links to a citation's words: permanent, on the publisher's page, and as a quotation."""

import re

import pytest

from kb.publishing import publish

from .factories import cite, make_claim, make_published, make_source
from .pages import part, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return make_source(
        "So it is: we hold to peace & to <law>, always. It is not so.\nWe hold to peace.",
        "a",
        title="A text",
        publisher="example.org",
        url="https://example.org/a?b=1&c=2#top",
    )


def links(shown):
    return part(shown, '<details class="link-to">', "</details>")


def told(markup, name):
    """The text of the element with an id that begins with ``name``."""
    return re.search(rf'id="{name}-[^"]+"[^>]*>(.*?)</(?:a|span)>', markup)[1]


def test_a_citation_is_copied_in_three_ways(client, text):
    make_published("principle", text, "p1", "hold to peace & to <law>", "peace")
    found = links(read(client, "/principles/peace/"))
    assert told(found, "link") == "http://testserver/sources/a/v1/#p1.13-37"
    assert told(found, "page") == (
        "https://example.org/a?b=1&c=2#top:~:text="
        "it%20is%3A%20we-,hold%20to%20peace%20%26%20to%20%3Claw%3E,-%2C%20always.%20It"
    )
    assert told(found, "quote") == (
        "“hold to peace & to <law>” (A: A text, example.org, https://example.org/a?b=1&c=2#top, "
        "version 1, ¶ 1), http://testserver/sources/a/v1/#p1.13-37"
    )
    for name in ("link", "page", "quote"):
        (shown,) = re.findall(rf'id="({name}-[^"]+)"', found)
        assert f'data-copy="{shown}" hidden' in found, "shown by the script alone"


def test_what_is_published_nowhere_has_no_such_link(client):
    text = make_source("Peace is here.", "a")
    make_published("principle", text, "p1", "Peace", "peace")
    found = links(read(client, "/principles/peace/"))
    assert told(found, "link") == "http://testserver/sources/a/v1/#p1.0-5"
    assert ":~:" not in found
    assert "Where it is published" not in found


def test_each_citation_of_a_sentence_has_its_links(client, text):
    claim = make_claim("principle", "peace")
    cite(claim, text, "p1", "we hold")
    cite(claim, text, "p1", "peace")
    publish(claim)
    found = links(read(client, "/principles/peace/"))
    assert found.count("Permanent link") == 2
    assert "<b>1</b> Permanent link" in found
    assert "#p1.10-17</a>" in found
    assert "#p1.26-31</a>" not in found
    assert "#p1.21-26</a>" in found


def test_words_that_another_paragraph_has_are_told_from_it(client, text):
    """The second paragraph is known to have them: it was looked for."""
    make_published("principle", text, "p2", "We hold to peace", "peace")
    assert told(links(read(client, "/principles/peace/")), "page").endswith(
        ":~:text=We%20hold%20to%20peace,-."
    )


def test_the_reading_room_has_them_where_one_claim_is_shown_alone(client, text):
    make_published("principle", text, "p1", "hold to peace", "peace")
    make_published("principle", text, "p1", "It is not so", "not")
    shown = read(client, "/sources/a/v1/?claim=peace")
    assert shown.count('<details class="link-to">') == 1
    assert told(links(shown), "link") == "http://testserver/sources/a/v1/#p1.13-26"
    assert told(links(shown), "page").endswith("-,hold%20to%20peace,-%26%20to%20%3Claw%3E%2C")
    assert "link-to" not in read(client, "/sources/a/v1/"), "among all notes they would be loud"


def test_a_relation_and_its_organization_share_no_id(client, text):
    body = make_published("organization", text, "p1", "peace", "body").specific()
    make_published("membership", text, "p1", "peace", "member", organization=body)
    shown = read(client, "/organizations/body/")
    ids = re.findall(r'\bid="([^"]+)"', shown)
    assert len(set(ids)) == len(ids)
    assert shown.count('<details class="link-to">') == 2
