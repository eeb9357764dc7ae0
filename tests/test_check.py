"""The page that checks a text: what it shows, what it says of what it can't read, what it keeps."""

from html import unescape

import pytest
from django.core.cache import cache

from kb.publishing import publish
from tests.factories import cite, make_claim, make_hidden, make_published, make_source
from tests.pages import part, read

pytestmark = pytest.mark.django_db

TEXT = (
    "The aim of the policy is peace among all states of the region.\n"
    "The leader noted: “We shall never give up our independence”. Baku stated that no state "
    "can dictate its will to it."
)


@pytest.fixture(autouse=True)
def _uncounted():
    cache.clear()


@pytest.fixture
def text():
    return make_source(TEXT, slug="aims", siglum="A")


def _sent(client, text, status=200, **headers):
    response = client.post("/check/", {"text": text}, headers=headers)
    assert response.status_code == status
    assert not response.cookies
    assert "Cookie" not in response.get("Vary", "")
    return unescape(response.content.decode())


def _results(shown):
    return part(shown, '<ol class="verdicts">', "</ol>").split('<li id="r')[1:]


def test_the_form_is_for_everybody(client):
    shown = read(client, "/check/")
    assert "compared and forgotten" in shown
    assert 'method="post"' in shown
    assert "csrf" not in shown


def test_each_verdict_in_words_with_its_place(client, text):
    shown = _sent(
        client,
        "It names “peace among all states” as the aim, and “Peace among All States”. "
        "It adds “peace among some states of the region” and “the end of all wars”.",
    )
    assert (
        "Four passages: one stands in a source word for word, one differs in typography alone, "
        "one is altered, one is not found." in shown
    )
    verbatim, typography, altered, absent = _results(shown)
    assert ">Verbatim<" in verbatim
    assert 'href="/sources/aims/v1/#p1"' in verbatim
    assert (
        '<q class="vh" data-quote cite="/sources/aims/v1/#p1" lang="en">peace among all' in verbatim
    )
    assert ">Same words<" in typography
    assert ">Altered<" in altered
    assert "<del>all</del><ins>some</ins>" in altered
    assert ">Not found<" in absent
    assert "data-quote" not in absent
    assert (
        '<mark class="v-altered" id="t3" data-c="t3">peace among some states of the region<'
        in shown
    )


def test_claims_on_the_words_are_linked_and_drafts_are_not(client, text):
    make_published("principle", text, "p1", "peace", "peace", title="Peace")
    make_published("principle", text, "p1", "policy", "policy", title="Elsewhere in it")
    make_hidden("principle", text, "p1", "all states")
    [result] = _results(_sent(client, "It says “peace among all states”."))
    claim = part(result, 'data-claim="peace"', "</li>")
    assert 'href="/principles/peace/"' in claim
    assert 'cite="/sources/aims/v1/#p1.25-30"' in claim
    assert ">peace</q>" in claim
    assert "Hidden" not in result
    assert "Elsewhere" not in result


def test_who_speaks(client, text):
    leader = make_published("leader", text, "p2", "leader", title="Anna Berg").specific()
    said = make_claim("quotation", leader=leader, speaker_name="", mode="direct")
    cite(said, text, "p2", "We shall never give up our independence")
    cite(said, text, "p2", "The leader noted", role="speaker")
    told = make_claim("quotation", speaker_name="Baku")
    cite(told, text, "p2", "no state can dictate its will to it")
    cite(told, text, "p2", "Baku stated", role="speaker")
    for claim in (said, told):
        publish(claim)
    right, wrong, retold, honest = _results(
        _sent(
            client,
            "Anna Berg said: “We shall never give up our independence”.\n\n"
            "Carl Dahl said: “We shall never give up our independence”.\n\n"
            "“No state can dictate its will to it,” said Baku.\n\n"
            "The text reports that Baku said that “no state can dictate its will to it”.",
        )
    )
    assert ">Verbatim<" in right
    assert "There Anna Berg speaks, not Carl Dahl." in wrong
    assert "The source retells what Baku said; it does not quote these words." in retold
    assert ">Verbatim<" in honest


def test_nothing_to_find(client, text):
    shown = _sent(client, "A recipe for a soup: cut the onions, and wait.")
    assert "Nothing in it is quoted from a source" in shown
    assert "results" not in shown


@pytest.mark.parametrize("given", ["", "   ", "\0\0", "…“”", "\N{RIGHT-TO-LEFT MARK}"])
def test_without_words_it_says_what_to_do(client, text, given):
    assert "There are no words in it" in _sent(client, given)


def test_markup_is_shown_as_it_was_typed(client, text):
    response = client.post(
        "/check/", {"text": "<script>alert(1)</script> “<b>peace</b> among all”"}
    )
    raw = response.content.decode()
    assert "<script>alert" not in raw
    assert "&lt;script&gt;alert(1)" in raw
    assert 'v-typography" id="t1"' in raw


def test_too_long_keeps_the_beginning(client, text):
    shown = _sent(client, "a peace " * 700_000)
    assert "5,600,000 characters" in shown
    assert part(shown, "<textarea", "</textarea>").count("peace") == 2500


def test_more_than_can_be_read_at_all(client, text, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    assert "too much to read" in _sent(client, "peace " * 1000)


@pytest.mark.parametrize(
    "given",
    [
        *("“" * 3000, '"' * 3001, "“a " * 3000, "<" * 9000, "&" * 9000, "<!--" * 4000),
        *("> " * 5000, "' " * 9000, "סלם “שלום” " * 900, "\x00\x01\x02peace", "“peace\ud7ff"),
        *("😀“😀 peace among😀”", "the the " * 2500),
        "“" + "all states of the region " * 700 + "”",
    ],
    ids=lambda given: repr(given[:8]),
)
def test_what_nobody_writes_gets_an_answer(client, text, given):
    shown = _sent(client, given)
    assert "<textarea" in shown


def test_windows_line_ends_count_once(client, text):
    assert "are checked at a time" not in _sent(client, "peace\r\n" * 3000)


def test_the_limit_of_an_address(client, text, settings, monkeypatch):
    settings.KB_CHECKS_A_MINUTE = 2
    monkeypatch.setattr("kb.limiting.time.time", lambda: 1_000_000_060.0)
    for _ in range(2):
        _sent(client, "“peace among all states”")
    response = client.post("/check/", {"text": "My own “peace” text"})
    assert response.status_code == 429
    assert response["Retry-After"] == "20"
    assert "My own “peace” text" in unescape(response.content.decode())
    assert client.get("/check/").status_code == 200
    other = client.post("/check/", {"text": "“peace”"}, REMOTE_ADDR="192.0.2.7")
    assert other.status_code == 200
    monkeypatch.setattr("kb.limiting.time.time", lambda: 1_000_000_080.0)
    _sent(client, "“peace among all states”")


def test_nobody_gets_round_the_limit_by_a_header(client, text, settings):
    settings.KB_CHECKS_A_MINUTE = 1
    _sent(client, "peace")
    _sent(client, "peace", 429, x_forwarded_for="192.0.2.8")


def test_cost(client, text, django_assert_num_queries):
    """Places, paragraphs, citations; and the neighbours, of what a paragraph's end cuts."""
    make_published("principle", text, "p1", "peace")
    with django_assert_num_queries(3):
        _sent(client, "“peace among all states”")
    with django_assert_num_queries(4):
        _sent(client, "“all states of the region. The leader noted” " * 50)
    with django_assert_num_queries(0):
        client.get("/check/")
