"""Sources side by side, and two texts in parallel with lines between the words they share."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .test_every_page import NARROW, RULES, WIDE

READING = "/compare/reading/"
ENDS = """() => [...document.querySelectorAll('.threads path')].map(path => {
    const box = document.querySelector('.threads').getBoundingClientRect();
    const [from, to] = [0, path.getTotalLength()].map(at => path.getPointAtLength(at));
    const [here, there] = path.dataset.c.split(' ').map(id => document.getElementById(id));
    const near = (point, rects) => Math.min(...[...rects].map(rect => Math.hypot(
        Math.max(rect.left - point.x - box.left, 0, point.x + box.left - rect.right),
        Math.max(rect.top - point.y - box.top, 0, point.y + box.top - rect.bottom),
    )));
    return Math.max(near(from, here.getClientRects()), near(to, there.getClientRects()));
})"""


def test_lines_are_drawn_between_the_words_and_again_when_they_move(visit):
    page = visit(READING, viewport=WIDE)
    rows = page.locator("tr[data-c]").count()
    expect(page.locator(".threads path")).to_have_count(rows)
    assert rows > 20
    assert max(page.evaluate(ENDS)) < 6
    page.set_viewport_size({"width": 1120, "height": 900})
    page.wait_for_function(f"Math.max(...({ENDS})()) < 6")
    words = page.locator('[id="A.p7"] mark.k-organization').first
    words.hover()
    expect(page.locator(".threads path.over")).to_have_count(1)
    expect(page.locator('[id^="B."] mark.over, mark.over[id^="B."]')).to_have_count(0)
    page.locator("#shared ~ * tr[data-c] th").first.hover()
    expect(page.locator('mark.over[id^="B."]')).not_to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_on_a_narrow_screen_figures_lead_from_text_to_text(visit, scripts):
    page = visit(READING, viewport=NARROW, java_script_enabled=scripts)
    expect(page.locator(".threads")).to_be_hidden()
    page.locator('[id="A.p1"] a.key').first.click()
    expect(page).to_have_url(re.compile(r"#B\.p\d\.\d+-\d+$"))
    expect(page.locator(f'[id="{page.url.partition("#")[2]}"]')).to_be_in_viewport()


def test_filters_are_set_and_taken_back(visit):
    page = visit("/compare/", viewport=NARROW, java_script_enabled=False)
    page.get_by_role("link", name="where names differ").click()
    expect(page).to_have_url(re.compile(r"\?show=names$"))
    expect(page.locator("em.dif").nth(3)).to_be_visible()
    page.get_by_role("link", name="remove this filter").click()
    expect(page).to_have_url(re.compile(r"/compare/$"))
    fold = page.get_by_text("in source A only", exact=False).locator("visible=true").last
    fold.click()


def test_with_all_folds_open_axe_finds_nothing(visit):
    page = visit("/compare/", viewport=WIDE)
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    assert not found.violations_count, found.generate_report()


def test_the_site_s_ways_stay_on_one_line(visit):
    page = visit("/compare/", viewport=WIDE)
    ways = page.get_by_role("navigation", name="Site").get_by_role("link").all()
    assert len({way.bounding_box()["y"] for way in ways}) == 1
