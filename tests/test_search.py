"""What a reader types, and what is found: the same on both databases."""

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from selectolax.lexbor import LexborHTMLParser

from kb.models import Claim, Paragraph
from kb.search import finding, showing
from kb.search.asking import read
from kb.search.finding import find

from .conftest import PLAIN_STATIC

pytestmark = pytest.mark.django_db

SEARCHES = yaml.safe_load((Path(__file__).parent / "data/searches.yaml").read_text())
NOTHING = [
    '"', '""', "*", "-", "-peace", '-"peace"', "AND OR NOT", "( )", "| & !", "\0", "🎉 🕊️",
    "…", "'", "';", "%", "\u202e\u200f", "\ud7ff", "--", "-*", '"*"', "{}", "^", ":",
]  # fmt: skip
MISSES = [
    "עולם", "سلام على", "x" * 300, "'; DROP TABLE kb_claim; --", "zyx OR 1=1", "NEAR(zyx qqq, 2)",
    "zyx:peace", "peace' | 'zyx", '"zyx" * 5', "zyx\0peace", "<script>alert(1)</script>", "q3dq",
    "ǅǅǅ", "́́́zyx", "zyx <-> qqq:*", "{title} : zyx", "𝔷𝔶𝔵",
]  # fmt: skip


def _name(query) -> str:
    return repr(query)[:30]


@pytest.fixture(scope="module")
def _loaded(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_kb", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def _django_db_helper(_loaded, django_db_blocker):
    """In the place of pytest-django's: a test is inside the transaction of ``_loaded``."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


class Page(LexborHTMLParser):
    """With the ``response`` that it was, and the number of ``queries``."""


@pytest.fixture
def shown(client):
    """The page for a query and facets."""

    def get(query="", **facets):
        with override_settings(STORAGES=PLAIN_STATIC), CaptureQueriesContext(connection) as asked:
            response = client.get("/search/", {"q": query, **facets})
        assert response.status_code == 200
        page = Page(response.content.decode())
        page.response, page.queries = response, len(asked)
        return page

    return get


def found(query, **facets):
    """The slugs of the claims, best first, and the places of the passages."""
    answer = find(read(query), facets)
    slugs = dict(Claim.objects.values_list("pk", "slug"))
    paragraphs = Paragraph.objects.select_related("transcription__source").in_bulk()
    passages = [paragraphs[entry.paragraph_id] for entry in answer.passages]
    return (
        [slugs[entry.claim_id] for entry in answer.claims],
        [f"{p.transcription.source.siglum} {p.ref}" for p in passages],
    )


def text(node) -> str:
    return " ".join(node.text().split())


@pytest.mark.parametrize("search", SEARCHES, ids=[search["q"] for search in SEARCHES])
def test_a_query_finds_what_it_should_and_the_obvious_first(search):
    claims, passages = found(search["q"])
    assert claims[0] == search["first"]
    assert sorted(claims) == search["claims"]
    assert sorted(passages) == sorted(search["passages"])


def test_there_are_enough_of_them():
    assert len(SEARCHES) >= 60


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Aliyev", "Əliyev"),
        ("Ilham", "İLHAM"),
        ("Heydar", "heydər"),
        ("neighbours", "neighboring"),
        ("organisation", "Organizations"),
        ("peace cooperation", "cooperation AND peace"),
        ("peace -cooperation", "peace NOT cooperation"),
        ("“peace and stability”", '"Peace and Stability'),
        ("Azerbaijan’s economy", "azerbaijan's ECONOMY"),
        ("the principle of peace", "principle peace"),
        ("pe\u0301ace", "peace"),
        ("terr*", "terr"),
    ],
)
def test_two_ways_to_say_the_same(one, other):
    assert [set(part) for part in found(one)] == [set(part) for part in found(other)]
    assert found(one)[0]


def test_a_phrase_is_words_in_a_row_and_one_word_in_quotes_is_that_form():
    assert "basis-of-the-policy-in-source-b" in found("policy foreign basis")[0]
    assert found('"policy foreign basis"') == ([], [])
    assert set(found('"in the region"')[0]) < set(found("region")[0])
    assert found('"peaceful"') == ([], [])
    assert found("peaceful") == found("peace")
    assert not set(found('region -"in the region"')[0]) & set(found('"in the region"')[0])


def test_a_word_that_is_none_is_read_as_a_beginning_if_it_is_the_last(shown):
    assert shown("terr").css_first("mark")
    assert "“terr” is read as the beginning of: " in text(shown("integrity terr").body)
    assert "No claim and no source has “terr”" in text(shown("terr integrity").body)
    assert "beginning" not in text(shown("territory").css_first("main"))


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("Aliev polici", "Aliyev polici"),
        ("karabach", "karabakh"),
        ("Sovreignty", "Sovereignty"),
        ("noninterference", "non interference"),
        ("neutralty of Baku", "neutrality of Baku"),
    ],
)
def test_a_miss_offers_near_words(shown, typed, near):
    page = shown(typed)
    [link] = [
        a for a in page.css("main section a") if f"q={near.split()[0]}" in a.attributes["href"]
    ]
    assert f"q={near.replace(' ', '+')}" in link.attributes["href"]
    assert not page.css(".hit")


def test_where_no_entry_has_all_words_each_is_offered_alone(shown):
    page = shown("GUAM Karabakh")
    assert "Nothing has all of these. One alone: GUAM, Karabakh" in text(page.css_first("main"))
    assert "/search/?q=GUAM" in [a.attributes["href"] for a in page.css("main a")]


@pytest.mark.parametrize("query", NOTHING, ids=_name)
def test_without_a_word_there_is_a_hint(shown, query):
    page = shown(query)
    assert not page.css(".hit, [data-claim]")
    told = text(page.css_first("main"))
    asked = query.replace("\0", " ").strip()
    assert ("There is no word in this" in told) == bool(asked)
    assert "How to ask" in told
    assert page.queries == 0


@pytest.mark.parametrize("query", MISSES, ids=_name)
def test_what_is_in_no_text_is_answered_with_a_hint(shown, query):
    page = shown(query)
    assert not page.css(".hit, [data-claim]")
    assert "No claim and no source has" in text(page.css_first("main"))
    assert "<script>alert" not in page.response.content.decode()


def test_ten_thousand_characters_are_too_many(shown):
    page = shown("peace " * 1700)
    assert "A query has at most 300 characters" in text(page.css_first("main"))
    assert len(page.response.content) < 20_000
    assert page.queries == 0


@pytest.mark.parametrize(
    "facets",
    [
        {"kind": "'"},
        {"source": "no-such"},
        {"theme": "\0"},
        {"leader": '"'},
        {"how": "x" * 9999},
        {"kind": "<b>"},
        {"after": "-1", "kind": "statement"},
    ],
    ids=_name,
)
def test_facets_that_there_are_not(shown, facets):
    page = shown("peace", **facets)
    if "after" not in facets:
        assert not page.css(".hit")
        assert "with what is chosen above" in text(page.css_first("main")) or "\0" in str(facets)
    assert "<b>" not in page.response.content.decode()


def test_results_keep_the_promises_of_the_markup(shown):
    page = shown("mutually beneficial cooperation")
    assert len(page.css("[data-claim]")) > 5
    for hit in page.css("[data-claim]"):
        claim = Claim.objects.published().get(slug=hit.attributes["data-claim"])
        exact = {c.get_absolute_url(): c.exact for c in claim.citations.with_places()}
        quotes = hit.css("[data-quote]")
        assert quotes
        links = {a.attributes["href"] for a in hit.css("a")}
        for quote in quotes:
            assert quote.text() == exact[quote.attributes["cite"]]
            assert quote.attributes["cite"] in links
        marked = {text(mark).lower() for mark in hit.css("mark")}
        assert {"mutual", "mutually"} & marked
        assert {"beneficial", "benefit"} & marked


def test_a_passage_leads_to_its_paragraph_and_shows_its_words(shown):
    [hit] = shown("177").css("[aria-labelledby=of-passage] .hit")
    assert hit.css_first("a").attributes["href"] == "/sources/foreign-policy/v1/#p4"
    assert [text(mark) for mark in hit.css("mark")] == ["177"]
    paragraph = Paragraph.objects.get(
        transcription__source__slug="foreign-policy", kind="body", number=4
    )
    for piece in hit.css_first("blockquote").text().split("[…]"):
        assert piece.strip() in paragraph.text


def test_what_is_found_in_a_note_or_a_theme_is_shown(shown):
    assert "theme Geography" in text(shown("Geography").css_first(".groups-found"))
    notes = shown("wordings differ")
    assert "ed. " in text(notes.css_first(".hit"))


def test_the_kind_of_the_best_comes_first(shown):
    assert shown("NATO").css_first(".groups-found h2").text().startswith("Organizations")
    assert shown("Baku neutrality").css_first(".groups-found h2").text().startswith("Quotations")


def test_facets_count_narrow_down_and_are_taken_out(shown):
    page = shown("policy")
    counts = {text(a): text(a.parent.css_first(".n")) for a in page.css(".facets a")}
    assert counts["Statements"] == "40"
    assert counts["Heydar Aliyev"] == "7"
    assert counts["reported"] == "1"
    for link in page.css(".facets a"):
        address = link.attributes["href"]
        narrowed = showing.SearchPage(dict(parse_qsl(urlsplit(address).query)))
        answer = narrowed.found
        assert len(answer.claims) + len(answer.passages) == int(counts[text(link)]), address
        [(_, label, back)] = narrowed.removable
        assert label == text(link)
        assert back == "/search/?q=policy"


def test_facets_go_together_and_alone():
    both = found("policy", kind="statement", leader="heydar-aliyev")[0]
    about = Claim.objects.filter(kind="statement", about__slug="heydar-aliyev")
    assert set(both) == set(found("policy")[0]) & set(about.values_list("slug", flat=True))
    assert both
    claims, passages = found("", leader="ilham-aliyev")
    assert "ilham-aliyev" in claims
    assert not passages
    assert found("", how="direct") == (["heydar-aliyev-on-the-basic-principles"], [])
    assert set(found("", organization="nato")[0]) == {
        "nato", "nato-cooperation", "nato-and-csto-as-centre-of-confrontation",
    }  # fmt: skip


def test_pages_go_by_key_until_all_were_seen(shown):
    everything, _ = found("source", kind="statement")
    seen, address = [], {"kind": "statement"}
    while address:
        page = shown("source", **address)
        seen += [hit.attributes["data-claim"] for hit in page.css("[data-claim]")]
        more = [a for a in page.css("section p a") if text(a) == "More statements"]
        address = dict(parse_qsl(urlsplit(more[0].attributes["href"]).query)) if more else None
        if address:
            del address["q"]
    assert seen == everything
    assert len(seen) > showing.A_PAGE


def test_more_than_the_bound_is_said(shown, monkeypatch):
    monkeypatch.setattr(finding, "MOST_CLAIMS", 10)
    monkeypatch.setattr(finding, "MOST_TITLES", 5)
    told = text(shown("source").css_first("[role=status]"))
    assert re.match(r"The first 1[0-5] claims that have this; there may be more\.", told)
    assert shown("neutrality").css_first("[data-claim]").attributes["data-claim"] == "neutrality"
    monkeypatch.setattr(finding, "MOST_CLAIMS", 1000)
    assert "may be more" not in text(shown("source").css_first("[role=status]"))


@pytest.mark.parametrize("query", ["NATO", "policy", "of", "terr", '"in the region"', "source -A"])
def test_six_queries_whatever_is_found(shown, query):
    """Words of the base, entries, claims, citations, paragraphs, names of facets' values."""
    page = shown(query)
    assert page.css(".hit")
    assert page.queries <= 6


def test_the_page_is_the_same_for_everybody_and_no_robot_follows_it(shown):
    page = shown("peace")
    assert "Cookie" not in page.response.headers.get("Vary", "")
    assert not page.response.cookies
    assert page.css_first("meta[name=robots]").attributes["content"] == "noindex, nofollow"
    assert not shown().css("meta[name=robots]")


def test_every_page_has_one_box_with_a_name(shown, client):
    for path in ("/", "/about/", "/search/?q=peace", "/no/such/page/"):
        tree = LexborHTMLParser(client.get(path).content.decode())
        [form] = tree.css("form[role=search]")
        field = form.css_first("input[type=search]")
        [label] = tree.css(f"label[for={field.attributes['id']}]")
        assert text(label) == "Search the claims and the sources"
        assert (form.attributes["action"], field.attributes["name"]) == ("/search/", "q")
    assert shown("peace").css_first("input[type=search]").attributes["value"] == "peace"
