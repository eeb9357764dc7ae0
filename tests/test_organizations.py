"""Organizations: what each source calls them, and the relation that it claims, in its degree."""

import re

import pytest

from kb.models import Sentence
from kb.publishing import publish, withdraw
from tests.factories import cite, make_claim, make_hidden, make_published, make_source
from tests.pages import part, read

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return make_source(
        "The country has the UNO as a member and works with NATO. Only CSTO.", slug="a"
    )


@pytest.fixture
def other(text):
    return make_source("It became a member of the United Nations. It rains.", slug="b")


@pytest.fixture
def nations(text, other):
    claim = make_claim(
        "organization",
        "un",
        title="United Nations",
        identity="We read both names as one body.",
        reference="Charter, https://example.org/charter",
    )
    cite(claim, text, "p1", "UNO", role="name")
    cite(claim, other, "p1", "United Nations", role="name")
    publish(claim)
    return claim


def member(text, words, name, slug, organization, **fields):
    claim = make_claim("membership", slug, organization=organization, **fields)
    cite(claim, text, "p1", words)
    cite(claim, text, "p1", name, role="name")
    return publish(claim)


def test_the_list_shows_each_name_and_the_relation(client, text, other, nations):
    nato = make_published("organization", text, "p1", "NATO", "nato").specific()
    make_published("organization", text, "p1", "CSTO", "csto")
    member(text, "as a member", "UNO", "un-member", nations, degree="member")
    member(text, "works with", "NATO", "nato-cooperation", nato, degree="cooperation")
    make_hidden("organization", text, "p1", "The country")
    make_hidden("membership", text, "p1", "Only CSTO", organization=nato, degree="member")
    shown = read(client, "/organizations/")
    assert "3 published" in shown
    assert "Hidden" not in shown
    un = part(shown, 'data-claim="un"', "</ul>")
    assert 'A</b>: <span class="kind k-membership">Member</span>' in un
    assert 'cite="/sources/a/v1/#p1.20-23">UNO</q>' in un
    assert ">United Nations</q>" in un
    nato = part(shown, 'data-claim="nato"', "</ul>")
    assert ">Cooperates with<" in nato
    assert ">Member<" not in nato
    assert "no passage cited;</b> 1 sentence unread" in nato
    assert "silent" not in nato
    csto = part(shown, 'data-claim="csto"', "</ul>")
    assert "named only" in csto
    Sentence.objects.filter(paragraph__transcription=other).update(reason="Read.")
    assert "silent" in part(read(client, "/organizations/"), 'data-claim="nato"', "</ul>")


def test_the_list_goes_by_relation_and_says_who_claims_it(client, text, other, nations):
    nato = make_published("organization", text, "p1", "NATO", "nato").specific()
    both = make_published("organization", text, "p1", "country", "both").specific()
    make_published("organization", text, "p1", "CSTO", "csto")
    member(text, "works with", "NATO", "nato-cooperation", nato, degree="cooperation")
    member(text, "works", "country", "both-founder", both, degree="founder")
    active = make_claim("membership", "both-active", organization=both, degree="active")
    cite(active, other, "p1", "became")
    cite(active, text, "p1", "has")
    publish(active)
    member(text, "as a member", "UNO", "un-member", nations, degree="member")
    shown = part(read(client, "/organizations/"), "<main", 'id="map"')
    headings = re.findall(r'<h2 id="relation-\d">(.*?)</h2>', shown)
    assert headings == ["Member", "Active member", "Cooperates with", "Named only"]
    order = re.findall(r'data-claim="(\w+)"', shown)
    assert order == ["un", "both", "nato", "csto"], "each stands once"
    relations = re.sub("<[^>]*>", "", part(shown, 'data-claim="both">', "</p>"))
    assert relations.strip() == "Source A, B: Active member · Source A: Founder"
    assert "embership" not in re.sub("<[^>]*>", "", shown).replace("is no membership", "")
    assert 'href="/organizations/un/#our-reading"' in part(shown, 'data-claim="un"', "</ul>")
    assert "our-reading" not in part(shown, 'data-claim="nato"', "</ul>")


def test_memberships_are_listed_with_the_organizations(client, db):
    response = client.get("/memberships/")
    assert (response.status_code, response["Location"]) == (302, "/organizations/")


def test_the_page_sets_the_names_side_by_side_and_marks_our_reading(client, nations):
    shown = read(client, "/organizations/un/")
    assert "What each source calls it" in shown
    assert ">UNO</blockquote>" in part(shown, 'aria-label="Source A"', "</section>")
    assert ">United Nations</blockquote>" in part(shown, 'aria-label="Source B"', "</section>")
    ours = part(shown, "Our reading, not a source’s:", "</p>")
    assert "We read both names as one body." in ours
    assert 'href="https://example.org/charter"' in ours


def test_relations_stand_under_their_degree_with_their_words(client, text, other, nations):
    member(text, "as a member", "UNO", "un-member-a", nations, degree="member")
    member(other, "became a member", "United Nations", "un-founder", nations, degree="founder")
    member(text, "works with", "NATO", "un-works", nations, degree="cooperation")
    shown = read(client, "/organizations/un/")
    relations = shown.partition("Relations that the sources claim")[2]
    headings = [">Member</span>", ">Founder</span>", ">Cooperates with</span>"]
    places = [relations.index(heading) for heading in headings]
    assert places == sorted(places)
    assert 'id="relation-un-member-a" data-claim="un-member-a"' in relations[places[0] : places[1]]
    assert ">as a member</blockquote>" in relations[places[0] : places[1]]
    assert 'data-claim="un-works"' not in relations[: places[2]]
    assert (
        "“as a member” (A: a, version 1, ¶ 1), http://testserver/sources/a/v1/#p1.24-35"
        in relations
    )
    assert "http://testserver/claims/un-member-a/" in relations


def test_a_source_that_claims_another_relation_is_not_called_silent(client, text, other, nations):
    member(text, "as a member", "UNO", "un-member", nations)
    member(other, "became a member", "United Nations", "un-active", nations, degree="active")
    Sentence.objects.update(reason="Read.")
    relations = read(client, "/organizations/un/").partition("Relations that the")[2]
    assert "another relation</b> in source B" in relations
    assert "silent" not in relations


def test_what_is_merely_named_has_no_relation(client, text, nations):
    make_hidden("membership", text, "p1", "as a member", organization=nations)
    shown = read(client, "/organizations/un/")
    assert "<b>named only</b> no relation is claimed" in shown
    assert "Hidden" not in shown


def test_a_withdrawn_relation_leaves_the_page(client, text, nations):
    claim = member(text, "as a member", "UNO", "un-member", nations)
    withdraw(claim, "The grammar slipped.")
    shown = read(client, "/organizations/un/")
    assert "un-member" not in shown
    assert "The grammar slipped." in read(client, "/claims/un-member/", 410)


def test_cost(client, text, nations, django_assert_num_queries):
    """List: count, organizations, citations, memberships, their citations, sources with counts.

    Page: organization with editions, tags, citations, sentences, sources, memberships' editions.
    """
    member(text, "as a member", "UNO", "un-member", nations)
    with django_assert_num_queries(6):
        client.get("/organizations/")
    for n in range(4):
        member(text, "as a member", "UNO", f"un-{n}", nations)
        make_published("organization", text, "p1", "CSTO")
    with django_assert_num_queries(6):
        client.get("/organizations/")
    with django_assert_num_queries(6):
        client.get("/organizations/un/")
