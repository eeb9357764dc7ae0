"""Drafts that wait for review, of every kind, in one list."""

import pytest
from django.urls import reverse

from kb.models import Claim, Edition, Step
from kb.publishing import open_draft, submit, touch

from .admin_forms import address, form_of, member, messages, says, user_of
from .factories import cite, make_claim, make_published, make_source

pytestmark = pytest.mark.django_db

TEXT = "Peace is our aim, and order is the way.\nThe country is a member of the Body."


@pytest.fixture
def text():
    return make_source(TEXT, "a-text", title="A text")


@pytest.fixture
def editor(db):
    return member("editors", "Editors")


@pytest.fixture
def reviewer(db):
    return member("reviewers", "Reviewers")


def sent(text, words: str = "our aim", kind: str = "principle", by=None, note: str = "", **fields):
    draft = make_claim(kind, **fields)
    if words:
        cite(draft, text, "p1", words)
    touch(draft, by)
    return submit(draft, by=by, note=note)


def act(client, name: str, claims, **fields):
    data = {"act": name, "chosen": [claim.pk for claim in claims], **fields}
    return client.post(reverse("admin:kb_review"), data, follow=True)


def status(claim) -> str:
    return Claim.objects.get(pk=claim.pk).status


def test_each_says_what_it_is_who_sent_it_and_why(reviewer, editor, text):
    by = user_of(editor)
    sent(text, title="A new aim", sentence="The source names it.", by=by, note="Look at the words.")
    public = make_published("statement", text, "p1", "order", title="Order", sentence="It is so.")
    changed = open_draft(public)
    Claim.objects.filter(pk=changed.pk).update(sentence="It is not so.")
    submit(changed, note="Carried to version 2")
    make_claim("leader", title="Only a draft")
    page = says(reviewer.get(reverse("admin:kb_review")))
    assert "A new aim" in page
    assert "Principle, new." in page
    assert "by a command: <b>Carried to version 2</b>" in page
    assert "editors: <b>Look at the words.</b>" in page
    assert "our aim" in page
    assert "Statement, changed." in page
    assert "<ins>not </ins>" in page
    assert address(changed.specific()) in page
    assert reverse("admin:kb_preview", args=[changed.pk]) in page
    assert "Only a draft" not in page


def test_several_are_published_in_one_edition(reviewer, text):
    claims = [sent(text, words, title=words) for words in ("our aim", "order", "Peace")]
    response = act(reviewer, "publish", claims[:2], edition_note="Two aims")
    assert [status(claim) for claim in claims] == ["published", "published", "review"]
    edition = Edition.objects.get(kind="publication")
    assert (edition.note, edition.editor) == ("Two aims", user_of(reviewer))
    assert edition.publications.count() == 2
    assert "Published: <a href=" in messages(response)


def test_what_was_changed_since_the_list_was_opened_is_not_published(reviewer, text):
    read, changed = (sent(text, words, title=words) for words in ("our aim", "order"))
    rows = reviewer.get(reverse("admin:kb_review")).context["rows"]
    seen = {f"seen-{row.claim.pk}": row.seen for row in rows}
    Claim.objects.filter(pk=changed.pk).update(sentence="Nobody has read this.")
    response = act(reviewer, "publish", [read, changed], **seen)
    assert [status(claim) for claim in (read, changed)] == ["published", "review"]
    assert "changed since you opened this list" in messages(response)


def test_each_is_judged_and_those_that_are_refused_are_named_with_the_reason(reviewer, text):
    good = sent(text, title="Good")
    bare = sent(text, "", title="Bare")
    mine = sent(text, "order", title="Mine", by=user_of(reviewer))
    said = messages(act(reviewer, "publish", [bare, mine, good]))
    assert [status(claim) for claim in (good, bare, mine)] == ["published", "review", "review"]
    assert "Not published, and still here: “Bare”. No citation" in said
    assert "Not published, and still here: “Mine”. You wrote or changed this" in said
    page = says(reviewer.get(reverse("admin:kb_review")))
    assert "No citation: cite the words it rests on." in page
    assert "You wrote or changed this, so somebody else publishes it." in page


def test_where_all_are_refused_there_is_no_edition(reviewer, text):
    bare = sent(text, "")
    assert "Not published" in messages(act(reviewer, "publish", [bare]))
    assert not Edition.objects.exists()


def test_one_that_refers_to_another_is_published_after_it(reviewer, text):
    aim = make_claim("principle", title="The aim")
    first = sent(text, "order", "statement", about=[aim], title="On the aim")
    cite(aim, text, "p1", "our aim")
    submit(aim)
    act(reviewer, "publish", [first, aim])
    assert [status(first), status(aim)] == ["published", "published"]
    assert Edition.objects.count() == 1


def test_sending_back_needs_a_word_on_why(reviewer, text):
    draft = sent(text)
    page = says(act(reviewer, "send_back", [draft], edition_note="Kept"))
    assert "Say why they go back" in page
    assert 'value="Kept"' in page
    assert f'id="pick-{draft.pk}" checked' in page
    assert status(draft) == "review"
    response = act(reviewer, "send_back", [draft], step_note="Too wide.")
    assert "Sent back" in messages(response)
    assert status(draft) == "draft"
    step = Step.objects.filter(claim=draft).first()
    assert (step.status, step.note, step.by) == ("draft", "Too wide.", user_of(reviewer))
    assert "Too wide." in says(reviewer.get(address(draft.specific())))


@pytest.mark.parametrize("name", ["publish", "send_back"])
def test_what_is_no_longer_in_review_is_left_alone(reviewer, text, name):
    draft = make_claim("principle")
    page = says(act(reviewer, name, [draft], step_note="x"))
    assert "One of them is no longer in review" in page
    assert "Choose at least one of them." in says(act(reviewer, name, [], step_note="x"))
    assert status(draft) == "draft"


def test_editors_look_and_send_back_but_do_not_publish(editor, text):
    draft = sent(text)
    page = says(editor.get(reverse("admin:kb_review")))
    assert "Publish those chosen" not in page
    assert act(editor, "publish", [draft]).status_code == 403
    assert status(draft) == "review"
    act(editor, "send_back", [draft], step_note="I was too quick.")
    assert status(draft) == "draft"


def test_the_note_to_other_editors_goes_with_the_claim(editor, text):
    draft = make_claim("principle")
    cite(draft, text, "p1", "our aim")
    data = {**form_of(draft), "_review": "Send to review", "step_note": "Mind the second."}
    editor.post(address(draft), data)
    assert draft.steps.get().note == "Mind the second."
    draft.refresh_from_db()
    page = says(editor.get(address(draft)))
    assert "Mind the second." in page
    data = {**form_of(draft), "_draft": "Back to draft", "step_note": "x" * 1001}
    page = says(editor.post(address(draft), data))
    assert "Your note: Ensure this value has at most 1000" in page
    assert "x" * 1001 in page
    assert status(draft) == "review"


def test_an_empty_list_says_so(reviewer):
    assert "Nothing waits for review." in says(reviewer.get(reverse("admin:kb_review")))


def test_the_list_takes_as_many_queries_however_many_wait(
    reviewer, text, django_assert_max_num_queries
):
    def more():
        by = user_of(reviewer)
        body = make_published("organization", text, "p1", "order", tags=["T"]).specific()
        leader = make_published("leader", text, "p1", "aim").specific()
        submit(open_draft(body), by=by)
        sent(text, kind="membership", organization=body, by=by, tags=["T"])
        sent(text, kind="quotation", leader=leader, speaker_name="", about=[body], by=by)

    def asked() -> int:
        # session, user, permissions of user and groups; count; claims with citations, themes,
        # about; steps; of what is changed: both states (claims, citations, themes, about), sigla,
        # titles; who touched it
        with django_assert_max_num_queries(18) as queries:
            reviewer.get(reverse("admin:kb_review"))
        return len(queries)

    more()
    first = asked()
    more()
    more()
    assert asked() == first
