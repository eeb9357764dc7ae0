"""The admin's home is an editor's desk."""

import html

import pytest
from django.contrib.auth.models import User
from django.urls import reverse

from kb.cutting import cut
from kb.models import Claim, Intake, Proof, Sentence
from kb.publishing import open_draft, submit, touch
from kb.storing import store

from .admin_forms import address, staff, user_of
from .factories import cite, make_claim, make_published, make_source
from .pages import part

pytestmark = pytest.mark.django_db

TEXT = "Peace is our aim. Order is the way.\nThe country is a member of the Body."


@pytest.fixture
def text():
    return make_source(TEXT, "a-text", title="A text")


@pytest.fixture
def editor(db):
    return staff("editor")


def desk(client, name: str) -> str:
    """The section of that name."""
    page = html.unescape(client.get(reverse("admin:index")).content.decode())
    return part(page, f'<h2 id="{name}">', "</section>")


def test_drafts_of_mine_are_told_from_those_of_others(editor, text):
    draft = make_claim("principle", title="My draft")
    touch(draft, user_of(editor))
    make_claim("principle", title="A draft of others")
    sent = make_claim("principle", title="Sent by me")
    touch(sent, user_of(editor))
    submit(sent)
    mine = desk(editor, "mine")
    assert "My draft" in mine
    assert "<span>1</span>" in mine
    assert "A draft of others" not in mine
    assert "Sent by me" not in mine
    assert reverse("admin:kb_claim_change", args=[draft.pk]) in mine


def test_what_waits_for_review_whoever_sent_it(editor, text):
    public = make_published("principle", text, "p1", "our aim", title="An aim")
    submit(open_draft(public))
    make_claim("principle", title="A draft")
    waiting = desk(editor, "review")
    assert "An aim" in waiting
    assert "replaces a public one" in waiting
    assert "A draft" not in waiting
    assert reverse("admin:kb_review") in waiting


def test_citations_on_an_earlier_text_wait_for_a_decision(editor, text):
    make_published("principle", text, "p1", "our aim")
    assert "None: each citation stands on the current text" in desk(editor, "waiting")
    store(text.source, cut("Peace is the aim."))
    assert "A · A text: 1" in desk(editor, "waiting")
    assert reverse("admin:kb_waiting") in desk(editor, "waiting")


def test_sentences_that_are_neither_cited_nor_set_aside_are_counted_by_source(editor, text):
    cite(make_claim("principle"), text, "p1", "our aim")  # a draft accounts for nothing in public
    other = make_source("Read.", title="Another text")
    Sentence.objects.filter(paragraph__transcription=other).update(reason="Nothing in it.")
    make_published("principle", text, "p1", "Order")
    unread = desk(editor, "unread")
    assert "1 in a draft, 1 of 3 not yet read" in unread
    assert "all 1 cited or set aside" in unread
    for transcription in (text, other):
        address = reverse("admin:kb_transcription_workbench", args=[transcription.pk])
        assert f'<a href="{address}">' in unread


def test_texts_that_come_in(editor):
    Intake.objects.create(text="A text without a name, which is long.", by=user_of(editor))
    Intake.objects.create(text="…", name="speech.txt")
    coming = desk(editor, "intakes")
    assert "A text without a name" in coming
    assert "speech.txt" in coming


def test_latest_changes_say_who_and_what(editor, text):
    draft = make_claim("principle", title="Sent")
    submit(draft, by=user_of(editor), note="Have a look.")
    latest = desk(editor, "latest")
    assert "Sent" in latest
    assert "in review" in latest
    assert "editor: Have a look." in latest


def test_the_base_is_proved_on_demand_and_the_result_kept(editor, text):
    assert "Nobody had the invariants proved here yet." in desk(editor, "faults")
    assert editor.get(reverse("admin:kb_prove")).status_code == 405
    editor.post(reverse("admin:kb_prove"))
    assert "No faults" in desk(editor, "faults")
    assert Proof.objects.get().by == user_of(editor)
    Claim.objects.create(kind="principle", slug="stray", title="Stray")
    assert "No faults" in desk(editor, "faults"), "until it is asked for again"
    editor.post(reverse("admin:kb_prove"))
    assert "1 fault<" in desk(editor, "faults")
    assert "stray: it has no row of its kind" in desk(editor, "faults")
    assert Proof.objects.count() == 1


def test_a_proof_that_takes_too_long_is_stopped_and_says_so(editor, text, monkeypatch):
    make_published("principle", text, "p1", "our aim")
    monkeypatch.setattr("kb.admin.desk.SECONDS", -1)
    editor.post(reverse("admin:kb_prove"))
    faults = desk(editor, "faults")
    assert "No faults as far as it went" in faults
    assert "manage.py verify" in faults


def test_staff_without_rights_have_no_desk(client, text):
    make_claim("principle", title="A draft")
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    page = client.get(reverse("admin:index")).content.decode()
    assert "A draft" not in page
    assert "Waiting for review" not in page
    assert client.post(reverse("admin:kb_prove")).status_code == 403
    assert not Proof.objects.exists()


def test_what_there_is_to_edit_follows(editor):
    page = editor.get(reverse("admin:index")).content.decode()
    assert address(Claim.kinds()["statement"], "changelist") in page


def test_the_desk_takes_as_many_queries_however_much_there_is(
    editor, text, django_assert_num_queries
):
    def more():
        user = user_of(editor)
        for _ in range(3):
            touch(make_claim("principle"), user)
            submit(make_claim("statement"), by=user)
            other = make_source(TEXT)
            make_published("principle", other, "p1", "our aim")
            store(other.source, cut("Anew."))
            Intake.objects.create(text="Text", by=user)

    for _ in range(2):
        # session, user, permissions of user and groups; counts, mine, review, waiting, texts,
        # intakes, proof, latest changes; my recent actions
        with django_assert_num_queries(13):
            editor.get(reverse("admin:index"))
        more()
