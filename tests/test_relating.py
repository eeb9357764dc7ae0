"""What stands around a claim: related claims, its words elsewhere, and where they come from."""

import re

import pytest

from kb.cutting import cut
from kb.models import Citation
from kb.publishing import open_draft, publish, withdraw
from kb.relating import MOST
from kb.storing import store

from .factories import cite, make_claim, make_hidden, make_published, make_source
from .pages import part, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return make_source(
        "We seek peace, and then the rule of law, for all of us, and trade. “Yes”, said Ann.\n"
        "Nothing else is of use. The rule of law again.\nThe rule of lawyers is another.",
        "a",
        title="A text",
        publisher="example.org",
        url="https://example.org/a",
    )


@pytest.fixture
def other():
    return make_source("In between stands the rule of law, they say.", "b", title="Another")


def related(shown):
    """What stands under each heading, in order."""
    inside = part(shown, "Related claims", "Cite this")
    groups = re.split(r"<h3>(.*?)</h3>", inside)
    return {
        heading: re.findall(r'data-claim="([^"]+)"', group)
        for heading, group in zip(groups[1::2], groups[2::2], strict=True)
    }


def test_related_claims_stand_by_closeness_each_once(client, text, other):
    law = make_published("principle", text, "p1", "the rule of law", "law", tags=["Law", "Order"])
    make_published("statement", text, "p1", "We", "far", tags=["Law"])
    make_published("statement", text, "p1", "for all of us", "near")
    make_published("leader", other, "p1", "they say", "concerning", about=[law], tags=["Law"])
    make_published("statement", other, "p1", "stands", "one-theme", tags=["Law"])
    make_published("statement", other, "p1", "In between", "two-themes", tags=["Law", "Order"])
    make_published("statement", text, "p2", "Nothing", "unrelated", tags=["Trade"])
    assert related(read(client, "/principles/law/")) == {
        "About this": ["concerning"],
        "In the same sentence": ["near", "far"],
        "Under the same themes": ["two-themes", "one-theme"],
    }


def test_of_a_broad_theme_only_the_closest_are_named(
    client, text, other, django_assert_max_num_queries
):
    make_published("principle", text, "p1", "the rule of law", "law", tags=["Law", "Order"])
    for n in range(MOST + 5):
        make_published("statement", other, "p1", "stands", f"s-{n:02}", tags=["Law"])
    make_published("statement", other, "p1", "stands", "z-closest", tags=["Law", "Order"])
    make_hidden("statement", other, "p1", "stands", tags=["Law", "Order"])
    # claim with editions, tags, citations, sentences, sources with counts, the same words
    with django_assert_max_num_queries(6):
        shown = read(client, "/principles/law/")
    named = related(shown)["Under the same themes"]
    assert named[0] == "z-closest"
    assert len(named) == MOST, "and those that are not public take no place"
    assert f"{MOST - 4} more" in shown


def test_quotations_by_the_same_speaker(client, text, other):
    ann = make_published("leader", text, "p1", "Ann", "ann", title="Ann").specific()
    for slug in ("yes", "no"):
        make_published("quotation", text, "p2", "Nothing", slug, leader=ann)
    make_published("quotation", other, "p1", "they say", "baku-1", speaker_name="Baku")
    make_published("quotation", text, "p1", "trade", "baku-2", speaker_name="Baku")
    make_published("quotation", text, "p1", "trade", "paris", speaker_name="Paris")
    make_hidden("quotation", text, "p2", "use", leader=ann)
    shown = read(client, "/quotations/yes/")
    assert related(shown)["By the same speaker"] == ["no"]
    assert related(read(client, "/quotations/baku-1/"))["By the same speaker"] == ["baku-2"]
    assert "Hidden" not in shown
    withdraw(ann, "Mistaken identity.")
    assert "By the same speaker" not in related(read(client, "/quotations/yes/"))


def test_of_somebody_much_quoted_some_are_named(client, text):
    make_published("quotation", text, "p1", "trade", "asked", speaker_name="Baku")
    for n in range(MOST + 5):
        make_published("quotation", text, "p2", "Nothing", f"q-{n:02}", speaker_name="Baku")
    assert len(related(read(client, "/quotations/asked/"))["By the same speaker"]) == MOST


def test_nothing_that_is_not_public_is_related(client, text, other):
    law = make_published("principle", text, "p1", "the rule of law", "law", tags=["Law"])
    make_hidden("statement", text, "p1", "for all of us", about=[law], tags=["Law"])
    draft = open_draft(make_published("statement", other, "p1", "stands", "open", title="Open"))
    draft.title = "Secret words"
    draft.save()
    draft.tags.add("Law")
    shown = read(client, "/principles/law/")
    assert "Hidden" not in shown
    assert "Secret" not in shown
    assert "No other claim is about this" in shown


def elsewhere(shown):
    return part(shown, "Where else these words stand", "</section>")


def test_the_same_words_in_other_places(client, text, other):
    make_published("principle", text, "p1", "the rule of law", "law")
    found = elsewhere(read(client, "/principles/law/"))
    assert re.findall(r"<mark>(.*?)</mark>", found) == ["the rule of law"]
    assert 'href="/sources/b/v1/#p1"' in found
    assert "In between stands <mark>" in found
    assert "data-quote" not in found, "the claim does not rest on them"


def test_whole_words_alone_and_as_they_are_written(client, text, other):
    make_published("principle", text, "p2", "The rule of law", "law")
    found = elsewhere(read(client, "/principles/law/"))
    assert "they stand in no other place" in found, "neither in “lawyers” nor with a small t"


def test_a_second_place_in_the_same_paragraph(client):
    text = make_source("Peace now. Peace then.")
    make_published("principle", text, "p1", "Peace now", "now")
    claim = make_claim("principle", "peace")
    first = cite_at(claim, text, 0, "Peace")
    publish(claim)
    assert "<mark>Peace</mark> then." in elsewhere(read(client, "/principles/peace/"))
    assert first.start == 0


def cite_at(claim, transcription, start, exact):
    paragraph = transcription.paragraphs.get(kind="body", number=1)
    return Citation.objects.create(
        claim=claim, paragraph=paragraph, exact=exact, start=start, end=start + len(exact)
    )


def test_words_that_say_something_only_together_are_not_looked_for(client, text, other):
    claim = make_claim("principle", "both")
    cite(claim, text, "p1", "We")
    cite(claim, text, "p1", "the rule of law")
    publish(claim)
    assert "Where else these words stand" not in read(client, "/principles/both/")


def test_names_are_looked_for_and_speakers_are_not(client, text, other):
    claim = make_claim("leader", "law")
    cite(claim, text, "p1", "said Ann")
    cite(claim, text, "p1", "the rule of law", role="name")
    publish(claim)
    assert "<mark>the rule of law</mark>" in elsewhere(read(client, "/leaders/law/"))
    make_published("quotation", text, "p1", "the rule of law", "said")
    assert "Where else these words stand" not in read(client, "/quotations/said/")


def test_many_places_are_bounded_and_folded(client):
    text = make_source("Peace first.\n" + "More of Peace here.\n" * 40)
    make_published("principle", text, "p1", "Peace", "peace")
    shown = read(client, "/principles/peace/")
    assert elsewhere(shown).count("<mark>") == 12
    assert "The first 12 are shown." in shown
    assert "8 more places" in shown


def test_of_an_older_version_the_words_are_found_in_the_current_one(client, text):
    """And not the other way round: what is not current is no place to look."""
    make_published("principle", text, "p1", "the rule of law", "law")
    store(text.source, cut("Now the rule of law alone.\n"))
    found = elsewhere(read(client, "/principles/law/"))
    assert 'href="/sources/a/v2/#p1"' in found
    assert "/v1/" not in found


def chain(shown):
    return part(shown, 'class="chain"', "</ul>")


def test_the_chain_of_a_claim_goes_from_source_to_publisher(client, text, other):
    claim = make_claim("principle", "law")
    cite(claim, text, "p1", "the rule of law")
    cite(claim, text, "p2", "The rule of law")
    cite(claim, other, "p1", "the rule of law")
    publish(claim)
    found = chain(read(client, "/principles/law/"))
    assert 'aria-label="From the source to the reader"' in found
    first, second = re.findall(r"<li>(.*?)</li>", found, re.DOTALL)
    order = ['href="/sources/a/"', "¶ 1", "¶ 2", "published at", "https://example.org/a"]
    assert [first.index(step) for step in order] == sorted(first.index(step) for step in order)
    assert "published at" not in second, "it is not known where"
    assert "/sources/b/v1/#p1.18-33" in second


def test_the_chain_of_a_quotation_begins_with_who_speaks(client, text):
    make_published("quotation", text, "p1", "said Ann", "yes", speaker_name="Ann", mode="reported")
    found = chain(read(client, "/quotations/yes/"))
    order = ["“Ann”", "retold by", "/sources/a/", "published at"]
    assert [found.index(step) for step in order] == sorted(found.index(step) for step in order)
