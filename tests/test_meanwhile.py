"""Two editors with the same claim open: the second to save sees both, loses nothing, decides."""

import html
import re

import pytest
from django.urls import reverse

from kb.models import Claim
from kb.publishing import open_draft, publish, withdraw
from principles.models import Quotation

from .admin_forms import address, citation, form_of, messages, says, staff
from .factories import cite, make_claim, make_published, make_source
from .pages import part

pytestmark = pytest.mark.django_db

TEXT = "Peace is our aim, and again peace is the aim.\nOrder is the way, said Baku."


@pytest.fixture
def text():
    return make_source(TEXT, "a-text", title="A text")


@pytest.fixture
def anna(db):
    return staff("anna")


@pytest.fixture
def boris(db):
    return staff("boris")


@pytest.fixture
def draft(text):
    leader = make_published("leader", text, "p2", "Baku", title="The leader").specific()
    body = make_published("principle", text, "p2", "Order", title="Good order")
    draft = make_claim(
        "quotation",
        "shared",
        title="As it was",
        sentence="Baku said it.",
        leader=leader,
        speaker_name="",
        tags=["Aims"],
        about=[body],
    )
    cite(draft, text, "p1", "Peace is our aim", position=1)
    cite(draft, text, "p2", "said Baku", role="speaker", position=2)
    return draft


def opened(client, claim) -> dict:
    """The form as this editor has it open: all that is sent when nothing is changed."""
    page = client.get(address(claim.specific())).content.decode()
    return form_of(claim, seen=carried(page))


def carried(page: str) -> str:
    return html.unescape(re.search(r'name="seen" value="([^"]*)"', page)[1])


def again(response) -> dict:
    """What a browser sends when the form that came back is saved as it stands."""
    form = response.context["adminform"].form
    data = {name: form[name].value() for name in form.fields}
    data["tags"] = form["tags"].value()
    (inline,) = response.context["inline_admin_formsets"]
    formset = inline.formset
    for bound in (formset.management_form, *formset.forms):
        for name in bound.fields:
            value = bound[name].value()
            data[bound[name].html_name] = "" if value is None else value
    found = re.search(r'name="seen" value="([^"]*)"', response.content.decode())
    if found:
        data["seen"] = html.unescape(found[1])
    return {name: "" if value is None else value for name, value in data.items()}


def target(response) -> str:
    """Where the form that came back is sent."""
    found = re.search(r'<form (?:action="([^"]*)" )?method="post" id="\w+_form"', says(response))
    return found[1] or response.wsgi_request.path


def theirs(response) -> str:
    return part(says(response), "Stored meanwhile</h2>", "What saving yours would change")


def yours(response) -> str:
    return part(says(response), "What saving yours would change in it</h2>", "</section>")


def words(claim) -> list[str]:
    return [cited.exact for cited in Claim.objects.get(pk=claim.pk).citations.all()]


def test_who_saves_what_nobody_changed_is_not_held_up(anna, boris, draft):
    mine = opened(anna, draft)
    yours = opened(boris, draft)
    assert anna.post(address(draft), mine).status_code == 302, "nothing was changed by this"
    assert boris.post(address(draft), {**yours, "title": "By Boris"}).status_code == 302
    draft.refresh_from_db()
    assert draft.title == "By Boris"


def test_words_of_ours_are_shown_side_by_side_and_saved_deliberately(anna, boris, draft):
    first, second = opened(anna, draft), opened(boris, draft)
    anna.post(address(draft), {**first, "title": "By Anna", "note": "Anna's note"})
    response = boris.post(address(draft), {**second, "title": "By Boris", "_review": "x"})
    assert "Somebody changed this while you had it open" in says(response)
    draft.refresh_from_db()
    assert (draft.title, draft.status) == ("By Anna", "draft")
    assert "<ins>By</ins> <del>it was</del><ins>Anna</ins>" in theirs(response)
    assert "<ins>Anna's note</ins>" in theirs(response)
    assert "By <del>Anna</del><ins>Boris</ins>" in yours(response)
    assert "<del>Anna's note</del>" in yours(response)
    assert 'value="By Boris"' in says(response)
    assert boris.post(target(response), again(response)).status_code == 302
    draft.refresh_from_db()
    assert (draft.title, draft.note) == ("By Boris", "")


def test_own_fields_themes_and_what_it_is_about_are_compared(anna, boris, draft, text):
    other = make_published("leader", text, "p2", "said Baku", title="Another leader").specific()
    first, second = opened(anna, draft), opened(boris, draft)
    data = {**first, "mode": "direct", "leader": other.pk, "tags": "Aims, Ends", "about": []}
    assert anna.post(address(draft), data).status_code == 302
    response = boris.post(address(draft), {**second, "sentence": "Boris changed another part."})
    told = theirs(response)
    assert "<del>reported</del><ins>direct</ins>" in told
    assert "<del>The</del><ins>Another</ins> leader" in told
    assert "Aims<ins>, Ends</ins>" in told
    assert "<del>Good order</del>" in told
    assert "Boris changed another part" not in told
    assert "<del>direct</del><ins>reported</ins>" in yours(response)
    assert "<ins>Good order</ins>" in yours(response)
    assert "Boris" in yours(response)
    assert boris.post(target(response), again(response)).status_code == 302
    draft = Quotation.objects.get(pk=draft.pk)
    assert (draft.mode, draft.leader.title, draft.about.count()) == ("reported", "The leader", 1)


def test_a_citation_that_was_changed_is_shown_word_by_word(anna, boris, draft):
    first, second = opened(anna, draft), opened(boris, draft)
    anna.post(address(draft), {**first, "citations-0-exact": "our aim"})
    response = boris.post(address(draft), {**second, "citations-0-exact": "Peace is our"})
    assert "<del>Peace is </del>our aim" in theirs(response)
    assert "<ins>Peace is </ins>our<del> aim</del>" in yours(response)
    assert words(draft) == ["our aim", "said Baku"]
    assert boris.post(target(response), again(response)).status_code == 302
    assert words(draft) == ["Peace is our", "said Baku"]


def test_a_citation_that_was_taken_out_comes_back_if_saved_again(anna, boris, draft):
    first, second = opened(anna, draft), opened(boris, draft)
    anna.post(address(draft), {**first, "citations-0-DELETE": "on"})
    data = {**second, "citations-0-note": "Boris wrote this beside it."}
    response = boris.post(address(draft), data)
    assert "Select a valid choice" not in says(response)
    assert "<del>“Peace is our aim”" in theirs(response)
    assert "<ins>“Peace is our aim”" in yours(response)
    assert "A citation that was taken out meanwhile stands below as a new one" in says(response)
    assert "Boris wrote this beside it." in says(response)
    assert words(draft) == ["said Baku"]
    assert boris.post(target(response), again(response)).status_code == 302
    assert words(draft) == ["Peace is our aim", "said Baku"]
    assert draft.citations.first().note == "Boris wrote this beside it."


def test_words_typed_for_a_citation_that_was_taken_out_are_found_anew(anna, boris, draft):
    first, second = opened(anna, draft), opened(boris, draft)
    anna.post(address(draft), {**first, "citations-0-DELETE": "on"})
    response = boris.post(address(draft), {**second, "citations-0-exact": "our aim"})
    assert boris.post(target(response), again(response)).status_code == 302
    assert words(draft) == ["our aim", "said Baku"]


def test_a_citation_that_was_put_in_is_shown_and_stays(anna, boris, draft, text):
    first, second = opened(anna, draft), opened(boris, draft)
    paragraph = text.paragraphs.get(number=2)
    put_in = {
        f"citations-2-{name}": value
        for name, value in citation(paragraph, "Order is the way", position="3").items()
    }
    anna.post(address(draft), {**first, **put_in, "citations-TOTAL_FORMS": 3})
    response = boris.post(address(draft), {**second, "title": "By Boris"})
    assert "<ins>“Order is the way”" in theirs(response)
    assert "Order is the way" not in yours(response), "saving does not take it out"
    assert "Order is the way</textarea>" in says(response)
    data = again(response)
    assert boris.post(target(response), data).status_code == 302
    assert words(draft) == ["Peace is our aim", "said Baku", "Order is the way"]
    assert Claim.objects.get(pk=draft.pk).title == "By Boris"


def test_the_same_words_put_in_by_both_are_cited_once(anna, boris, draft, text):
    first, second = opened(anna, draft), opened(boris, draft)
    paragraph = text.paragraphs.get(number=2)
    put_in = citation(paragraph, "Order is the way", start="0", position="3")
    both = {f"citations-2-{name}": value for name, value in put_in.items()}
    both["citations-TOTAL_FORMS"] = 3
    anna.post(address(draft), {**first, **both})
    response = boris.post(address(draft), {**second, **both, "title": "By Boris"})
    assert boris.post(target(response), again(response)).status_code == 302
    assert words(draft).count("Order is the way") == 1


def test_faults_of_what_was_typed_are_told_at_the_same_time(anna, boris, draft):
    first, second = opened(anna, draft), opened(boris, draft)
    anna.post(address(draft), {**first, "title": "By Anna"})
    data = {**second, "title": "", "citations-0-exact": "Not there", "leader": "", "tags": '"'}
    response = boris.post(address(draft), data)
    assert "Somebody changed this while you had it open" in says(response)
    assert "The paragraph does not have these words" in says(response)
    assert "Not there" in re.sub("<del>.*?</del>|<ins>|</ins>", "", yours(response))


def test_a_draft_that_was_published_leads_on_to_its_next_draft(anna, boris, draft):
    second = opened(boris, draft)
    second |= {"title": "By Boris", "citations-0-exact": "our aim", "step_note": "Kept too"}
    publish(draft)
    response = boris.post(address(draft), second)
    successor = Quotation.objects.get(supersedes=draft)
    assert "“As it was” was published while you had it open" in messages(response)
    assert 'value="By Boris"' in says(response)
    assert 'value="Kept too"' in says(response)
    assert "our aim</textarea>" in says(response)
    assert successor.title == "As it was"
    assert target(response) == address(successor)
    assert boris.post(target(response), again(response)).status_code == 302
    successor.refresh_from_db()
    draft.refresh_from_db()
    assert (draft.title, draft.status) == ("As it was", "published")
    assert successor.title == "By Boris"
    assert words(successor) == ["our aim", "said Baku"]


def test_a_successor_that_was_published_leads_on_as_well(anna, boris, draft):
    public = publish(draft).specific()
    successor = open_draft(public)
    second = {**opened(boris, successor), "title": "By Boris"}
    Claim.objects.filter(pk=successor.pk).update(title="By Anna")
    gone = address(successor)
    publish(successor)
    response = boris.post(gone, second)
    assert "“As it was” was published or deleted while you had it open" in messages(response)
    assert "By <del>Anna</del><ins>Boris</ins>" in yours(response)
    assert boris.post(target(response), again(response)).status_code == 302
    public.refresh_from_db()
    assert public.title == "By Anna"
    assert public.successor.title == "By Boris"


def test_a_claim_that_was_withdrawn_leads_on_to_its_draft(boris, draft):
    second = {**opened(boris, draft), "title": "By Boris"}
    withdraw(publish(draft), "It says more than the words.")
    response = boris.post(address(draft), second)
    assert "was withdrawn while you had it open" in messages(response)
    assert 'value="By Boris"' in says(response)


def test_a_draft_that_was_deleted_can_be_made_anew(anna, boris, draft):
    second = {**opened(boris, draft), "title": "By Boris"}
    gone = address(draft)
    assert anna.post(address(draft, "delete"), {"post": "yes"}).status_code == 302
    response = boris.post(gone, second)
    assert "“As it was” was deleted while you had it open" in messages(response)
    assert 'value="By Boris"' in says(response)
    assert not Quotation.objects.exists()
    assert target(response) == reverse("admin:principles_quotation_add")
    assert boris.post(target(response), again(response)).status_code == 302
    made = Quotation.objects.get()
    assert (made.title, made.slug, made.leader.title) == ("By Boris", "shared", "The leader")
    assert words(made) == ["Peace is our aim", "said Baku"]
    assert list(made.tags.names()) == ["Aims"]


@pytest.mark.parametrize("seen", ["", "x", "[]", "{}", '{"state": 1, "replaces": null}', "null"])
def test_what_we_never_gave_a_form_to_carry_counts_for_nothing(boris, draft, seen):
    data = {**form_of(draft), "seen": seen, "title": "By Boris"}
    assert boris.post(address(draft), data).status_code == 302
    draft.refresh_from_db()
    assert draft.title == "By Boris"


def test_a_tampered_state_is_taken_for_another(boris, draft):
    data = {**form_of(draft), "seen": '{"state": {}, "replaces": "x"}', "title": "By Boris"}
    response = boris.post(address(draft), data)
    assert "Somebody changed this while you had it open" in says(response)
    assert boris.post(target(response), again(response)).status_code == 302


@pytest.mark.parametrize("total", ["x", "", "-1", "99999999"])
def test_a_tampered_count_of_citations_is_no_500(anna, boris, draft, total):
    first, second = opened(anna, draft), opened(boris, draft)
    anna.post(address(draft), {**first, "title": "By Anna"})
    response = boris.post(address(draft), {**second, "citations-TOTAL_FORMS": total})
    assert response.status_code == 200
    draft.refresh_from_db()
    assert draft.title == "By Anna"
