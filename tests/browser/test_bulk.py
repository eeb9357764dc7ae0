"""A spreadsheet goes out, is changed, and comes back for review, under the strict CSP."""

import csv
import io

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .test_every_page import NARROW, RULES, WIDE


@pytest.fixture
def _cleared(served):
    yield
    served.run("Claim.objects.filter(slug='brought-in').delete()")


def accessible(page) -> None:
    options = {"runOnly": RULES, "resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, options=options)
    assert not found.violations_count, found.generate_report()
    width = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    assert page.evaluate(width) <= 0


def choose(page, rows) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    file = {"name": "ours.csv", "mimeType": "text/csv", "buffer": out.getvalue().encode()}
    page.get_by_label("Spreadsheet").set_input_files(file)
    page.get_by_role("button", name="Look at what it would do").click()


@pytest.mark.usefixtures("_cleared")
@pytest.mark.parametrize(
    ("size", "scripts"), [(WIDE, True), (NARROW, True), (WIDE, False)], ids=["1280", "360", "no JS"]
)
def test_out_changed_and_in_again(editor, size, scripts):
    check = accessible if scripts else lambda page: None
    page = editor("/admin/principles/principle/", viewport=size, java_script_enabled=scripts)
    page.get_by_role("link", name="Export").click()
    check(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    with download.value.path().open(encoding="utf-8-sig", newline="") as file:
        header, first, *rows = csv.reader(file)
    new = ["brought-in", *first[1:]]
    page.goto("/admin/principles/principle/import/")
    check(page)
    choose(page, [header, first, ["a & b", *first[1:]], *rows])
    expect(page.get_by_role("heading", name="Nothing was imported")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="a & b")).to_contain_text("valid “slug”")
    check(page)
    choose(page, [header, first, new, *rows])
    expect(page.get_by_role("heading", name="Row 3: brought-in")).to_contain_text("a new draft")
    check(page)
    page.get_by_role("button", name="Import as drafts, for review").click()
    expect(page.locator(".messagelist")).to_contain_text("Imported: 1 new, 0 changed")
    page.goto("/admin/principles/principle/?q=brought-in")
    expect(page.locator("#result_list")).to_contain_text("in review")
