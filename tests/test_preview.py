"""A draft on its real page, under /admin/, before anybody publishes it."""

import html

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from kb.models import Claim, ContentVersion, Edition, Publication, Step
from kb.publishing import open_draft

from .admin_forms import address, staff
from .factories import cite, make_claim, make_published, make_source

pytestmark = pytest.mark.django_db

TEXT = "Peace is our aim, and order is the way.\nThe country is a member of the Body."


@pytest.fixture
def text():
    return make_source(TEXT, "a-text", title="A text")


@pytest.fixture
def editor(db):
    return staff("editor")


def shown(client, claim, at: str = "", status: int = 200) -> str:
    response = client.get(reverse("admin:kb_preview", args=[claim.pk]), {"at": at} if at else {})
    assert response.status_code == status
    return html.unescape(response.content.decode())


def draft_of(text, kind="principle", words="our aim", ref="p1", **fields) -> Claim:
    draft = make_claim(kind, **{"title": "An aim of ours", **fields})
    cite(draft, text, ref, words)
    return draft


def everything() -> tuple:
    return (
        *(list(model.objects.order_by("pk").values()) for model in (Claim, Edition, Step)),
        Publication.objects.count(),
        ContentVersion.objects.get().value,
    )


def test_a_draft_is_shown_on_its_page_and_nothing_is_published(editor, client, text):
    draft = draft_of(text, slug="aim")
    before = everything()
    page = shown(editor, draft)
    assert "<h1>An aim of ours</h1>" in page
    assert "our aim</q>" in page or "our aim" in page
    assert "it is not public" in page
    assert "Nothing stands against publication." in page
    assert everything() == before
    assert client.get("/principles/aim/").status_code == 404


def test_a_preview_is_not_kept_by_anybody(editor, text):
    response = editor.get(reverse("admin:kb_preview", args=[draft_of(text).pk]))
    assert "no-store" in response["Cache-Control"]
    assert response["X-Robots-Tag"] == "noindex"
    assert not response.cookies


def test_a_successor_is_shown_in_place_of_what_it_replaces(editor, client, text):
    public = make_published("principle", text, "p1", "our aim", "aim", title="As it was")
    draft = open_draft(public)
    Claim.objects.filter(pk=draft.pk).update(title="As it will be")
    cite(draft, text, "p1", "order is the way")
    page = shown(editor, draft)
    assert "<h1>As it will be</h1>" in page
    assert "order is the way" in page
    assert "As it was" not in page
    assert "As it was" in client.get("/principles/aim/").content.decode()


def test_what_stands_against_publication_is_told_and_hides_nothing(editor, text):
    other = make_claim("leader", title="Nobody yet")
    draft = draft_of(text, "quotation", leader=other, speaker_name="", title="Said so")
    page = shown(editor, draft)
    assert "<h1>Said so</h1>" in page
    assert "No citation says who speaks" in page
    assert "“Nobody yet” is not public: publish it first" in page


def test_drafts_that_it_refers_to_are_shown_with_it(editor, text):
    aim = draft_of(text, title="A drafted aim")
    draft = draft_of(text, "statement", "order", about=[aim], title="On the aim")
    assert "A drafted aim" in shown(editor, draft).partition("<main")[2]


def test_a_relation_is_shown_on_its_organizations_page(editor, text):
    body = make_published("organization", text, "p2", "Body", "body", title="The Body").specific()
    draft = draft_of(
        text, "membership", "member of", "p2", organization=body, slug="in", title="Member of it"
    )
    url = reverse("admin:kb_preview", args=[draft.pk])
    response = editor.get(url)
    assert response.url == f"{url}?at=%2Forganizations%2Fbody%2F#relation-in"
    page = shown(editor, draft, "/organizations/body/")
    assert 'id="relation-in"' in page
    assert "<h1>The Body</h1>" in page


def test_the_reading_room_is_shown_as_it_will_look(editor, client, text):
    draft = draft_of(text, slug="aim")
    room = text.get_absolute_url()
    page = shown(editor, draft)
    assert f"The reading room, {text}" in page
    page = shown(editor, draft, room)
    assert 'data-claim="aim"' in page
    assert 'data-claim="aim"' not in client.get(room).content.decode()
    assert 'data-claim="aim"' in shown(editor, draft, f"{room}?claim=aim")


@pytest.mark.parametrize(
    "at",
    ["/admin/", "/admin/kb/claim/", "/no/such/page/", "sources", "//elsewhere/", "/sources/x/"],
)
def test_only_public_pages_are_previewed(editor, text, at):
    shown(editor, draft_of(text), at, 404)


def test_a_draft_without_words_has_no_page_and_is_told_why(editor):
    draft = make_claim("principle", title="Of nothing", sentence="It says so far this.")
    page = shown(editor, draft)
    assert "This draft has no page yet" in page
    assert "No citation: cite the words it rests on." in page
    assert "It says so far this." in page
    assert address(draft) in page


def test_a_claim_that_is_public_needs_no_preview(editor, text):
    public = make_published("principle", text, "p1", "our aim", "aim")
    assert editor.get(reverse("admin:kb_preview", args=[public.pk])).url == "/claims/aim/"


def test_a_claim_without_its_row_has_no_preview(editor):
    stray = Claim.objects.create(kind="quotation", slug="stray", title="Stray")
    shown(editor, stray, status=404)


def test_strangers_and_staff_without_the_right_see_no_preview(client, text):
    draft = draft_of(text)
    url = reverse("admin:kb_preview", args=[draft.pk])
    assert client.get(url).url.startswith("/admin/login/")
    client.force_login(User.objects.create_user("reader"))
    assert client.get(url).status_code == 302
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(url).status_code == 403


def test_a_preview_is_not_logged_as_a_publication(
    editor, text, caplog, django_capture_on_commit_callbacks
):
    with caplog.at_level("INFO", "kb.editors"), django_capture_on_commit_callbacks(execute=True):
        shown(editor, draft_of(text))
    assert "published" not in caplog.text
