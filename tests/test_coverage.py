"""Coverage: every sentence with what rests on it, or why nothing does; shares of the words."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kb.coverage import cited_length, percent, union
from kb.cutting import cut
from kb.models import Note, Sentence, Source
from kb.storing import store
from tests.factories import make_hidden, make_published, make_source
from tests.pages import part, read

TEXT = "Peace is one aim. Trade is another. It rains.\nThe second says nothing."


def row(shown, number):
    return part(shown, f">{number}</a></th>", "</tr>")


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)).map(sorted).map(tuple)))
def test_cited_length_counts_each_code_point_once(spans):
    covered = {at for start, end in spans for at in range(start, end)}
    assert cited_length(spans) == len(covered)
    assert sorted(covered) == [at for start, end in union(spans) for at in range(start, end)]


@pytest.mark.parametrize(
    ("cited", "length", "share"), [(0, 0, 0), (0, 9, 0), (9, 9, 100), (999, 1000, 99), (1, 1000, 1)]
)
def test_a_share_is_whole_or_nothing_only_when_it_is(cited, length, share):
    assert percent(cited, length) == share


@pytest.mark.django_db
def test_each_sentence_says_what_rests_on_it_or_why_nothing_does(client):
    text = make_source(TEXT, slug="a")
    make_published("principle", text, "p1", "Peace", "peace", title="Of peace")
    make_published("quotation", text, "p1", "aim. Trade", "across", mode="reported")
    Sentence.objects.filter(paragraph__transcription=text, number=3).update(reason="Small talk.")
    shown = read(client, "/coverage/")
    first = row(shown, "1.1")
    assert "<mark>Peace</mark> is one <mark>aim.</mark>" in first
    assert '<a href="/principles/peace/">Of peace</a>' in first
    assert '<li data-claim="peace">' in first
    assert 'href="/sources/a/v1/#p1.0-5"' in first, "one click to the words themselves"
    assert "reported" in first
    assert "/quotations/across/" in row(shown, "1.2"), "words may reach over a sentence's end"
    assert "<mark>Trade</mark> is another." in row(shown, "1.2")
    assert "Of peace" not in row(shown, "1.2")
    assert "set aside: Small talk." in row(shown, "1.3")
    assert "not yet read" in row(shown, "2.1")
    assert 'href="/sources/a/v1/#p1.s2"' in shown
    assert "4 sentences: 2 cited, 1 set aside with a reason, 1 not yet read" in shown
    assert "Hatched: set aside with a reason. Empty: not yet read." in shown


@pytest.mark.django_db
def test_words_that_remain_and_are_set_aside_stand_with_the_reason(client):
    text = make_source(TEXT, slug="a")
    make_published("principle", text, "p1", "Peace")
    paragraph = text.paragraphs.get(number=1)
    words = {"paragraph": paragraph, "start": 6, "end": 16, "exact": "is one aim"}
    Note.objects.create(**words, text="It counts only.", sets_aside=True)
    Note.objects.create(**words | {"end": 8, "exact": "is"}, text="Only a note.")
    shown = read(client, "/coverage/")
    first = row(shown, "1.1")
    assert re.search(r"set aside, <q [^>]*>is one aim</q>: It counts only\.", first)
    assert "<mark>Peace</mark> is one aim." in first, "they are not cited"
    assert "Only a note" not in shown
    assert "set aside" not in row(shown, "1.2")
    assert "4 sentences: 1 cited, 3 not yet read" in shown


@pytest.mark.django_db
def test_words_that_nothing_rests_on_are_seen_and_the_text_stays_verbatim(client):
    text = make_source("One & <two>\r\nthree four. It rains.", slug="a", join=[1])
    for words in ("& <two>", "<two>\r\nthree", "four. It"):
        make_published("statement", text, "p1", words)
    shown = client.get("/coverage/").content.decode()
    cells = re.findall(r'<td class="text"[^>]*>(.*?)</td>', shown, re.DOTALL)
    assert cells == [
        "One <mark>&amp; &lt;two&gt;&#13;\nthree</mark> <mark>four.</mark>",
        "<mark>It</mark> rains.",
    ]
    assert "Hatched" not in shown
    assert "Empty" not in shown


@pytest.mark.django_db
def test_shares_are_of_the_words_of_the_paragraph_and_of_the_source(client):
    text = make_source("12345 789.\nabcdefghij", slug="a")
    make_published("statement", text, "p1", "12345")
    make_published("statement", text, "p1", "2345")
    shown = read(client, "/coverage/")
    assert "2 claims rest on 25% of the words" in shown
    assert "50% of its words" in shown
    assert "0% of its words" in shown


@pytest.mark.django_db
def test_each_paragraph_has_its_share_and_all_texts_theirs(client):
    text = make_source("12345 789. Aside. Open.\nabcdefghij", slug="a")
    make_published("statement", text, "p1", "12345")
    make_published("statement", make_source("abcde", slug="b"), "p1", "abcde")
    Sentence.objects.filter(paragraph__transcription=text, number=2).update(reason="Small talk.")
    shown = read(client, "/coverage/")
    assert "2 sources, 5 sentences: 2 cited, 1 set aside with a reason, 2 not yet read" in shown
    assert "2 claims rest on 26% of all words" in shown
    table = part(shown, "Paragraphs of source A", "</table>")
    first = re.findall(r"<td.*?</td>", part(table, 'href="#A.p1"', "</tr>"))
    assert [re.sub("<[^>]*>", "", cell).strip() for cell in first] == [
        "3",
        "1",
        "1",
        "1",
        "1",
        "22%",
    ]
    assert '<rect class="part" width="22"' in first[-1]
    assert "15%" in part(table, "<tfoot>", "</tfoot>")


@pytest.mark.django_db
def test_a_cell_of_the_strip_leads_to_its_sentence_and_says_why_it_is_empty(client):
    text = make_source(TEXT, slug="a")
    make_source(TEXT, slug="b")
    Sentence.objects.filter(paragraph__transcription=text, number=3).update(reason="Small talk.")
    shown = read(client, "/coverage/")
    cell = part(shown, '<a class="c-aside" href="#A.p1.s3"', "</a>")
    assert "¶ 1, sentence 3: set aside: Small talk." in cell
    assert "set aside: Small talk." in part(shown, '<tr class="is-aside" id="A.p1.s3">', "</tr>")
    assert 'class="c-open" href="#B.p1.s3"' in shown
    ids = re.findall(r' id="([^"]+)"', shown)
    assert len(ids) == len(set(ids))


@pytest.mark.django_db
def test_a_half_read_source_is_not_yet_read_and_never_silent(client):
    for slug in ("a", "b"):
        text = make_source(TEXT, slug=slug)
        for words in ("Peace", "Trade", "It rains"):
            make_published("statement", text, "p1", words)
        make_published("statement", text, "p2", "The second")
    third = make_source(TEXT, slug="c", title="The Third")
    make_published("principle", third, "p1", "Trade", "of-the-third")
    make_published(
        "principle", Source.objects.get(slug="a").transcriptions.get(), "p1", "one", "one"
    )
    shown = read(client, "/coverage/").partition('id="source-c"')[2]
    assert "4 sentences: 1 cited, 3 not yet read" in shown
    assert shown.count(">not yet read</p>") == 3
    assert "silent" not in shown
    columns = read(client, "/principles/one/")
    assert "<b>silent:</b> no words of" in part(columns, 'aria-label="Source B"', "</section>")
    half_read = part(columns, 'aria-label="Source C"', "</section>")
    assert "no passage cited;</b> 3 sentences unread" in half_read
    assert "silent" not in half_read


@pytest.mark.django_db
def test_hidden_claims_cover_nothing(client):
    text = make_source(TEXT, slug="a")
    make_hidden("statement", text, "p1", "Peace")
    shown = read(client, "/coverage/")
    assert "Hidden" not in shown
    assert "0 claims" in shown
    assert "4 not yet read" in shown
    assert "not yet read" in row(shown, "1.1")


@pytest.mark.django_db
def test_only_the_current_transcription_counts(client):
    text = make_source(TEXT, slug="a")
    make_published("statement", text, "p1", "Peace")
    store(Source.objects.get(slug="a"), cut("Another text. Of two sentences."))
    shown = read(client, "/coverage/")
    assert "2 sentences: 0 cited, 2 not yet read" in shown
    assert "Peace" not in shown


@pytest.mark.django_db
def test_without_a_source_the_page_says_so(client):
    assert "There is no source yet" in read(client, "/coverage/")


@pytest.mark.django_db
def test_many_claims_of_a_sentence_are_folded_and_all_there(client):
    text = make_source(TEXT, slug="a")
    for n in range(7):
        make_published("statement", text, "p1", "Peace", title=f"Number {n}")
    first = row(read(client, "/coverage/"), "1.1")
    assert "4 more claims" in first
    assert all(f"Number {n}" in first for n in range(7))


@pytest.mark.django_db
def test_cost(client, django_assert_num_queries):
    """Paragraphs with their sources, sentences, citations with claims, notes."""
    text = make_source(TEXT, slug="a")
    make_published("statement", text, "p1", "Peace")
    with django_assert_num_queries(4):
        client.get("/coverage/")
    for n in range(4):
        more = make_source(TEXT, slug=f"more-{n}")
        make_published("quotation", more, "p1", "Peace")
    with django_assert_num_queries(4):
        client.get("/coverage/")
