"""Words of a paragraph in the forms of the admin: chosen, found, asked about, put in order."""

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from kb.models import Claim
from principles.models import Principle

from .admin_forms import (
    address,
    citation,
    form,
    form_of,
    member,
    messages,
    says,
    staff,
    superuser,
    user_of,
)
from .factories import cite, make_claim, make_published, make_source

pytestmark = pytest.mark.django_db

TEXT = (
    "Peace is our aim, and again peace is the aim.\nWe keep 5%\u00a0of “good order” <b>always</b>."
)


@pytest.fixture
def text():
    return make_source(TEXT, "a-text", title="A text")


@pytest.fixture
def p1(text):
    return text.paragraphs.get(number=1)


@pytest.fixture
def p2(text):
    return text.paragraphs.get(number=2)


@pytest.fixture
def editor(db):
    return superuser("editor")


def page_of(paragraph, name):
    return reverse(f"admin:kb_paragraph_{name}", args=[paragraph.pk])


def test_the_text_marks_what_the_claim_cites_and_escapes_all(editor, text, p2):
    draft = make_claim("principle", "order")
    cite(draft, text, "p2", "good order")
    other = make_claim("principle", "other")
    cite(other, text, "p2", "always")
    answer = editor.get(page_of(p2, "text"), {"claim": draft.pk}).content.decode()
    assert "“<mark>good order</mark>” &lt;b&gt;always&lt;/b&gt;." in answer
    for claim in ("", "x", "9" * 30):
        answer = editor.get(page_of(p2, "text"), {"claim": claim}).content.decode()
        assert "<mark>" not in answer


def test_pages_of_a_paragraph_are_for_who_may_see_it(p1):
    nobody = Client()
    stranger = member("visitor")
    visitor = user_of(stranger)
    for name in ("text", "cite", "take_back"):
        asked = nobody.get(page_of(p1, name))
        assert asked.status_code == 302
        assert "/login/" in asked.url
        assert stranger.post(page_of(p1, name)).status_code == 403
    visitor.user_permissions.add(Permission.objects.get(codename="view_paragraph"))
    assert stranger.get(page_of(p1, "text")).status_code == 200
    assert stranger.get(page_of(p1, "cite")).status_code == 403
    assert stranger.get(page_of(p1, "take_back")).status_code == 405


def test_an_unknown_paragraph_is_not_found(editor, p1):
    for pk in (p1.pk + 1000, 10**30):
        for name in ("text", "cite", "take_back"):
            address = reverse(f"admin:kb_paragraph_{name}", args=[pk])
            assert editor.post(address, {"exact": "x"}).status_code == 404


# The form of a claim.


def test_words_that_stand_twice_are_asked_about_in_the_form(editor, p1):
    data = form([citation(p1, "is")], slug="peace")
    page = says(editor.post(address(Principle, "add"), data))
    assert "These words stand in 2 places: choose the one meant." in page
    assert 'type="radio" name="citations-0-start" value="6"' in page
    assert "…Peace <mark>is</mark> our aim, and again peace is the aim.…" in page
    assert "again peace <mark>is</mark> the aim" in page
    assert not Claim.objects.exists()
    data["citations-0-start"] = "34"
    assert editor.post(address(Principle, "add"), data).status_code == 302
    assert Principle.objects.get().citations.get().start == 34


def test_what_stood_around_a_selection_is_verified_when_it_is_saved(editor, p1):
    data = form([citation(p1, "is", before="again peace\r\n", after=" the")], slug="peace")
    assert editor.post(address(Principle, "add"), data).status_code == 302
    assert Principle.objects.get().citations.get().start == 34
    tampered = citation(p1, "is", start="6", before="again peace ")
    data = form([tampered], slug="again", title="Typed with care")
    page = says(editor.post(address(Principle, "add"), data))
    assert "At 6 the paragraph reads “is”. These words stand at 34." in page
    assert "Typed with care" in page
    tampered = citation(p1, "again", before="never ")
    page = says(editor.post(address(Principle, "add"), form([tampered], slug="again")))
    assert "but not between the words that came with them" in page
    assert 'name="citations-0-before" disabled' in page, "who chooses now no longer sends it"
    assert Principle.objects.count() == 1


def test_the_words_that_come_near_are_shown_as_a_difference(editor, p1):
    data = form([citation(p1, "again piece is <the> aim")], slug="peace")
    page = editor.post(address(Principle, "add"), data).content.decode()
    assert "again <del>piece</del><ins>peace</ins> is <del>&lt;</del>the<del>&gt;</del>" in page


def test_without_javascript_a_paragraph_is_chosen_by_its_place(editor, p1, p2):
    page = says(editor.get(address(Principle, "add")))
    assert 'name="citations-0-paragraph-place"' in page
    typed = citation(p1, "“good order”") | {"paragraph": "", "paragraph-place": "A 2"}
    assert editor.post(address(Principle, "add"), form([typed], slug="a")).status_code == 302
    assert Principle.objects.get().citations.get().paragraph == p2
    wrong = typed | {"exact": "bad order"}
    page = says(editor.post(address(Principle, "add"), form([wrong], slug="b")))
    assert f'<option value="{p2.pk}" selected>' in page
    assert "We keep 5%\u00a0of “good order” <b>always</b>.</div>" in page, (
        "the text is there to read"
    )
    for place in ("A 9", "Z 1", "nonsense", "9" * 30):
        data = form([typed | {"paragraph-place": place}], slug="c")
        page = says(editor.post(address(Principle, "add"), data))
        assert "There is no such paragraph in a current text" in page


@pytest.mark.parametrize("key", ["", "x", "0", "999999", "9" * 30, "-1", "1 OR 1"])
def test_a_tampered_paragraph_is_an_error_of_the_form(editor, p1, key):
    data = form([citation(p1, "again") | {"paragraph": key}], slug="a", title="Typed with care")
    response = editor.post(address(Principle, "add"), data)
    assert response.status_code == 200
    assert "Typed with care" in says(response)
    assert not Claim.objects.exists()


@pytest.mark.parametrize("start", ["-1", "46", "99999999999", "x"])
def test_a_tampered_start_is_an_error_of_the_form(editor, p1, start):
    data = form([citation(p1, "again", start=start)], slug="a")
    assert editor.post(address(Principle, "add"), data).status_code == 200
    assert not Claim.objects.exists()


def test_new_citations_come_last_and_an_empty_row_is_none(editor, text, p1):
    draft = make_claim("principle", "order")
    cite(draft, text, "p1", "Peace", position=4)
    page = says(editor.get(address(draft)))
    assert 'name="citations-1-position" value="5"' in page
    empty = citation(p1, "") | {"paragraph": "", "position": "5"}
    assert editor.post(address(draft), form_of(draft, more=[empty])).status_code == 302
    assert draft.citations.count() == 1
    assert not draft.touched_by.exists(), "nothing changed"
    more = [citation(p1, "again", position="2"), empty]
    assert editor.post(address(draft), form_of(draft, more=more)).status_code == 302
    assert [c.exact for c in draft.citations.with_places()] == ["again", "Peace"]


def test_the_text_in_the_form_marks_what_the_claim_cites(editor, text):
    draft = make_claim("principle", "order")
    cite(draft, text, "p1", "again peace")
    page = editor.get(address(draft)).content.decode()
    assert "aim, and <mark>again peace</mark> is the aim.</div></details>" in page
    assert "kb/workbench.js" in page


def test_a_published_claims_form_has_nothing_to_select_in(editor, text):
    published = make_published("principle", text, "p1", "again peace").specific()
    assert "data-pick" not in says(editor.get(address(published)))


# A new claim from words.


def test_a_claim_begins_with_the_words_and_leads_back_to_them(editor, text, p1):
    add = f"{address(Principle, 'add')}?cite={p1.pk}:22-33"
    page = says(editor.get(add))
    assert ">again peace</textarea>" in page.replace(">\nagain", ">again")
    assert f'<option value="{p1.pk}" selected>' in page
    assert 'name="citations-0-start" value="22"' in page
    data = form([citation(p1, "again peace", start="22")], slug="again")
    response = editor.post(add, data)
    workbench = reverse("admin:kb_transcription_workbench", args=[text.pk])
    assert response.url == f"{workbench}?p=1#p1.22-33"
    assert Principle.objects.get().citations.get().exact == "again peace"
    assert 'id="p1.22-33"' in editor.get(workbench).content.decode()


@pytest.mark.parametrize("span", ["40-46", "5-5", "9-3", "x", "", "-1-4", "0-99999999999"])
def test_words_past_the_end_of_a_paragraph_begin_nothing(editor, p1, span):
    add = f"{address(Principle, 'add')}?cite={p1.pk}:{span}"
    response = editor.get(add)
    assert "not in the text any more: select them anew" in messages(response)
    data = form([citation(p1, "again peace")], slug="again")
    assert editor.post(add, data).url == address(Principle, "changelist")


@pytest.mark.parametrize("key", ["0", "x", "", "9" * 40])
def test_words_of_an_unknown_paragraph_begin_nothing(editor, key):
    response = editor.get(f"{address(Principle, 'add')}?cite={key}:0-5")
    assert "select them anew" in messages(response)


def test_staff_that_may_add_kinds_is_offered_those_alone(p1):
    clerk = staff("clerk")
    user = User.objects.get(username="clerk")
    user.user_permissions.remove(*Permission.objects.filter(codename="add_leader"))
    page = says(clerk.get(page_of(p1, "cite")))
    assert '<option value="principle">' in page
    assert '<option value="leader">' not in page
    sent = {"exact": "again", "kind": "leader", "new": "1"}
    response = clerk.post(page_of(p1, "cite"), sent)
    assert response.status_code == 200
    assert "Nothing is cited yet" in says(response)
