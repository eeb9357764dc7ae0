"""Bringing a text in, in the admin: paste or upload, look at the cut and mend it, store it."""

import html
import logging

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse

from kb import previewing
from kb.admin import bringing
from kb.models import Intake, Paragraph, Sentence, Source, Transcription
from kb.storing import sha256_of

from .admin_forms import messages, says, signed_in
from .factories import make_source

pytestmark = pytest.mark.django_db

ADD = "/admin/kb/intake/add/"
TEXT = "POLICY Peace is the aim. Not war.\nA broken\nparagraph."
KNOWN = {"title": "On peace", "language": "en", "rights": "not stated"}


def bringer(name="bringer", *more: str) -> Client:
    """An editor who may bring in texts, and ``more``."""
    user = User.objects.create_user(name, is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["add_transcription", *more]))
    return signed_in(user)


@pytest.fixture
def editor(db):
    return bringer("bringer", "view_source", "change_source")


def bring(client, text=TEXT, address=ADD, **fields):
    return client.post(address, {**KNOWN, "text": text, **fields})


def file(name, content) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content if isinstance(content, bytes) else content.encode())


def page(intake, name="change") -> str:
    return reverse(f"admin:kb_intake_{name}", args=[intake.pk])


def do(client, intake, act, at="", **fields):
    place = f"{act}:{at}" if at != "" else act
    return client.post(page(intake), {"act": place, **fields})


def confirmed(client, intake) -> str:
    return html.unescape(client.post(page(intake, "confirm")).getvalue().decode())


# Step 1


def test_a_pasted_text_waits_as_it_is_with_what_is_known_of_it(editor):
    response = bring(editor, publisher="The publisher", url="example.org/peace", siglum="P")
    intake = Intake.objects.get()
    assert response.url == page(intake)
    assert intake.text == TEXT
    assert (intake.by.username, intake.source, intake.original) == ("bringer", None, "")
    assert intake.described == {
        "title": "On peace",
        "title_supplied": False,
        "slug": "on-peace",
        "siglum": "P",
        "publisher": "The publisher",
        "url": "https://example.org/peace",
        "language": "en",
        "rights": "not stated",
    }
    assert not Source.objects.exists()
    assert not Transcription.objects.exists()


def test_line_breaks_are_line_feeds_and_the_preview_says_so(editor):
    bring(editor, "One.\r\nTwo.\r\n\r\n")
    assert Intake.objects.get().text == "One.\nTwo.\n\n"
    assert "came as CR LF" in says(editor.get(page(Intake.objects.get())))


def test_a_file_keeps_its_bytes(editor):
    raw = "\r\n One.\r\nTwo.\u00a0 \n".encode()
    bring(editor, "", file=file("Peace.TXT", raw))
    intake = Intake.objects.get()
    assert intake.text.encode() == raw
    assert str(intake) == "Peace.TXT"
    assert "byte for byte" in says(editor.get(page(intake)))


HTML = (
    "<html><head><script>alert('one')</script></head><body><nav><a href=/>Home</a></nav><article>"
    "<h1>On peace</h1><p>Peace is the aim of all that is written in this text, and of us.</p>"
    "<script>alert('two')</script><p>All else follows from it &lt;script&gt;alert('three')"
    "&lt;/script&gt; and is of less weight.</p></article></body></html>"
)


@pytest.mark.parametrize("as_file", [True, False])
def test_of_a_page_the_main_text_is_taken_and_its_headings_proposed(editor, as_file):
    if as_file:
        bring(editor, "", file=file("peace.html", HTML))
    else:
        bring(editor, HTML, is_page="on")
    intake = Intake.objects.get()
    assert intake.text.splitlines()[:2] == [
        "On peace",
        "Peace is the aim of all that is written in this text, and of us.",
    ]
    assert intake.original == HTML
    assert intake.overrides == {"heading": [1]}
    response = editor.get(page(intake))
    assert "The extractor took the main text" in says(response)
    assert "alert('one')" not in intake.text
    assert "alert('two')" not in intake.text
    assert "<script>alert" not in response.content.decode()
    assert "&lt;script&gt;alert" in response.content.decode()


REFUSED = {
    "nothing": ({"text": ""}, "Paste a text or choose a file"),
    "two": ({"file": ("a.txt", "One.")}, "Paste a text or choose a file: one of the two"),
    "blank": ({"text": " \r\n "}, "The text is empty"),
    "NUL": ({"text": "One.\0"}, "a control character, U+0000, in line 1"),
    "another kind": ({"text": "", "file": ("a.docx", "PK")}, "neither a .txt nor an .html file"),
    "binary": ({"text": "", "file": ("a.txt", b"\x89PNG\r\n")}, "The text is not UTF-8: byte 0"),
    "a mark": (
        {"text": "", "file": ("a.txt", b"\xef\xbb\xbfOne.")},
        "begins with a byte-order mark",
    ),
    "no text": ({"text": "<p></p>", "is_page": "on"}, "No main text was found in this page"),
    "no page": ({"text": "", "file": ("a.html", b"\x89PNG\r\n")}, "in this page"),
    "no title": ({"title": ""}, "This field is required"),
    "no slug": ({"title": "Мир"}, "The title gives none: write one in Latin letters"),
    "an unfit slug": ({"slug": "On peace"}, "valid “slug”"),
    "an unfit siglum": ({"siglum": "a"}, "One to four capital letters"),
    "no address": ({"url": "javascript:alert(1)"}, "valid URL"),
    "no tag": ({"language": "zz_zz"}, "A BCP 47 tag"),
}


@pytest.mark.parametrize(("fields", "reason"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_said_and_what_was_typed_is_kept(editor, fields, reason):
    given = {"text": "Typed <b>\r\n", "publisher": "A publisher", **fields}
    if "file" in given:
        given["file"] = file(*given["file"])
    response = editor.post(ADD, KNOWN | given)
    shown = response.content.decode()
    assert response.status_code == 200
    assert reason in says(response)
    assert 'value="A publisher"' in shown
    assert html.escape(given["text"]).replace("\r\n", "\n") in shown.replace("\r\n", "\n")
    assert ("file has to be chosen again" in shown) == ("file" in given)
    assert not Intake.objects.exists()


def test_a_slug_and_a_siglum_that_are_taken_are_said(editor):
    make_source("One.", "on-peace", siglum="P")
    shown = says(bring(editor, siglum="P"))
    assert "Source with this Slug already exists" in shown
    assert "Source with this Siglum already exists" in shown
    assert TEXT in shown


def test_a_text_of_10_mb_is_taken_and_not_more(editor, monkeypatch):
    monkeypatch.setattr(bringing, "MAX_TEXT", 20)
    assert bring(editor, "Ə" * 10).status_code == 302
    assert "The text has more than 10 MB. Bring it in by parts" in says(bring(editor, "Ə" * 11))
    assert bring(editor, "One.\r\n" * 4).status_code == 302


def test_a_file_that_is_too_large_is_refused_without_being_read():
    class Large(SimpleUploadedFile):
        def read(self, *args):
            raise AssertionError("read")

    large = Large("long.txt", b"One.")
    large.size = 50 * 2**20
    form = bringing.TextForm({}, {"file": large})
    assert not form.is_valid()
    assert "“long.txt” has more than 10 MB. Bring it in by parts" in form.errors["file"][0]


def test_a_form_that_is_too_large_is_answered_in_words(editor, settings):
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 1000
    for sent in (
        {"data": {**KNOWN, "text": "x" * 2000}},
        {"data": "text=" + "x" * 2000, "content_type": "application/x-www-form-urlencoded"},
    ):
        response = editor.post(ADD, **sent)
        assert response.status_code == 400
        shown = says(response)
        assert "at most 10 MB of text, and this was more: nothing was stored" in shown
        assert "Go one step back in your browser, where what you typed still stands" in shown
        assert "by parts" in shown
    assert not Intake.objects.exists()


def test_a_text_of_10_mb_fits_into_a_form(editor):
    """As multipart, which does not make it longer; with the line breaks that a browser sends."""
    text = ("x" * 200 + ".\r\n") * (10 * 2**20 // 203)
    assert bring(editor, text).status_code == 302
    assert len(Intake.objects.get().text) == len(text.replace("\r\n", "\n"))


def test_the_form_may_be_kept_by_the_browser_for_whoever_goes_back(editor):
    assert "no-store" not in editor.get(ADD)["Cache-Control"]
    assert "private" in editor.get(ADD)["Cache-Control"]
    assert 'enctype="multipart/form-data"' in editor.get(ADD).content.decode()


# Step 2


@pytest.fixture
def intake(editor):
    bring(editor)
    return Intake.objects.get()


def test_the_cut_is_shown_sentence_by_sentence(editor, intake):
    shown = says(editor.get(page(intake)))
    assert "0 headings, 3 body paragraphs, 4 sentences" in shown
    assert '<span class="kb-sentence">POLICY Peace is the aim.</span>' in shown
    assert '<span class="kb-sentence">Not war.</span>' in shown
    assert "1 paragraph does not end as a sentence does" in shown
    assert '<a href="?page=1#at-34">¶ 2</a>' in shown
    assert "A new source: “On peace”, at /sources/on-peace/, in English" in shown
    assert "Nothing is stored yet" in shown


def test_the_cut_is_mended_and_says_how(editor, intake):
    for act, at in (
        ("join", TEXT.index("A broken")),
        ("split", TEXT.index("Peace")),
        ("heading", 0),
        ("no_end", TEXT.index(" Not")),
    ):
        response = do(editor, intake, act, at)
        assert response.status_code == 302
    assert response.url == f"{page(intake)}?page=1#at-7"
    intake.refresh_from_db()
    assert intake.overrides == {
        "split": ["1:7"],
        "heading": [1],
        "join": [2],
        "no_sentence_end": ["p1:17"],
    }
    shown = says(editor.get(page(intake)))
    assert (
        "Changed in the proposed cut: a paragraph begins in line 1 with “Peace is the aim. Not "
        "war.”; line 1 is a heading; lines 2 and 3 are one paragraph, number 2, broken "
        "in mid-sentence by a line feed; in paragraph 1 “Peace is the aim.” and “Not war.” "
        "are one sentence."
    ) in shown
    assert '<span class="kb-sentence">Peace is the aim. Not war.</span>' in shown
    do(editor, intake, "reset")
    intake.refresh_from_db()
    assert intake.overrides == {}
    assert intake.text == TEXT


def test_a_sentence_or_a_paragraph_begins_before_words_that_are_typed(editor, intake):
    do(editor, intake, "split", at="0", words="Peace  is\r\nthe")
    do(editor, intake, "end", at="7", words=" the aim")
    intake.refresh_from_db()
    assert intake.overrides == {"split": ["1:7"], "sentence_end": ["p2:8"]}
    assert "in paragraph 2 a sentence ends after “Peace is”" in says(editor.get(page(intake)))


def test_a_split_is_found_whichever_quotation_marks_are_typed(editor):
    bring(editor, text='She said "Peace is the aim" and left.')
    intake = Intake.objects.get()
    shown = says(do_typed(editor, intake, "split", "0", "“Piece is"))
    assert '<del>“Piece</del><ins>"Peace</ins> is' in shown
    assert do_typed(editor, intake, "split", "0", "“Peace is").status_code == 302
    intake.refresh_from_db()
    assert intake.overrides == {"split": ["1:9"]}


def test_a_text_is_called_by_its_first_whole_words(editor):
    bring(
        editor,
        text="Peace is the aim of every policy that this paper will have to lay out at length.",
    )
    intake = Intake.objects.get()
    assert str(intake) == "Peace is the aim of every policy that this paper will have…"
    for where in (page(intake), "/admin/kb/intake/"):
        assert f">{intake}<" in says(editor.get(where))


def do_typed(editor, intake, act, at, words):
    return editor.post(page(intake), {"act": act, "at": at, "words": words})


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ("Peace ist the aim", "Peace <del>ist</del><ins>is</ins> the aim"),
        ("xyz", "The paragraph does not have these words."),
        ("a", "These words stand 3 times in this paragraph: write more of the words that follow."),
        ("  ", "Write the words before which it should be split."),
        ("POLICY", "A paragraph begins there already."),
    ],
)
def test_words_that_are_not_found_are_kept_and_answered(editor, intake, words, reason):
    response = do_typed(editor, intake, "split", "0", words)
    assert response.status_code == 200
    assert reason in says(response)
    if words.strip():
        assert f'value="{words}"' in says(response)
    intake.refresh_from_db()
    assert intake.overrides == {}


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        ("erase:0", "“erase” is nothing that can be done"),
        ("", "“” is nothing that can be done"),
        ("heading:3", "No paragraph begins there any more"),
        ("heading:99999999", "No paragraph stands there"),
        ("heading:x", "nothing"),
        ("end:-1", ""),
    ],
)
def test_a_forged_form_changes_nothing(editor, intake, act, reason):
    response = editor.post(page(intake), {"act": act})
    intake.refresh_from_db()
    if response.status_code == 200:
        assert reason in says(response)
        assert intake.overrides == {}
    assert intake.text == TEXT


def test_long_texts_are_shown_in_pages_and_a_change_leads_to_its_page(editor, monkeypatch):
    monkeypatch.setattr(previewing, "PER_PAGE", 2)
    text = "One. Two. Three.\nFour.\nFive"
    bring(editor, text)
    intake = Intake.objects.get()
    first, second, third = (says(editor.get(f"{page(intake)}?page={n}")) for n in (1, 2, 3))
    assert "Page 1 of 3" in first
    assert ">One.<" in first
    assert ">Three.<" not in first
    assert "continued" not in first
    assert ">Three.<" in second
    assert "line 1, continued" in second
    assert ">Five<" in third
    response = do(editor, intake, "heading", text.index("Five"))
    assert response.url.endswith("?page=3#at-23")
    assert "Page 3 of 3" in says(editor.get(f"{page(intake)}?page=99"))
    assert "Page 1 of 3" in says(editor.get(f"{page(intake)}?page=x"))


def test_a_sentence_of_great_length_is_shown_in_part(editor, monkeypatch):
    monkeypatch.setattr(previewing, "LONGEST", 10)
    bring(editor, "x" * 1500)
    shown = says(editor.get(page(Intake.objects.get())))
    assert "x" * 10 + " [… 1,490 more characters]" in shown
    assert "x" * 61 not in shown


def test_what_is_said_of_the_source_can_be_changed(editor, intake):
    assert 'value="on-peace"' in says(editor.get(page(intake, "describe")))
    response = editor.post(page(intake, "describe"), KNOWN | {"title": "Of war", "slug": ""})
    assert response.url == page(intake)
    intake.refresh_from_db()
    assert intake.described["slug"] == "of-war"
    assert "This field is required" in says(editor.post(page(intake, "describe"), {"title": ""}))


# The same text again


def test_a_text_that_is_there_is_recognised_by_its_hash(editor):
    there = make_source(TEXT, "there", title="There")
    bring(editor)
    intake = Intake.objects.get()
    shown = says(editor.get(page(intake)))
    assert 'This very text is <a href="/sources/there/v1/">version 1 of source A</a>' in shown
    do(editor, intake, "source", there.source_id)
    intake.refresh_from_db()
    assert intake.source == there.source
    shown = says(editor.get(page(intake)))
    assert "The next transcription of" in shown
    assert "Make it the next transcription" not in shown


def test_a_text_that_differs_by_a_space_is_another(editor):
    make_source(TEXT + " ", "there")
    bring(editor)
    assert "This very text" not in says(editor.get(page(Intake.objects.get())))


def test_the_same_cut_is_not_stored_again_and_another_is_the_next_version(editor):
    there = make_source(TEXT, "there")
    bring(editor, address=f"{ADD}?source={there.source_id}")
    intake = Intake.objects.get()
    assert intake.source == there.source
    impact = page(intake, "impact")
    assert f'href="{impact}"' in says(editor.get(page(intake)))
    assert editor.post(page(intake, "confirm")).url == impact
    assert "Version 1 of “there” is this very text, cut in this way" in says(editor.post(impact))
    assert Transcription.objects.count() == 1
    do(editor, intake, "heading", 0)
    assert editor.post(impact).status_code == 302
    second = Transcription.objects.get(version=2)
    assert (second.sha256, second.overrides) == (there.sha256, {"heading": [1]})
    assert not Intake.objects.exists()


# Step 3


def test_what_is_confirmed_is_stored_and_the_page_leads_on(editor, intake, caplog):
    do(editor, intake, "split", TEXT.index("Peace"))
    do(editor, intake, "heading", 0)
    with caplog.at_level(logging.INFO, "kb.editors"):
        shown = confirmed(editor, intake)
    stored = Transcription.objects.get()
    assert stored.text() == TEXT
    assert stored.sha256 == sha256_of(TEXT)
    assert stored.overrides == {"split": ["1:7"], "heading": [1]}
    assert (stored.source.slug, stored.source.siglum) == ("on-peace", "A")
    assert Sentence.objects.count() == 4
    assert "Cut: 4 paragraphs" in shown
    assert "Stored as A, version 1" in shown
    assert f'href="/admin/kb/source/{stored.source_id}/change/"' in shown
    assert 'href="/sources/on-peace/v1/"' in shown
    assert shown.rstrip().endswith("</html>")
    assert not Intake.objects.exists()
    assert "bringer stored A, version 1" in caplog.text


def test_an_empty_source_gets_its_first_transcription(editor):
    source = Source.objects.create(slug="empty", siglum="E", title="Empty")
    bring(editor, address=f"{ADD}?source={source.pk}")
    assert "Stored as E, version 1" in confirmed(editor, Intake.objects.get())


def test_a_reader_who_stalls_holds_up_nobody(editor, intake):
    """What the page waits in, each time that it is sent, is no transaction of the storing."""
    outside = len(connection.savepoint_ids)
    waits = []
    for chunk in editor.post(page(intake, "confirm")).streaming_content:
        waits.append((chunk.decode(), len(connection.savepoint_ids), Paragraph.objects.count()))
    assert {depth for _, depth, _ in waits} == {outside}
    assert {stored for _, _, stored in waits} == {0, 3}, "all of it, or nothing"
    assert "Stay on this page" in waits[0][0]
    assert "Cut: 3 paragraphs. Storing them" in waits[1][0]


def test_who_leaves_before_it_is_stored_finds_it_coming_in(editor, intake):
    response = editor.post(page(intake, "confirm"))
    chunks = iter(response.streaming_content)
    assert b"Storing them" in [next(chunks), next(chunks)][1]
    response._iterator.close()  # As the server does; ``response.close`` would end the connection.
    assert not Source.objects.exists()
    assert Intake.objects.get() == intake


def test_a_source_that_got_a_text_meanwhile_gets_no_other_unseen(editor, policy_to_be):
    source, first, second = policy_to_be
    answers = [editor.post(page(intake, "confirm")) for intake in (first, second)]
    assert "Stored as E, version 1" in answers[0].getvalue().decode()
    refused = html.unescape(answers[1].getvalue().decode())
    assert "E · Empty got a text meanwhile: look first at what becomes of its cit" in refused
    assert "Nothing was stored." in refused
    assert source.transcriptions.count() == 1
    assert Intake.objects.get() == second


@pytest.fixture
def policy_to_be(db):
    """A source without a text, and two texts for it."""
    source = Source.objects.create(slug="empty", siglum="E", title="Empty")
    return source, *(Intake.objects.create(text=t, source=source) for t in ("One.", "Two."))


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"overrides": {"heading": [1]}}, "The cut"),
        ({"described": {**KNOWN, "slug": "other"}}, "What is said of the source"),
    ],
)
def test_what_somebody_changed_since_the_look_is_not_stored(editor, intake, change, name):
    looked = editor.get(page(intake)).context["shown"]
    Intake.objects.filter(pk=intake.pk).update(**change)
    response = editor.post(page(intake, "confirm"), {"shown": looked}, follow=True)
    assert messages(response) == f"{name} changed since you looked."
    assert response.redirect_chain[-1][0] == page(intake)
    assert not Source.objects.exists()
    again = editor.post(page(intake, "confirm"), {"shown": response.context["shown"]})
    assert "Stored as A, version 1" in again.getvalue().decode()


def test_confirming_twice_stores_once(editor, intake):
    first, second = (editor.post(page(intake, "confirm")) for _ in range(2))
    assert "Stored as A, version 1" in first.getvalue().decode()
    assert "was stored or discarded meanwhile. Nothing was stored" in second.getvalue().decode()
    assert Transcription.objects.count() == 1
    gone = editor.post(page(intake, "confirm"))
    assert gone.status_code == 404
    assert "stored or discarded meanwhile" in says(gone)


def test_a_slug_that_was_taken_meanwhile_leads_to_another(editor, intake):
    make_source("One.", "on-peace")
    response = editor.post(page(intake, "confirm"), follow=True)
    assert "Source with this Slug already exists. Nothing was stored." in messages(response)
    assert response.redirect_chain[-1][0] == page(intake, "describe")
    editor.post(page(intake, "describe"), KNOWN | {"slug": "of-peace"})
    assert "Stored as B, version 1" in confirmed(editor, intake)


def test_confirming_takes_a_post(editor, intake):
    assert editor.get(page(intake, "confirm")).status_code == 405
    assert not Source.objects.exists()


def test_what_is_discarded_is_gone(editor, intake):
    assert page(intake, "delete") in says(editor.get(page(intake)))
    assert "Are you sure" in says(editor.get(page(intake, "delete")))
    editor.post(page(intake, "delete"), {"post": "yes"})
    assert not Intake.objects.exists()
    assert "discarded meanwhile" in says(editor.get(page(intake)))


# Who may


def test_texts_of_others_are_listed_without_fetching_them(
    editor, intake, django_assert_num_queries
):
    make_source("One.", "there")
    bring(editor, "Next " * 50, address=f"{ADD}?source={Source.objects.get().pk}")
    colleague = bringer("colleague")
    # Session, user, permissions of the user and of groups, two counts, the rows.
    with django_assert_num_queries(7):
        shown = says(colleague.get("/admin/kb/intake/"))
    assert "POLICY Peace is the aim. Not war." in shown
    assert "a new source, “On peace”" in shown
    assert "the next transcription of A · there" in shown
    assert "bringer" in shown


def test_who_may_not_bring_in_texts_sees_no_way_to_it_and_is_refused(editor, intake):
    user = User.objects.create_user("reader", is_staff=True)
    every = Permission.objects.exclude(codename="add_transcription")
    user.user_permissions.set(every.exclude(content_type__model="intake"))
    client = signed_in(user)
    source = make_source("One.", "there").source
    for shown in ("/admin/kb/source/", f"/admin/kb/source/{source.pk}/change/", "/admin/"):
        assert "kb/intake/" not in says(client.get(shown))
    changed = Intake.objects.values().get()
    addresses = [ADD, "/admin/kb/intake/"]
    addresses += [page(intake, name) for name in ("change", "describe", "confirm", "delete")]
    for address in addresses:
        assert client.get(address).status_code == 403, address
        response = client.post(
            address, {**KNOWN, "text": "One.", "act": "heading:0", "post": "yes"}
        )
        assert response.status_code == 403, address
    assert Intake.objects.values().get() == changed
    assert Source.objects.count() == 1


def test_strangers_are_asked_to_sign_in(client, intake):
    for name in ("change", "describe", "confirm"):
        assert client.get(page(intake, name)).url.startswith("/admin/login/")
        assert client.post(page(intake, name), {"act": "heading:0"}).status_code == 403
    assert client.get(ADD).url.startswith("/admin/login/")
    assert Intake.objects.get().overrides == {}
    assert not Source.objects.exists()


def test_the_ways_to_it(editor):
    source = make_source("One.", "there").source
    assert f'href="{ADD}"' in says(editor.get("/admin/kb/source/"))
    shown = says(editor.get(f"/admin/kb/source/{source.pk}/change/"))
    assert f'href="{ADD}?source={source.pk}"' in shown
    assert "New transcription of A · there" in says(editor.get(f"{ADD}?source={source.pk}"))
    assert f'href="?source={source.pk}"' in says(editor.get(ADD))


def test_a_text_on_its_way_in_is_on_no_public_page(editor, client, intake):
    for address in ("/", "/sources/", "/coverage/", "/changes/"):
        assert "On peace" not in says(client.get(address))
    assert client.get("/sources/on-peace/").status_code == 404
