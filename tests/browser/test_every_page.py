"""What holds on every kind of page, in light and dark, wide and narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from .pages import PAGES

WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 360, "height": 740}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
COLOURS = ["color-contrast", "link-in-text-block"]

every_page = pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)


@every_page
def test_axe_finds_nothing(visit, path):
    """Dark changes colours alone, so there colours alone are looked at."""
    page = visit(path, viewport=WIDE, color_scheme="light", reduced_motion="reduce")
    assert_sound(page, RULES)
    page.emulate_media(color_scheme="dark")
    assert_sound(page, COLOURS)
    page.set_viewport_size(NARROW)
    assert_sound(page, COLOURS)
    page.emulate_media(color_scheme="light")
    assert_sound(page, RULES)


def assert_sound(page, rules):
    found = Axe().run(page, options={"runOnly": rules, "resultTypes": ["violations"]})
    assert not found.violations_count, found.generate_report()


@every_page
def test_nothing_scrolls_sideways_at_360_px(visit, path):
    page = visit(path, viewport=NARROW)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    width = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    assert page.evaluate(width) <= 0


@every_page
def test_the_text_is_there_without_javascript(visit, path):
    """Scripts may add, never bring: the same words with and without."""
    words = "[...document.querySelectorAll('main *')].length && document.body.innerText.trim()"
    without = visit(path, java_script_enabled=False).locator("body").inner_text().strip()
    assert len(without) > 200
    scripted = visit(path)
    scripted.evaluate("document.querySelectorAll('[data-copy]').forEach(b => b.hidden = true)")
    assert scripted.evaluate(words) == without


@every_page
def test_tab_reaches_only_what_is_seen(visit, path):
    """The first stop skips to the text; every stop has a name, a place and a visible mark."""
    page = visit(path)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "#main"
    for _ in range(25):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        stop = page.evaluate(
            """() => {
                const el = document.activeElement, box = el.getBoundingClientRect();
                const style = getComputedStyle(el);
                return {
                    html: el.outerHTML.slice(0, 200),
                    seen: box.width > 0 && box.height > 0,
                    marked: style.outlineStyle !== "none" && style.outlineWidth !== "0px",
                };
            }"""
        )
        assert stop["seen"], stop
        assert stop["marked"], stop
