"""The editors' pages of a corrected source: the impact, the carrying, what waits for a decision."""

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from kb.carrying import Carrying
from kb.correcting import confirm
from kb.cutting import cut
from kb.deciding import waiting
from kb.models import Carry, Citation, Claim, Intake, Note, Sentence, Transcription
from kb.publishing import open_draft, publish
from kb.storing import store

from .admin_forms import member, messages
from .attempts import exported
from .factories import cite, make_claim, make_published, make_source

OLD = "We want peace. Trade is free. They want it too.\nA second part is here.\nThe end is near."
NEW = "First. We want peace. Trade is <fair>. They want it too.\nThe end is near.\nThe end is near."


@pytest.fixture
def editor(db):
    return member("ada", "Editors")


@pytest.fixture
def policy(db):
    return make_source(OLD, "policy", title="Policy")


@pytest.fixture
def cited(policy):
    """Published claims, one of each fate."""
    return {
        name: make_published("principle", policy, ref, exact, slug=f"claim-{name}")
        for name, ref, exact in (
            ("moved", "p1", "peace"),
            ("changed", "p1", "free"),
            ("ambiguous", "p3", "near"),
            ("lost", "p2", "second part"),
        )
    }


@pytest.fixture
def intake(policy):
    return Intake.objects.create(text=NEW, source=policy.source)


@pytest.fixture
def carried(cited, policy):
    return confirm(policy.source, cut(NEW), by=User.objects.create_user("grace"))


def at(name: str, *args) -> str:
    return reverse(f"admin:kb_{name}", args=args)


def decide(client: Client, claim: Claim, act: str, **data):
    (citation,) = waiting().filter(claim=claim)
    return client.post(at("waiting_decide", citation.pk), {"act": act, **data}, follow=True)


def draft_words(claim: Claim) -> list[tuple[int, str]]:
    draft = Claim.objects.get(supersedes=claim)
    return [(c.paragraph.transcription.version, c.exact) for c in draft.citations.with_places()]


# The impact.


def test_the_impact_shows_each_citation_and_stores_nothing(editor, cited, intake):
    before = exported()
    page = editor.get(at("intake_impact", intake.pk))
    for name, verdict in (
        ("moved", "moved"),
        ("changed", "changed"),
        ("ambiguous", "ambiguous"),
        ("lost", "changed"),
    ):
        (judged,) = [
            j for j in page.context["impact"].citations if j.row.claim_id == cited[name].pk
        ]
        assert judged.fate.verdict == verdict
    text = page.content.decode()
    assert "<b>1</b> moved" in text
    assert "<b>2</b> changed" in text
    assert "<mark>free</mark>" in text
    assert "Trade is <mark>&lt;fair&gt;</mark>." in text
    assert "Nothing in it comes near." in text
    assert exported() == before
    assert not Carry.objects.exists()


def test_both_texts_stand_side_by_side(editor, policy, intake):
    text = editor.get(at("intake_impact", intake.pk)).content.decode()
    assert "<ins>First. </ins>" in text
    assert "¶ 2, left out" in text
    assert "¶ 2, formerly 3: as it was" in text


def test_notes_and_reasons_that_are_left_behind_are_shown(editor, policy, intake):
    paragraph = policy.paragraphs.get(number=2)
    Note.objects.create(paragraph=paragraph, start=2, end=8, exact="second", text="Of what?")
    Sentence.objects.filter(paragraph__number=1).update(reason="Says nothing of the policy.")
    text = editor.get(at("intake_impact", intake.pk)).content.decode()
    assert "2 of 4 notes and reasons" in text
    assert "Note: Of what?" in text
    assert "Set aside: Says nothing of the policy." in text


def test_confirming_leads_to_the_page_of_what_was_carried(editor, cited, intake):
    page = editor.post(at("intake_impact", intake.pk), follow=True)
    assert "1 citation carried to A, version 2; 3 left to decide." in messages(page)
    assert "What was carried to A, version 2" in page.content.decode()
    assert draft_words(cited["moved"]) == [(2, "peace")]
    assert Claim.objects.get(supersedes=cited["moved"]).status == "review"
    made = Carry.objects.get()
    assert made.by.username == "ada"
    assert not Intake.objects.exists()
    assert f"{at('waiting')}?source=policy" in page.content.decode()


def edited(cited, intake):
    Intake.objects.filter(pk=intake.pk).update(overrides={"heading": [1]})


def cited_anew(cited, intake):
    draft = open_draft(cited["moved"])
    cite(draft, draft.citations.get().paragraph.transcription, "p1", "Trade")


def noted(cited, intake):
    paragraph = cited["moved"].citations.get().paragraph
    Note.objects.create(paragraph=paragraph, start=0, end=2, exact="We", text="Who?")


def set_aside(cited, intake):
    Sentence.objects.filter(paragraph__number=1, number=3).update(reason="It repeats itself.")


@pytest.mark.parametrize(
    ("change", "name"),
    [
        (edited, "the text and its cut"),
        (cited_anew, "“Claim moved”"),
        (noted, "the notes"),
        (set_aside, "the sentences set aside"),
    ],
)
def test_what_changed_since_the_look_is_named_and_looked_at_anew(
    editor, cited, intake, change, name
):
    address = at("intake_impact", intake.pk)
    looked = editor.get(address).context["shown"]
    change(cited, intake)
    refused = editor.post(address, {"shown": looked})
    assert f"{name} changed since you looked. Nothing was changed." in refused.content.decode()
    assert not Carry.objects.exists()
    assert Intake.objects.exists()
    editor.post(address, {"shown": refused.context["shown"]})
    assert Carry.objects.exists()


def test_what_cannot_be_stored_is_said_and_nothing_is_lost(editor, cited, policy):
    same = Intake.objects.create(text=OLD, source=policy.source)
    page = editor.post(at("intake_impact", same.pk))
    assert "this very text, cut in this way" in page.content.decode()
    assert Intake.objects.get().text == OLD


def test_an_intake_that_is_gone_or_of_a_new_source_has_no_impact(editor, db):
    new = Intake.objects.create(text=NEW)
    assert editor.get(at("intake_impact", new.pk)).status_code == 404
    assert editor.get(at("intake_impact", new.pk + 1)).status_code == 404


def test_what_add_source_stored_is_carried_to_afterwards(editor, cited, policy):
    second = store(policy.source, cut(NEW))
    address = at("transcription_impact", second.pk)
    assert address in editor.get(at("waiting")).content.decode()
    page = editor.post(address, follow=True)
    assert "1 citation carried" in messages(page)
    assert address not in editor.get(at("waiting")).content.decode()
    assert "already" in editor.post(address).content.decode()


# Undoing it.


def test_all_of_it_can_be_undone(editor, cited, carried):
    page = editor.post(at("carry_undo", carried.pk), follow=True)
    assert "What was carried to A, version 2 is where it was." in messages(page)
    assert "back among those coming in" in messages(page)
    assert [t.version for t in Transcription.objects.all()] == [1]
    assert not Claim.objects.filter(supersedes__isnull=False)


def test_what_stands_against_undoing_is_listed(editor, cited, carried):
    publish(Claim.objects.get(supersedes=cited["moved"]))
    page = editor.post(at("carry_undo", carried.pk), follow=True)
    assert "Nothing was undone." in messages(page)
    assert "“Claim moved” was published meanwhile." in messages(page)
    assert Carry.objects.exists()
    assert "1 more was published or deleted since" in page.content.decode()


def test_undoing_is_asked_for_by_post(editor, carried):
    assert editor.get(at("carry_undo", carried.pk)).status_code == 405


# What waits.


def test_what_waits_is_listed_with_old_words_and_proposal(editor, carried):
    text = editor.get(at("waiting")).content.decode()
    assert "Claim changed" in text
    assert "Claim moved" not in text
    assert "<mark>free</mark>" in text
    assert "<mark>&lt;fair&gt;</mark>" in text
    assert 'value="p1.' in text


def test_the_list_can_be_of_one_source(editor, carried):
    other = make_source("All is well.", "other")
    make_published("principle", other, "p1", "well", slug="of-the-other", title="Of the other")
    store(other.source, cut("All is good."))
    text = editor.get(at("waiting"), {"source": "other"}).content.decode()
    assert "Of the other" in text
    assert "Claim changed" not in text
    assert "Claim changed" in editor.get(at("waiting")).content.decode()


def test_queries_of_the_list_do_not_grow(editor, carried, django_assert_num_queries, policy):
    # Session, user, permissions of the user and of the groups; current transcriptions; how many
    # wait, those of the page; paragraphs and sentences of their transcription and of the current.
    for _ in range(2):
        with django_assert_num_queries(11):
            editor.get(at("waiting"))
        for _ in range(5):
            cite(make_claim("principle"), policy, "p1", "Trade")


def test_only_what_a_page_shows_is_judged(editor, carried, policy, monkeypatch):
    judged = []

    def counted(old, new, spans):
        judged.extend(spans)
        return Carrying(old, new, spans)

    monkeypatch.setattr("kb.impact.Carrying", counted)
    monkeypatch.setattr("kb.admin.deciding.PER_PAGE", 2)
    page = editor.get(at("waiting"), {"page": 2})
    assert [each.row.claim.title for each in page.context["page"]] == ["Claim ambiguous"]
    assert len(judged) == 1
    judged.clear()
    (citation, *_) = waiting()
    shown = editor.get(at("waiting_decide", citation.pk))
    assert shown.context["judged"].row == citation
    assert len(judged) == 1


def test_here_takes_the_proposal(editor, cited, carried):
    (judged,) = [
        j
        for j in editor.get(at("waiting")).context["page"]
        if j.row.claim_id == cited["changed"].pk
    ]
    page = decide(editor, cited["changed"], "here", place=str(judged.there), within=judged.within)
    assert "Nothing of it waits any more" in messages(page)
    assert draft_words(cited["changed"]) == [(2, "<fair>")]
    draft = Claim.objects.get(supersedes=cited["changed"])
    assert [user.username for user in draft.touched_by.all()] == ["ada"]
    assert cited["changed"].citations.get().exact == "free"


def test_here_is_refused_when_another_text_came_in_meanwhile(editor, cited, carried, policy):
    (judged,) = [
        j
        for j in editor.get(at("waiting")).context["page"]
        if j.row.claim_id == cited["changed"].pk
    ]
    confirm(policy.source, cut(NEW.replace("Trade", "Order")))
    page = decide(editor, cited["changed"], "here", place=str(judged.there), within=judged.within)
    assert "look at the new proposal" in messages(page)
    assert not Claim.objects.filter(supersedes=cited["changed"]).exists()


@pytest.mark.parametrize("place", ["", "p1", "p9.0-4", "p1.0-9999", "p1.4-4", "p1.x-y", "p0.1-2"])
def test_a_tampered_place_changes_nothing(editor, cited, carried, place):
    before = exported(), list(Citation.objects.order_by("pk").values())
    page = decide(editor, cited["changed"], "here", place=place)
    assert page.status_code == 200
    assert messages(page)
    assert (exported(), list(Citation.objects.order_by("pk").values())) == before


def test_other_words_are_found_by_the_server(editor, cited, carried):
    decide(editor, cited["lost"], "put", paragraph="1", exact="Trade  is\r\n<fair>")
    assert draft_words(cited["lost"]) == [(2, "Trade is <fair>")]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"paragraph": "1", "exact": "Trade is dear"}, "does not have these words"),
        (
            {"paragraph": "1", "exact": "want"},
            "These words stand in 2 places: choose the one meant.",
        ),
        ({"paragraph": "7", "exact": "want"}, "Version 2 has no paragraph “7”"),
        ({"paragraph": "x", "exact": "want"}, "Version 2 has no paragraph “x”"),
        ({"paragraph": "1", "exact": ""}, "This field is required."),
        ({"paragraph": "1", "exact": "want", "start": "far"}, "Enter a whole number."),
    ],
)
def test_words_that_do_not_fit_come_back_with_a_reason(editor, cited, carried, data, says):
    page = decide(editor, cited["lost"], "put", **data)
    text = page.content.decode()
    assert says in text
    assert f">\n{data['exact']}</textarea>" in text
    assert not Claim.objects.filter(supersedes=cited["lost"])


def test_the_form_begins_with_the_proposal(editor, cited, carried):
    (citation,) = waiting().filter(claim=cited["changed"])
    text = editor.get(at("waiting_decide", citation.pk)).content.decode()
    assert ">\n&lt;fair&gt;</textarea>" in text
    assert "They want it too." in text  # its paragraph, to copy from


def test_a_citation_is_dropped_but_not_the_last(editor, cited, carried, policy):
    page = decide(editor, cited["lost"], "drop")
    assert "only citation" in messages(page)
    assert "Withdraw" not in page.content.decode().replace("Withdrawing", "")
    assert not Claim.objects.filter(supersedes=cited["lost"])
    claim = make_claim("principle")
    cite(claim, policy, "p2", "second")
    cite(claim, carried.transcription, "p1", "peace")
    decide(editor, claim, "drop")
    assert [c.exact for c in claim.citations.all()] == ["peace"]


def test_a_reviewer_is_offered_to_withdraw_instead(cited, carried):
    page = decide(member("rev", "Reviewers"), cited["lost"], "drop")
    assert f"/admin/principles/principle/{cited['lost'].pk}/withdraw/" in page.content.decode()


def test_what_was_decided_meanwhile_is_said(editor, cited, carried):
    (citation,) = waiting().filter(claim=cited["changed"])
    decide(editor, cited["changed"], "put", paragraph="1", exact="fair")
    page = editor.post(at("waiting_decide", citation.pk), {"act": "drop"}, follow=True)
    assert "no longer waits" in messages(page)
    assert draft_words(cited["changed"]) == [(2, "fair")]


# Who may.


@pytest.mark.parametrize(
    ("groups", "may"), [((), False), (("Editors",), True), (("Reviewers",), True)]
)
def test_who_may_carry_and_decide(groups, may, cited, intake, policy):
    client = member("somebody", *groups)
    pages = [
        client.get(at("intake_impact", intake.pk)),
        client.post(at("intake_impact", intake.pk)),
        client.get(at("waiting")),
    ]
    assert [page.status_code for page in pages] == ([200, 302, 200] if may else [403] * 3)
    made = Carry.objects.first() or confirm(policy.source, cut(NEW))
    (citation,) = waiting().filter(claim=cited["changed"])
    words = {"act": "put", "paragraph": "1", "exact": "fair"}
    assert client.post(at("waiting_decide", citation.pk), words).status_code == (
        302 if may else 403
    )
    assert bool(Claim.objects.filter(supersedes=cited["changed"])) == may
    Claim.objects.filter(supersedes=cited["changed"]).delete()
    assert client.post(at("carry_undo", made.pk)).status_code == (302 if may else 403)
    assert bool(Carry.objects.exists()) != may


def test_nobody_is_let_in_without_signing_in(client, cited, intake, carried):
    for name, *args in (
        ("intake_impact", intake.pk),
        ("transcription_impact", carried.transcription_id),
        ("waiting",),
        ("waiting_decide", waiting()[0].pk),
        ("carry_undo", carried.pk),
    ):
        assert client.get(at(name, *args)).url.startswith("/admin/login/")
        assert client.post(at(name, *args)).status_code == 403
    assert Carry.objects.count() == 1


def test_a_kind_that_somebody_may_not_change_is_not_decided(carried, cited):
    client = member("reader")
    user = User.objects.get(username="reader")
    user.user_permissions.set(
        Group.objects.get(name="Editors").permissions.filter(codename="view_citation")
    )
    text = client.get(at("waiting")).content.decode()
    assert "Claim changed" in text
    assert "Drop this citation" not in text
    assert decide(client, cited["changed"], "drop").status_code == 403
