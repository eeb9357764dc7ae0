"""The map of claims: its geometry, what it says on the home page and on the kinds' pages."""

import re
from itertools import pairwise

import pytest

from kb.map import LABEL, MOST_CLAIMS, MOST_LINES, PANEL, STEP, Map, spaced
from kb.models import Citation, Claim, Paragraph, Source, Transcription
from kb.publishing import publish

from .factories import cite, make_claim, make_hidden, make_published, make_source
from .pages import part, read

KINDS = ("principle", "leader", "organization")


def paragraphs(count, sources=2):
    """In turn of each of ``sources``; made without a database."""
    texts = [
        Transcription(pk=n, source_id=n, source=Source(pk=n, slug=f"s{n}", siglum=siglum))
        for n, siglum in enumerate("ABCDE"[:sources], 1)
    ]
    return [
        Paragraph(pk=n + 1, transcription=texts[n * sources // count], position=n, number=n + 1)
        for n in range(count)
    ]


def drawn(claims, places, each=2):
    """The map of ``claims`` claims on ``each`` of the ``places``, some of them far apart."""
    rows = [
        Claim(pk=n + 1, slug=f"c{n}", kind=KINDS[n % 3], title=f"{n} " + "a long title " * (n % 7))
        for n in range(claims)
    ]
    return Map(
        Citation(claim=row, paragraph=places[(n * 7 + k * 11) % len(places)], start=k)
        for n, row in enumerate(rows)
        for k in range(each)
    )


def columns(panel):
    """The heights at which words stand, of each side."""
    left = [head.y for head in panel.heads] + [p.y for p in panel.paragraphs]
    right = [head.y for head in panel.kinds] + [row.y for row in panel.claims]
    return sorted(left), sorted(right)


@pytest.mark.parametrize(
    ("claims", "places", "sources", "each"),
    [(1, 1, 1, 1), (2, 9, 3, 9), (26, 11, 2, 2), (40, 3, 3, 1), (200, 60, 2, 2), (200, 60, 5, 3)],
)
def test_no_two_labels_overlap_and_all_are_in_the_picture(claims, places, sources, each):
    found = drawn(claims, paragraphs(places, sources), each)
    for panel in found.panels:
        for side in columns(panel):
            assert all(below - above >= STEP for above, below in pairwise(side))
            assert side[0] >= STEP // 2
            assert side[-1] <= panel.height - STEP // 2
        assert all(len(row.text) <= LABEL for row in panel.claims)


def test_200_claims_on_60_paragraphs_are_all_there_in_panels_that_fit_on_a_screen():
    found = drawn(200, paragraphs(60))
    assert not found.left_out
    assert len({row.claim.pk for panel in found.panels for row in panel.claims}) == 200
    assert {p.paragraph.pk for panel in found.panels for p in panel.paragraphs} == set(range(1, 61))
    lines = [line for panel in found.panels for row in panel.claims for line in row.lines]
    assert len({line.id for line in lines}) == len(lines) == 400
    for panel in found.panels:
        assert len(panel.claims) <= PANEL
        assert panel.height < 60 * STEP + 200


def test_a_line_joins_the_two_that_share_its_name():
    found = drawn(30, paragraphs(12))
    (panel,) = found.panels
    for row in panel.claims:
        assert len(row.lines) == 2
        for line in row.lines:
            (begins,) = [p for p in panel.paragraphs if line.id in p.lines.split()]
            assert line.path.startswith(f"M{Map.left} {begins.y}C")
            assert line.path.endswith(f" {Map.right} {row.y}")


def test_several_citations_in_a_paragraph_are_one_line_with_a_weight():
    place = paragraphs(1, 1)[0]
    claim = Claim(pk=1, slug="c", kind="principle", title="Peace")
    for count, weight in ((1, 1), (2, 2), (3, 3), (9, 3)):
        found = Map(Citation(claim=claim, paragraph=place, start=n) for n in range(count))
        (line,) = found.panels[0].claims[0].lines
        assert line.weight == weight
        assert found.has_weights == (count > 1)


def test_each_source_has_its_line():
    found = drawn(20, paragraphs(20, 5))
    styles = [style for source, style in found.styles.items()]
    assert styles == [1, 2, 3, 4, 1]
    assert [head.text for head in found.panels[0].heads] == [f"Source {s}" for s in "ABCDE"]


def test_claims_stand_by_kind_level_with_their_paragraphs():
    places = paragraphs(10)
    found = drawn(30, places, each=1)
    kinds = [row.claim.kind for row in found.rows]
    assert kinds == sorted(kinds, key=list(Claim.kinds()).index)
    for kind in KINDS:
        levels = [row.places[0].paragraph.number for row in found.rows if row.claim.kind == kind]
        assert levels == sorted(levels)


def test_of_too_many_those_on_most_paragraphs_are_drawn_and_the_others_counted():
    places = paragraphs(60)
    found = drawn(3000, places, each=1)
    assert len(found.rows) == MOST_CLAIMS
    assert len(found.left_out) == 3000 - MOST_CLAIMS
    assert {name for _, name in found.lists} == {"principles", "leaders", "organizations"}
    wide = Claim(pk=9999, slug="wide", kind="leader", title="Everywhere")
    some = [Citation(claim=wide, paragraph=place, start=0) for place in places]
    few = Claim(pk=1, slug="few", kind="leader", title="Once")
    found = Map([*some, Citation(claim=few, paragraph=places[0], start=9)])
    assert [row.claim for row in found.rows] == [few, wide]
    assert len(drawn(240, places, each=9).rows) * 9 <= MOST_LINES


def test_nothing_is_no_panel():
    assert Map([]).panels == []
    assert spaced([], 100) == ([], [])


@pytest.fixture
def text(db):
    return make_source("Peace, said Ann of the Body.\nLaw.\nNothing here.", "a", title="A text")


@pytest.fixture
def other(db):
    return make_source("Ann wants peace.", "b", title="Another")


def svg(shown):
    return part(shown, '<svg class="map"', "</svg>")


def table(shown):
    return part(shown, '<table class="map-table">', "</table>")


def test_the_home_page_draws_principles_leaders_and_organizations(client, text, other):
    peace = make_claim("principle", "peace", title="Peace")
    cite(peace, text, "p1", "Peace")
    cite(peace, other, "p1", "peace")
    publish(peace)
    make_published("leader", text, "p1", "Ann", "ann", title="Ann")
    body = make_published("organization", text, "p1", "Body", "body", title="Body").specific()
    make_published("membership", text, "p1", "the Body", "member", organization=body)
    make_published("statement", text, "p2", "Law", "law", title="A law")
    shown = read(client, "/")
    drawing = svg(shown)
    assert re.findall(r'<text class="head"[^>]*>(.*?)<', drawing) == [
        "Source A",
        "Source B",
        "Principles",
        "Leaders",
        "Organizations",
    ]
    links = re.findall(r'<a href="([^"]+)"><text[^>]*>(.*?)</text>', drawing)
    assert links == [
        ("/principles/peace/", "Peace"),
        ("/leaders/ann/", "Ann"),
        ("/organizations/body/", "Body"),
        ("/sources/a/v1/#p1", "A ¶ 1"),
        ("/sources/b/v1/#p1", "B ¶ 1"),
    ]
    assert drawing.count('class="s1 w1"') == 3
    assert drawing.count('class="s2 w1"') == 1
    row = part(table(shown), 'data-claim="peace"', "</tr>")
    assert 'href="/sources/a/v1/#p1.0-5"' in row
    assert 'href="/sources/b/v1/#p1.10-15"' in row
    assert "A law" not in table(shown)


@pytest.mark.parametrize("kind", ["principle", "leader", "quotation", "statement"])
def test_each_kind_has_its_map(client, text, kind):
    make_published(kind, text, "p1", "Peace", "shown", title="Shown")
    shown = read(client, f"/{kind}s/")
    assert f'<a href="/{kind}s/shown/"><text' in svg(shown)
    assert f'<g class="of-{kind}"' in svg(shown)
    assert 'href="#map"' in shown
    assert 'data-claim="shown"' in table(shown)


def test_organizations_are_drawn_with_the_relations(client, text):
    body = make_published("organization", text, "p1", "Body", "body", title="Body").specific()
    make_published("membership", text, "p1", "the Body", "m", organization=body, title="In it")
    make_hidden("membership", text, "p1", "of the Body", organization=body)
    drawing = svg(read(client, "/organizations/"))
    assert "Relations" in drawing
    assert ">In it</text>" in drawing
    assert "Hidden" not in drawing


def test_what_is_not_public_is_not_drawn(client, text):
    for kind in ("principle", "leader", "organization", "statement", "quotation"):
        make_hidden(kind, text, "p2", "Law")
    for url in ("/", "/principles/", "/leaders/", "/organizations/", "/statements/"):
        shown = read(client, url)
        assert '<svg class="map"' not in shown
        assert "Hidden" not in shown
    make_published("principle", text, "p1", "Peace", "peace")
    for url in ("/", "/principles/"):
        shown = read(client, url)
        assert "Hidden" not in shown
        assert "¶ 2" not in svg(shown)


def test_a_long_title_is_cut_and_told_whole(client, text):
    title = "A title that goes on and on " * 4
    make_published("principle", text, "p1", "Peace", title=title.strip())
    drawing = svg(read(client, "/principles/"))
    assert f"…<title>{title.strip()}</title>" in drawing
    assert f"<title>{title.strip()}" in drawing


def test_many_sources_and_many_claims_are_bounded_and_say_so(client, text, monkeypatch):
    monkeypatch.setattr("kb.map.MOST_CLAIMS", 2)
    for n in range(5):
        make_published("principle", text, "p1", "Peace", title=f"Aim {n}")
    shown = read(client, "/")
    assert svg(shown).count('class="line"') == 2
    caption = part(shown, "<figcaption>", "</figcaption>")
    assert "2 claims are shown here" in caption
    assert '3 more stand in the lists: <a href="/principles/">principles</a>' in caption
