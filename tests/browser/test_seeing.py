"""The map of claims, and links to words, as a reader sees and uses them."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .pages import PAGES
from .test_every_page import NARROW, RULES, WIDE

OVER = """() => [...document.querySelectorAll(".map .over")].map(
    element => element.querySelector("text")?.textContent || element.classList[0])"""
OPACITY = "line => getComputedStyle(line).opacity"


def test_a_pointed_line_lights_both_its_ends_and_nothing_else(visit):
    page = visit("/", viewport=WIDE)
    line = page.locator(".map .line path").first
    line.scroll_into_view_if_needed()
    x, y = line.evaluate(
        """path => {
            const at = path.getPointAtLength(path.getTotalLength() * .97);
            const there = at.matrixTransform(path.getScreenCTM());
            return [there.x, there.y];
        }"""
    )
    page.mouse.move(x, y)
    assert page.evaluate(OVER) == ["Consistency and openness", "line", "A ¶ 3"]
    page.mouse.move(0, 0)
    assert page.evaluate(OVER) == []


def test_a_focused_paragraph_lights_its_lines_and_their_claims(visit):
    page = visit("/", viewport=WIDE)
    page.locator(".map .from a", has_text="B ¶ 4").focus()
    lit = page.evaluate(OVER)
    assert "B ¶ 4" in lit
    assert {"Heydar Aliyev", "Balanced foreign policy"} <= set(lit)
    assert "GUAM" not in lit
    assert lit.count("line") == len([name for name in lit if name not in ("line", "B ¶ 4")])


def test_without_a_script_a_claim_lights_its_lines(visit):
    page = visit("/", viewport=WIDE, java_script_enabled=False)
    own = page.locator(".map g", has_text="GUAM").locator(".line")
    other = page.locator(".map g", has_text="UNESCO").locator(".line")
    page.locator(".map a", has_text="GUAM").hover()
    assert (own.evaluate(OPACITY), other.evaluate(OPACITY)) == ("1", "0.16")


def test_on_a_narrow_screen_the_table_stands_for_the_map(visit):
    page = visit("/", viewport=NARROW)
    expect(page.locator(".map").first).to_be_hidden()
    row = page.locator('.map-table [data-claim="peace"]')
    expect(row).to_be_visible()
    row.get_by_role("link", name="B ¶ 2").click()
    assert "/sources/after-gaining-independence/v1/#p2." in page.url


@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
def test_links_to_words_are_copied(visit, size):
    page = visit(
        PAGES["principle"], viewport=size, permissions=["clipboard-read", "clipboard-write"]
    )
    fold = page.locator(".link-to").first
    fold.locator("summary").click()
    copied = []
    for button in fold.get_by_role("button").all():
        button.click()
        expect(button).to_have_text("Copied")
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    permanent, published, quotation = copied[:3]
    assert permanent.startswith(f"{page.url.split('/principles')[0]}/sources/")
    assert published.startswith("https://azerbaijan.az/en/information/")
    assert ":~:text=" in published
    words = page.locator("[data-quote]").first.text_content()
    assert quotation.startswith(f"“{words}” (A: FOREIGN POLICY")
    assert quotation.endswith(permanent)
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    assert not found.violations_count, found.generate_report()
