"""Texts as people bring them in: plain text as it is, a page by its main text."""

import socket

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kb import extracting
from kb.cutting import UnfitText
from kb.extracting import from_file, from_page, from_paste

PAGE = """<!doctype html><html lang="en"><head><title>T</title>{head}
<script>var hidden = "evil one";</script><style>p {{ color: red }}</style></head><body>
<nav><a href="/">Home</a> <a href="/x">News</a> <a href="/y">Contact</a></nav>
<article><h1>Foreign policy</h1>
<p onclick="evil()">The Republic  of
Azerbaijan pursues an <b>independent</b> foreign\u00a0policy. It is <a href="/x">open</a> to all.
<script>alert("evil two")</script></p>
<h2>Peace</h2><p>Əminlik &amp; peace &lt;b&gt; are the aim that the whole of it rests on.<br>
A line after a break.</p>
<ul><li>The first item of a list.</li><li>The second item.</li></ul>
<table><tr><td>A cell of words</td><td>Another cell</td></tr></table>
<p>The last of the paragraphs says that all of this is meant for good.</p></article>
<footer><p>Copyright of the page.</p></footer></body></html>"""
LINES = [
    "Foreign policy",
    "The Republic of Azerbaijan pursues an independent foreign policy. It is open to all.",
    "Peace",
    "Əminlik & peace <b> are the aim that the whole of it rests on.",
    "A line after a break.",
    "The first item of a list.",
    "The second item.",
    "A cell of words",
    "Another cell",
    "The last of the paragraphs says that all of this is meant for good.",
]


def _page(head=""):
    return PAGE.format(head=head)


@given(st.text(min_size=1))
@example("\r\n A\u00a0b \r\nc\r\n")
def test_plain_text_is_kept_or_refused_in_words(text):
    try:
        brought = from_file(text.encode())
    except (UnfitText, UnicodeEncodeError):
        return
    assert brought.text == text
    assert brought.remarks == ("The file is kept as it is, byte for byte.",)
    assert from_paste(text).text == text.replace("\r\n", "\n")


def test_line_breaks_of_a_browser_are_line_feeds_and_that_is_said():
    brought = from_paste(" One.\r\n\r\nTwo.\u00a0 \r\n")
    assert brought.text == " One.\n\nTwo.\u00a0 \n"
    (remark,) = brought.remarks
    assert "came as CR LF" in remark
    assert "nothing else was changed" in remark
    assert from_paste("One.").remarks == ("The text is kept as it was pasted.",)


@pytest.mark.parametrize("bring", [from_file, lambda raw: from_paste(raw.decode())])
@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b" \r\n", "is empty"),
        (b"A\x00B", r"U\+0000"),
        (b"\xef\xbb\xbfA", "byte-order mark: save it as UTF-8 without one"),
    ],
)
def test_what_can_not_be_kept_is_refused(bring, raw, says):
    with pytest.raises(UnfitText, match=says):
        bring(raw)


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(UnfitText, match="is not UTF-8"):
        from_file(b"\x89PNG\r\n\x1a\n")


def test_the_main_text_of_a_page_is_a_paragraph_a_line():
    brought = from_page(_page())
    assert brought.text.splitlines() == LINES
    assert brought.headings == (1, 3)
    assert brought.original == _page()


def test_what_was_done_to_a_page_is_said():
    remarks = from_page(_page()).remarks
    assert f"{len(chr(10).join(LINES)) + 1} of the page's" in remarks[0]
    assert "Runs of white space are one space each" in remarks[1]
    assert remarks[2] == "1 no-break space became spaces or were left out."
    assert remarks[3] == "2 headings of the page are proposed as headings."


def test_neither_scripts_nor_handlers_nor_navigation_come_in():
    text = from_page(_page()).text
    for word in ("evil", "onclick", "color: red", "Contact", "Copyright"):
        assert word not in text


def test_nothing_is_fetched(monkeypatch):
    def refuse(*args):
        raise AssertionError("asked the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    linked = _page('<base href="http://127.0.0.1:9/"><link rel=stylesheet href="/x.css">')
    entity = '<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + _page().partition(">")[2]
    assert from_page(linked).text.splitlines() == LINES
    assert "root:" not in from_page(entity.replace("A cell", "A &x; cell")).text


@pytest.mark.parametrize(
    ("encoding", "head", "says"),
    [
        ("utf-8", "", "Decoded from UTF-8, by its bytes."),
        ("utf-8-sig", "", "Decoded from UTF-8, by its byte-order mark, which was left out."),
        ("utf-16", "", "Decoded from UTF-16, by its byte-order mark, which was left out."),
        ("utf-8", '<meta charset="utf-8">', "Decoded from UTF-8, as the page declares."),
        ("utf-8", '<meta charset="no-such">', "Decoded from UTF-8, by its bytes."),
        ("utf-8", '<meta charset="ascii">', "Decoded from UTF-8, by its bytes."),
        (
            "cp1254",
            '<META http-equiv=Content-Type content="text/html; charset=windows-1254">',
            "Decoded from WINDOWS-1254, as the page declares.",
        ),
    ],
)
def test_bytes_are_decoded_and_that_is_said(encoding, head, says):
    page = _page(head).replace("Ə", "Ş")
    brought = from_page(page.encode(encoding))
    assert brought.remarks[0] == says
    assert brought.text.splitlines()[3].startswith("Şminlik & peace")


@pytest.mark.parametrize(
    "page",
    [
        "",
        "   ",
        "<html></html>",
        "<html><body><script>evil()</script></body></html>",
        "<html><body>" + "<div>" * 5000,
        "\x00\x01",
        b"\x00\x01\x02\xff",
        b"\x89PNG\r\n\x1a\n\x00\x00",
    ],
    ids=range(8),
)
def test_a_page_without_main_text_says_what_to_do(page):
    with pytest.raises(UnfitText, match=r"(copy the text|save it as UTF-8)"):
        from_page(page)


def test_a_page_that_is_too_large_says_what_to_do(monkeypatch):
    monkeypatch.setattr(extracting, "MAX_PAGE", 100)
    with pytest.raises(UnfitText, match=r"more than 0 MB of HTML.*bring it in as plain text"):
        from_page(_page())
