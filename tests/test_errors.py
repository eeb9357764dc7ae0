"""Error pages: useful, in the site's look, and the last without the database."""

from html import unescape

import pytest
from django.http import Http404
from django.test import Client

from kb.models import Claim
from kb.views.errors import not_found, server_error
from tests.pages import read


def way_on(shown):
    return all(f'href="{url}"' in shown for url in ("/", "/sources/", "/tags/", "/about/#mistakes"))


@pytest.mark.django_db
@pytest.mark.parametrize(
    "url", ["/nope/", "/principles/nope/", "/%00/", "/<script>/", "/claims/a b/", "/x?y=%FF%00"]
)
def test_unknown_addresses_lead_on(client, url):
    shown = read(client, url, 404)
    assert "Nothing is published at this address" in shown
    assert way_on(shown)
    assert "<script>/" not in shown


def test_a_sentence_for_people_is_shown_and_the_frameworks_words_are_not(rf):
    def shown(*reason):
        return unescape(not_found(rf.get("/x/"), Http404(*reason)).content.decode())

    assert "No such <version>." in shown("No such <version>.")
    assert "matches the given" not in shown("No Source matches the given query")
    assert "tried" not in shown({"tried": []})


def test_a_fault_of_ours_is_admitted_without_the_database(rf, django_assert_num_queries):
    response = server_error(rf.get("/principles/"))
    shown = unescape(response.content.decode())
    assert response.status_code == 500
    assert "The fault is on our side" in shown
    assert way_on(shown)


@pytest.mark.django_db
def test_a_view_that_fails_answers_with_that_page(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("the database is gone")

    monkeypatch.setattr("kb.views.claims.paged", fail)
    response = Client(raise_request_exception=False).get("/principles/")
    assert response.status_code == 500
    shown = unescape(response.content.decode())
    assert "The fault is on our side" in shown
    assert "the database is gone" not in shown


def test_a_form_that_outlived_its_session_says_what_to_do(db):
    client = Client(enforce_csrf_checks=True)
    page = client.post("/admin/login/", {"username": "a", "password": "b"})
    assert page.status_code == 403
    assert "You were signed out while this form was open" in page.content.decode()


def test_what_is_not_allowed_says_so(shipped, admin_client):
    claim = Claim.objects.get(slug="peace")
    page = admin_client.get(f"/admin/principles/principle/{claim.pk}/delete/")
    assert page.status_code == 403
    assert "withdrawn with a reason, not deleted" in page.content.decode()
