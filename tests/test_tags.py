"""Themes: which have published claims, how many, and which."""

import pytest
from taggit.models import Tag

from tests.factories import make_hidden, make_published, make_source
from tests.pages import part, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return make_source("Peace is one aim. Trade is another.", slug="a")


def test_themes_are_listed_with_counts_of_published_claims(client, text):
    make_published("principle", text, "p1", "Peace", tags=["Aims"])
    make_published("statement", text, "p1", "Trade", tags=["Aims", "Trade"])
    make_hidden("statement", text, "p1", "another", tags=["Aims", "Secret"])
    Tag.objects.create(name="Unused")
    shown = read(client, "/tags/")
    assert ">2<" in part(shown, 'href="/tags/aims/"', "</li>")
    assert ">1<" in part(shown, 'href="/tags/trade/"', "</li>")
    assert "Secret" not in shown
    assert "Unused" not in shown


def test_a_theme_shows_its_claims_by_kind(client, text):
    make_published("statement", text, "p1", "Trade", "trade", tags=["Aims"])
    make_published("principle", text, "p1", "Peace", "peace", tags=["Aims"])
    make_published("quotation", text, "p1", "one aim", "said", tags=["Aims"], mode="reported")
    make_published("principle", text, "p1", "another", "elsewhere", tags=["Other"])
    make_hidden("principle", text, "p1", "is one", tags=["Aims"])
    shown = read(client, "/tags/aims/")
    assert "3 claims" in shown
    order = [shown.index(f'data-claim="{slug}"') for slug in ("peace", "said", "trade")]
    assert order == sorted(order)
    assert ">Principle</span></h2>" in shown
    assert "reported" in part(shown, 'data-claim="said"', "</li>")
    assert ">Peace</q>" in part(shown, 'data-claim="peace"', "</li>")
    assert "elsewhere" not in shown
    assert "Hidden" not in shown


def test_a_relation_is_called_by_its_degree(client, text):
    body = make_published("organization", text, "p1", "Trade").specific()
    fields = {"organization": body, "degree": "cooperation", "tags": ["Aims"], "title": "With it"}
    make_published("membership", text, "p1", "Peace", "with-it", **fields)
    shown = read(client, "/tags/aims/")
    assert ">Relation</span></h2>" in shown
    assert ">Cooperates with</span>" in part(shown, 'data-claim="with-it"', "</li>")
    assert "Membership" not in shown


def test_a_theme_without_published_claims_is_not_there(client, text):
    make_hidden("statement", text, "p1", "another", tags=["Secret"])
    Tag.objects.create(name="Unused")
    for slug in ("secret", "unused", "nope", "%00", "a%00b", "a'b", "é%20", "-" * 3000):
        shown = read(client, f"/tags/{slug}/", 404)
        assert "Secret" not in shown


def test_names_of_any_script_have_an_address_and_nameless_ones_do_no_harm(client, text):
    make_published("statement", text, "p1", "Trade", "trade", tags=["Qarabağ", "Nameless"])
    Tag.objects.filter(name="Nameless").update(slug="")
    for url in ("/tags/", "/statements/", "/statements/trade/"):
        shown = read(client, url)
        assert "/tags/qaraba%C4%9F/" in shown
        assert "Nameless" in shown
    assert 'data-claim="trade"' in read(client, "/tags/qarabağ/")


def test_cost(client, text, django_assert_num_queries):
    """List: themes. Theme: itself, count, claims with kinds, citations, tags."""
    make_published("statement", text, "p1", "Trade", tags=["Aims"])
    make_published("quotation", text, "p1", "Peace", tags=["Aims"])
    for n in range(5):
        make_published("quotation", text, "p1", "Peace", tags=["Aims", f"Theme {n}"])
    with django_assert_num_queries(1):
        client.get("/tags/")
    with django_assert_num_queries(5):
        client.get("/tags/aims/")
