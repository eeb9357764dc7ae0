"""Permanent addresses: redirect, 410 with the reason, 404; and what every claim's page shares."""

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from django.urls import reverse

from kb.cutting import cut
from kb.models import Claim, Edition, Source
from kb.publishing import open_draft, publish, withdraw
from kb.storing import store
from tests.factories import (
    KINDS,
    cite,
    make_childless,
    make_claim,
    make_hidden,
    make_published,
    make_source,
)
from tests.pages import read

pytestmark = pytest.mark.django_db

TEXT = "Peace is the first aim. Trade is the second.\nThe second paragraph says nothing more."


@pytest.fixture
def text():
    return make_source(TEXT, slug="a", title="The First", url="https://example.org/a")


@pytest.mark.parametrize("kind", ["principle", "leader", "quotation", "statement", "organization"])
def test_the_permanent_address_leads_to_the_page_of_its_kind(client, text, kind):
    claim = make_published(kind, text, "p1", "Peace", "it")
    response = client.get("/claims/it/")
    assert (response.status_code, response["Location"]) == (302, f"/{kind}s/it/")
    assert claim.title in read(client, response["Location"])


def test_a_membership_leads_to_its_place_on_the_organizations_read(client, text):
    organization = make_published("organization", text, "p1", "Peace", "body")
    make_published(
        "membership", text, "p1", "Trade", "body-member", organization=organization.specific()
    )
    place = "/organizations/body/#relation-body-member"
    assert client.get("/claims/body-member/")["Location"] == place
    page = read(client, "/organizations/body/")
    assert 'id="relation-body-member" data-claim="body-member"' in page


def test_a_membership_of_a_withdrawn_organization_is_shown_at_its_own_address(client, text):
    organization = make_published("organization", text, "p1", "Peace", "body", title="The Body")
    make_published(
        "membership", text, "p1", "Trade", "body-member", organization=organization.specific()
    )
    withdraw(organization, "Named by mistake.")
    shown = read(client, "/claims/body-member/")
    assert "Body member" in shown
    assert "The Body" not in shown


@pytest.mark.parametrize("kind", KINDS)
def test_a_withdrawn_claim_answers_410_with_the_reason_and_a_way_on(client, text, kind):
    fields = {}
    if kind == "membership":
        body = make_published("organization", text, "p1", "Peace", "body")
        fields["organization"] = body.specific()
    claim = make_published(kind, text, "p1", "Trade", "it", sentence="Ours to hide.", **fields)
    withdraw(claim, "It says more than the words.")
    for url in {claim.permanent_url, claim.get_absolute_url()}:
        gone = read(client, url, 410)
        assert "It says more than the words." in gone
        assert reverse("changes") in gone
        assert "Ours to hide." not in gone


def test_a_claim_published_again_is_no_longer_gone(client, text):
    claim = withdraw(make_published("principle", text, "p1", "Peace", "it"), "Too soon.")
    publish(open_draft(claim))
    assert client.get("/claims/it/").status_code == 302
    assert "Too soon." not in read(client, "/principles/it/")


def test_drafts_and_claims_in_review_have_no_address(client, text):
    draft, review, _ = make_hidden("principle", text, "p1", "Peace")
    for claim in (draft, review):
        for url in (claim.permanent_url, claim.get_absolute_url()):
            assert "Hidden" not in read(client, url, 404)
    published = make_published("principle", text, "p1", "Peace", "it")
    successor = open_draft(published)
    assert client.get(f"/claims/{successor.slug}/").status_code == 404
    assert client.get(f"/principles/{successor.slug}/").status_code == 404


@pytest.mark.parametrize(
    "path",
    ["nope", "%00", "a%00b", "..%2f..%2fetc", "'%20or%201=1", "ə", "%F0%9F%98%80", "a" * 5000],
)
@pytest.mark.parametrize(
    "under", ["claims", *(f"{kind}s" for kind in KINDS if kind != "membership")]
)
def test_unknown_and_absurd_addresses_answer_404(client, path, under):
    response = client.get(f"/{under}/{path}/")
    assert response.status_code == 404
    assert reverse("source-list") in response.content.decode()


def test_a_slug_of_another_kind_is_unknown(client, text):
    make_published("principle", text, "p1", "Peace", "it")
    assert client.get("/statements/it/").status_code == 404


def test_a_claim_without_the_row_of_its_kind_takes_no_page_down(client, text):
    make_childless(text, "p1", "first aim")
    make_childless(text, "p1", "Peace", "odd", kind="oddity")
    make_published("principle", text, "p1", "Peace", "it", tags=["Aims"])
    for url in ("/principles/", "/statements/", "/coverage/", "/changes/", "/tags/", "/tags/aims/"):
        assert client.get(url).status_code == 200, url
    assert "Without a principle row" in read(client, "/principles/it/")
    assert "Without a principle row" in read(client, "/claims/childless/")
    assert "Without a oddity row" in read(client, "/claims/odd/")
    assert client.get("/principles/childless/").status_code == 404


def test_cite_this_is_a_text_with_claim_words_place_and_permanent_address(client, text):
    make_published(
        "principle", text, "p1", "Peace", "it", title="Peace & quiet", sentence="A says."
    )
    shown = read(client, "/principles/it/")
    reference = shown.split('id="cite-it">')[1].split("</p>")[0]
    assert "“Peace & quiet”" in reference
    assert "A says." in reference
    assert (
        "“Peace” (A: The First, https://example.org/a, version 1, ¶ 1), "
        "http://testserver/sources/a/v1/#p1.0-5\n"
    ) in reference
    assert "http://testserver/claims/it/" in reference
    edition = Edition.objects.get()
    assert f"edition 1 ({edition.created:%-d %B %Y})." in reference
    assert 'data-copy="cite-it" hidden' in shown


def test_the_edition_of_the_first_publication_and_of_the_last_change_are_told(client, text):
    claim = make_published("principle", text, "p1", "Peace", "it")
    assert "last changed" not in read(client, "/principles/it/")
    make_published("principle", text, "p1", "Trade")
    publish(open_draft(claim))
    shown = read(client, "/principles/it/")
    assert (
        'First published in <a href="/changes/">edition 1</a>, last changed in edition 3' in shown
    )


def test_report_a_mistake_fills_a_letter_in(client, text, settings):
    settings.KB_REPORT_ADDRESS = "desk@example.org"
    make_published("principle", text, "p1", "Peace", "it", title="Peace & “quiet”?")
    href = read(client, "/principles/it/").split('">Report a mistake')[0].rsplit('href="', 1)[1]
    letter = urlsplit(href)
    fields = parse_qs(letter.query)
    assert (letter.scheme, letter.path) == ("mailto", "desk@example.org")
    assert fields["subject"] == ["A mistake in “Peace & “quiet”?”"]
    assert "http://testserver/claims/it/" in fields["body"][0]
    assert "+" not in unquote(letter.query)


def test_without_an_address_a_mistake_is_reported_as_the_about_page_says(client, text, settings):
    settings.KB_REPORT_ADDRESS = ""
    make_published("principle", text, "p1", "Peace", "it")
    assert 'href="/about/#mistakes">Report a mistake' in read(client, "/principles/it/")
    assert 'id="mistakes"' in read(client, "/about/")


def test_each_kinds_page_shows_the_words_lit_and_leads_to_them(client, text):
    for kind in ("principle", "leader", "quotation", "statement", "organization"):
        make_published(kind, text, "p1", "first aim", f"one-{kind}")
        shown = read(client, f"/{kind}s/one-{kind}/")
        assert f'data-claim="one-{kind}"' in shown
        assert '<blockquote data-quote cite="/sources/a/v1/#p1.13-22"' in shown
        assert f'href="/sources/a/v1/?claim=one-{kind}#p1.13-22">Source A, ¶ 1</a>' in shown
        assert 'href="/sources/a/v1/#p1.13-22"' in shown
        assert '<span class="ctx">Peace is the </span>' in shown
        assert "Trade is the second" not in shown, "context ends with the sentence"


def test_words_of_an_older_transcription_say_so(client, text):
    make_published("principle", text, "p1", "Peace", "it")
    assert "version 1 of" not in read(client, "/principles/it/")
    store(Source.objects.get(slug="a"), cut(TEXT.replace("Trade", "Commerce")))
    shown = read(client, "/principles/it/")
    current = '<a href="/sources/a/">the current one is version 2</a>'
    assert f"from version 1 of the transcription; {current}" in shown
    assert "/sources/a/v1/?claim=it#p1.0-5" in shown


def test_lists_and_related_claims_say_which_words_are_of_an_older_transcription(client, text):
    make_published("principle", text, "p1", "Peace", "it")
    make_published("statement", text, "p1", "first aim", "near-it")
    make_published("quotation", text, "p1", "first aim", "said")
    make_published("organization", text, "p1", "first aim", "body")
    addresses = ("/principles/", "/statements/near-it/", "/quotations/", "/organizations/")
    for address in addresses:
        assert "¶ 1</a>" in read(client, address)
    store(Source.objects.get(slug="a"), cut(TEXT.replace("Trade", "Commerce")))
    for address in addresses:
        assert "¶ 1, version 1</a>" in read(client, address)


def test_more_than_three_sources_share_a_line_unless_they_are_cited(client, text):
    make_published("principle", text, "p1", "Peace", "it")
    for n in range(3):
        make_source("Nothing of the kind.", slug=f"other-{n}", title=f"Other {n}")
    shown = read(client, "/principles/it/")
    assert shown.count('class="column-head"') == 1
    assert shown.count("1 sentence unread") == 3


def test_hostile_text_and_claims_are_shown_as_text(client):
    text = make_source(
        "<script>alert(1)</script> & “quotes” \u202eabc e\u0301 😀 end.\r\nNext.", slug="x"
    )
    claim = make_claim(
        "statement", "it", title="<b>Bold</b>", sentence="</p><script>", note="&amp;"
    )
    cite(claim, text, "p1", "</script> & “quotes” \u202eabc e\u0301 😀")
    publish(claim)
    shown = client.get("/statements/it/").content.decode()
    assert "&lt;/script&gt; &amp; “quotes” \u202eabc e\u0301 😀</blockquote>" in shown
    assert "<script>alert" not in shown
    assert "<b>Bold" not in shown
    assert "&amp;amp;" in shown


def test_a_carriage_return_in_cited_words_survives_the_parser(client):
    text = make_source("One\r\ntwo three.", slug="x", join=[1])
    make_published("statement", text, "p1", "One\r\ntwo", "it")
    assert "One&#13;\ntwo</blockquote>" in client.get("/statements/it/").content.decode()


def test_the_page_costs_six_queries_however_much_is_related(
    client, text, django_assert_num_queries
):
    """Claim with editions; tags; citations; sentences; sources with counts; where else."""
    about = make_published("principle", text, "p1", "Trade")
    make_published("principle", text, "p1", "Peace", "it", tags=["Aims"], about=[about])
    with django_assert_num_queries(6):
        client.get("/principles/it/")
    it = Claim.objects.get(slug="it")
    for n in range(8):
        make_published("statement", text, "p1", "first aim", about=[it], tags=[f"Theme {n}"])
        make_published("quotation", text, "p1", "aim", about=[it])
    make_source("Another source. It has sentences.", slug="b")
    with django_assert_num_queries(6):
        client.get("/principles/it/")
    with django_assert_num_queries(2):  # the claim, the row of its kind
        client.get("/claims/it/")
