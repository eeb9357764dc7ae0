"""Statements: the list with its themes, and the page."""

import pytest

from tests.factories import make_hidden, make_published, make_source
from tests.pages import part, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return make_source("There are 177 of them. The corridor is short. It rains.", slug="a")


def test_themes_are_the_way_in_and_count_statements_alone(client, text):
    make_published("statement", text, "p1", "177 of them", "figures", tags=["Figures", "Relations"])
    make_published("statement", text, "p1", "The corridor", "corridor", tags=["Figures"])
    make_published("principle", text, "p1", "It rains", tags=["Figures", "Weather"])
    make_hidden("statement", text, "p1", "is short", tags=["Figures", "Secret"])
    shown = read(client, "/statements/")
    themes = part(shown, "A way in, by theme", "</p>")
    assert '<a rel="tag" href="/tags/figures/">Figures</a> <span class="n">2</span>' in themes
    assert '<a rel="tag" href="/tags/relations/">Relations</a> <span class="n">1</span>' in themes
    assert "Weather" not in themes
    assert "Secret" not in shown
    assert "Hidden" not in shown
    assert "2 published" in shown


def test_figures_are_said_to_be_undated(client, text):
    assert "Undated, as the sources are" in read(client, "/statements/")


def test_the_page_shows_what_it_is_about(client, text):
    road = make_published("principle", text, "p1", "It rains", "rain", title="Rain")
    make_published("statement", text, "p1", "The corridor", "corridor", about=[road])
    related = read(client, "/statements/corridor/").partition("Related claims")[2]
    assert 'data-claim="rain"' in part(related, "What this is about", "</ul>")
