"""A long form whose session ended meanwhile comes back whole, and goes through when sent again."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.contrib.sessions.models import Session
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings

from kb.models import Citation
from principles.models import Statement
from tests.factories import make_claim, make_source

from .admin_forms import address, citation, form

PASSWORD = "correct horse battery"
OURS = {"Origin": "http://testserver"}
LONG = "Über „Frieden“ & <b>“more”</b>\r\n\r\n" + "a long line 'of' text\r\n" * 500
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    User.objects.create_superuser("editor", password=PASSWORD)
    client = Client(enforce_csrf_checks=True)
    sign_in(client)
    return client


def token(page):
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]


def sign_in(client):
    data = {"csrfmiddlewaretoken": token(client.get("/admin/login/"))}
    data |= {"username": "editor", "password": PASSWORD}
    assert client.post("/admin/login/", data, headers=OURS).status_code == 302


def held(page):
    """What the page sends when "Send again" is pressed."""
    fields: dict[str, list[str]] = {}
    for name, value in HIDDEN.findall(page.content.decode()):
        fields.setdefault(unescape(name), []).append(unescape(value))
    return fields


def opened(client, url, **fields):
    return {**fields, "csrfmiddlewaretoken": token(client.get(url))}


def expire():
    Session.objects.all().delete()


def test_a_claim_goes_through_after_all(editor):
    text = make_source("Peace is the aim.")
    themes = [make_claim(slug=slug) for slug in ("first", "second")]
    paragraph = text.paragraphs.get()
    url = address(Statement(), "add")
    fields = form([citation(paragraph, "Peace")], slug="long", note=LONG, tags="a, b")
    fields |= {"about": [claim.pk for claim in themes], "_continue": "Save and continue editing"}
    fields = opened(editor, url, **fields)
    expire()

    page = editor.post(url, fields, headers=OURS)
    assert page.status_code == 403
    shown = unescape(page.content.decode())
    assert "Your session has ended" in shown
    assert "nothing was saved, and nothing is lost" in shown
    assert 'href="/admin/login/" target="_blank"' in shown
    assert not Statement.objects.exists()
    kept = held(page)
    assert kept["note"] == [LONG]
    assert kept["about"] == [str(claim.pk) for claim in themes]
    assert kept.keys() == fields.keys()

    again = editor.post(url, kept, headers=OURS)
    assert "Your session has ended" in again.content.decode(), "not signed in yet"
    sign_in(editor)
    page = editor.post(url, kept, headers=OURS)
    assert page.status_code == 403, "signing in changed the token"
    assert "nothing was saved yet, and nothing is lost" in page.content.decode()
    assert not Statement.objects.exists()
    page = editor.post(url, held(page), headers=OURS)
    claim = Statement.objects.get()
    assert page.url == address(claim)
    assert claim.note == LONG.replace("\r\n", "\n").strip()
    assert {other.slug for other in claim.about.all()} == {"first", "second"}
    assert Citation.objects.get(claim=claim).exact == "Peace"


def test_who_is_signed_in_anew_needs_one_click(editor):
    """The session ended and began again in another tab before the form was sent."""
    fields = opened(editor, "/admin/taggit/tag/add/", name="Peace", slug="peace")
    expire()
    sign_in(editor)
    page = editor.post("/admin/taggit/tag/add/", fields, headers=OURS)
    assert page.status_code == 403
    assert editor.post("/admin/taggit/tag/add/", held(page), headers=OURS).status_code == 302


def test_by_referer_under_https(editor):
    fields = {"name": "Peace", "slug": "peace", "csrfmiddlewaretoken": "x" * 64}
    url = "/admin/taggit/tag/add/"
    page = editor.post(url, fields, secure=True, headers={"Referer": f"https://testserver{url}"})
    assert held(page)["name"] == ["Peace"]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "https://testserver"},
        {"Origin": "http://testserver.evil.example"},
        {"Origin": "http://testserver:8080"},
        {"Origin": "null"},
        {"Origin": "http://[x"},
        {"Referer": "http://testserver/admin/"},
        {"Origin": "https://evil.example", "Referer": "http://testserver/admin/"},
        {},
    ],
    ids=str,
)
def test_a_form_from_elsewhere_is_refused_and_not_given_back(editor, headers):
    """One click more must not be all that a forged form needs."""
    fields = {"name": "Forged", "slug": "forged"}
    page = editor.post("/admin/taggit/tag/add/", fields, headers=headers)
    assert page.status_code == 403
    shown = page.content.decode()
    assert "Forged" not in shown
    assert "csrfmiddlewaretoken" not in shown
    assert "You were signed out while this form was open" in shown


def test_a_page_of_ours_may_not_forge_by_https_from_elsewhere(editor):
    headers = {"Referer": "https://evil.example/admin/"}
    page = editor.post("/admin/taggit/tag/add/", {"name": "Forged"}, secure=True, headers=headers)
    assert "Forged" not in page.content.decode()


def test_no_password_is_kept(editor):
    url = "/admin/password_change/"
    secrets = {"old_password": PASSWORD, "new_password1": "new secret", "new_password2": "x"}
    fields = opened(editor, url, **secrets, other="kept")
    expire()
    page = editor.post(url, fields, headers=OURS)
    assert held(page).keys() == {"csrfmiddlewaretoken", "other"}
    assert "new secret" not in page.content.decode()


def test_a_sign_in_form_that_is_too_old_is_not_given_back(editor):
    fields = {"username": "editor", "password": PASSWORD, "csrfmiddlewaretoken": "x" * 64}
    page = editor.post("/admin/login/", fields, headers=OURS)
    assert page.status_code == 403
    assert not held(page)
    assert PASSWORD not in page.content.decode()


def test_a_file_is_asked_for_again(editor):
    url = "/admin/taggit/tag/add/"
    fields = opened(editor, url, name="Peace", text=SimpleUploadedFile("a.txt", b"secret text"))
    expire()
    shown = editor.post(url, fields, headers=OURS).content.decode()
    assert 'enctype="multipart/form-data"' in shown
    assert "A file can’t be kept" in shown
    assert '<input type="file" name="text">' in shown
    assert "secret text" not in shown


def test_who_may_not_be_here_is_not_let_in_by_it(editor):
    """The page comes of itself to a reader without rights; what was sent is not done."""
    User.objects.update(is_staff=False, is_superuser=False)
    url = "/admin/taggit/tag/add/"
    fields = {"name": "Peace", "slug": "peace"}
    fields["csrfmiddlewaretoken"] = token(editor.get("/admin/login/"))
    page = editor.post(url, fields, headers=OURS)
    assert page.status_code == 403
    assert held(page)["name"] == ["Peace"]
    assert editor.post(url, held(page), headers=OURS).status_code == 403


def test_signing_out_twice_is_no_fault(editor):
    fields = opened(editor, "/admin/taggit/tag/add/")
    expire()
    page = editor.post("/admin/logout/", fields, headers=OURS)
    assert page.status_code == 200
    assert "Logged out" in page.content.decode()


# Large forms.


def test_a_claim_of_three_hundred_citations_is_saved(editor):
    words = [f"word{n:03}" for n in range(300)]
    paragraph = make_source(" ".join(words) + ".").paragraphs.get()
    url = address(Statement(), "add")
    cited = [citation(paragraph, word, start="", note="", position="0") for word in words]
    fields = opened(editor, url, **form(cited, slug="many"))
    assert len(fields) > 1000, "more than Django takes unless told"
    assert editor.post(url, fields, headers=OURS).status_code == 302
    assert Citation.objects.count() == 300


@override_settings(DATA_UPLOAD_MAX_NUMBER_FIELDS=20)
def test_more_fields_than_that_are_explained(editor):
    page = editor.post("/admin/taggit/tag/add/", {f"f{n}": "x" for n in range(30)}, headers=OURS)
    assert page.status_code == 400
    shown = unescape(page.content.decode())
    assert "The form has more than 20 fields: nothing was stored" in shown
    assert "Go one step back in your browser" in shown


@override_settings(DATA_UPLOAD_MAX_MEMORY_SIZE=1000)
def test_more_bytes_than_that_are_explained(editor):
    url = "/admin/taggit/tag/add/"
    body = "name=" + "x" * 2000
    page = editor.post(url, body, "application/x-www-form-urlencoded", headers=OURS)
    assert page.status_code == 400
    assert "at most 10 MB of text, and this was more" in page.content.decode()


def test_what_is_no_request_is_explained(client):
    page = client.get("/", headers={"Host": "evil.example"})
    assert page.status_code == 400
    assert "This could not be read" in page.content.decode()
