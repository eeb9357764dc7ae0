"""The admin of claims: drafts are edited and cited, publish() and withdraw() are the only doors."""

import re

import pytest
from django.contrib.auth.models import Permission, User
from taggit.models import Tag

from kb.models import Claim, Publication
from kb.publishing import open_draft
from organizations.models import Membership
from principles.models import Principle, Quotation

from .admin_forms import (
    address,
    citation,
    form,
    form_of,
    messages,
    says,
    signed_in,
    staff,
    superuser,
    user_of,
)
from .factories import cite, make_claim, make_published, make_source, make_user

pytestmark = pytest.mark.django_db

TEXT = "Peace is our aim, and again peace is the aim.\nWe keep\nto “good order” <b>always</b>."


@pytest.fixture
def text():
    return make_source(TEXT, "a-text", title="A text", join=[2])


@pytest.fixture
def p1(text):
    return text.paragraphs.get(number=1)


@pytest.fixture
def editor(db):
    return superuser("editor")


@pytest.fixture
def other(db):
    return superuser("other")


def draft_with_words(text, by=None) -> Claim:
    draft = make_claim("principle", "order", title="Order")
    cite(draft, text, "p1", "Peace is our aim")
    if by:
        draft.touched_by.add(by)
    return draft


def published_claim(*args, **fields) -> Claim:
    return make_published(*args, **fields).specific()


# Citing.


def test_words_are_found_in_their_paragraph(editor, p1):
    data = form([citation(p1, " Peace is our aim ")], slug="peace")
    response = editor.post(address(Principle, "add"), data)
    assert response.status_code == 302
    saved = Principle.objects.get(slug="peace")
    assert saved.status == "draft"
    cited = saved.citations.get()
    assert (cited.start, cited.end, cited.exact) == (0, 16, "Peace is our aim")
    assert list(saved.touched_by.all()) == [user_of(editor)]


def test_words_that_are_not_there_are_answered_with_those_that_are(editor, p1):
    data = form([citation(p1, "Peace is our name")], slug="peace", title="Typed with care")
    page = says(editor.post(address(Principle, "add"), data))
    assert "The paragraph does not have these words." in page
    assert "Peace is our <del>name</del><ins>aim</ins>" in page
    assert "Typed with care" in page
    assert "Peace is our name" in page
    assert not Claim.objects.exists()


def test_words_that_stand_twice_need_their_start(editor, p1):
    data = form([citation(p1, "is")], slug="peace")
    assert "These words stand in 2 places: choose the one meant." in says(
        editor.post(address(Principle, "add"), data)
    )
    data["citations-0-start"] = "7"
    assert "At 7 the paragraph reads “s ”" in says(editor.post(address(Principle, "add"), data))
    data["citations-0-start"] = "34"
    assert editor.post(address(Principle, "add"), data).status_code == 302
    assert Principle.objects.get().citations.get().start == 34


def test_which_place_is_asked_only_of_words_that_stand_twice(editor, text):
    draft = draft_with_words(text)
    cite(draft, text, "p1", "aim", start=41)
    page = says(editor.get(address(draft)))
    assert '<input type="hidden" name="citations-0-start" value="0"' in page
    offered = re.findall(r'type="radio" name="citations-1-start" value="(\d+)"([^>]*)', page)
    assert [(start, "checked" in rest) for start, rest in offered] == [("13", False), ("41", True)]
    data = form_of(draft) | {"citations-1-start": "13"}
    assert editor.post(address(draft), data).status_code == 302
    assert [citation.start for citation in draft.citations.all()] == [0, 13]
    data = form_of(draft) | {"citations-1-exact": "again peace"}
    assert editor.post(address(draft), data).status_code == 302
    assert draft.citations.last().start == 22


def test_narrower_words_are_found_anew(editor, text):
    draft = draft_with_words(text)
    data = form_of(draft) | {"citations-0-exact": "our aim"}
    assert editor.post(address(draft), data).status_code == 302
    assert draft.citations.get().start == 9


@pytest.mark.parametrize("starts", [["", ""], ["0", "0"], ["0", ""]])
def test_the_same_words_twice_come_back_as_an_error(editor, p1, starts):
    twice = [citation(p1, "Peace is our aim", start=start) for start in starts]
    page = says(editor.post(address(Principle, "add"), form(twice, slug="peace")))
    assert "duplicate" in page or "Citation 1 cites these words already." in page
    assert not Claim.objects.exists()


def test_words_that_the_claim_cites_already_come_back_as_an_error(editor, text, p1):
    draft = draft_with_words(text)
    data = form_of(draft, more=[citation(p1, "Peace is our aim")])
    assert "cites these words already" in says(editor.post(address(draft), data))
    assert draft.citations.count() == 1


def test_a_line_feed_in_the_words_survives_a_browser(editor, text):
    draft = make_claim("principle", "order")
    cite(draft, text, "p2", "We keep\nto “good order” <b>")
    page = says(editor.get(address(draft)))
    assert "We keep\nto “good order” <b></textarea>" in page
    assert "&lt;b&gt;" in editor.get(address(draft)).content.decode()
    assert editor.post(address(draft), form_of(draft)).status_code == 302
    assert not draft.touched_by.exists(), "nothing changed"
    data = form_of(draft) | {"citations-0-exact": "keep\r\nto"}
    assert editor.post(address(draft), data).status_code == 302
    assert draft.citations.get().exact == "keep\nto"


def test_what_the_database_refuses_is_an_error_of_the_form(editor, text, monkeypatch):
    draft = draft_with_words(text)
    # Without the model's own check it is the trigger that refuses.
    monkeypatch.setattr("kb.models.Citation.clean", lambda self: None)
    data = form_of(draft, title="Typed with care") | {"citations-0-exact": "Peace is no aim!"}
    response = editor.post(address(draft), data)
    assert response.status_code == 200
    page = says(response)
    assert "the exact words do not stand at this place of the paragraph" in page
    assert "Typed with care" in page
    draft.refresh_from_db()
    assert draft.title == "Order"


def test_a_slug_that_is_taken_names_who_has_it(editor, text):
    published_claim("leader", text, "p1", "our aim", "peace", title="The leader")
    page = says(editor.post(address(Principle, "add"), form(slug="peace")))
    assert "“The leader” (leader, published) has this slug: choose another." in page


def test_a_quotation_needs_one_speaker(editor):
    data = form(slug="said", mode="direct", leader="", speaker_name="")
    page = says(editor.post(address(Quotation, "add"), data))
    assert page.count("Choose a leader or name another speaker") == 1
    assert not Claim.objects.exists()


# Publishing.


def test_publishing_without_a_citation_is_refused_and_nothing_typed_is_lost(editor, settings):
    settings.KB_SELF_PUBLISHING = True
    data = form(slug="peace", title="Typed with care", _publish="Publish")
    response = editor.post(address(Principle, "add"), data, follow=True)
    assert "Saved, but not published. No citation: cite the words it rests on." in messages(
        response
    )
    assert "Typed with care" in says(response)
    assert Principle.objects.get().status == "draft"
    assert not Publication.objects.exists()


def test_who_changed_a_claim_does_not_publish_it(editor, other, text):
    draft = draft_with_words(text)
    page = says(editor.get(address(draft)))
    assert 'name="_publish"' in page
    data = form_of(draft, title="Order, mine", _publish="Publish")
    response = editor.post(address(draft), data, follow=True)
    assert "somebody else publishes it" in messages(response)
    draft.refresh_from_db()
    assert (draft.title, draft.status) == ("Order, mine", "draft")
    page = says(editor.get(address(draft)))
    assert 'name="_publish"' not in page
    assert "You wrote or changed this, so somebody else publishes it" in page
    sent = {**form_of(draft), "_publish": "Publish", "edition_note": "Our first principle"}
    response = other.post(address(draft), sent, follow=True)
    assert "Published: " in messages(response)
    draft.refresh_from_db()
    assert draft.status == "published"
    edition = draft.publications.get().edition
    assert (edition.note, edition.editor) == ("Our first principle", user_of(other))


def test_a_changed_citation_alone_is_noted(editor, text):
    draft = draft_with_words(text)
    data = form_of(draft) | {"citations-0-note": "As we read it", "_publish": "Publish"}
    assert "somebody else publishes it" in messages(editor.post(address(draft), data, follow=True))
    assert draft.citations.get().note == "As we read it"


def test_a_team_of_one_publishes_what_it_wrote(editor, p1, settings):
    settings.KB_SELF_PUBLISHING = True
    data = form([citation(p1, "Peace is our aim")], slug="peace", _publish="Publish")
    response = editor.post(address(Principle, "add"), data, follow=True)
    assert "Published: " in messages(response)
    assert Principle.objects.get().status == "published"
    assert 'name="_save"' not in says(response)


def test_publishing_needs_the_permission(text):
    draft = draft_with_words(text)
    published = published_claim("principle", text, "p1", "again peace")
    clerk = staff("clerk")
    assert 'name="_publish"' not in says(clerk.get(address(draft)))
    sent = {**form_of(draft), "_publish": "Publish"}
    response = clerk.post(address(draft), sent, follow=True)
    assert "Only reviewers publish and withdraw" in messages(response)
    assert "Withdraw" not in says(clerk.get(address(published)))
    assert clerk.post(address(published, "withdraw"), {"reason": "No"}).status_code == 403
    assert Claim.objects.get(pk=draft.pk).status == "draft"
    assert Claim.objects.get(pk=published.pk).status == "published"


def test_a_new_theme_needs_the_permission(text):
    draft = draft_with_words(text)
    Tag.objects.create(name="Aims")
    clerk = signed_in(make_user("clerk"))
    user_of(clerk).user_permissions.set(Permission.objects.exclude(codename="add_tag"))
    page = says(clerk.post(address(draft), form_of(draft, tags="aims, Brand new")))
    assert "There is no theme “Brand new”. Correct it, or ask for it: adding a theme needs" in page
    assert 'value="aims, Brand new"' in page
    clerk.post(address(draft), form_of(draft, tags="aims"))
    assert [tag.name for tag in Claim.objects.get(pk=draft.pk).tags.all()] == ["Aims"]
    assert Tag.objects.count() == 1


def test_review_and_back(editor, text):
    draft = draft_with_words(text)
    sent = {**form_of(draft), "_review": "Send to review"}
    said = messages(editor.post(address(draft), sent, follow=True))
    assert "Sent to review: “Order”." in said
    assert f'workbench/?p=1#p1.0-16">Back to the text: {text.source.siglum} ¶ 1</a>' in said
    draft.refresh_from_db()
    assert draft.status == "review"
    assert not draft.touched_by.exists()
    assert 'name="_draft"' in says(editor.get(address(draft)))
    editor.post(address(draft), {**form_of(draft), "_draft": "Back to draft"})
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_who_sends_to_review_what_cannot_be_published_is_told(editor, text, p1):
    told = "Nobody can publish it yet. No citation: cite the words it rests on."
    sent = {**form(slug="order"), "_review": "Send to review"}
    assert told in messages(editor.post(address(Principle, "add"), sent, follow=True))
    begun = f"{address(Principle, 'add')}?cite={p1.pk}:0-5"
    sent = {**form([citation(p1, "Peace")], slug="peace"), "_review": "Send to review"}
    said = messages(editor.post(begun, sent, follow=True))
    assert "Sent to review: “A claim”." in said
    assert "Nobody can publish" not in said
    assert "Back to the text" not in said, "the text is where they are"


def test_what_is_typed_is_saved_and_its_preview_opens(editor, text):
    draft = draft_with_words(text)
    sent = {**form_of(draft, title="Order at last"), "_preview": "Save and preview"}
    page = editor.post(address(draft), sent, follow=True)
    assert "<h1>Order at last</h1>" in says(page)
    assert "it is not public" in says(page)
    draft.refresh_from_db()
    assert (draft.title, draft.status) == ("Order at last", "draft")
    sent = {**form(slug="peace"), "_preview": "Save and preview"}
    page = says(editor.post(address(Principle, "add"), sent, follow=True))
    assert "No citation: cite the words it rests on." in page


def test_each_note_says_whose_it_is_and_who_reads_it(other, text):
    page = says(other.get(address(draft_with_words(text))))
    for label in (
        "Our note on the claim:",
        "Our note on these words:",
        "Note to other editors (never public)",
        "Public note on this edition",
    ):
        assert f">{label}</label>" in page
    assert not re.search(r">\s*Note:?\s*<", page)


def test_a_note_on_the_edition_that_is_too_long_keeps_the_draft(other, text):
    draft = draft_with_words(text)
    sent = {**form_of(draft), "_publish": "Publish", "edition_note": "x" * 301}
    response = other.post(address(draft), sent, follow=True)
    assert "Saved, but not published. Ensure this value has at most 300" in messages(response)


# What is published.


def test_a_published_claim_is_only_looked_at(editor, text):
    published = published_claim("principle", text, "p1", "Peace is our aim", "peace")
    page = says(editor.get(address(published)))
    for name in ("_save", "_continue", "_publish", "_review", "title", "citations-0-exact"):
        assert f'name="{name}"' not in page
    assert "Open a draft" in page
    assert "Peace is our aim" in page
    assert f'href="{published.get_absolute_url()}"' in page


@pytest.mark.parametrize("client", [superuser, staff])
def test_a_forged_form_changes_no_published_claim(client, text):
    published = published_claim("principle", text, "p1", "Peace is our aim", "peace")
    before = (published.title, published.citations.get().exact)
    data = form_of(published, title="Forged") | {"citations-0-exact": "again peace"}
    for button in ("_save", "_publish", "_review", "_draft", "_saveasnew"):
        response = client(button).post(address(published), {**data, button: "x"}, follow=True)
        assert "is published and is not changed in place: nothing was saved" in messages(response)
    published.refresh_from_db()
    assert (published.title, published.citations.get().exact) == before
    assert published.status == "published"
    assert Claim.objects.count() == 1


def test_open_draft_change_and_publish_by_another(editor, other, text):
    published = published_claim(
        "quotation", text, "p1", "our aim", "said", title="Said", tags=["T"]
    )
    response = editor.post(address(published, "open_draft"))
    draft = Quotation.objects.get(supersedes=published)
    assert response.url == address(draft)
    page = says(editor.get(address(draft)))
    assert "This draft supersedes" in page
    assert f'<a href="{address(published)}">Said</a>' in page
    assert 'name="slug"' not in page
    assert "View on site</a></li>" not in page
    assert "Go on with its draft" in says(editor.get(address(published)))
    assert editor.post(address(published, "open_draft")).url == address(draft), "the same one"
    data = form_of(draft, title="Said anew") | {"citations-0-exact": "again"}
    assert editor.post(address(draft), data).status_code == 302
    published.refresh_from_db()
    assert published.title == "Said"
    sent = {**form_of(draft), "_publish": "Publish"}
    response = other.post(address(draft), sent, follow=True)
    assert response.redirect_chain[-1][0] == address(published)
    published.refresh_from_db()
    assert (published.title, published.slug) == ("Said anew", "said")
    assert published.citations.get().exact == "again"
    assert [p.snapshot["title"] for p in published.publications.all()] == ["Said anew", "Said"]
    assert Claim.objects.count() == 1


def test_opening_a_draft_is_a_post(editor, text):
    published = published_claim("principle", text, "p1", "our aim")
    assert editor.get(address(published, "open_draft")).status_code == 405
    assert not Claim.objects.filter(supersedes=published).exists()


def test_the_last_citation_can_not_be_published_away(editor, other, text):
    published = published_claim("principle", text, "p1", "Peace is our aim", "peace")
    draft = open_draft(published, by=user_of(editor))
    data = form_of(draft) | {"citations-0-DELETE": "on", "_publish": "Publish"}
    for client in (editor, other):
        response = client.post(address(draft), data, follow=True)
        assert "Saved, but not published. No citation" in messages(response)
        data = {**form_of(draft), "_publish": "Publish"}
    assert "What stands against publication:" in says(other.get(address(draft)))
    published.refresh_from_db()
    assert published.status == "published"
    assert published.citations.count() == 1


def test_withdrawal_needs_a_reason(editor, text):
    published = published_claim("principle", text, "p1", "our aim", "peace", title="Aim")
    url = address(published, "withdraw")
    assert "Withdraw “Aim”" in says(editor.get(url))
    for reason in ("", "  \n "):
        page = says(editor.post(url, {"reason": reason}))
        assert "A withdrawal needs a reason, which the public sees." in page
    response = editor.post(url, {"reason": "The words say less."}, follow=True)
    published.refresh_from_db()
    assert (published.status, published.withdrawal_reason) == ("withdrawn", "The words say less.")
    page = says(response)
    assert "The reason given: The words say less." in page
    assert "View on site</a></li>" not in page
    assert "there is nothing to withdraw" in says(editor.post(url, {"reason": "Again"}))
    draft = open_draft(published)
    assert "supersedes" in says(editor.get(address(draft)))


def test_nothing_may_point_to_a_draft_that_publishing_deletes(editor, p1, text):
    body = published_claim("organization", text, "p1", "our aim", title="The body")
    successor = open_draft(body)
    found = editor.get(
        "/admin/autocomplete/",
        {
            "app_label": "organizations",
            "model_name": "membership",
            "field_name": "organization",
            "term": "body",
        },
    ).json()["results"]
    assert found == [{"id": str(body.pk), "text": "The body"}]
    data = form(slug="in", degree="member", organization=successor.pk, about=[successor.pk])
    response = editor.post(address(Membership, "add"), data)
    errors = response.context["adminform"].form.errors
    assert {"organization", "about"} <= set(errors)


# Deleting.


def test_drafts_are_deleted_with_their_citations(editor, text):
    draft = draft_with_words(text, by=User.objects.get(username="editor"))
    assert "Peace is our aim" in says(editor.get(address(draft, "delete")))
    assert editor.post(address(draft, "delete"), {"post": "yes"}).status_code == 302
    assert not Claim.objects.exists()


def test_what_was_published_is_not_deleted(editor, text):
    published = published_claim("principle", text, "p1", "our aim")
    assert editor.post(address(published, "delete"), {"post": "yes"}).status_code == 403
    assert "Delete" not in says(editor.get(address(published)))
    assert Claim.objects.exists()


def test_bulk_deletion_spares_what_was_published(editor, text):
    published = published_claim("principle", text, "p1", "our aim")
    draft = draft_with_words(text)
    sent = {"action": "delete_selected", "_selected_action": [published.pk, draft.pk]}
    url = address(Principle, "changelist")
    page = says(editor.post(url, sent))
    assert "1 of them was published and can't be deleted" in page
    assert "Peace is our aim" in page
    editor.post(url, {**sent, "post": "yes"})
    assert list(Principle.objects.values_list("pk", flat=True)) == [published.pk]
    sent["_selected_action"] = [published.pk]
    response = editor.post(url, {**sent, "post": "yes"}, follow=True)
    assert "withdraw what the public should no longer read" in messages(response)
    assert Claim.objects.count() == 1


def test_deleting_a_draft_that_a_published_claim_is_about_is_told_why_not(editor, text):
    draft = draft_with_words(text)
    published = published_claim("statement", text, "p1", "again peace")
    Claim.objects.filter(pk=published.pk).update(status=Claim.UNLOCKED)
    published.about.add(draft)
    Claim.objects.filter(pk=published.pk).update(status="published")
    response = editor.post(address(draft, "delete"), {"post": "yes"}, follow=True)
    assert "a published claim is not edited in place" in messages(response)
    sent = {"action": "delete_selected", "_selected_action": [draft.pk], "post": "yes"}
    response = editor.post(address(Principle, "changelist"), sent, follow=True)
    assert "a published claim is not edited in place" in messages(response)
    assert Claim.objects.filter(pk=draft.pk).exists()


# Lists.


def test_lists_show_what_an_editor_scans(editor, text):
    said = published_claim("quotation", text, "p1", "our aim", title="Said", tags=["Aims"])
    make_claim("quotation", title="Not yet", mode="direct", speaker_name="Somebody")
    open_draft(said)
    page = says(editor.get(address(Quotation, "changelist")))
    for words in ("reported", "Somebody", "nothing yet", "Aims", "our aim"):
        assert words in page
    assert "a draft is open" in page
    assert "replaces a published one" in page
    assert page.count("A ¶ 1") == 2


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("status__exact=draft", ["Not yet"]),
        ("source=a-text", ["Said"]),
        ("source=nowhere", ["Said", "Not yet"]),
        ("source=%00", ["Said", "Not yet"]),
        ("theme=aims", ["Said"]),
        ("status__exact=%00", ["Said", "Not yet"]),
        ("theme=%00", ["Said", "Not yet"]),
        ("mode__exact=direct", ["Not yet"]),
        ("q=our+aim", ["Said"]),
        ("q=not-yet", ["Not yet"]),
    ],
)
def test_filters_and_search(editor, text, query, found):
    published_claim("quotation", text, "p1", "our aim", title="Said", tags=["Aims"])
    make_claim("quotation", "not-yet", title="Not yet", mode="direct")
    response = editor.get(f"{address(Quotation, 'changelist')}?{query}", follow=True)
    assert {claim.title for claim in response.context["cl"].result_list} == set(found)


@pytest.mark.parametrize("model", [Quotation, Membership, Claim])
def test_lists_take_as_many_queries_however_long(
    editor, text, model, django_assert_max_num_queries
):
    def more():
        for words in ("our aim", "again peace"):
            published_claim("quotation", text, "p1", words, tags=["A", "B"])
        body = published_claim("organization", text, "p1", "our aim")
        published_claim("membership", text, "p1", "again", tags=["A"], organization=body)
        open_draft(body)
        leader = published_claim("leader", text, "p1", "again")
        make_claim("quotation", leader=leader, speaker_name="")

    more()
    # session, user, 2 counts, rows, citations with places, tags; to filter by: sources, themes,
    # and kinds in the list of all kinds.
    with django_assert_max_num_queries(10):
        editor.get(address(model, "changelist"))
    more()
    more()
    with django_assert_max_num_queries(10):
        editor.get(address(model, "changelist"))


def test_the_list_of_all_kinds_leads_to_each_form(editor, text):
    said = published_claim("quotation", text, "p1", "our aim", title="Said")
    general = Claim.objects.get(pk=said.pk)
    assert "Said" in says(editor.get(address(Claim, "changelist")))
    assert editor.get(address(general)).url == address(said)
    assert editor.get(address(Claim, "add")).status_code == 403
    # A claim without its child row is a fault of that claim alone.
    stray = Claim.objects.create(kind="quotation", slug="stray", title="Stray")
    odd = Claim.objects.create(kind="nonsense", slug="odd", title="Odd")
    page = says(editor.get(address(Claim, "changelist")))
    assert "Stray" in page
    assert "Odd" in page
    assert editor.get(address(stray), follow=True).status_code == 200
    assert editor.get(address(odd), follow=True).status_code == 200


@pytest.mark.parametrize("pk", ["0", "99999", "x", "..%2f", "1e3"])
def test_nonsense_addresses_are_no_500(editor, pk):
    for end in ("change", "withdraw", "open-draft"):
        response = editor.post(f"/admin/principles/principle/{pk}/{end}/", follow=True)
        assert response.status_code in (200, 404)


@pytest.mark.parametrize("pk", ["99999999999999999999", "x", "-1"])
def test_an_absurd_key_is_not_found(admin_client, pk):
    for page in ("withdraw", "open-draft", "change"):
        address = f"/admin/principles/statement/{pk}/{page}/"
        assert admin_client.get(address).status_code in (302, 404, 405)
