"""The home page: one claim beside its words, a way to the next, and what else there is."""

import re

import pytest

from kb.models import Claim, Sentence
from kb.publishing import publish

from .factories import cite, make_childless, make_claim, make_hidden, make_published, make_source

pytestmark = pytest.mark.django_db


def page_of(client, query=""):
    response = client.get(f"/{query}")
    assert response.status_code == 200
    return response.content.decode()


def spread_of(page):
    return re.search(r'<section class="spread".*?</section>', page, re.DOTALL)[0]


def words_of(page):
    return re.search(r'<div class="in-context".*?</div>', page, re.DOTALL)[0]


def plain(markup):
    return re.sub(r"<[^>]*>", "", markup)


def test_an_empty_base(client):
    page = page_of(client)
    assert "No source has been added yet." in page
    assert "data-claim" not in page
    assert ">Principles</span>" in page


def test_a_source_without_claims(client):
    make_source("Peace. Law.", title="A new text")
    page = page_of(client)
    assert "A new text" in page
    assert "0 claims rest on 0% of its words" in page
    assert "data-claim" not in page


def test_the_spread_has_the_claim_and_its_words_in_their_paragraph(client):
    text = make_source("We <b> hold to peace & law. And more.", slug="text", title="A text")
    make_published(
        "principle", text, "p1", "peace & law", "peace", title="Peace", sentence="It names peace."
    )
    spread = spread_of(page_of(client))
    assert 'data-claim="peace"' in spread
    assert '<h2><a href="/principles/peace/">Peace</a></h2>' in spread
    assert "It names peace." in spread
    assert "k-principle" in spread
    assert '<blockquote data-quote cite="/sources/text/v1/#p1.15-26">' in spread
    assert 'href="/sources/text/v1/#p1"' in spread
    assert 'href="/sources/text/v1/?claim=peace#p1.15-26"' in spread
    assert plain(words_of(spread)) == "We &lt;b&gt; hold to peace &amp; law. And more."


def test_a_long_paragraph_is_cut_around_the_words_and_says_so(client):
    text = make_source("Filler is here. " * 200 + "Peace stands here. " + "More follows. " * 200)
    make_published("principle", text, "p1", "Peace", "peace")
    words = plain(words_of(page_of(client)))
    assert words.startswith(" […] Filler is here.")
    assert words.endswith("More follows. […] ")
    assert "Peace stands here." in words
    assert 500 < len(words) < 800


def test_a_long_sentence_is_cut_within(client):
    text = make_source("and so on, " * 200 + "peace, " + "and on, " * 200 + "end.")
    make_published("principle", text, "p1", "peace", "peace")
    words = plain(words_of(page_of(client)))
    assert words.count("[…]") == 2
    assert len(words) < 800


def test_several_words_are_each_a_quotation(client):
    text = make_source("Peace and law and peace.")
    claim = make_claim("principle", "both")
    cite(claim, text, "p1", "Peace")
    cite(claim, text, "p1", "law and")
    cite(claim, text, "p1", "and peace")  # overlaps: stands in place, not in the spread
    publish(claim)
    words = words_of(page_of(client))
    quoted = re.findall(r"<blockquote data-quote [^>]*>(.*?)</blockquote>", words)
    assert [plain(words) for words in quoted] == ["Peace", "law and"]


def test_other_places_of_the_claim(client):
    text = make_source("Peace.\nPeace again.", slug="text")
    claim = make_claim("principle", "peace")
    cite(claim, text, "p1", "Peace")
    cite(claim, text, "p2", "Peace again")
    publish(claim)
    spread = spread_of(page_of(client))
    assert re.search(r'Also in <a href="/sources/text/v1/\?claim=peace#p2.0-11">A ¶ 2</a>', spread)


def test_the_way_to_the_next_leads_through_every_claim_and_back(client, shipped):
    first = slug = re.search(r'data-claim="([^"]+)"', page_of(client))[1]
    met = []
    while slug not in met:
        met.append(slug)
        page = page_of(client, f"?claim={slug}")
        assert f'data-claim="{slug}"' in page
        slug = re.search(r'rel="next" href="/\?claim=([^"]+)"', page)[1]
    assert slug == first
    assert set(met) == set(Claim.objects.published().values_list("slug", flat=True))


def test_the_walk_goes_by_kind_then_by_place(client):
    text = make_source("One two three.")
    make_published("statement", text, "p1", "One", "first-statement")
    make_published("principle", text, "p1", "three", "second-principle")
    make_published("principle", text, "p1", "two", "first-principle")
    assert 'data-claim="first-principle"' in page_of(client)
    page = page_of(client, "?claim=first-principle")
    assert 'rel="next" href="/?claim=second-principle"' in page
    assert 'rel="next" href="/?claim=first-statement"' in page_of(client, "?claim=second-principle")


@pytest.mark.parametrize("slug", ["unknown", "hidden-principle-a", "", "%00", "' or 1", "x" * 300])
def test_a_claim_that_is_not_there_is_404(client, slug):
    text = make_source("Peace and law.")
    make_published("principle", text, "p1", "law", "law")
    make_hidden("principle", text, "p1", "Peace")
    assert client.get(f"/?claim={slug}").status_code == 404


def test_what_is_not_published_leaks_nowhere(client):
    text = make_source("Peace and law.")
    for kind in ("principle", "statement", "leader"):
        make_hidden(kind, text, "p1", "Peace", tags=["Hidden theme"])
    page = page_of(client)
    assert "idden" not in page.replace("aria-hidden", "")
    assert re.findall(r'<span class="n">(\d+)</span>', page) == ["0"] * 6
    assert "1 sentence, 0 cited, 1 not yet read" in page


def test_kinds_with_counts_and_themes(client):
    text = make_source("Peace and law and trade.")
    for word in ("Peace", "law"):
        make_published("principle", text, "p1", word, tags=["Order"])
    make_published("statement", text, "p1", "trade", tags=["Trade"])
    page = page_of(client)
    toc = re.search(r'<ul class="toc">.*?</ul>', page, re.DOTALL)[0]
    assert '<a href="/principles/"><span class="kind k-principle">Principles</span></a>' in toc
    assert "what the policy is said to rest on" in toc
    assert '<a href="/organizations/"><span class="kind k-membership">Relations</span></a>' in toc
    assert re.findall(r'<span class="n">(\d+)</span>', toc) == ["2", "0", "0", "1", "0", "0"]
    themes = re.search(r'<ul class="theme-list">.*?</ul>', page, re.DOTALL)[0]
    assert re.findall(r">(\w+)</a> <span class=\"n\">(\d+)<", themes) == [
        ("Order", "2"),
        ("Trade", "1"),
    ]


def test_latest_changes(client):
    text = make_source("Peace and law.")
    for word in ("Peace", "law"):
        claim = make_claim("principle", word.lower())
        cite(claim, text, "p1", word)
        publish(claim, note=f"{word} <added>.")
    changes = re.search(r'<ol class="changes".*?</ol>', page_of(client), re.DOTALL)[0]
    assert changes.index("Edition 2") < changes.index("Edition 1")
    assert "1 claim published. law &lt;added&gt;." in changes


def test_a_claim_without_the_row_of_its_kind_breaks_nothing(client):
    text = make_source("Peace and law.")
    make_childless(text, "p1", "Peace")
    assert 'data-claim="childless"' in page_of(client)


def test_six_queries_however_much_there_is(client, django_assert_num_queries):
    for count in (1, 5):
        for _ in range(count):
            text = make_source("Peace. Law.\nTrade.")
            make_published("principle", text, "p1", "Peace", tags=["Order"])
            make_published("statement", text, "p2", "Trade", tags=["Trade"])
            Sentence.objects.filter(paragraph__transcription=text, number=2).update(reason="no")
        # paragraphs with transcription and source; sentences; citations with claim and kind;
        # claims by kind; themes; editions
        with django_assert_num_queries(6):
            client.get("/")


def test_the_same_bytes_for_everybody_and_no_cookie(client, admin_client):
    make_published("principle", make_source("Peace."), "p1", "Peace", "peace")
    response = client.get("/")
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert admin_client.get("/").content == response.content
