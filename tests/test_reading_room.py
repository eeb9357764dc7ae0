"""The reading room: the text to the code point, every claim beside its words, nothing else."""

import html
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from kb.cutting import cut
from kb.deciding import put
from kb.models import Citation, Note, Paragraph, Sentence
from kb.publishing import publish, withdraw
from kb.storing import store

from .factories import cite, make_childless, make_claim, make_hidden, make_published, make_source
from .test_markup import Reader

pytestmark = pytest.mark.django_db

HOSTILE = "A <script>alert('x')</script> & \r\n“quote”. שלום עולם. 👩‍👩‍👧 e\u0301 x\xa0y."


def page_of(client, transcription, query=""):
    response = client.get(transcription.get_absolute_url() + query)
    assert response.status_code == 200
    return response.content.decode()


def inside(page, ref):
    """The markup of paragraph ``ref``."""
    return re.search(rf'<(p|h2) id="{ref}"[^>]*>(.*?)</\1>', page, re.DOTALL)[2]


def notes_of(page, slug):
    """The markup of the notes on a claim."""
    return re.findall(rf'<li class="note"[^>]*data-claim="{slug}">.*?</li>', page, re.DOTALL)


@pytest.fixture
def text():
    return make_source("Peace and law. Then trade.\nA second paragraph.", slug="text")


def test_every_paragraph_of_the_shipped_texts_is_there_to_the_code_point(client, shipped):
    for paragraph in Paragraph.objects.select_related("transcription__source"):
        page = page_of(client, paragraph.transcription)
        assert Reader(inside(page, paragraph.ref)).text == paragraph.text


def test_a_hostile_text_is_text(client):
    transcription = store(make_source("x").source, cut(HOSTILE + "\nnext", join=[1]))
    make_published("statement", transcription, "p1", "שלום עולם", "greeting")
    paragraph = transcription.paragraphs.get(number=1)
    page = page_of(client, transcription)
    assert Reader(inside(page, "p1")).text == paragraph.text
    assert "\r\n" in paragraph.text
    assert "<script>alert" not in page
    start = paragraph.text.index("שלום")
    assert f'id="p1.{start}-{start + 9}"' in page


def test_words_lead_to_their_note_and_the_note_to_words_and_claim(client, text):
    make_published("principle", text, "p1", "Peace", "peace", title="Peace among states")
    page = page_of(client, text)
    assert '<mark class="k-principle l1" id="p1.0-5" data-c="p1.0-5">Peace</mark>' in page
    assert 'href="#n1a"' in inside(page, "p1")
    (note,) = notes_of(page, "peace")
    assert 'id="n1a"' in note
    assert 'href="/sources/text/v1/#p1.0-5"' in note
    assert 'href="/principles/peace/">Peace among states</a>' in note
    assert re.search(r'<q data-quote cite="/sources/text/v1/#p1.0-5"[^>]*>Peace</q>', note)


def test_overlapping_and_equal_words_each_lead_to_their_claim(client, text):
    for kind, slug, exact in (
        ("principle", "one", "Peace and law"),
        ("statement", "two", "Peace and law"),
        ("statement", "three", "and law. Then"),
    ):
        make_published(kind, text, "p1", exact, slug)
    page = page_of(client, text)
    assert page.count('id="p1.0-13"') == 1
    assert page.count('id="p1.6-19"') == 1
    for slug in ("one", "two", "three"):
        (note,) = notes_of(page, slug)
        key = re.search(r'id="(n1\w)"', note)[1]
        assert f'href="#{key}"' in inside(page, "p1")


def test_a_claim_that_cites_a_sentence_twice_has_one_note_with_both_words(client, text):
    claim = make_claim("statement", "trade")
    cite(claim, text, "p1", "Then")
    cite(claim, text, "p1", "trade")
    publish(claim)
    (note,) = notes_of(page_of(client, text), "trade")
    assert re.findall(r"<q [^>]*>(.*?)</q>", note) == ["Then", "trade"]


def test_notes_stand_in_the_group_of_their_sentence_and_fold_after_three(client):
    text = make_source("One two three four five six. Seven.")
    for word in ("One", "two", "three", "four", "five", "six", "Seven"):
        make_published("statement", text, "p1", word, word.lower())
    page = page_of(client, text)
    first, second = page.split('class="sn"')[1:]
    shown, folded = first.split("<summary>3 more claims</summary>")
    assert [slug for slug in ("one", "two", "three") if f'data-claim="{slug}"' in shown] == [
        "one",
        "two",
        "three",
    ]
    assert all(f'data-claim="{slug}"' in folded for slug in ("four", "five", "six"))
    assert 'data-claim="seven"' in second


def test_a_fold_tells_claims_from_notes(client):
    text = make_source("One two three four five six.")
    for word in ("One", "two", "three", "four"):
        make_published("statement", text, "p1", word)
    for word in ("five", "six"):
        paragraph = text.paragraphs.get()
        start = paragraph.text.index(word)
        Note.objects.create(
            paragraph=paragraph, start=start, end=start + len(word), exact=word, text="Odd."
        )
    assert "<summary>1 more claim, 2 notes</summary>" in page_of(client, text)


def test_the_legend_speaks_of_shading_and_cells_only_where_there_are_such(client):
    text = make_source("Peace and law and trade.")
    for words in ("Peace", "Peace and", "Peace and law"):
        make_published("statement", text, "p1", words)
    page = page_of(client, text)
    assert "shaded" not in page
    assert "One cell is one sentence" in page
    assert "Empty: not yet read." not in page
    make_published("statement", text, "p1", "Peace and law and")
    assert "the lines of more than three claims would overlap" in page_of(client, text)


def test_a_key_is_called_by_its_claim(client, text):
    make_published("principle", text, "p1", "Peace", title="Peace & quiet")
    assert 'aria-label="Note 1a: Peace &amp; quiet">a</a>' in inside(page_of(client, text), "p1")


def test_two_ways_to_skip(client, text):
    skips = re.findall(r'<a class="skip" href="(.*?)"', page_of(client, text))
    assert skips == ["#main", "#p1"]


def test_a_single_note_is_not_folded_away(client):
    text = make_source("One two three four.")
    for word in ("One", "two", "three", "four"):
        make_published("statement", text, "p1", word, word.lower())
    assert " more</summary>" not in page_of(client, text)


def test_a_source_without_claims_is_not_yet_read(client, text):
    page = page_of(client, text)
    assert page.count('<p class="state">not yet read</p>') == 3
    assert "3 sentences: 0 cited, 3 not yet read. Claims rest on 0% of the words." in page
    assert "No claim rests on this text yet." in page
    assert "silent" not in page
    assert "<mark" not in page


def test_a_half_read_source_says_what_is_open_and_what_is_set_aside(client, text):
    make_published("principle", text, "p1", "Peace", "peace")
    Sentence.objects.filter(paragraph__number=2).update(reason="only a transition")
    page = page_of(client, text)
    assert page.count("not yet read</p>") == 1
    assert '<p class="state">set aside: only a transition</p>' in page
    assert "3 sentences: 1 cited, 1 set aside with a reason, 1 not yet read" in page
    assert 'title="¶ 1, sentence 1: 1 claim"' in page
    assert 'title="¶ 1, sentence 2: not yet read"' in page
    assert 'title="¶ 2, sentence 1: set aside: only a transition"' in page
    assert "1 of 2 sentences cited, 19% of the words" in page


def test_what_is_not_published_leaks_nowhere(client, text):
    make_hidden("principle", text, "p1", "law")
    page = page_of(client, text)
    assert "idden" not in page.replace("aria-hidden", "")
    assert "<mark" not in page
    assert "3 not yet read" in page


def test_a_claim_without_the_row_of_its_kind_breaks_nothing(client, text):
    make_childless(text, "p1", "Peace")
    assert len(notes_of(page_of(client, text), "childless")) == 1


def test_words_that_are_set_aside_say_so_beside_them(client, text):
    paragraph = text.paragraphs.get(number=1)
    aside = {"start": 6, "end": 9, "exact": "and", "sets_aside": True}
    Note.objects.create(paragraph=paragraph, text="It joins.", **aside)
    page = page_of(client, text)
    note = re.search(r'<li class="note is-ed" id="n1-1".*?</li>', page, re.DOTALL)[0]
    assert "set aside: It joins." in note
    assert re.search(r"<q data-quote [^>]*>and</q>", note)


def test_editors_notes_stand_beside_their_words(client, text):
    paragraph = text.paragraphs.get(number=1)
    Note.objects.create(paragraph=paragraph, start=6, end=9, exact="and", text="Kept <as> it is.")
    page = page_of(client, text)
    assert '<span class="noted" id="p1.6-9" data-c="p1.6-9">and</span>' in page
    assert 'class="key edkey" data-notext href="#n1-1"' in inside(page, "p1")
    note = re.search(r'<li class="note is-ed" id="n1-1".*?</li>', page, re.DOTALL)[0]
    assert "Kept &lt;as&gt; it is." in note
    assert re.search(r"<q data-quote [^>]*>and</q>", note)
    assert "data-claim" not in note


def test_a_heading_is_one_of_the_text_and_can_be_cited(client):
    text = make_source("FOREIGN POLICY\nPeace.", heading=[1])
    claim = make_claim("statement", "policy")
    cite(claim, text, "h1", "POLICY")
    cite(claim, text, "p1", "Peace")
    publish(claim)
    page = page_of(client, text)
    assert Reader(inside(page, "h1")).text == "FOREIGN POLICY"
    assert 'id="h1.8-14"' in page
    assert 'href="/sources/' in notes_of(page, "policy")[0]


@pytest.mark.parametrize("mode", ["direct", "reported"])
def test_a_quotation_says_whether_it_is_direct(client, mode):
    text = make_source("Baku noted: “We agree”.")
    make_published("quotation", text, "p1", "Baku", "said", mode=mode)
    assert f'<span class="how">{mode}</span>' in notes_of(page_of(client, text), "said")[0]


def test_facts_of_the_source(client):
    text = make_source(
        "Title\nOne thing\nleads to another.\n",
        heading=[1],
        join=[2],
        title="Opening words",
        title_supplied=True,
        url="https://example.org/a",
        publisher="Example <Org>",
        language="az",
    )
    page = page_of(client, text)
    assert '<a href="https://example.org/a" rel="external">Example &lt;Org&gt;</a>' in page
    assert "Azerbaijani" in page
    assert "not stated" in page
    assert text.sha256 in page
    assert "The text has no title; we call it by its opening words." in page
    assert (
        "line 1 is a heading; lines 2 and 3 are one paragraph, number 1, "
        "broken in mid-sentence by a line feed." in page
    )


def test_the_cut_of_the_first_source_in_words(client, shipped):
    page = client.get("/sources/foreign-policy/").content.decode()
    assert "line 1 is a heading; lines 8 and 9 are one paragraph, number 7, broken in" in page


class TestOneClaim:
    @pytest.fixture
    def page(self, client, text):
        make_published("principle", text, "p1", "Peace", "peace", title="Peace")
        make_published("principle", text, "p1", "law", "law", title="The law")
        Note.objects.create(
            paragraph=text.paragraphs.get(number=1), start=6, end=9, exact="and", text="Odd."
        )
        return page_of(client, text, "?claim=peace")

    def test_exactly_its_words_are_marked(self, page):
        assert re.findall(r"<mark[^>]*>(.*?)</mark>", page) == ["Peace"]
        assert notes_of(page, "peace")
        assert not notes_of(page, "law")
        assert "Odd." not in page

    def test_it_says_so_and_leads_back_to_all(self, page):
        assert "Marked here: the words of" in page
        assert '<a href="/sources/text/v1/">Show all marks</a>' in page

    def test_coverage_stays_that_of_the_text(self, page):
        assert 'title="¶ 1, sentence 1: 2 claims"' in page

    def test_the_text_stays_whole(self, page):
        assert Reader(inside(page, "p1")).text == "Peace and law. Then trade."

    @pytest.mark.parametrize(
        "slug", ["unknown", "elsewhere", "unpublished", "", "%00", "a'--", "..", "x" * 101, "é"]
    )
    def test_a_claim_without_words_here_is_404(self, client, text, slug):
        other = make_source("Elsewhere.")
        make_published("principle", other, "p1", "Elsewhere", "elsewhere")
        cite(make_claim("principle", "unpublished"), text, "p1", "Peace")
        for address in ("/sources/text/", "/sources/text/v1/"):
            assert client.get(f"{address}?claim={slug}").status_code == 404

    def test_other_parameters_are_ignored(self, client, text):
        plain = client.get("/sources/text/v1/").content
        assert client.get("/sources/text/v1/?utm=%00&page=-1").content == plain


class TestVersions:
    @pytest.fixture
    def versions(self, text):
        make_published("principle", text, "p1", "Peace", "peace")
        return text, store(text.source, cut("Peace and law, then trade."))

    def test_the_source_shows_the_current_one(self, client, versions):
        page = client.get("/sources/text/").content.decode()
        assert "Peace and law, then trade." in page
        assert 'href="/sources/text/v2/#p1"' in page
        assert "The current one is" not in page

    def test_an_older_one_stays_and_says_so(self, client, versions):
        page = page_of(client, versions[0])
        assert "This is version 1 of the text." in page
        assert '<a href="/sources/text/">The current one is version 2</a>' in page
        assert notes_of(page, "peace")

    def test_the_current_one_says_what_still_rests_on_an_older(self, client, versions):
        make_published("statement", versions[0], "p1", "law")
        make_hidden("statement", versions[0], "p1", "trade")
        rests = (
            'still rest on <a href="/sources/text/v1/">version 1</a> of the text, '
            "until an editor has read them against this one."
        )
        for address in ("/sources/text/", "/sources/text/v2/"):
            assert f"2 claims {rests}" in client.get(address).content.decode()
        assert "still rest" not in page_of(client, versions[0])
        (citation,) = Citation.objects.filter(claim__slug="peace")
        publish(put(citation, versions[1].paragraphs.get(), "Peace", None, by=None))
        assert "1 claim still rests on" in client.get("/sources/text/").content.decode()

    @pytest.mark.parametrize(
        "address",
        ["/sources/none/", "/sources/text/v0/", "/sources/text/v3/", "/sources/text/v9" + "9" * 40],
    )
    def test_what_is_not_there_is_404(self, client, versions, address):
        assert client.get(address, follow=True).status_code == 404


def test_six_queries_however_much_there_is(client, text, django_assert_num_queries):
    def grow(number):
        for n in range(number):
            make_published("statement", text, "p1", "Peace and law. Then"[n : n + 6].strip())
            make_published("membership", text, "p2", "second", organization=body.specific())

    body = make_published("organization", text, "p2", "paragraph")
    for number in (1, 6):
        grow(number)
        # paragraphs with transcription and source; sentences; citations with claim and kind;
        # editor's notes; versions; words that were published
        with django_assert_num_queries(6):
            client.get("/sources/text/v1/")
        with django_assert_num_queries(6):
            client.get("/sources/text/")


def test_no_record_of_the_history_is_searched(client, text):
    make_published("statement", text, "p1", "Peace")
    with CaptureQueriesContext(connection) as queries:
        client.get("/sources/text/v1/")
    assert not [query["sql"] for query in queries if "kb_publication" in query["sql"]]


def test_the_same_bytes_for_everybody_and_no_cookie(client, admin_client, text):
    make_published("principle", text, "p1", "Peace", "peace")
    response = client.get("/sources/text/")
    assert not response.cookies
    assert "Cookie" not in response.headers.get("Vary", "")
    assert admin_client.get("/sources/text/").content == response.content


def test_no_style_or_script_of_its_own(client, shipped):
    page = html.unescape(client.get("/sources/foreign-policy/").content.decode())
    assert "<style" not in page
    assert not re.search(r"<script(?! src=)", page)
    assert not re.search(r"<[^>]*\s(style|on\w+)=", page)


@pytest.mark.parametrize("address", ["/sources/s/v1/?claim=gone", "/?claim=gone"])
def test_the_words_of_a_withdrawn_claim_are_gone_with_the_reason(client, db, address):
    text = make_source("Peace is the aim.", slug="s")
    withdraw(make_published("principle", text, "p1", "Peace", slug="gone"), "Said twice.")
    response = client.get(address)
    assert response.status_code == 410
    assert "Said twice." in response.content.decode()


def test_a_version_has_one_way_of_writing(client, db):
    make_source("Peace is the aim.", slug="s")
    assert client.get("/sources/s/v1/").status_code == 200
    assert client.get("/sources/s/v01/").status_code == 404


def test_words_across_a_broken_line_are_verbatim_in_every_quotation(client, db):
    """A parser would turn CR LF into LF, were it not written as a reference."""
    text = make_source("One two\r\nthree four.", slug="s", join=[1])
    make_published("principle", text, "p1", "two\r\nthree", slug="two")
    for address in ("/sources/s/v1/", "/principles/", "/principles/two/"):
        page = client.get(address).content.decode()
        quoted = re.findall(r"<(?:q|blockquote) data-quote[^>]*>(.*?)</", page, re.DOTALL)
        assert quoted
        assert {html.unescape(words) for words in quoted} == {"two\r\nthree"}
        assert {words for words in quoted if "&#13;" not in words} == set()
