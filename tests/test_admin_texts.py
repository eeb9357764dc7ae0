"""The admin of everything but claims: texts are looked at, never changed; so is the history."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.urls import reverse
from taggit.models import Tag

from kb.models import (
    Citation,
    Claim,
    ContentVersion,
    Edition,
    Note,
    Paragraph,
    Publication,
    Sentence,
    Source,
    TaggedClaim,
    Transcription,
)

from .admin_forms import address, messages, says, staff, superuser
from .factories import cite, make_claim, make_published, make_source

pytestmark = pytest.mark.django_db

TEXT = "Peace is our aim. Peace is the way.\nA <b>second</b> paragraph."


@pytest.fixture
def text():
    return make_source(TEXT, "a-text", title="A text")


@pytest.fixture
def editor(db):
    return superuser("editor")


def test_every_page_answers_with_the_shipped_content(shipped, editor):
    """List, form of every kind of row, and form for a new one, where there is one."""
    published = Claim.objects.published().first().specific()
    seen = 0
    for model, pages in admin.site._registry.items():
        assert editor.get(address(model, "changelist")).status_code == 200, model
        assert editor.get(f"{address(model, 'changelist')}?q=peace+1").status_code == 200, model
        assert editor.get(f"{address(model, 'changelist')}?q=%00", follow=True).status_code == 200
        request = editor.get(address(model, "changelist")).wsgi_request
        added = 200 if pages.has_add_permission(request) else 403
        assert editor.get(address(model, "add")).status_code == added, model
        row = model._default_manager.first()
        if row is not None:
            response = editor.get(address(row))
            assert response.status_code == (302 if model is Claim else 200), model
            seen += 1
    assert seen > 15
    assert editor.get(address(published, "withdraw")).status_code == 200
    assert editor.get(address(published, "history")).status_code == 200


def test_every_model_of_ours_is_registered():
    ours = {
        *(Source, Transcription, Paragraph, Sentence, Note, Citation, Claim, TaggedClaim),
        *(Edition, Publication, ContentVersion, Tag, *Claim.kinds().values()),
    }
    assert ours <= set(admin.site._registry)


def test_the_site_is_named_for_the_knowledge_base(editor, settings):
    page = says(editor.get(reverse("admin:index")))
    assert f"{settings.KB_TITLE} · editors" in page
    assert "Django administration" not in page


def test_strangers_are_asked_to_log_in(client, text):
    make_published("principle", text, "p1", "our aim")
    for model in (Claim, Paragraph, Publication):
        assert client.get(address(model, "changelist")).status_code == 302
    assert client.get("/admin/autocomplete/").status_code == 302


@pytest.mark.parametrize("model", [Transcription, Paragraph, Sentence])
def test_texts_are_neither_added_nor_deleted_here(editor, text, model):
    row = model.objects.first()
    assert "Texts come in by “Bring in a text”" in says(editor.get(address(model, "changelist")))
    assert editor.get(address(row, "add")).status_code == 403
    assert editor.post(address(row, "add"), {}).status_code == 403
    assert editor.post(address(row, "delete"), {"post": "yes"}).status_code == 403
    assert "Delete" not in says(editor.get(address(row)))


def test_a_forged_form_changes_no_text(editor, text):
    paragraph = text.paragraphs.first()
    sentence = paragraph.sentences.first()
    assert editor.post(address(text), {"sha256": "0" * 64, "version": 9}).status_code == 403
    assert editor.post(address(paragraph), {"text": "Forged", "number": 9}).status_code == 403
    forged = {"reason": "", "start": 3, "end": 5, "number": 9, "paragraph": 2}
    assert editor.post(address(sentence), forged).status_code == 302
    text.refresh_from_db()
    assert (text.version, text.text()) == (1, TEXT)
    assert list(paragraph.sentences.values_list("number", "start", "end")) == [
        (1, 0, 17),
        (2, 18, 35),
    ]


def test_what_a_text_says_is_shown_as_text(editor, text):
    page = editor.get(address(text.paragraphs.last())).content.decode()
    assert "A &lt;b&gt;second&lt;/b&gt; paragraph." in page
    assert "<b>second" not in page


def test_metadata_of_a_source_is_edited_and_its_slug_stays(editor, text):
    data = {
        "title": "A better title",
        "slug": "forged",
        "siglum": "A",
        "language": "en",
        "rights": "not stated",
        "url": "example.org/text",
    }
    assert editor.post(address(text.source), data).status_code == 302
    source = Source.objects.get()
    assert (source.title, source.slug) == ("A better title", "a-text")
    assert source.url == "https://example.org/text"
    assert editor.post(address(source, "delete"), {"post": "yes"}).status_code == 403


def test_a_new_source_is_told_how_its_text_comes_in(editor, text):
    page = says(editor.get(address(Source, "add")))
    assert "A text comes in by “Bring in a text”" in page
    assert "manage.py" not in page
    assert 'value="B"' in page
    data = {"title": "New", "slug": "new", "siglum": "A", "language": "en", "rights": "?"}
    assert "Siglum already exists" in says(editor.post(address(Source, "add"), data))
    assert editor.post(address(Source, "add"), data | {"siglum": "B"}).status_code == 302
    new = Source.objects.get(slug="new")
    assert "View on site" not in says(editor.get(address(new)))
    assert editor.get(address(Source, "changelist")).status_code == 200


# Paragraphs to choose from.


def paragraphs_offered(client, term: str) -> list[str]:
    where = {"app_label": "kb", "model_name": "citation", "field_name": "paragraph"}
    found = client.get("/admin/autocomplete/", {**where, "term": term}).json()["results"]
    return [result["text"] for result in found]


def test_paragraphs_are_found_by_words_source_and_place(editor, text):
    first, second = (
        "A ¶ 1: Peace is our aim. Peace is the way.",
        "A ¶ 2: A <b>second</b> paragraph.",
    )
    assert paragraphs_offered(editor, "") == [first, second]
    assert paragraphs_offered(editor, "our aim") == [first]
    assert paragraphs_offered(editor, "second") == [second]
    for place in ("A 2", "a ¶ 2", "A p2", " a2 "):
        assert paragraphs_offered(editor, place) == [second]
    assert paragraphs_offered(editor, "A heading 1") == []
    assert paragraphs_offered(editor, "B 1") == []
    assert paragraphs_offered(editor, "second\0") == [second]


def test_a_long_paragraph_is_cut_where_it_is_offered(editor):
    make_source("word " * 40 + "end", title="Long")
    assert paragraphs_offered(editor, "end") == ["A ¶ 1: " + ("word " * 12).strip() + "…"]


def test_only_current_texts_are_offered(editor, text):
    from kb.cutting import cut
    from kb.storing import store

    store(text.source, cut("Corrected."))
    assert paragraphs_offered(editor, "") == ["A ¶ 1: Corrected."]


def test_offering_paragraphs_takes_as_many_queries_however_many(
    editor, text, django_assert_num_queries
):
    where = {"app_label": "kb", "model_name": "citation", "field_name": "paragraph", "term": ""}
    for _ in range(2):
        # session, user, count, rows
        with django_assert_num_queries(4):
            editor.get("/admin/autocomplete/", where)
        make_source("One.\nTwo.\nThree.")


# Sentences and notes.


def test_a_sentence_is_set_aside_with_a_reason(editor, text):
    sentence = text.paragraphs.first().sentences.first()
    assert "not yet read" in says(editor.get(address(sentence)))
    editor.post(address(sentence), {"reason": "It says nothing."})
    sentence.refresh_from_db()
    assert sentence.reason == "It says nothing."
    assert "set aside" in says(editor.get(address(sentence)))


def test_a_sentence_that_a_published_claim_cites_is_not_set_aside(editor, text):
    make_published("principle", text, "p1", "our aim", title="Aim")
    cite(make_claim("principle"), text, "p1", "the way")
    first, second = text.paragraphs.first().sentences.all()
    page = says(editor.post(address(first), {"reason": "It says nothing."}))
    assert "The published claim “Aim” rests on this sentence, on “our aim”" in page
    assert "It says nothing." in page
    first.refresh_from_db()
    assert first.reason == ""
    assert editor.post(address(second), {"reason": "Only a draft cites it."}).status_code == 302


@pytest.mark.parametrize(("state", "found"), [("open", 2), ("cited", 1), ("aside", 0), ("?", 3)])
def test_sentences_are_filtered_by_state(editor, text, state, found):
    make_published("principle", text, "p1", "our aim")
    response = editor.get(address(Sentence, "changelist"), {"state": state})
    assert response.context["cl"].result_count == found


def test_notes_follow_the_rules_of_citations(editor, text):
    paragraph = text.paragraphs.first()
    data = {"paragraph": paragraph.pk, "exact": "Peace was", "start": "", "text": "Typed with care"}
    page = says(editor.post(address(Note, "add"), data))
    assert "The paragraph does not have these words." in page
    assert "Typed with care" in page
    data["exact"] = "Peace"
    assert "These words stand in 2 places" in says(editor.post(address(Note, "add"), data))
    data["start"] = "18"
    assert editor.post(address(Note, "add"), data).status_code == 302
    note = Note.objects.get()
    assert (note.start, note.end) == (18, 23)
    page = says(editor.post(address(Note, "add"), data))
    assert "There is a note on these words: edit that one." in page
    data["text"] = "Changed"
    assert editor.post(address(note), data).status_code == 302
    note.refresh_from_db()
    assert (note.text, note.start) == ("Changed", 18)


# Themes.


@pytest.fixture
def themes(text):
    make_published("principle", text, "p1", "our aim", tags=["Kept"])
    make_claim("principle", tags=["Kept", "Free"])
    return Tag.objects.get(name="Kept"), Tag.objects.get(name="Free")


def test_a_theme_of_published_claims_is_neither_renamed_nor_deleted(editor, themes):
    kept, _ = themes
    page = says(editor.get(address(kept)))
    assert "Published claims carry this theme" in page
    assert 'name="_save"' not in page
    assert editor.post(address(kept), {"name": "Forged", "slug": "forged"}).status_code == 403
    assert editor.post(address(kept, "delete"), {"post": "yes"}).status_code == 403
    kept.refresh_from_db()
    assert kept.name == "Kept"


def test_a_theme_of_drafts_alone_is_renamed_and_deleted(editor, themes):
    _, free = themes
    data = {"name": "Freed", "slug": "freed"}
    assert editor.post(address(free), data).status_code == 302
    assert editor.post(address(free, "delete"), {"post": "yes"}).status_code == 302
    assert list(Tag.objects.values_list("name", flat=True)) == ["Kept"]


def test_bulk_deletion_spares_themes_of_published_claims(editor, themes):
    chosen = {"action": "delete_selected", "_selected_action": [tag.pk for tag in themes]}
    page = says(editor.post(address(Tag, "changelist"), chosen))
    assert "1 of them can't be deleted: published claims carry it." in page
    editor.post(address(Tag, "changelist"), {**chosen, "post": "yes"})
    assert list(Tag.objects.values_list("name", flat=True)) == ["Kept"]


def test_what_the_database_refuses_to_delete_is_told(editor, themes, monkeypatch):
    kept, _ = themes
    monkeypatch.setattr("kb.admin.themes._kept", lambda tag: False)
    response = editor.post(address(kept, "delete"), {"post": "yes"}, follow=True)
    assert "a published claim is not edited in place" in messages(response)
    assert Tag.objects.filter(pk=kept.pk).exists()


# History.


@pytest.mark.parametrize(
    "model", [Edition, Publication, ContentVersion, Citation, TaggedClaim, Claim]
)
def test_history_and_parts_are_only_looked_at(editor, text, model):
    make_published("principle", text, "p1", "our aim", tags=["T"])
    row = model.objects.first()
    assert editor.get(address(row, "add")).status_code == 403
    assert editor.post(address(row), {"note": "Forged"}).status_code in (302, 403)
    assert editor.post(address(row, "delete"), {"post": "yes"}).status_code == 403
    assert model.objects.filter(pk=row.pk).exists()


def test_a_snapshot_is_shown_for_people(editor, text):
    said = make_published("quotation", text, "p1", "our aim", "said", title="Said", tags=["T"])
    page = says(editor.get(address(said.publications.get())))
    assert '<q class="kb-words">our aim</q>' in page
    assert "quotation, said" in page
    assert "{" not in page.split('<dl class="kb-snapshot">')[1].split("</dl>")[0]


def test_a_snapshot_of_another_shape_takes_no_page_down(editor, text):
    claim = make_claim("principle")
    for number, snapshot in enumerate(([], {}, {"fields": 3, "citations": [1]}, "text"), 1):
        edition = Edition.objects.create(number=number, kind="load")
        odd = Publication.objects.create(
            edition=edition, claim_id=claim.pk, status="draft", snapshot=snapshot
        )
        assert editor.get(address(odd)).status_code == 200


@pytest.mark.parametrize("model", [Citation, Sentence, TaggedClaim, Edition, Publication, Tag])
def test_these_lists_take_as_many_queries_however_long(
    editor, text, model, django_assert_max_num_queries
):
    def counted() -> int:
        with django_assert_max_num_queries(12) as queries:
            editor.get(address(model, "changelist"))
        return len(queries)

    def more():
        added = make_source("Peace is our aim.")
        make_published("principle", added, "p1", "our aim", tags=["T", added.source.slug])

    more()
    before = counted()
    more()
    more()
    assert counted() <= before


def test_staff_without_permissions_see_nothing(client, text):
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    for model in (Source, Claim, Paragraph, Tag, Publication):
        assert client.get(address(model, "changelist")).status_code == 403
    assert staff("clerk").get(address(Source, "changelist")).status_code == 200
