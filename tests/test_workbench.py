"""The workbench: a text with the ledger of its sentences; words go into claims from there."""

import html
import re

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from kb.citing import cite as cite_words
from kb.cutting import cut
from kb.excerpts import Span
from kb.ledger import left
from kb.models import Citation, Claim, Note, Paragraph, Revised, Sentence
from kb.publishing import open_draft, publish, withdraw
from kb.storing import store
from principles.models import Principle

from .admin_forms import address, member, messages, says, staff, superuser, user_of
from .factories import cite, make_claim, make_published, make_source

pytestmark = pytest.mark.django_db

TEXT = (
    "Peace is our aim, and again peace is the aim. We keep to good order. It was a fine day.\n"
    "A second paragraph."
)


@pytest.fixture
def text():
    return make_source(TEXT, "a-text", title="A text")


@pytest.fixture
def p1(text):
    return text.paragraphs.get(number=1)


@pytest.fixture
def editor(db):
    return superuser("editor")


def workbench(text, query="") -> str:
    return reverse("admin:kb_transcription_workbench", args=[text.pk]) + query


def cite_page(paragraph, query="") -> str:
    return reverse("admin:kb_paragraph_cite", args=[paragraph.pk]) + query


def aside_page(sentence) -> str:
    return reverse("admin:kb_sentence_set_aside", args=[sentence.pk])


def line(page: str, number: str) -> str:
    """The ledger's line of sentence ``number``, such as 1.2, without its markup."""
    lines = re.split(r'<li class="kb-line">', page)
    (found,) = (part for part in lines if f'aria-label="Sentence {number}"' in part)
    return " ".join(re.sub(r"<[^>]+>", " ", found.partition("</li>\n")[0]).split())


# What the ledger shows.


def test_each_sentence_is_cited_in_a_draft_set_aside_or_not_yet_read(editor, text, p1):
    make_published("principle", text, "p1", "Peace is our aim", "peace", title="Peaceful")
    draft = make_claim("statement", title="Orderly")
    cite(draft, text, "p1", "good order")
    Sentence.objects.filter(paragraph=p1, number=3).update(reason="The weather.")
    page = says(editor.get(workbench(text)))
    assert line(page, "1.1").startswith(
        "1.1 cited Peaceful principle left: and again peace is the aim cite set aside because …"
    )
    assert line(page, "1.2").startswith("1.2 in a draft Orderly statement, draft left: We keep to")
    assert "set aside because …" in line(page, "1.2"), "what is left of it"
    assert line(page, "1.3").startswith("1.3 set aside The weather. Clear")
    assert line(page, "2.1").startswith("2.1 not yet read A second paragraph cite Set aside")
    assert "4 sentences" in page
    assert "1 in a draft, " in page
    assert "1 not yet read</a>" in page
    assert re.search(r'class="c-draft"[^>]*title="¶ 1, sentence 2: in a draft"', page)
    assert "Dotted: in a draft." in page


def test_what_a_draft_is_about_to_change_is_told_apart(editor, text, p1):
    """A published claim and its open draft are one claim; a withdrawn one carries nothing."""
    published = make_published("principle", text, "p1", "Peace is our aim", title="Peaceful")
    open_draft(published)
    withdraw(make_published("principle", text, "p1", "good order", title="Taken back"), "No.")
    response = editor.get(workbench(text))
    page = says(response)
    assert line(page, "1.1").count("Peaceful") == 1
    assert "principle, draft" in line(page, "1.1")
    assert "stretch" not in line(page, "1.1"), "it does not overlap with itself"
    assert "Taken back" not in page
    assert line(page, "1.2").startswith("1.2 not yet read")
    assert '<mark class="k-cited l1" id="p1.0-16"' in response.content.decode()


def test_words_that_several_claims_rest_on_are_shown_with_them(editor, text):
    make_published("principle", text, "p1", "Peace is our aim", title="First")
    make_published("principle", text, "p1", "our aim, and again", title="Second")
    cite(make_claim(title="Third"), text, "p1", "again peace")
    shown = line(says(editor.get(workbench(text))), "1.1")
    assert "2 stretches of words carry several claims" in shown
    assert "our aim First principle Second principle again Second principle Third" in shown


def test_what_is_cited_of_a_text_is_marked_and_nothing_else_is_in_it(editor, text, p1):
    make_published("principle", text, "p1", "Peace is our aim")
    cite(make_claim(), text, "p1", "is our aim, and")
    body = editor.get(workbench(text)).content.decode()
    shown = re.search(r'<div class="kb-text" id="p1"[^>]*>(.*?)</div>', body)[1]
    assert html.unescape(re.sub(r"<[^>]+>", "", shown)) == p1.text
    assert "k-cited" in shown
    assert "k-draft" in shown


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], [(0, 11)]),
        ([(0, 12)], []),
        ([(4, 7)], [(0, 3), (8, 11)]),
        ([(0, 3), (2, 8)], [(8, 11)]),
        ([(3, 4), (20, 30)], [(0, 3), (5, 11)]),
        ([(0, 11)], []),
    ],
)
def test_what_is_left_is_words(spans, expected):
    assert left("Say, no war. More.", Span(0, 12), spans) == expected


@pytest.mark.parametrize(
    ("text", "cited", "expected"),
    [
        ("Baku said “peace.”", "Baku", ["said “peace.”"]),
        ("“Peace,” it said.", "it", ["Peace", "said"]),
        ("(«Peace») and more", "more", ["(«Peace») and"]),
        ('It said "no war" twice.', "It", ['said "no war" twice']),
        ('He read: "no war".', "He", ['read: "no war"']),
        ("“Peace”", "none", ["Peace"]),
        ("The “full support” of all", "full", ["The", "support” of all"]),
        ("Its neighbour’s “aim”", "Its", ["neighbour’s “aim”"]),
    ],
)
def test_quotation_marks_and_brackets_are_not_cut_in_half(text, cited, expected):
    at = text.find(cited)
    spans = left(text, Span(0, len(text)), [(at, at + len(cited))] if at >= 0 else [])
    assert [text[start:end] for start, end in spans] == expected


def test_a_long_text_comes_in_pages_and_leads_to_what_is_not_read(editor):
    text = make_source("\n".join(f"Sentence number {n}." for n in range(1, 71)))
    Sentence.objects.filter(paragraph__number__lte=40).update(reason="Read.")
    first = editor.get(workbench(text)).content.decode()
    assert first.count('<section class="kb-para"') == 30
    assert f'href="{workbench(text, "?p=2")}#p41.s1">30 not yet read</a>' in first
    for asked in ("3", "99", "last"):
        page = editor.get(workbench(text, f"?p={asked}")).content.decode()
        count = 30 if asked == "last" else 10
        assert page.count('<section class="kb-para"') == count


def test_the_queries_of_the_workbench_are_constant(editor, text, django_assert_num_queries):
    def content(transcription, count):
        for n in range(count):
            make_published("principle", transcription, "p1", "Peace is our aim", title=f"C{n}")
            cite(make_claim(title=f"D{n}"), transcription, "p1", "good order")

    content(text, 1)
    long = make_source("\n".join([TEXT] * 15))
    content(long, 4)
    for transcription in (text, long):
        # Session, user; the text with its counts, the current version, how many paragraphs;
        # a page of paragraphs, their sentences, public citations, citations of drafts;
        # editor's notes; the first sentence that is not read.
        with django_assert_num_queries(11):
            assert editor.get(workbench(transcription)).status_code == 200


def test_an_earlier_version_is_only_looked_at(editor, text, p1):
    newer = store(text.source, cut(TEXT.replace("fine", "rainy")))
    page = says(editor.get(workbench(text)))
    assert "This is version 1, which is only looked at" in page
    assert workbench(newer) in page
    for gone in ("data-pick", 'class="kb-cite"', "Set aside because"):
        assert gone not in page
        assert gone in says(editor.get(workbench(newer)))
    response = editor.post(cite_page(p1), {"exact": "good order", "find": "1"})
    assert response.status_code == 302
    assert response.url.startswith(workbench(text))


def test_the_workbench_is_linked(editor, text):
    for page in (
        address(text.source),
        address(text.source, "changelist"),
        address(text),
        address(text, "changelist"),
    ):
        assert f'href="{workbench(text)}"' in editor.get(page).content.decode(), page


# Citing.


def test_words_go_into_a_draft_without_leaving_the_text(text, p1):
    clerk = staff("clerk")
    draft = make_claim("principle", "order", title="Order")
    cite(draft, text, "p1", "Peace", position=3)
    sent = {"exact": "good\r\norder", "before": "We keep to ", "after": ".", "claim": draft.pk}
    response = clerk.post(cite_page(p1), sent, follow=True)
    assert response.redirect_chain == [(workbench(text, "?p=1#p1.57-67"), 302)]
    assert "good order goes into “Order”." in re.sub("<[^>]+>", "", messages(response))
    assert reverse("admin:kb_claim_change", args=[draft.pk]) in messages(response)
    shown = re.search(
        r'<section class="kb-para" id="kb-p1".*?</section>', says(response), re.DOTALL
    )
    assert "goes into" in shown[0], "it is said at the place"
    assert says(response).count("goes into") == 1
    assert [c.exact for c in draft.citations.with_places()] == ["Peace", "good order"]
    assert draft.citations.last().position == 4
    assert Revised.objects.get(claim=draft).revision.comment == "Words cited"
    assert list(draft.touched_by.all()) == [user_of(clerk)]


def test_words_for_a_published_claim_go_into_its_draft(editor, text, p1):
    published = make_published("principle", text, "p1", "Peace", "peace", title="Peaceful")
    response = editor.post(
        cite_page(p1), {"exact": "good order", "claim": published.pk}, follow=True
    )
    draft = Principle.objects.get(supersedes=published)
    assert [c.exact for c in draft.citations.all()] == ["Peace", "good order"]
    assert published.citations.get().exact == "Peace", "the public reads it as it was"
    assert "the public reads it as it was" in messages(response)
    assert list(draft.touched_by.all()) == [user_of(editor)]
    assert editor.post(cite_page(p1), {"exact": "fine day", "claim": published.pk}).url
    assert draft.citations.count() == 3
    assert Claim.objects.count() == 2


def take_back(client, citation):
    address = reverse("admin:kb_paragraph_take_back", args=[citation.paragraph_id])
    return client.post(address, {"citation": citation.pk}, follow=True)


def test_what_was_cited_is_taken_back_and_a_draft_that_was_opened_for_it_is_gone(editor, text, p1):
    published = make_published("principle", text, "p1", "Peace", "peace", title="Peaceful")
    for words in ("good order", "fine day"):
        editor.post(cite_page(p1), {"exact": words, "claim": published.pk})
    draft = Principle.objects.get(supersedes=published)
    first, second = draft.citations.exclude(exact="Peace").order_by("start")
    response = take_back(editor, first)
    assert "Taken back out of “Peaceful”." in messages(response)
    assert [c.exact for c in draft.citations.all()] == ["Peace", "fine day"]
    take_back(editor, second)
    assert not Claim.objects.filter(supersedes=published).exists(), "it differed in nothing more"
    assert published.citations.get().exact == "Peace"


def test_what_is_public_or_not_the_editors_is_not_taken_back(editor, text, p1):
    published = make_published("principle", text, "p1", "Peace", "peace")
    assert "were published" in messages(take_back(editor, published.citations.get()))
    leader = make_claim("leader")
    cited = cite(leader, text, "p1", "good order")
    clerk = staff("clerk")
    user_of(clerk).user_permissions.remove(*Permission.objects.filter(codename="change_leader"))
    assert take_back(clerk, cited).status_code == 403
    assert Citation.objects.count() == 2
    elsewhere = reverse("admin:kb_paragraph_take_back", args=[text.paragraphs.get(number=2).pk])
    assert editor.post(elsewhere, {"citation": cited.pk}).status_code == 404


def test_words_that_are_cited_already_are_refused(editor, text, p1):
    draft = make_claim()
    cite(draft, text, "p1", "good order")
    response = editor.post(cite_page(p1), {"exact": "good order", "claim": draft.pk})
    assert "The claim cites these words already." in says(response)
    assert "Nothing is cited yet. What you wrote is still here." in says(response)
    assert draft.citations.count() == 1
    assert not draft.touched_by.exists()


def test_words_in_two_places_are_asked_about(editor, text, p1):
    draft = make_claim()
    sent = {"exact": "aim", "claim": draft.pk}
    page = says(editor.post(cite_page(p1), sent))
    assert "Which of these places?" in page
    assert re.search(r'name="start" value="41"[^>]*>\s*…Peace is our aim, and again peace is', page)
    assert not draft.citations.exists()
    assert editor.post(cite_page(p1), {**sent, "start": "41"}).status_code == 302
    assert draft.citations.get().start == 41


def test_the_ledger_means_one_place_of_words_and_they_can_be_changed(editor, text, p1):
    draft = make_claim()
    assert 'name="start" value="41"' in says(editor.get(cite_page(p1, "?words=41-44")))
    for exact, start in (("aim", 41), ("the aim", 37), ("again", 22)):
        sent = {"exact": exact, "start": "41", "claim": draft.pk}
        assert editor.post(cite_page(p1), sent).status_code == 302
        assert draft.citations.last().start == start


def test_words_that_are_not_there_are_answered_with_what_is(editor, p1):
    page = says(editor.post(cite_page(p1), {"exact": "good odor", "new": "1", "kind": "principle"}))
    assert "<del>odor</del><ins>order</ins>" in page
    assert ">good odor</textarea>" in page


def test_what_stood_around_tampered_words_is_verified(editor, p1):
    sent = {"exact": "good order", "before": "We keep to no ", "new": "1", "kind": "principle"}
    page = says(editor.post(cite_page(p1), sent))
    assert "but not between the words that came with them" in page


def test_a_new_claim_begins_in_the_form_of_its_kind(editor, p1):
    sent = {"exact": "good order", "new": "1", "kind": "quotation"}
    response = editor.post(cite_page(p1), sent)
    assert response.url == f"{reverse('admin:principles_quotation_add')}?cite={p1.pk}:57-67"
    assert not Claim.objects.exists()
    for kind in ("", "nonsense"):
        response = editor.post(cite_page(p1), {**sent, "kind": kind})
        assert response.status_code == 200


def test_without_javascript_a_claim_is_looked_for_and_chosen(editor, text, p1):
    make_published("principle", text, "p1", "Peace", title="Peaceful")
    page = says(editor.get(cite_page(p1, "?words=57-67")))
    assert ">good order</textarea>" in page
    assert "Peaceful" not in page
    page = says(editor.post(cite_page(p1), {"exact": "good order", "find": "1", "q": "peaceful"}))
    assert ">Peaceful</button>" in page
    assert ">good order</textarea>" in page
    page = says(editor.post(cite_page(p1), {"exact": "good order", "find": "1", "q": "warlike"}))
    assert "No claim that you may change has that" in page


@pytest.mark.parametrize("words", ["57-999", "9-3", "x", "", "5-5"])
def test_words_past_the_end_are_not_filled_in(editor, p1, words):
    page = says(editor.get(cite_page(p1, f"?words={words}")))
    assert 'class="kb-exact"></textarea>' in page


@pytest.mark.parametrize("claim", ["0", "x", "9" * 30])
def test_a_tampered_claim_is_refused(editor, p1, claim):
    response = editor.post(cite_page(p1), {"exact": "good order", "claim": claim})
    assert "choose one that is found" in says(response)
    assert not Citation.objects.exists()


def test_only_claims_that_can_be_worked_on_are_found(text):
    clerk = staff("clerk")
    published = make_published("principle", text, "p1", "Peace", title="Aim published")
    open_draft(published)
    make_claim(title="Aim draft")
    withdraw(make_published("principle", text, "p1", "good", title="Aim withdrawn"), "No.")
    leader = make_claim("leader", title="Aim of a leader")
    user_of(clerk).user_permissions.remove(*Permission.objects.filter(codename="change_leader"))

    def found(query):
        page = clerk.get(reverse("admin:kb_claim_find"), {"q": query}).content.decode()
        return re.findall(r'<button name="claim" value="(\d+)">([^<]*)', page)

    assert [title for _, title in found("aim")] == ["Aim draft", "Aim published"]
    assert dict(map(reversed, found("aim")))["Aim published"] == str(published.successor.pk)
    assert found("\0aim") == found("aim")
    assert found("") == [], "none of them is the clerk's"
    make_claim(title="Zest", sentence="Its aim is named.")
    make_claim(title="A word", sentence="Its aim is named.")
    assert [title for _, title in found("aim")][:2] == ["Aim draft", "Aim published"]
    leader.touched_by.add(user_of(clerk))
    Claim.objects.get(title="Aim draft").touched_by.add(user_of(clerk))
    assert [title for _, title in found("")] == ["Aim draft"]


def test_citing_into_a_kind_needs_its_permission(text, p1):
    clerk = staff("clerk")
    leader = make_claim("leader")
    user_of(clerk).user_permissions.remove(*Permission.objects.filter(codename="change_leader"))
    response = clerk.post(cite_page(p1), {"exact": "good order", "claim": leader.pk})
    assert "That claim can't be changed" in says(response)
    assert not leader.citations.exists()


def test_words_from_elsewhere_are_refused_by_the_model_as_well(text, p1):
    words = Citation(paragraph=p1, exact="other words", start=0, end=11)
    draft = make_claim()
    with pytest.raises(Exception, match="does not have these words"):
        cite_words(draft, words)
    assert not draft.citations.exists()


# Setting aside.


def test_a_sentence_is_set_aside_and_its_reason_cleared(editor, text, p1):
    sentence = p1.sentences.get(number=3)
    response = editor.post(aside_page(sentence), {"reason": "The weather."}, follow=True)
    assert response.redirect_chain == [(workbench(text, "?p=1#p1.s3"), 302)]
    assert "A p1.s3 is set aside." in messages(response)
    assert "set aside The weather." in line(says(response), "1.3")
    response = editor.post(aside_page(sentence), {"reason": ""}, follow=True)
    assert "not yet read again" in messages(response)
    sentence.refresh_from_db()
    assert sentence.reason == ""


def test_a_sentence_that_is_cited_is_not_set_aside_and_citing_clears_its_reason(editor, text, p1):
    sentence = p1.sentences.get(number=2)
    editor.post(aside_page(sentence), {"reason": "Of no matter."})
    draft = make_claim(title="Orderly")
    cite(draft, text, "p1", "good order")
    shown = line(says(editor.get(workbench(text))), "1.2")
    assert "set aside Of no matter." in shown
    assert "when that is published, the reason is cleared" in shown
    publish(draft)
    sentence.refresh_from_db()
    assert sentence.reason == ""
    response = editor.post(aside_page(sentence), {"reason": "Once more."}, follow=True)
    assert "rests on this sentence" in messages(response)
    assert "You wrote: “Once more.”" in messages(response)
    sentence.refresh_from_db()
    assert sentence.reason == ""


def test_a_reason_that_is_too_long_is_given_back(editor, p1):
    sentence = p1.sentences.get(number=3)
    response = editor.post(aside_page(sentence), {"reason": "x" * 301}, follow=True)
    assert "at most 300 characters" in messages(response)
    assert "x" * 301 in messages(response)


def test_what_remains_of_a_cited_sentence_is_set_aside_and_taken_back(editor, text, p1):
    make_published("principle", text, "p1", "Peace is our aim", title="Peaceful")
    rest = {"exact": "and again peace is the aim", "start": "18", "reason": "It says it again."}
    for sent in ({"aside": "1"}, {"find": "1", "q": ""}):  # The second by Enter.
        response = editor.post(cite_page(p1), rest | sent, follow=True)
        assert response.redirect_chain == [(workbench(text, "?p=1#p1.18-44"), 302)]
        assert "is set aside: It says it again." in messages(response)
        shown = line(says(response), "1.1")
        assert "set aside: and again peace is the aim It says it again. Take back" in shown
        assert "left:" not in shown
        note = Note.objects.get(sets_aside=True)
        back = reverse("admin:kb_note_take_back", args=[note.pk])
        assert editor.get(back).status_code == 405
        response = editor.post(back, follow=True)
        assert "is no longer set aside. The reason was: It says it again." in says(response)
        assert "left: and again peace is the aim" in line(says(response), "1.1")


def test_words_are_set_aside_with_a_reason_and_only_if_no_claim_rests_on_them(editor, text, p1):
    make_published("principle", text, "p1", "Peace is our aim", title="Peaceful")
    page = says(editor.post(cite_page(p1), {"exact": "good order", "aside": "1", "reason": " "}))
    assert "Say why no claim rests on these words." in page
    page = says(editor.post(cite_page(p1), {"exact": "our aim", "aside": "1", "reason": "Mine."}))
    assert "The published claim “Peaceful” rests on these words, on “Peace is our aim”" in page
    assert 'value="Mine."' in page, "what was typed is still there"
    assert not Note.objects.exists()


def test_publishing_a_claim_on_words_that_are_set_aside_clears_their_reason(editor, text, p1):
    for exact in ("our aim", "good order"):
        editor.post(cite_page(p1), {"exact": exact, "aside": "1", "reason": "No."})
    kept = Note.objects.create(paragraph=p1, start=0, end=5, exact="Peace", text="A note.")
    draft = make_claim()
    cite(draft, text, "p1", "Peace is our")
    assert Note.objects.count() == 3
    publish(draft)
    assert [note.exact for note in Note.objects.all()] == ["Peace", "good order"]
    assert kept in Note.objects.all()


def test_setting_words_aside_needs_the_permission(text, p1):
    clerk = staff("clerk")
    user_of(clerk).user_permissions.remove(*Permission.objects.filter(codename__endswith="_note"))
    sent = {"exact": "good order", "aside": "1", "reason": "No."}
    assert clerk.post(cite_page(p1), sent).status_code == 403
    assert not Note.objects.exists()
    aside = {"start": 0, "end": 5, "exact": "Peace", "sets_aside": True}
    note = Note.objects.create(paragraph=p1, text="No.", **aside)
    assert clerk.post(reverse("admin:kb_note_take_back", args=[note.pk])).status_code == 403
    assert 'name="aside"' not in says(clerk.get(workbench(text)))
    assert "Take back" not in says(clerk.get(workbench(text)))
    assert Note.objects.exists()


# Who may.


def test_who_may_only_look_sees_the_text_and_nothing_to_do(text, p1):
    client = member("visitor")
    visitor = user_of(client)
    assert client.get(workbench(text)).status_code == 403
    visitor.user_permissions.add(Permission.objects.get(codename="view_transcription"))
    page = says(client.get(workbench(text)))
    assert "Peace is our aim" in page
    for gone in ("data-pick", 'class="kb-cite"', "Set aside because", 'data-to="'):
        assert gone not in page
    sentence = p1.sentences.get(number=3)
    assert client.post(aside_page(sentence), {"reason": "No."}).status_code == 403
    assert client.get(reverse("admin:kb_claim_find")).status_code == 403
    assert Client().get(workbench(text)).status_code == 302
    assert Client().post(aside_page(sentence), {"reason": "No."}).status_code == 403
    sentence.refresh_from_db()
    assert sentence.reason == ""


def test_setting_aside_is_a_post(editor, p1):
    assert editor.get(aside_page(p1.sentences.get(number=3))).status_code == 405


def test_an_unknown_text_is_not_found(editor, text):
    for pk in (0, text.pk + 99, 10**30):
        assert editor.get(f"/admin/kb/transcription/{pk}/workbench/").status_code == 404
        assert editor.post(f"/admin/kb/sentence/{pk}/set-aside/", {}).status_code == 404
    assert Paragraph.objects.exists()


def test_words_from_the_text_are_filled_in_once(editor, text, p1):
    add = reverse("admin:principles_principle_add") + f"?cite={p1.pk}:0-5"
    assert f">\n{p1.text[:5]}</textarea>" in editor.get(add).content.decode()
    draft = make_claim("principle")
    cite(draft, text, "p1", p1.text[:5])
    change = reverse("admin:principles_principle_change", args=[draft.pk]) + f"?cite={p1.pk}:0-5"
    forms = editor.get(change).context["inline_admin_formsets"][0].formset.forms
    assert [form.initial.get("exact") for form in forms] == [p1.text[:5], None]
