"""Sources side by side: the words of each for every claim, or its silence; names that differ."""

import csv
import re
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from kb import concordance
from kb.models import Sentence
from kb.publishing import open_draft, publish
from kb.wording import differing
from tests.factories import (
    cite,
    make_childless,
    make_claim,
    make_hidden,
    make_published,
    make_source,
)
from tests.pages import part, read

TEXT_A = "Peace & order is the aim, and <trade>. It is a member of the UNO-A. The king Ilham spoke."
TEXT_B = "We want peace and order. It founded the UNO. Ilham spoke.\nIt rains."


def said(text, *others):
    return [text[start:end] for start, end in differing(text, others)]


@pytest.mark.parametrize(
    ("name", "others", "differ"),
    [
        ("Council of Europe-CE", ["European Council"], ["of Europe-CE"]),
        ("European Council", ["Council of Europe-CE"], ["European"]),
        (
            "Organization of Turkish States",
            ["Council of Turkic states"],
            ["Organization", "Turkish"],
        ),
        ("Non-Aligned Movement-NAM", ["Non-Aligned Movement"], ["NAM"]),
        ("Non-Aligned Movement", ["Non-Aligned Movement-NAM"], []),
        ("for security", ["for Security", "nothing"], []),
        ("CIS", ["Commonwealth"], ["CIS"]),
        ("the CIS", ["", "!"], ["the CIS"]),
        ("alone", [], []),
    ],
)
def test_the_words_that_the_likest_name_lacks(name, others, differ):
    assert said(name, *others) == differ


@given(st.text(), st.lists(st.text(), max_size=3))
def test_what_differs_are_words_in_order_apart_from_each_other(text, others):
    spans = differing(text, others)
    bounds = [at for span in spans for at in span]
    assert bounds == sorted(set(bounds))
    assert all(
        re.match(r"\w", text[start]) and re.match(r"\w", text[end - 1]) for start, end in spans
    )
    assert differing(text, [text, *others]) == []


@pytest.fixture
def a(db):
    return make_source(TEXT_A, slug="a", title="The first")


@pytest.fixture
def b(a):
    return make_source(TEXT_B, slug="b", title="The second")


@pytest.fixture
def both(a, b):
    """In both sources: a principle, a leader who is named otherwise, an organization."""
    order = make_claim("principle", "order", title="Order", note="Read as one.")
    cite(order, a, "p1", "Peace & order")
    cite(order, b, "p1", "peace and order")
    publish(order)
    king = make_claim("leader", "ilham", title="Ilham")
    cite(king, a, "p1", "king Ilham", role="name")
    cite(king, b, "p1", "Ilham", role="name")
    publish(king)
    uno = make_claim("organization", "uno", title="UNO", identity="We read both as one body.")
    cite(uno, a, "p1", "UNO-A", role="name")
    cite(uno, b, "p1", "UNO", role="name")
    publish(uno)
    for slug, text, words, degree in (
        ("member", a, "is a member of", "member"),
        ("founder", b, "founded", "founder"),
    ):
        relation = make_claim("membership", slug, organization=uno, degree=degree)
        cite(relation, text, "p1", words)
        publish(relation)


@pytest.fixture
def trade(a, b):
    return make_published("statement", a, "p1", "<trade>", "trade", title="Trade")


def row(shown, slug):
    return part(shown, f'<tr id="claim-{slug}" data-claim="{slug}">', "</tr>")


def cells(shown, slug):
    return row(shown, slug).split("<td ")[1:]


def slugs(shown):
    return re.findall(r'<tr id="claim-([-\w]+)"', shown)


def get(client, url="/compare/"):
    """The page as it is sent, so that escaping is seen."""
    return client.get(url).content.decode()


def test_a_row_has_the_words_of_each_source_with_links(client, both):
    first, second = cells(get(client), "order")
    assert 'data-label="Source A"' in first
    assert 'data-quote cite="/sources/a/v1/#p1.0-13"' in first
    assert ">Peace &amp; order</blockquote>" in first, "escaped once"
    assert '<a href="/sources/a/v1/#p1.0-13">' in first
    assert ">peace and order</blockquote>" in second
    assert "Read as one." in row(get(client), "order")


def test_silence_is_said_only_of_a_source_that_was_read_to_the_end(client, both, trade, b):
    second = cells(get(client), "trade")[1]
    assert "no passage cited;</b> 1 sentence unread" in second
    assert "silent" not in second
    assert "where one is not cited" in get(client)
    Sentence.objects.filter(paragraph__transcription=b).update(reason="Read.")
    assert "<b>silent</b>" in cells(get(client), "trade")[1]
    Sentence.objects.update(reason="Read.")
    assert "where one is silent" in get(client)


def test_names_stand_side_by_side_and_the_words_that_differ_are_marked(client, both):
    shown = get(client)
    first, second = cells(shown, "ilham")
    assert '><em class="dif">king</em> Ilham</blockquote>' in first
    assert ">Ilham</blockquote>" in second
    first, second = cells(shown, "uno")
    assert '>UNO-<em class="dif">A</em></blockquote>' in first
    assert "We read both as one body." in row(shown, "uno")
    assert "<em" not in row(shown, "order"), "only names are told apart"


def test_what_a_source_claims_of_an_organization_stands_in_its_row(client, both):
    first, second = cells(get(client), "uno")
    held = part(first, '<div data-claim="member">', "</details></div>")
    assert ">Member</span>" in held
    assert ">is a member of</blockquote>" in held
    assert 'data-claim="founder"' in second
    assert ">Founder</span>" in second
    assert "silent" not in second
    assert "member" not in slugs(get(client))


def test_a_relation_alone_makes_its_source_speak(client, a, b):
    body = make_published("organization", a, "p1", "UNO-A", "body").specific()
    relation = make_claim("membership", "founder", organization=body, degree="founder")
    cite(relation, b, "p1", "founded")
    assert slugs(get(client, "/compare/?show=both")) == []
    publish(relation)
    Sentence.objects.update(reason="Read.")
    assert slugs(get(client, "/compare/?show=both")) == ["body"]
    assert slugs(get(client, "/compare/?show=one")) == []
    assert "silent" not in row(get(client), "body")


def test_rows_are_narrowed_by_addresses_that_can_be_taken_back(client, both, trade):
    assert slugs(get(client)) == ["order", "ilham", "trade", "uno"]
    assert slugs(get(client, "/compare/?show=both")) == ["order", "ilham", "uno"]
    assert slugs(get(client, "/compare/?show=one")) == ["trade"]
    assert slugs(get(client, "/compare/?show=names")) == ["ilham", "uno"]
    assert slugs(get(client, "/compare/?kind=leader&show=names")) == ["ilham"]
    shown = read(client, "/compare/?kind=leader&show=names")
    assert '<a href="/compare/?kind=leader" aria-current="true">where names differ' in shown
    assert '<a href="/compare/?show=names" aria-current="true">leaders' in shown
    assert 'href="/compare/?kind=leader&show=both">where both speak<' in shown
    assert "No claim fits" in read(client, "/compare/?kind=principle&show=names")


def test_names_that_differ_in_case_alone_are_the_same(client, a):
    other = make_source("The KING ILHAM and 100%.", slug="b")
    king = make_claim("leader", "ilham")
    cite(king, a, "p1", "king Ilham", role="name")
    cite(king, other, "p1", "KING ILHAM", role="name")
    publish(king)
    assert slugs(get(client, "/compare/?show=names")) == []
    body = make_claim("organization", "percent")
    cite(body, a, "p1", "Peace & order", role="name")
    cite(body, other, "p1", "%", role="name")
    publish(body)
    assert slugs(get(client, "/compare/?show=names")) == ["percent"], "no wildcard"


def test_rows_that_both_speak_of_come_first_and_are_counted(client, both, a, b):
    make_published("principle", a, "p1", "aim", "an-aim", title="An aim")
    make_published("principle", b, "p1", "We want", "a-wish", title="A wish")
    shown = get(client)
    assert slugs(shown)[:3] == ["order", "an-aim", "a-wish"]
    assert "1 in both, 1 in source A only, 1 in source B only" in shown


def test_of_many_rows_those_of_one_source_are_folded(client, both, a, monkeypatch):
    monkeypatch.setattr(concordance, "FOLDED", 3)
    for n in range(2):
        make_published("principle", a, "p1", "aim", f"aim-{n}")
    shown = get(client)
    folded = part(shown, "<summary>2 in source A only</summary>", "</details>\n\n")
    assert slugs(folded) == ["aim-0", "aim-1"]
    assert "<summary>2 in source A only" not in get(client, "/compare/?kind=principle")
    assert len(slugs(get(client, "/compare/?kind=principle"))) == 3


def test_many_words_of_a_cell_are_folded_and_all_there(client, a, b):
    claim = make_claim("statement", "many")
    for words in ("Peace", "order", "aim", "trade", "member"):
        cite(claim, a, "p1", words)
    publish(claim)
    first = cells(get(client), "many")[0]
    assert "<summary>2 more</summary>" in first
    assert first.count("data-quote") == 5


def test_pages_go_by_key(client, a, b, monkeypatch):
    monkeypatch.setattr(concordance, "PER_KIND", 2)
    for slug, title in (("e", "One"), ("d", "One"), ("c", "Two"), ("b", "Three"), ("a", "Zero")):
        make_published("statement", a, "p1", "aim", slug, title=title)
    make_published("principle", a, "p1", "aim", "p")
    url, seen = "/compare/", []
    for _ in range(5):
        shown = read(client, url)
        seen += slugs(shown)
        if 'rel="next"' not in shown:
            break
        url = part(shown, '<a rel="next" href="', '"')
    assert seen == ["p", "e", "d", "b", "c", "a"]
    assert "On this page 1 in source A only" in shown
    assert "comes after that one" in read(client, "/compare/?kind=statement&after=a")
    assert "comes after that one" in read(client, "/compare/?kind=statement&after=unheard-of")


def test_any_sources_are_set_side_by_side(client, both, trade):
    third = make_source("Ilham of C traded. More.", slug="c", title="The third")
    make_published("leader", third, "p1", "Ilham of C", "ilham-c")
    assert "ilham-c" not in slugs(get(client)), "the first two, without a choice"
    assert 'name="source" value="c">' in get(client)
    shown = get(client, "/compare/?source=c&source=a")
    assert slugs(shown) == ["order", "ilham-c", "ilham", "trade", "uno"]
    assert 'data-label="Source C"' in cells(shown, "order")[0], "in the order of the choice"
    assert "no passage cited" in cells(shown, "order")[0]
    assert "UNO-A</blockquote>" in shown, "what only B calls otherwise is not marked"
    shown = get(client, "/compare/?source=a&source=b&source=c&show=both")
    assert slugs(shown) == []
    assert "where all speak" in shown
    shown = get(client, "/compare/?source=c")
    assert len(cells(shown, "order")) == 2
    shown = get(client, "/compare/?source=a&source=b&source=c")
    assert "2 in A and B" not in shown
    assert "1 in A and B" in shown
    assert 'value="c" checked' in shown
    assert "source=a&amp;source=b&amp;source=c&amp;kind=leader" in shown


@pytest.mark.parametrize(
    "query",
    ["source=zz", "kind=zz", "kind=membership", "show=zz", "kind=leader&after=%00", "source=%00"],
)
def test_what_there_is_not_is_not_found(client, both, query):
    assert client.get(f"/compare/?{query}").status_code == 404
    assert client.get(f"/compare.csv?{query}").status_code == 404


def test_no_more_sources_than_fit(client, a, monkeypatch):
    for n in range(7):
        make_source("Text.", slug=f"more-{n}")
    chosen = "&".join(f"source=more-{n}" for n in range(7))
    assert "At most 6 sources" in read(client, f"/compare/?{chosen}", 404)


def test_one_source_is_not_compared(client, a):
    assert "takes two sources, and there is one so far" in read(client, "/compare/")


def test_without_a_source_the_page_says_so(client, db):
    assert "there is none so far" in read(client, "/compare/")


def test_what_is_not_public_is_in_no_row(client, both, a, b):
    uno = concordance.Claim.objects.get(slug="uno")
    for kind in ("principle", "leader", "statement", "organization"):
        make_hidden(kind, a, "p1", "aim")
    make_hidden("membership", a, "p1", "aim", organization=uno.specific())
    draft = open_draft(concordance.Claim.objects.get(slug="order"))
    cite(draft, a, "p1", "the aim")
    for url in ("/compare/", "/compare/?show=one", "/compare/?show=names", "/compare.csv"):
        shown = read(client, url)
        assert "Hidden" not in shown
        assert "hidden-" not in shown.replace("aria-hidden", "")
        assert "the aim" not in shown


def test_a_claim_without_the_row_of_its_kind_takes_no_page_down(client, both, a):
    make_childless(a, "p1", "aim")
    make_childless(a, "p1", "aim", "lost-relation", "membership")
    shown = get(client)
    assert "childless" not in slugs(shown) or cells(shown, "childless")
    assert {"order", "uno"} <= set(slugs(shown))


def test_the_table_leaves_as_csv_without_formulas(client, both, trade, b):
    formula = make_claim("statement", "sum", title="=SUM(A1)")
    cite(formula, b, "p1", "We want")
    publish(formula)
    response = client.get("/compare.csv?show=one")
    assert response["Content-Type"].startswith("text/csv")
    heads, *rows = csv.reader(StringIO(response.content.decode(), newline=""))
    assert heads[:4] == ["kind", "claim", "address", "A · The first: words"]
    found = {row[1]: row for row in rows}
    assert found["Trade"][2:5] == ["http://testserver/claims/trade/", "<trade>", "¶ 1"]
    assert found["Trade"][5].startswith("no passage cited; ")
    assert found["'=SUM(A1)"][5] == "We want"
    everything = client.get("/compare.csv").content.decode()
    assert "is a member of" in everything


def test_cost(client, both, a, b, django_assert_num_queries):
    """The sources, the transcriptions with counts, the claims, the citations."""
    for url in ("/compare/", "/compare/?show=names", "/compare.csv"):
        with django_assert_num_queries(4):
            client.get(url)
    for n in range(4):
        make_published("principle", a, "p1", "aim", f"aim-{n}")
        make_published("leader", b, "p1", "Ilham", f"king-{n}")
        make_source("More.", slug=f"more-{n}")
    for url in ("/compare/", "/compare/?show=names", "/compare/?source=a&source=b&source=more-1"):
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        assert len(queries) == 4
        assert "OFFSET" not in str(queries.captured_queries)


@pytest.mark.usefixtures("shipped")
def test_the_shipped_sources(client):
    """Every principle, statement, leader and relation that is published stands in the table."""
    shown = get(client)
    presented = set(re.findall('data-claim="([^"]+)"', shown))
    assert presented == set(concordance.Claim.objects.published().values_list("slug", flat=True))
    first, second = cells(shown, "council-of-europe")
    assert 'Council <em class="dif">of Europe-CE</em></blockquote>' in first
    assert '<em class="dif">European</em> Council</blockquote>' in second
    first, second = cells(shown, "non-aligned-movement")
    assert ">Member</span>" in first
    assert ">Active member</span>" in second
    assert "<b>silent</b>" in cells(shown, "guam")[0]
