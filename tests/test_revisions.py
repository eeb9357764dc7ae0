"""Every act on a claim is a revision: the whole state, by whom, and what was done."""

from contextlib import suppress

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
from reversion.models import Revision

from kb.models import Claim, Publication, Revised
from kb.publishing import (
    as_if_published,
    open_draft,
    publish,
    publish_all,
    send_back,
    submit,
    touch,
    withdraw,
)
from kb.revisions import record, revision, state_of
from kb.snapshots import snapshot
from tests.admin_forms import address, citation, form, form_of, superuser
from tests.attempts import exported, loaddata, write
from tests.factories import cite, make_claim, make_published, make_source, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def text():
    return make_source("Peace is one aim. Trade is another.\nIt is a member of GUAM.", slug="a")


@pytest.fixture
def morgan(db):
    return make_user("morgan", "Reviewers")


@pytest.fixture
def peace(text):
    return make_published("principle", text, "p1", "Peace", "peace", title="Peace", tags=["Aims"])


def told(claim):
    """Comment, who and standing of each state, oldest first."""
    states = Revised.objects.filter(claim=claim).order_by("pk").select_related("revision__user")
    return [(s.revision.comment, str(s.revision.user or ""), s.status) for s in states]


def test_every_act_is_recorded_under_the_claim_that_it_concerns(peace, morgan):
    start = len(told(peace))
    draft = open_draft(peace, by=morgan)
    submit(draft, by=morgan, note="Please look.")
    send_back(draft, by=morgan, note="Too long.")
    publish(draft)
    withdraw(peace, "Wrong.", by=morgan)
    assert told(peace)[start:] == [
        ("Draft opened", "morgan", "draft"),
        ("Sent to review: Please look.", "morgan", "review"),
        ("Sent back: Too long.", "morgan", "draft"),
        ("Published", "", "published"),
        ("Withdrawn: Wrong.", "morgan", "withdrawn"),
    ]
    assert not Claim.objects.filter(pk=draft.pk).exists(), "its states are found all the same"


def test_an_act_that_does_nothing_is_none(peace, morgan):
    open_draft(peace, by=morgan)
    before = told(peace)
    open_draft(peace, by=morgan)
    with pytest.raises(ValidationError):
        send_back(peace, by=morgan)
    assert told(peace) == before


def test_a_state_holds_all_of_a_claim(text, morgan):
    guam = make_published("organization", text, "p2", "GUAM", "guam")
    claim = make_claim(
        "membership", "in-guam", degree="active", organization=guam.specific(),
        about=[guam], tags=["B", "A"], note="Ours.",
    )  # fmt: skip
    cite(claim, text, "p2", "member of GUAM", position=2, note="Here.")
    cite(claim, text, "p2", "It is", position=1, role="name")
    record(claim.pk)
    before = snapshot(claim)
    assert state_of(Revised.objects.get(claim=claim)) == before
    assert before["fields"] == {"organization": ["guam"], "degree": "active"}
    claim.citations.all().delete()
    claim.tags.clear()
    claim.about.clear()
    claim.title = "Otherwise"
    claim.save()
    assert state_of(Revised.objects.get(claim=claim)) == before, "as it was"


def test_the_states_of_a_successor_outlive_its_row(text, peace):
    draft = open_draft(peace)
    draft.title = "Anew"
    draft.save()
    cite(draft, text, "p1", "one aim")
    touch(draft, None)
    seen = snapshot(draft)
    publish(draft)
    states = {s.revision.comment: s for s in Revised.objects.filter(claim=peace, row=draft.pk)}
    assert state_of(states[""]) == seen
    assert [c["exact"] for c in state_of(states["Draft opened"])["citations"]] == ["Peace"]


def test_states_with_keys_alike_are_not_mixed_up(text):
    """Keys of claims and of citations are numbers of their own, and slugs begin alike."""
    claims = [make_claim("principle", slug, tags=[slug]) for slug in ("p", "pe", "peace", "eace")]
    with revision("All at once"):
        for claim in claims:
            for exact in ("Peace", "one aim", "another"):
                cite(claim, text, "p1", exact)
            claim.about.set(claims)
            record(claim.pk)
    for state in Revised.objects.all():
        assert state_of(state) == snapshot(state.claim)
        assert len(state_of(state)["citations"]) == 3


def test_a_block_is_one_revision_with_the_last_state_of_each(text, peace, morgan):
    before = Revision.objects.count()
    with revision("Imported from a file", by=morgan):
        draft = open_draft(peace)
        draft.citations.all().delete()
        citation = cite(draft, text, "p1", "Trade")
        touch(draft, morgan)
        type(citation).objects.filter(pk=citation.pk).update(note="By no signal.")
        submit(draft, by=morgan, note="Many.")
        other = make_claim("statement", "other")
        touch(other, morgan)
    assert Revision.objects.count() == before + 1
    assert told(peace)[-1] == ("Imported from a file", "morgan", "review")
    (cited,) = state_of(Revised.objects.filter(claim=peace).first())["citations"]
    assert (cited["exact"], cited["note"]) == ("Trade", "By no signal.")
    assert state_of(Revised.objects.get(claim=other))["slug"] == "other"


def test_what_is_undone_is_not_recorded(peace, morgan):
    before = told(peace)
    with revision("Outer"), suppress(ZeroDivisionError), revision("Inner"):
        open_draft(peace, by=morgan)
        raise ZeroDivisionError
    assert told(peace) == before
    with transaction.atomic():
        open_draft(peace)
        transaction.set_rollback(True)
    assert told(peace) == before


def test_a_preview_records_nothing(peace):
    draft = open_draft(peace)
    before = Revision.objects.count()
    with as_if_published(draft):
        assert Claim.objects.get(pk=peace.pk).title == "Peace"
    assert Revision.objects.count() == before
    assert not publish_all([make_claim("principle", "uncited")])[0]
    assert Revision.objects.count() == before


def test_what_is_published_together_is_one_revision(text, morgan):
    drafts = [make_claim("principle", slug) for slug in ("a", "b")]
    for draft in drafts:
        cite(draft, text, "p1", "Peace")
    publish_all(drafts, by=morgan)
    assert [told(draft) for draft in drafts] == 2 * [[("Published", "morgan", "published")]]
    assert Revision.objects.count() == 1


def test_the_admins_saves_are_recorded_with_what_was_done(text):
    client = superuser("kim")
    paragraph = text.paragraphs.get(number=1)
    client.post(
        address(make_claim("principle", "other"), "add"),
        form([citation(paragraph, "Peace", start=0)], slug="peace", title="Peace", _continue="1"),
    )
    claim = Claim.objects.get(slug="peace").specific()
    client.post(address(claim), form_of(claim, title="Of peace"))
    client.post(address(claim), form_of(claim))
    client.post(address(claim), form_of(claim, title="Peace, at last", _review="1"))
    assert told(claim) == [
        ("Added", "kim", "draft"),
        ("Changed", "kim", "draft"),
        ("Changed. Sent to review", "kim", "review"),
    ]
    titles = [state_of(s)["title"] for s in Revised.objects.filter(claim=claim).order_by("pk")]
    assert titles == ["Peace", "Of peace", "Peace, at last"]


def test_a_save_that_is_refused_is_not_recorded(text, peace):
    client = superuser("kim")
    draft = open_draft(peace)
    before = told(peace)
    client.post(address(draft), form_of(draft, title=""))
    publication = client.post(address(draft), form_of(draft, title="New", _publish="1"))
    assert publication.status_code == 302
    assert told(peace)[len(before) :] == [("Changed", "kim", "draft")], "saved, but not published"


def test_a_load_records_what_it_brings_and_what_was_never_recorded(text, tmp_path):
    guam = make_published("organization", text, "p2", "GUAM", "guam")
    make_published("membership", text, "p2", "member", "in-guam", organization=guam.specific())
    draft = make_claim("statement", "unrecorded")
    Revision.objects.all().delete()
    assert not Revised.objects.exists()
    call_command("load_kb", write(tmp_path, exported()), verbosity=0)
    assert set(Revised.objects.values_list("claim__slug", flat=True)) == {
        "guam", "in-guam", "unrecorded",
    }  # fmt: skip
    assert told(draft) == [("Loaded from the fixtures", "", "draft")]
    call_command("load_kb", tmp_path, verbosity=0)
    assert Revision.objects.count() == 1, "nothing to load, nothing to record"


def test_loaddata_records_what_it_brings(text, peace, tmp_path):
    write(tmp_path, exported())
    Revision.objects.all().delete()
    loaddata(tmp_path)
    assert told(peace) == [("Loaded from the fixtures", "", "published")]
    assert state_of(Revised.objects.get(claim=peace)) == snapshot(peace)


def test_the_shipped_content_is_recorded_when_it_is_loaded(shipped):
    assert Revision.objects.count() == 1
    assert Revised.objects.count() == Claim.objects.count() == Publication.objects.count()
    for state in Revised.objects.select_related("claim").order_by("?")[:10]:
        assert state_of(state) == snapshot(state.claim)


def test_cost_of_reading_a_state(peace, django_assert_num_queries):
    """The rows of claim and kind; citations and themes."""
    state = Revised.objects.filter(claim=peace).first()
    with django_assert_num_queries(2):
        state_of(state)


def test_cost_of_recording(text, django_assert_max_num_queries):
    """Saving many claims costs one query a claim more than saving one, for its own row here."""
    claims = [make_claim("principle", f"c-{n}", tags=["x"]) for n in range(30)]
    for claim in claims:
        cite(claim, text, "p1", "Peace")
    with django_assert_max_num_queries(len(claims) + 25), revision("Many"):
        record(*(claim.pk for claim in claims))
    assert Revised.objects.count() == 30
