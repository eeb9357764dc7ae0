"""A reader's ways through the edition."""

import re

import pytest
from playwright.sync_api import expect

from .pages import PAGES, ROOM

PARAGRAPHS = """() => [...document.querySelectorAll('p[id], [id].words')]
    .filter(p => /^p\\d+$/.test(p.id))
    .map(p => {
        const copy = p.cloneNode(true);
        copy.querySelectorAll('[data-notext]').forEach(n => n.remove());
        return copy.textContent;
    })"""


def follow_to_the_words(page, click):
    """home → principle → its words, marked, in the source → another claim."""
    click(page.get_by_role("navigation").get_by_role("link", name="Principles", exact=True))
    expect(page.get_by_role("heading", level=1)).to_have_text("Principles")
    click(page.locator('main [data-claim="mutually-beneficial-cooperation"] a').first)
    expect(page).to_have_url(re.compile("/principles/mutually-beneficial-cooperation/$"))
    words = page.locator("main [data-claim] [data-quote]").first.text_content()
    click(page.locator('main [data-claim] a[href*="/v1/"][href*="#p"]').first)
    expect(page).to_have_url(re.compile(r"/sources/[-\w]+/v1/.*#p\d"))
    place = page.url.split("#")[1]
    expect(page.locator(f'[id="{place}"]')).to_be_in_viewport()
    marked = "".join(page.locator("mark").all_text_contents())
    assert words in marked
    if "?claim=" in page.url:
        click(page.get_by_role("link", name="Show all marks"))
        expect(page).not_to_have_url(re.compile("claim="))
    notes = page.locator("main aside:visible").filter(has=page.locator("[data-claim]")).first
    other = notes.locator('[data-claim]:not([data-claim^="mutually"]) a.claim').first
    expect(notes).to_be_visible()
    if not other.is_visible():
        click(notes.locator("summary").first)
    title = other.text_content().strip()
    click(other)
    expect(page.get_by_role("heading", level=1)).to_contain_text(title)


def test_from_the_home_page_to_the_words_and_back_to_another_claim(visit):
    follow_to_the_words(visit("/"), click=lambda element: element.click())


def test_the_same_by_keyboard_alone(visit):
    page = visit("/")

    def press(element):
        for _ in range(400):
            page.keyboard.press("Tab")
            if element.evaluate("e => e === document.activeElement"):
                page.keyboard.press("Enter")
                return
        pytest.fail(f"Tab does not reach {element}")

    follow_to_the_words(page, click=press)


def test_the_same_without_javascript(visit):
    page = visit("/", java_script_enabled=False)
    follow_to_the_words(page, click=lambda element: element.click())


def test_the_same_on_a_telephone(visit):
    page = visit("/", viewport={"width": 360, "height": 740}, has_touch=True)
    follow_to_the_words(page, click=lambda element: element.tap())


def test_one_claim_alone_is_marked(visit):
    page = visit(PAGES["one claim"])
    everything = visit(ROOM)
    assert 0 < page.locator("mark").count() < everything.locator("mark").count()
    assert page.evaluate(PARAGRAPHS) == everything.evaluate(PARAGRAPHS)


def test_the_text_in_the_page_is_the_text_of_the_source(visit):
    """In a browser's own reading: selecting it all copies no number and no note mark."""
    page = visit(ROOM)
    paragraphs = page.evaluate(PARAGRAPHS)
    assert len(paragraphs) == 7
    selected = page.evaluate(
        """() => {
            const range = document.createRange();
            range.selectNodeContents(document.getElementById("p1"));
            getSelection().removeAllRanges();
            getSelection().addRange(range);
            return getSelection().toString();
        }"""
    )
    assert selected.strip() == paragraphs[0].strip()


def test_every_mark_leads_to_its_note_and_back(visit):
    page = visit(ROOM)
    key = page.locator("p.words a.key, [id^=p] a[data-notext]:not(.num)").first
    note = key.get_attribute("href").removeprefix("#")
    key.click()
    expect(page.locator(f'[id="{note}"]')).to_be_in_viewport()
    back = page.locator(f'[id="{note}"] a[href*="#p"]').first
    back.click()
    expect(page.locator(f'[id="{page.url.split("#")[1]}"]')).to_be_in_viewport()


LOOKS = """element => {
    const s = getComputedStyle(element);
    return [s.backgroundColor, s.color, s.boxShadow, s.textDecoration, s.borderColor].join();
}"""


def test_pointing_at_words_lights_their_note(visit):
    page = visit(ROOM)
    mark = page.locator("mark[data-c]").first
    note = page.locator(f'.note[data-c~="{mark.get_attribute("data-c")}"]').first
    before = note.evaluate(LOOKS)
    mark.hover()
    page.wait_for_timeout(400)
    assert note.evaluate(LOOKS) != before
    page.mouse.move(0, 0)
    page.wait_for_timeout(400)
    assert note.evaluate(LOOKS) == before


def test_a_focused_note_lights_its_words(visit):
    page = visit(ROOM)
    mark = page.locator("mark[data-c]").first
    before = mark.evaluate(LOOKS)
    page.locator(f'.note[data-c~="{mark.get_attribute("data-c")}"] a.claim').first.focus()
    page.wait_for_timeout(400)
    assert mark.evaluate(LOOKS) != before


def test_a_claim_is_copied_with_its_words_source_and_paragraph(visit):
    page = visit(PAGES["principle"], permissions=["clipboard-read", "clipboard-write"])
    words = page.locator("[data-quote]").first.text_content()
    button = page.get_by_role("button", name=re.compile("Copy", re.IGNORECASE)).first
    button.click()
    expect(page.get_by_text(re.compile("Copied")).first).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert words in copied
    assert "/sources/" in copied or "/claims/" in copied or "/principles/" in copied


def test_a_mistake_is_reported_with_the_claim_filled_in(visit):
    page = visit(PAGES["principle"])
    href = page.locator('a[href^="mailto:editors@example.org"]').first.get_attribute("href")
    assert "mutually-beneficial-cooperation" in href


def test_print_shows_the_notes_whole(visit):
    page = visit(ROOM)
    page.emulate_media(media="print")
    notes = page.locator("aside [data-claim] [data-quote]")
    assert notes.count() > 20
    for note in notes.all():
        expect(note).to_be_visible()
        assert note.evaluate("q => q.scrollWidth <= q.clientWidth + 1 || q.clientWidth === 0")
    expect(page.get_by_role("navigation", name="Site")).to_be_hidden()
