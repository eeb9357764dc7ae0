"""Two texts in parallel: aligned by the claims that they share, each whole and verbatim."""

import re
from html import unescape
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.parallel import chain
from kb.publishing import open_draft, publish
from tests.factories import cite, make_claim, make_hidden, make_published, make_source
from tests.pages import part, read

URL = "/compare/reading/"


def heaviest(weights):
    """By trying all: the weight of the heaviest chain."""
    best = {}
    for i, j in sorted(weights):
        before = (w for (a, b), w in best.items() if a < i and b < j)
        best[i, j] = weights[i, j] + max(before, default=0)
    return max(best.values(), default=0)


@given(
    st.dictionaries(st.tuples(st.integers(0, 6), st.integers(0, 6)), st.integers(1, 9), max_size=12)
)
def test_a_chain_ascends_and_none_is_heavier(weights):
    found = chain(weights, 7)
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(found))
    assert sum(weights[pair] for pair in found) == heaviest(weights)
    assert chain({}, 0) == []


@pytest.fixture
def texts(db):
    a = make_source(
        "On order\nNothing here.\nPeace & order.\nThe UNO has it as a member. Trade.",
        slug="a",
        heading=[1],
        title="The first",
    )
    b = make_source(
        "We want peace.\nIt rains.\nUNO: it is a founder.", slug="b", title="The second"
    )
    order = make_claim("principle", "order", title="Order")
    cite(order, a, "p2", "Peace & order")
    cite(order, b, "p1", "peace")
    publish(order)
    uno = make_claim("organization", "uno", title="UNO")
    cite(uno, a, "p3", "UNO", role="name")
    cite(uno, b, "p3", "UNO", role="name")
    publish(uno)
    for slug, text, words in (("member", a, "as a member"), ("founder", b, "is a founder")):
        relation = make_claim("membership", slug, organization=uno, degree=slug)
        cite(relation, text, "p3", words)
        cite(relation, text, "p3", "UNO", role="name")
        publish(relation)
    make_published("statement", a, "p3", "Trade", "trade", title="Trade")
    return a, b


def steps(shown):
    """The anchors of each side of each step."""
    found = shown.partition("<section")[0].split('<div class="step">')[1:]
    return [
        [re.findall(r'<p id="([^"]+)"', side) for side in step.split('<div class="side">')[1:]]
        for step in found
    ]


def test_paragraphs_that_share_claims_stand_level(client, texts):
    shown = client.get(URL).content.decode()
    assert steps(shown) == [
        [["A.h1", "A.p1"], []],
        [["A.p2"], ["B.p1", "B.p2"]],
        [["A.p3"], ["B.p3"]],
    ]


def test_each_paragraph_is_whole_and_verbatim(client, texts):
    shown = client.get(URL).content.decode()
    for text in texts:
        for paragraph in text.paragraphs.all():
            inside = part(shown, f'<p id="{text.source.siglum}.{paragraph.ref}"', "</p>")
            inside = re.sub(r"<a [^>]*data-notext.*?</a>", "", inside).partition(">")[2]
            assert unescape(re.sub("<[^>]*>", "", inside)) == paragraph.text
    ids = re.findall(r' id="([^"]+)"', shown)
    assert len(ids) == len(set(ids))


def test_shared_words_are_marked_and_lead_to_the_others(client, texts):
    shown = client.get(URL).content.decode()
    first = part(shown, '<p id="A.p2"', "</p>")
    assert '<mark class="k-principle l1" id="A.p2.0-13"' in first
    assert 'href="#B.p1.8-13"' in first
    assert 'aria-label="1: Order, in source B">1</a>' in first
    assert 'href="#A.p2.0-13"' in part(shown, '<p id="B.p1"', "</p>")
    assert "<mark" not in part(shown, '<p id="B.p2"', "</p>")
    relation = part(shown, '<p id="A.p3"', "</p>")
    assert ">as a member</mark>" in relation, "what is claimed of what both name"
    assert relation.count("<mark") == 2, "the name is marked once, and Trade is in A alone"


def test_the_table_behind_the_lines_has_the_words_and_the_ends(client, texts):
    table = client.get(URL).content.decode().partition('id="shared"')[2]
    assert 'data-claim="order" data-c="A.p2.0-13 B.p1.8-13"' in table
    assert 'data-claim="uno" data-c="A.p3.4-7 B.p3.0-3"' in table
    assert 'href="/sources/a/v1/#p2.0-13"' in table
    assert "trade" not in table


def test_of_several_words_the_line_leads_to_those_that_stand_level(client, texts):
    a, b = texts
    trade = make_claim("statement", "rain", title="Peace, in many words")
    cite(trade, b, "p1", "We want peace")
    cite(trade, b, "p3", "founder")
    cite(trade, a, "p3", "has it")
    publish(trade)
    assert 'data-claim="rain" data-c="A.p3.8-14 B.p3.13-20"' in client.get(URL).content.decode()


def test_what_is_not_public_is_not_marked(client, texts):
    a, b = texts
    for text, ref, words in ((a, "p1", "Nothing"), (b, "p2", "It rains")):
        draft = open_draft(make_published("principle", text, ref, words, title="Public"))
        cite(draft, a if text is b else b, "p3", "UNO")
    for claim in make_hidden("principle", a, "p1", "Nothing here"):
        if claim.status != "withdrawn":
            cite(claim, b, "p2", "It rains")
    shown = read(client, URL)
    assert "Hidden" not in shown
    assert "Public" not in shown
    assert "<mark" not in part(shown, '<p id="A.p1"', "</p>")


def test_any_two_sources_in_the_order_of_the_choice(client, texts):
    make_source("Ours.", slug="c", title="The third")
    shown = read(client, f"{URL}?source=c&source=b")
    assert "Source C and Source B in parallel" in shown
    assert "No claim rests on words of both." in shown
    assert shown.index('id="C.p1"') < shown.index('id="B.p1"')
    assert f'action="{URL}"' in shown
    assert f'href="{URL}?source=c&source=b"' in read(client, "/compare/?source=c&source=b&source=a")
    assert "At most 2 sources" in read(client, f"{URL}?source=a&source=b&source=c", 404)
    assert "no source called “zz”" in read(client, f"{URL}?source=zz", 404)


def test_one_source_has_no_parallel(client, db):
    assert "there is none so far" in read(client, URL)
    make_source("Ours.", slug="a")
    assert "there is one so far" in read(client, URL)


def test_cost(client, texts, django_assert_num_queries):
    """The sources; paragraphs, sentences and citations of two."""
    with django_assert_num_queries(4):
        client.get(URL)
    a, _ = texts
    for n in range(3):
        make_published("statement", a, "p1", "Nothing", f"more-{n}")
        make_source("Text.", slug=f"text-{n}")
    with django_assert_num_queries(4):
        client.get(URL)
