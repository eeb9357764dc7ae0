"""Nothing of what is not public is anywhere that the public looks, however it is hidden."""

import re

import pytest
from django.core.management import call_command

from kb.models import Claim, Edition, Publication
from kb.publishing import as_if_published, open_draft, submit, withdraw

from .attempts import exported
from .factories import cite, make_claim, make_published, make_source
from .test_crawl import read_site

pytestmark = pytest.mark.django_db

TEXT = (
    "Peace is our aim. Order is the way, said Baku.\n"
    "The country is a member of the Body. Nothing rests on this sentence."
)
KINDS = list(Claim.kinds())


def secret(*names: str) -> str:
    """A word that stands nowhere else."""
    return "Zyx" + "".join(name.capitalize() for name in names)


def worded(kind: str, state: str) -> dict:
    """Fields for a claim, each with a word of its own that must not get out."""
    fields = {
        "title": f"Title {secret(kind, state, 'title')}",
        "sentence": f"Sentence {secret(kind, state, 'sentence')}",
        "note": f"Note {secret(kind, state, 'note')}",
        "tags": [f"Theme {secret(kind, state, 'theme')}"],
    }
    if kind == "quotation":
        fields["speaker_name"] = f"Speaker {secret(kind, state, 'speaker')}"
    if kind == "organization":
        fields["identity"] = f"Identity {secret(kind, state, 'identity')}"
    return fields


@pytest.fixture
def base(db):
    """Of each kind one that is public, with a successor in other words, and a draft, one in review
    and one withdrawn; those that are public and those that are not refer to one another.
    """
    text = make_source(TEXT, "a-text", title="A text")
    public: dict[str, Claim] = {}
    for kind in ("organization", *(kind for kind in KINDS if kind != "organization")):
        own = {"organization": public["organization"]} if kind == "membership" else {}
        public[kind] = make_published(
            kind, text, "p1", "Peace is our aim", f"public-{kind}", title=f"Public {kind}", **own
        ).specific()
    for kind in KINDS:
        own = {"organization": public["organization"]} if kind == "membership" else {}
        about = [public["principle"], public["leader"]]
        for state in ("draft", "review", "withdrawn"):
            slug = secret(kind, state, "slug")
            if state == "withdrawn":
                gone = make_published(
                    kind, text, "p1", "Order is the way", slug, about=about,
                    **worded(kind, state), **own,
                )  # fmt: skip
                withdraw(gone, "It says more than the words.")
                continue
            claim = make_claim(kind, slug, about=about, **worded(kind, state), **own)
            cite(claim, text, "p2", "Nothing rests on this sentence", note=secret(kind, "cited"))
            if state == "review":
                submit(claim, note=secret(kind, state, "step"))
        successor = open_draft(public[kind])
        fields = worded(kind, "successor")
        successor.tags.set(fields.pop("tags"))
        type(successor).objects.filter(pk=successor.pk).update(**fields)
        cite(successor, text, "p2", "Nothing rests on this sentence", note=secret(kind, "cited"))
    return text


@pytest.fixture
def site(base):
    return read_site()


def test_there_is_something_to_leak(base):
    assert Claim.objects.filter(title__contains="Zyx").count() == 4 * len(KINDS)
    draft = Claim.objects.get(slug=secret("statement", "draft", "slug"))
    with as_if_published(draft):
        shown = {url for url, page in read_site().pages.items() if "ZyxStatementDraft" in page.body}
    assert {"/statements/", "/tags/", "/sources/a-text/", "/changes/", "/"} <= shown


def test_no_public_page_has_a_word_of_it(site):
    """Lists, themes, home, coverage, reading room, pages of claims: all that is linked.

    What was withdrawn stands in the public history alone, which keeps what was once published.
    """
    assert {"/", "/coverage/", "/changes/", "/tags/", "/sources/a-text/"} <= set(site.pages)
    assert {f"/{kind}s/public-{kind}/" for kind in KINDS if kind != "membership"} <= set(site.pages)
    for url, page in site.pages.items():
        words = set(re.findall("Zyx[A-Za-z]*", page.body))
        if url.startswith("/changes/"):
            words -= {
                secret(kind, "withdrawn", part) for kind in KINDS for part in ("title", "slug")
            }
        elif url.startswith("/claims/Zyx"):
            words = {word for word in words if "Withdrawn" not in word}
        assert not words, url


def test_the_text_that_only_drafts_cite_is_not_yet_read(site):
    for url in ("/sources/a-text/", "/coverage/"):
        assert "not yet read" in site.pages[url].body


@pytest.mark.parametrize("state", ["draft", "review"])
def test_no_address_of_it_answers(base, client, state):
    for kind in KINDS:
        slug = secret(kind, state, "slug")
        for url in (f"/claims/{slug}/", f"/{kind}s/{slug}/", f"/?claim={slug}"):
            assert client.get(url).status_code == 404, url
        assert client.get(f"/sources/a-text/v1/?claim={slug}").status_code == 404
        assert client.get(f"/tags/theme-{secret(kind, state, 'theme').lower()}/").status_code == 404


def test_a_successor_has_no_address_and_its_claim_shows_what_is_public(base, client):
    for kind in KINDS:
        assert client.get(f"/claims/public-{kind}~draft/").status_code == 404
        page = client.get(f"/claims/public-{kind}/", follow=True).content.decode()
        assert f"Public {kind}" in page
        assert "Zyx" not in page


def test_what_was_withdrawn_answers_with_the_reason_alone(base, client):
    for kind in KINDS:
        response = client.get(f"/claims/{secret(kind, 'withdrawn', 'slug')}/")
        page = response.content.decode()
        assert response.status_code == 410
        assert "It says more than the words." in page
        for part in ("sentence", "note", "theme"):
            assert secret(kind, "withdrawn", part) not in page


def test_the_export_has_nothing_of_drafts(base):
    written = "".join(exported().values())
    for kind in KINDS:
        for state in ("draft", "review", "successor"):
            assert secret(kind, state, "") not in written
        assert secret(kind, "cited") not in written
        assert secret(kind, "withdrawn", "slug") in written, "its address goes on to answer"


def test_publications_hold_nothing_of_drafts(base):
    for publication in Publication.objects.all():
        told = str(publication.snapshot)
        for state in ("Draft", "Review", "Successor"):
            assert f"{state}Title" not in told


def test_counts_are_those_of_what_is_public(base, client):
    home = client.get("/").context
    assert home["claim_count"] == Claim.objects.published().count() == len(KINDS)
    assert {kind["count"] for kind in home["kinds"]} == {1}
    assert not home["themes"]
    assert Edition.objects.count() == 3 * len(KINDS), "publishing and withdrawing, nothing else"
    call_command("verify", verbosity=0)
