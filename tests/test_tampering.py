"""Forms that no page of ours sends: nothing changes, a message says why, and nothing fails."""

from html import unescape

import pytest
from django.contrib.auth.models import Permission

from kb.models import Citation, Claim
from kb.publishing import open_draft
from kb.snapshots import snapshot
from principles.models import Statement
from tests.factories import cite, make_claim, make_hidden, make_published, make_source

from .admin_forms import address, citation, form, form_of, messages, staff, user_of

HUGE = str(10**30)

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return make_source("Peace is the aim. War is not.\nAnother paragraph about peace.")


@pytest.fixture
def elsewhere():
    return make_source("Trade is the aim. Peace is not named, or only here.")


@pytest.fixture
def draft(text):
    claim = make_claim("statement", "mine", title="Mine")
    cite(claim, text, "p1", "Peace is the aim")
    return claim


@pytest.fixture
def other(text):
    claim = make_claim("statement", "theirs", title="Theirs")
    cite(claim, text, "p1", "War is not")
    return claim


@pytest.fixture
def editor(draft):
    return staff("eve")


def everything():
    """All claims with their citations, as they are stored."""
    return {
        claim.pk: (
            snapshot(claim.specific()),
            claim.status,
            claim.supersedes_id,
            list(claim.citations.values_list("pk", "paragraph", "start")),
            list(claim.touched_by.values_list("username", flat=True)),
        )
        for claim in Claim.objects.order_by("pk")
    }


def refused(client, url, data):
    """The page that answers, with what was typed still on it; nothing may have changed."""
    before = everything()
    page = client.post(url, {**data, "title": "As it was typed"})
    assert page.status_code == 200
    assert everything() == before
    shown = unescape(page.content.decode())
    assert "errornote" in shown
    assert 'value="As it was typed"' in shown
    return shown


def change(client, claim, **fields):
    return refused(client, address(claim), form_of(claim) | fields)


def test_a_paragraph_that_is_not_there(editor, draft):
    shown = change(editor, draft, **{"citations-0-paragraph": 999_999})
    assert "There is no such paragraph" in shown


@pytest.mark.parametrize("value", ["-1", HUGE, "abc", "1 OR 1=1", "\0"])
def test_a_paragraph_that_can_be_none(editor, draft, value):
    change(editor, draft, **{"citations-0-paragraph": value})


def test_a_paragraph_of_another_source(editor, draft, elsewhere):
    foreign = elsewhere.paragraphs.get().pk
    shown = change(editor, draft, **{"citations-0-paragraph": foreign})
    assert "errorlist" in shown
    assert Citation.objects.get().paragraph_id != foreign


@pytest.mark.parametrize("more", [{}, {"citations-0-note": "Ours."}, {"citations-0-DELETE": "on"}])
def test_the_citation_of_another_claim_is_not_taken_over(editor, draft, other, more):
    """Nor removed: whatever key the form names, it reaches the claim's own citations alone."""
    theirs = other.citations.get()
    before = everything()[other.pk]
    page = editor.post(address(draft), form_of(draft) | {"citations-0-id": theirs.pk} | more)
    assert page.status_code == 302
    assert everything()[other.pk] == before
    assert draft.citations.count() == 1


def test_a_citation_is_not_given_to_another_claim(editor, draft, other):
    change(editor, draft, **{"citations-0-claim": other.pk})


@pytest.mark.parametrize("field", ["start", "position"])
@pytest.mark.parametrize("value", ["-1", HUGE, "1.5", "abc", "\0"])
def test_numbers_that_can_be_none(editor, draft, field, value):
    change(editor, draft, **{f"citations-0-{field}": value})


@pytest.mark.parametrize("count", ["", "abc", HUGE, "100000"])
def test_a_count_of_citations_that_can_be_none(editor, draft, count):
    change(editor, draft, **{"citations-TOTAL_FORMS": count})


def test_a_missing_management_form(editor, draft):
    data = form_of(draft)
    data = {name: value for name, value in data.items() if not name.endswith("_FORMS")}
    assert "ManagementForm data is missing" in refused(editor, address(draft), data)


def test_a_count_that_hides_a_citation_removes_none(editor, draft):
    data = form_of(draft) | {"citations-TOTAL_FORMS": 0, "citations-INITIAL_FORMS": 0}
    editor.post(address(draft), data)
    assert draft.citations.count() == 1


@pytest.mark.parametrize("value", ["999999", "-1", HUGE, "abc", "\0"])
def test_a_subject_that_is_not_there(editor, draft, value):
    shown = change(editor, draft, about=[value])
    assert "errorlist" in shown


def test_a_subject_that_may_not_be_chosen(editor, draft, text):
    """A draft successor is gone once it is published."""
    successor = open_draft(make_published("principle", text, "p2", "peace"))
    change(editor, draft, about=[successor.pk])


def test_a_theme_that_is_too_long(editor, draft):
    assert "errorlist" in change(editor, draft, tags="x" * 300)


@pytest.mark.parametrize("slug", ["theirs", "mine~draft", "a b", "../x", "x" * 600, "\0"])
def test_a_slug_that_is_taken_or_none(editor, draft, other, slug):
    change(editor, draft, slug=slug)


def test_fields_that_the_form_does_not_have_are_left_alone(editor, draft, other, text):
    """Standing, ancestry, reasons, authors and kind are not the form's to set."""
    published = make_published("statement", text, "p2", "peace", "public")
    draft.touched_by.set([user_of(editor)])
    smuggled = {
        "status": Claim.Status.PUBLISHED,
        "supersedes": published.pk,
        "kind": "principle",
        "withdrawal_reason": "Because.",
        "touched_by": [],
        "claim_ptr": other.pk,
        "id": other.pk,
        "pk": other.pk,
        "publications": "1",
    }
    before = everything()
    page = editor.post(address(draft), form_of(draft, note="Mine alone.", **smuggled))
    assert page.status_code == 302
    after = everything()
    assert after[draft.pk][0].pop("note") == "Mine alone."
    assert before[draft.pk][0].pop("note") == ""
    assert after == before


def test_a_draft_successor_keeps_its_slug(editor, text):
    published = make_published("statement", text, "p2", "peace", "public")
    successor = open_draft(published)
    editor.post(address(successor), form_of(successor, note="New.", slug="stolen"))
    successor.refresh_from_db()
    assert (successor.note, successor.slug) == ("New.", "public~draft")


def test_who_may_not_publish_saves_without_publishing(editor, draft):
    page = editor.post(
        address(draft), form_of(draft, note="Saved.", _publish="Publish"), follow=True
    )
    assert "Saved, but not published." in messages(page)
    assert "Only reviewers publish and withdraw" in messages(page)
    stored = Claim.objects.get(pk=draft.pk)
    assert (stored.note, stored.status) == ("Saved.", Claim.Status.DRAFT)
    assert not stored.publications.exists()


def test_who_may_not_publish_adds_without_publishing(editor, text):
    words = citation(text.paragraphs.get(number=2), "Another")
    data = form([words], slug="added", _publish="Publish")
    page = editor.post(address(Statement(), "add"), data, follow=True)
    assert "Saved, but not published." in messages(page)
    assert Claim.objects.get(slug="added").status == Claim.Status.DRAFT


def test_what_is_public_stays_as_it_is(editor, text):
    """By its own form, by withdrawal, by deletion, by the list's action."""
    claim = make_published("statement", text, "p2", "peace", "public").specific()
    before = everything()
    page = editor.post(address(claim), form_of(claim, title="Other"), follow=True)
    assert "nothing was saved" in messages(page)
    withdrawn = editor.post(f"{address(claim, 'changelist')}{claim.pk}/withdraw/", {"reason": "x"})
    assert withdrawn.status_code == 403
    assert editor.post(address(claim, "delete"), {"post": "yes"}).status_code == 403
    data = {"action": "delete_selected", "_selected_action": [claim.pk], "post": "yes"}
    page = editor.post(address(claim, "changelist"), data, follow=True)
    assert "withdraw what the public should no longer read" in messages(page)
    assert everything() == before


def test_without_the_right_to_change_nothing_is_changed(draft):
    reader = staff("reader")
    user_of(reader).user_permissions.set(
        Permission.objects.filter(codename__in=["view_statement", "view_citation"])
    )
    before = everything()
    for url in (address(draft), address(draft, "delete"), address(draft, "add")):
        assert reader.post(url, form_of(draft, title="Other", post="yes")).status_code == 403
    assert everything() == before


def test_another_kinds_form_does_not_open_a_claim(editor, draft, text):
    """A statement's key in the address of the form of principles."""
    before = everything()
    url = address(draft).replace("/statement/", "/principle/")
    page = editor.post(url, form_of(draft), follow=True)
    assert "doesn’t exist" in messages(page)
    assert everything() == before


@pytest.mark.parametrize("key", [HUGE, "-1", "abc", "1%00", "1/../2", "%F0%9F%98%80"])
@pytest.mark.parametrize("end", ["change/", "delete/", "history/", "withdraw/", "open-draft/"])
def test_keys_that_can_be_none(editor, draft, key, end):
    url = f"/admin/principles/statement/{key}/{end}"
    before = everything()
    assert editor.get(url, follow=True).status_code in (200, 403, 404, 405)
    assert editor.post(url, {"post": "yes"}, follow=True).status_code in (200, 403, 404, 405)
    assert everything() == before


@pytest.mark.parametrize(
    "query",
    [
        "touched_by__password__startswith=a",
        "status__exact=nonsense",
        "status__exact=%00",
        "nonsense=1",
        "id__exact=abc",
        f"id__exact={HUGE}",
        "o=99.-99.abc",
        "p=-1",
        f"p={HUGE}",
        "_to_field=touched_by",
        "source=nonsense",
        "q=%00",
        "e=1",
    ],
)
def test_a_list_answers_any_query(editor, draft, query):
    """What may not be asked leads back to the list, or to a page that says so."""
    page = editor.get(f"{address(draft, 'changelist')}?{query}", follow=True)
    assert page.status_code in (200, 400)
    if page.status_code == 400:
        assert "This could not be read" in page.content.decode()


@pytest.mark.parametrize("action", ["nonsense", "delete_selected", "__class__", ""])
def test_actions_that_are_none_do_nothing(editor, draft, action):
    before = everything()
    data = {"action": action, "_selected_action": ["abc", HUGE, "-1"], "post": "yes"}
    page = editor.post(address(draft, "changelist"), data, follow=True)
    assert page.status_code == 200
    assert everything() == before


def test_what_is_hidden_is_not_chosen_by_its_key(client, text):
    """The choices of a field are for those signed in, whatever they ask for."""
    make_hidden("statement", text, "p2", "peace")
    query = "app_label=principles&model_name=statement&field_name=about&term=Hidden"
    page = client.get(f"/admin/autocomplete/?{query}")
    assert page.status_code == 302
    assert "Hidden" not in page.content.decode()
