"""A claim's history in the admin: its states, what differs between two, and the way back to one."""

import json
from html import unescape

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from reversion.models import Version
from taggit.models import Tag

from kb.models import Citation, Claim, Revised
from kb.publishing import open_draft, publish, submit, touch, withdraw
from kb.restoring import Restoration, revert
from kb.revisions import record
from kb.snapshots import snapshot
from tests.admin_forms import address, form_of, messages, staff, superuser, user_of
from tests.factories import cite, make_claim, make_published, make_source
from tests.pages import part

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return make_source("Peace is one aim. Trade is another.\nIt is a member of GUAM.", slug="a")


@pytest.fixture
def editor(db):
    return staff("morgan")


@pytest.fixture
def peace(text):
    return make_published("principle", text, "p1", "Peace", "peace", title="Peace", tags=["Aims"])


@pytest.fixture
def draft(text, peace):
    """Of a published claim, with something of everything changed."""
    draft = open_draft(peace)
    draft.title, draft.note = "Of peace", "Ours."
    draft.save()
    draft.citations.all().delete()
    cite(draft, text, "p1", "another")
    draft.tags.set(["War"])
    draft.about.set([make_published("organization", text, "p2", "GUAM", "guam", title="GUAM")])
    touch(draft, None)
    return draft


def history(client, claim, query=""):
    response = client.get(address(claim, "history") + query)
    assert response.status_code == 200
    return unescape(response.content.decode())


def state_address(claim, state):
    meta = claim._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_state", args=[claim.pk, state.pk])


def states(claim):
    """Oldest first."""
    return list(Revised.objects.filter(claim=claim).order_by("pk"))


def rewrite(state, model, change):
    """Changes what was stored of a state, as an older version of the models would have."""
    (version,) = [
        v for v in Version.objects.filter(revision=state.revision_id)
        if json.loads(v.serialized_data)[0]["model"] == model
    ]  # fmt: skip
    stored = json.loads(version.serialized_data)
    change(stored[0]["fields"])
    Version.objects.filter(pk=version.pk).update(serialized_data=json.dumps(stored))


# Looking


def test_the_list_says_when_who_what(editor, draft, peace):
    submit(draft, by=user_of(editor), note="Please look.")
    shown = history(editor, peace.specific())
    assert "Sent to review: Please look." in shown
    assert "morgan" in shown
    assert "a command" in shown
    assert "Draft opened" in shown
    assert ">published</span>" in shown
    assert ">in review</span>" in shown
    assert shown.index("Sent to review") < shown.index("Draft opened"), "newest first"
    listed = [s.pk for s in states(peace)]
    assert all(f'name="old" value="{pk}"' in shown for pk in listed)
    of_draft = history(editor, draft.specific())
    rows = [part(page, "<tbody>", "</tbody>") for page in (shown, of_draft)]
    assert rows[0] == rows[1], "one history for both"


def test_two_states_are_compared_word_by_word(editor, draft, peace):
    first, last = states(peace)[0], states(peace)[-1]
    shown = history(editor, peace.specific(), f"?old={first.pk}&new={last.pk}")
    assert "<del>Peace</del><ins>Of peace</ins>" in shown
    assert "<ins>Ours.</ins>" in shown
    assert "<del>Aims</del><ins>War</ins>" in shown
    assert "<ins>GUAM</ins>" in shown
    assert "“<del>Peace</del><ins>another</ins>”" in shown
    back = history(editor, peace.specific(), f"?old={last.pk}&new={first.pk}")
    assert "<del>Of peace</del><ins>Peace</ins>" in back
    assert "No word of it changed." in history(
        editor, peace.specific(), f"?old={first.pk}&new={first.pk}"
    )


@pytest.mark.parametrize(
    "query", ["?old=x&new=1", "?old=99999&new=88888", "?old=&new=%00", "?page=x"]
)
def test_what_is_no_state_is_not_compared(editor, peace, query):
    shown = history(editor, peace.specific(), query)
    assert "<ins>" not in shown
    assert 'name="old"' in shown


def test_another_claims_state_is_not_shown_here(editor, draft, peace):
    other = make_claim("principle", "other", title="Other secret")
    record(other.pk)
    (theirs,) = states(other)
    mine = states(peace)[0]
    assert "Other secret" not in history(
        editor, peace.specific(), f"?old={mine.pk}&new={theirs.pk}"
    )
    assert editor.get(state_address(peace.specific(), theirs)).status_code == 404


def test_one_state_is_shown_with_what_going_back_would_change(editor, draft, peace):
    shown = unescape(editor.get(state_address(peace.specific(), states(peace)[0])).content.decode())
    assert "<dt>Title</dt><dd>Peace</dd>" in shown
    assert "“Peace” (source A ¶ 1, version 1, 0–5, carries the claim)" in shown
    assert "<del>Of peace</del><ins>Peace</ins>" in shown
    assert "Restore this state" in shown
    newest = editor.get(state_address(peace.specific(), states(peace)[-1])).content.decode()
    assert "nothing to restore" in newest
    assert "Restore this state" not in newest


def test_looking_at_a_state_changes_no_name(editor, peace):
    first = states(peace)[0]
    later = open_draft(peace)
    later.title = "Later"
    later.save()
    publish(later)
    shown = editor.get(state_address(peace.specific(), first)).content.decode()
    assert ">Later</a>" in part(shown, 'class="breadcrumbs"', "</div>")


def test_a_claim_of_which_nothing_is_recorded_says_so(editor):
    claim = make_claim("principle", "unrecorded")
    assert "Nothing was recorded of it yet." in history(editor, claim)


def test_who_may_look_and_who_may_restore(client, editor, draft, peace):
    place = state_address(peace.specific(), states(peace)[0])
    before = snapshot(draft)
    for url in (address(peace.specific(), "history"), place):
        assert client.get(url).status_code == 302, "to the sign-in page"
    viewer = staff("viewer")
    user = user_of(viewer)
    user.user_permissions.remove(*user.user_permissions.exclude(codename__startswith="view_"))
    assert "Restore this state" not in viewer.get(place).content.decode()
    assert viewer.post(place).status_code == 403
    assert client.post(place).status_code == 403
    user.user_permissions.clear()
    assert viewer.get(place).status_code == 403
    assert viewer.get(address(peace.specific(), "history")).status_code == 403
    assert snapshot(Claim.objects.get(pk=draft.pk)) == before


# Going back


def test_a_state_comes_back_whole_in_the_draft(editor, draft, peace):
    first = states(peace)[0]
    public = snapshot(peace)
    response = editor.post(state_address(peace.specific(), first), follow=True)
    assert "Restored, as a draft" in messages(response)
    now = snapshot(Claim.objects.get(pk=draft.pk))
    assert {**now, "slug": "peace"} == public
    assert now["tags"] == ["Aims"]
    assert [c["exact"] for c in now["citations"]] == ["Peace"]
    assert snapshot(Claim.objects.get(pk=peace.pk)) == public, "the public one is as it was"
    assert user_of(editor) in draft.touched_by.all()
    last = states(peace)[-1]
    assert last.revision.comment.startswith("Reverted to the state of ")
    assert last.revision.user == user_of(editor)
    (_, *_, before, _) = states(peace)
    editor.post(state_address(peace.specific(), before))
    assert Claim.objects.get(pk=draft.pk).title == "Of peace", "and forth again"


def test_what_was_changed_since_the_look_is_shown_and_kept(editor, draft, peace):
    place = state_address(peace.specific(), states(peace)[0])
    looked = editor.get(place).context["seen"]
    Claim.objects.filter(pk=draft.pk).update(sentence="Theirs, meanwhile.")
    refused = editor.post(place, {"seen": looked})
    assert "Nothing was restored. Somebody changed this since you looked" in messages(refused)
    shown = part(refused.content.decode(), "<h2>Changed since you looked</h2>", "</section>")
    assert "<ins>Theirs,</ins>" in shown
    assert Claim.objects.get(pk=draft.pk).sentence == "Theirs, meanwhile."
    editor.post(place, {"seen": refused.context["seen"]})
    assert Claim.objects.get(pk=draft.pk).sentence != "Theirs, meanwhile."


def test_fields_of_the_kind_come_back(text, editor):
    leader = make_published("leader", text, "p1", "Trade", "trade")
    claim = make_claim(
        "quotation", "said", mode="reported", leader=leader.specific(), speaker_name=""
    )
    record(claim.pk)
    claim.leader, claim.speaker_name, claim.mode = None, "Baku", "direct"
    claim.save()
    touch(claim, None)
    revert(claim, states(claim)[0], by=user_of(editor))
    claim = Claim.objects.get(pk=claim.pk).specific()
    assert (claim.leader.slug, claim.speaker_name, claim.mode) == ("trade", "", "reported")


def test_a_published_claim_goes_back_in_a_new_draft(editor, peace, text):
    first = states(peace)[0]
    changed = open_draft(peace)
    changed.title = "Later"
    changed.save()
    publish(changed)
    editor.post(state_address(peace.specific(), first))
    draft = Claim.objects.get(supersedes=peace)
    assert draft.title == "Peace"
    assert Claim.objects.get(pk=peace.pk).title == "Later"
    withdraw(peace, "Wrong.")


def test_a_withdrawn_claim_goes_back_in_a_draft_too(editor, peace):
    withdraw(peace, "Wrong.")
    revert(peace, states(peace)[0], by=user_of(editor))
    assert Claim.objects.get(supersedes=peace).title == "Peace"
    assert Claim.objects.get(pk=peace.pk).status == "withdrawn"


def test_what_is_in_review_comes_back_as_a_draft(editor, draft, peace):
    submit(draft)
    revert(peace, states(peace)[0], by=user_of(editor))
    draft = Claim.objects.get(pk=draft.pk)
    assert (draft.status, draft.title) == ("draft", "Peace")


def test_what_was_never_recorded_is_kept_before_it_is_replaced(editor, draft, peace):
    Claim.objects.filter(pk=draft.pk).update(note="By a script.")
    revert(peace, states(peace)[0], by=user_of(editor))
    found = states(peace)[-2]
    assert found.revision.comment == "As it was found"
    revert(peace, found, by=user_of(editor))
    assert Claim.objects.get(pk=draft.pk).note == "By a script."


def test_carriage_returns_and_order_come_back(text, editor):
    claim = make_claim("principle", "ordered", note="One\r\ntwo\n")
    for exact in ("another", "Peace", "Trade"):
        cite(claim, text, "p1", exact)
    record(claim.pk)
    before = snapshot(claim)
    claim.note = ""
    claim.save()
    claim.citations.all().delete()
    revert(claim, states(claim)[0], by=user_of(editor))
    assert snapshot(Claim.objects.get(pk=claim.pk)) == before


# What no longer fits


@pytest.mark.parametrize(
    ("model", "change", "says"),
    [
        (
            "kb.claim",
            lambda fields: fields.update(assertion=fields.pop("sentence")),
            "a claim no longer has assertion and has since got sentence",
        ),
        (
            "kb.citation",
            lambda fields: fields.pop("note"),
            "a citation has since got note",
        ),
        (
            "principles.principle",
            lambda fields: fields.update(weight=1),
            "a principle no longer has weight",
        ),
    ],
)  # fmt: skip
def test_a_state_of_older_models_is_refused(editor, draft, peace, model, change, says):
    """Reversion itself would restore an empty string without a word."""
    first = states(peace)[0]
    rewrite(first, model, change)
    before = snapshot(draft)
    shown = unescape(editor.get(state_address(peace.specific(), first)).content.decode())
    assert says in shown
    assert "Restore this state" not in shown
    response = editor.post(state_address(peace.specific(), first), follow=True)
    assert "Nothing was restored." in messages(response)
    assert says in messages(response)
    assert snapshot(Claim.objects.get(pk=draft.pk)) == before
    assert "Peace" in shown, "what can be read is shown"


def test_what_it_needs_and_is_gone_is_named(text, editor):
    leader = make_claim("leader", "gone", title="Gone")
    other = make_claim("principle", "gone-too")
    claim = make_claim(
        "quotation", "said", leader=leader, speaker_name="", about=[other], tags=["Lost"]
    )
    record(claim.pk)
    (first,) = states(claim)
    claim.leader, claim.speaker_name = None, "Baku"
    claim.save()
    leader.delete()
    other.delete()
    Tag.objects.all().delete()
    before = snapshot(Claim.objects.get(pk=claim.pk))
    response = editor.post(state_address(claim, first), follow=True)
    assert "Nothing was restored." in messages(response)
    for what in ("leader “gone”", "claim “gone-too”", "theme “Lost”"):
        assert f"The {what} is gone." in messages(response)
    assert snapshot(Claim.objects.get(pk=claim.pk)) == before
    assert not claim.touched_by.exists()


def test_a_paragraph_that_is_gone_or_reads_otherwise_is_named(editor, draft, peace):
    state = snapshot(peace)
    state["citations"][0]["paragraph"] = "p9"
    assert Restoration(state, draft.specific()).problems == [
        "The paragraph that it cites is gone: a, version 1, p9."
    ]
    state = snapshot(peace)
    state["citations"][0]["exact"] = "Pease"
    problems = Restoration(state, draft.specific()).problems
    assert problems == ["“Pease” does not stand at 0 of a, version 1, p1."]


def test_what_a_field_or_rule_of_today_refuses_is_named(text, editor):
    claim = make_claim("quotation", "said")
    record(claim.pk)
    (first,) = states(claim)
    rewrite(first, "principles.quotation", lambda fields: fields.update(mode="sung"))
    with pytest.raises(ValidationError, match="mode: Value 'sung' is not a valid choice"):
        revert(claim, first, by=None)
    rewrite(first, "principles.quotation", lambda f: f.update(mode="direct", speaker_name=""))
    with pytest.raises(ValidationError, match="Choose a leader or name another speaker"):
        revert(claim, first, by=None)


def test_a_state_of_another_kind_is_refused(text, peace):
    statement = make_claim("statement", "other")
    assert Restoration(snapshot(peace), statement).problems == [
        "It is the state of a principle; this is a statement."
    ]


def test_a_record_that_is_gone_takes_no_page_down(editor, draft, peace):
    first, second = states(peace)[:2]
    Version.objects.filter(revision=first.revision_id).delete()
    assert "The record of this state is gone." in history(
        editor, peace.specific(), f"?old={first.pk}&new={second.pk}"
    )
    place = state_address(peace.specific(), first)
    assert "The record of this state is gone." in editor.get(place).content.decode()
    assert "The record of this state is gone." in messages(editor.post(place, follow=True))


def test_the_database_has_the_last_word(editor, draft, peace, monkeypatch):
    monkeypatch.setattr(
        Citation.objects, "bulk_create", lambda rows: [row.save() for row in rows[:1]] + [1 / 0]
    )
    before = snapshot(draft)
    with pytest.raises(ZeroDivisionError):
        revert(peace, states(peace)[0], by=user_of(editor))
    assert snapshot(Claim.objects.get(pk=draft.pk)) == before, "all of it or nothing"


def test_cost_of_the_list(editor, peace, django_assert_max_num_queries):
    """Session, user, permissions; the claim and its draft; count, states with who."""
    history(editor, peace.specific())
    for _ in range(5):
        touch(peace, None)
    with django_assert_max_num_queries(9):
        history(editor, peace.specific())


def test_a_saved_form_is_a_state(text):
    client = superuser("kim")
    claim = make_claim("principle", "peace", title="Peace")
    client.post(address(claim), form_of(claim, title="Of peace"))
    assert "Changed" in history(client, claim)
    assert "kim" in history(client, claim)
