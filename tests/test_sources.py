"""The list of sources: what each is, and how much of it has been read."""

import re

import pytest

from kb.cutting import cut
from kb.models import Sentence
from kb.storing import store

from .factories import make_hidden, make_published, make_source

pytestmark = pytest.mark.django_db


def page_of(client):
    response = client.get("/sources/")
    assert response.status_code == 200
    return response.content.decode()


def test_without_sources(client):
    assert "No source has been added yet." in page_of(client)


def test_the_shipped_sources(client, shipped):
    page = page_of(client)
    assert '<a href="/sources/foreign-policy/"><span class="vh">Source A: </span>FOREIGN' in page
    assert "<i>After gaining independence in 1991 …</i>" in page
    assert "untitled; called by its opening words" in page
    assert "7 paragraphs, 29 sentences;" in page
    assert "4 paragraphs, 14 sentences;" in page
    assert 'aria-label="Coverage of source A: 29 sentences, 29 cited"' in page
    assert page.count("<rect") == 29 + 14
    assert page.index("FOREIGN POLICY") < page.index("After gaining")


def test_a_half_read_source_is_not_called_silent(client):
    text = make_source("Peace. Law. Trade.\nMore <b>.", title="A & B", url="https://example.org/")
    make_published("principle", text, "p1", "Peace", "peace")
    Sentence.objects.filter(paragraph__number=2).update(reason="no claim")
    page = page_of(client)
    assert "4 sentences, 1 cited, 1 set aside with a reason, 2 not yet read" in page
    assert "2 paragraphs, 4 sentences; 1 claim rests on 19% of its words" in page
    assert re.findall(r'<rect class="(\S+)"', page) == ["c1", "c-open", "c-open", "c-aside"]
    assert page.count('class="hatch"') == 1
    assert "A &amp; B" in page
    assert 'href="https://example.org/"' in page
    assert "silent" not in page


def test_what_is_not_published_does_not_count(client):
    make_hidden("principle", make_source("Peace and law."), "p1", "Peace")
    page = page_of(client)
    assert "0 claims rest on 0% of its words" in page
    assert "1 sentence, 0 cited, 1 not yet read" in page


def test_the_current_transcription_counts(client):
    text = make_source("Peace. Law.")
    make_published("principle", text, "p1", "Peace", "peace")
    store(text.source, cut("Peace, law. Trade. War."))
    page = page_of(client)
    assert "1 paragraph, 3 sentences; 0 claims" in page
    assert "v2/" in page
    assert "v1/" not in page


def test_a_long_source_has_its_strip_in_rows(client):
    make_source("\n".join("One thing. Another thing. A third thing." for _ in range(40)))
    width, height = re.search(r'viewBox="0 0 (\d+) (\d+)"', page_of(client)).groups()
    assert int(width) <= 714
    assert int(height) > 80


def test_three_queries_however_much_there_is(client, django_assert_num_queries):
    for count in (1, 5):
        for _ in range(count):
            text = make_source("Peace. Law.\nTrade.")
            make_published("principle", text, "p1", "Peace")
        # paragraphs with transcription and source; sentences; citations with claim and kind
        with django_assert_num_queries(3):
            client.get("/sources/")


def test_the_same_bytes_for_everybody_and_no_cookie(client, admin_client):
    make_source("Peace.")
    response = client.get("/sources/")
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert admin_client.get("/sources/").content == response.content
