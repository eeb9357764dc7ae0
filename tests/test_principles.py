"""Principles: the list, and each source's words side by side."""

import pytest

from kb.models import Claim, Sentence
from kb.publishing import publish
from tests.factories import cite, make_claim, make_hidden, make_published, make_source
from tests.pages import part, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return make_source("Peace and respect for law guide us. The end.", slug="a", title="The First")


@pytest.fixture
def other():
    return make_source("We began to seek peace. Unrelated words.", slug="b", title="The Second")


def test_the_list_shows_claim_words_place_and_themes(client, text):
    make_published(
        "principle", text, "p1", "respect for law", "law", title="Law", tags=["Law and order"]
    )
    shown = read(client, "/principles/")
    assert '<a href="/principles/law/">Law</a>' in shown
    assert "What the policy is said to rest on" in shown
    assert "The source names law." in shown
    assert 'cite="/sources/a/v1/#p1.10-25">respect for law</q>' in shown
    assert 'href="/tags/law-and-order/"' in shown
    assert "1 published" in shown


def test_nothing_hidden_is_listed_or_counted(client, text):
    make_published("principle", text, "p1", "Peace", "peace", tags=["Aims"])
    make_hidden("principle", text, "p1", "respect for law", tags=["Aims", "Secret theme"])
    shown = read(client, "/principles/")
    assert "1 published" in shown
    assert "Hidden" not in shown
    assert "Secret theme" not in shown
    assert '<span class="n">1</span>' in shown


def test_an_empty_list_says_so(client, text):
    assert "Nothing is published here yet" in read(client, "/principles/")


def test_a_source_is_silent_only_when_all_of_it_was_read(client, text, other):
    make_published("principle", text, "p1", "Peace", "peace")
    shown = read(client, "/principles/peace/")
    assert "no passage cited" in shown
    assert "2 sentences unread" in shown
    assert "silent" not in part(shown, 'aria-label="Source B"', "</section>")
    Sentence.objects.filter(paragraph__transcription=other).update(reason="Of another matter.")
    shown = read(client, "/principles/peace/")
    assert "<b>silent:</b> no words of" in part(shown, 'aria-label="Source B"', "</section>")


def test_each_source_has_its_words_beside_the_others(client, text, other):
    claim = make_claim("principle", "peace", note="They differ in scope.")
    cite(claim, text, "p1", "Peace", note="Named first.")
    cite(claim, other, "p1", "began to seek peace")
    publish(claim)
    shown = read(client, "/principles/peace/")
    first, second = (part(shown, f'aria-label="Source {siglum}"', "</section>") for siglum in "AB")
    assert ">Peace</blockquote>" in first
    assert "Named first." in first
    assert ">began to seek peace</blockquote>" in second
    assert "silent" not in first + second
    assert "A figure after cited words" not in shown
    assert "ed.</abbr> They differ in scope." in shown


def test_two_citations_of_one_sentence_share_a_passage_and_each_has_its_link(client, text):
    claim = make_claim("principle", "both")
    cite(claim, text, "p1", "Peace")
    cite(claim, text, "p1", "respect for law", note="As the second.")
    publish(claim)
    shown = read(client, "/principles/both/")
    assert shown.count('<figure class="cited">') == 1
    assert 'href="/sources/a/v1/?claim=both#p1.0-5"' in shown
    assert 'href="/sources/a/v1/?claim=both#p1.10-25"' in shown
    assert "<b>2</b>  As the second." in shown
    assert "A figure after cited words" in shown


def test_overlapping_citations_keep_their_words_whole(client, text):
    claim = make_claim("principle", "both")
    cite(claim, text, "p1", "Peace and respect")
    cite(claim, text, "p1", "respect for law")
    publish(claim)
    shown = read(client, "/principles/both/")
    assert ">Peace and respect</blockquote>" in shown
    assert ">respect for law</blockquote>" in shown


def test_quotations_and_statements_about_it_are_shown_with_their_words(client, text, other):
    peace = make_published("principle", text, "p1", "Peace", "peace")
    make_published("quotation", other, "p1", "began to seek", "voice", about=[peace], mode="direct")
    make_published("statement", other, "p1", "Unrelated words", "remark", about=[peace])
    make_hidden("statement", other, "p1", "seek peace", about=[peace])
    make_hidden("quotation", other, "p1", "We began", about=[peace])
    shown = read(client, "/principles/peace/")
    voices = part(shown, "Quotations that voice it", "Statements about it")
    assert 'data-claim="voice"' in voices
    assert "direct" in voices
    assert ">began to seek</blockquote>" in voices
    remarks = part(shown, "Statements about it", "Related claims")
    assert 'cite="/sources/b/v1/#p1.24-39">Unrelated words</q>' in remarks
    assert "Hidden" not in shown


def test_related_claims_say_why(client, text, other):
    law = make_published("principle", other, "p1", "Unrelated", "unrelated")
    make_published("principle", text, "p1", "Peace", "peace", about=[law])
    make_published("statement", text, "p1", "guide us", "guide")
    make_published("statement", text, "p1", "The end", "the-end")
    make_published("leader", other, "p1", "We", "we", about=[Claim.objects.get(slug="peace")])
    shown = read(client, "/principles/peace/").split("Related claims")[1]
    near = part(shown, "In the same sentence", "</ul>")
    assert 'data-claim="guide"' in near
    assert 'href="/sources/a/v1/#p1.26-34"' in near
    assert 'data-claim="unrelated"' in part(shown, "What this is about", "</ul>")
    assert 'data-claim="we"' in part(shown, "About this", "</ul>")
    assert 'data-claim="the-end"' not in shown


def test_hidden_claims_are_not_related(client, text):
    make_published("principle", text, "p1", "Peace", "peace")
    make_hidden("statement", text, "p1", "guide us")
    shown = read(client, "/principles/peace/")
    assert "Hidden" not in shown
    assert "No other claim is about this" in shown


@pytest.mark.parametrize(
    "query",
    [
        "page=0",
        "page=-1",
        "page=99",
        "page=x",
        "page=%00",
        "page=" + "9" * 5000,
        "page=1&page=2",
        "x[]=%FF",
        "page=１",
    ],
)
def test_hostile_query_strings_show_the_nearest_read(client, text, query):
    make_published("principle", text, "p1", "Peace", title="Peace")
    assert ">Peace</a>" in read(client, f"/principles/?{query}")


def test_a_long_list_is_paged_and_its_cost_stays(client, text, django_assert_num_queries):
    """Count, claims, citations with places, tags, themes."""
    make_published("principle", text, "p1", "Peace", tags=["Aims"])
    with django_assert_num_queries(5):
        client.get("/principles/")
    for n in range(101):
        make_published("principle", text, "p1", "Peace", title=f"Aim {n:03}", tags=["Aims"])
    with django_assert_num_queries(5):
        first = read(client, "/principles/")
    assert first.count('class="entry"') == 100
    assert "Page 1 of 2" in first
    assert read(client, "/principles/?page=2").count('class="entry"') == 2
