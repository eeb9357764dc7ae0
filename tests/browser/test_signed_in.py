"""The editors' pages in a browser, as an editor and as a reviewer."""

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize("name", ["editor", "second_editor", "reviewer"])
def test_the_admin_is_open_to(request, name):
    page = request.getfixturevalue(name)("/admin/")
    expect(page.locator("#user-tools")).to_contain_text(name.replace("_", "-"))
    expect(page.get_by_role("link", name="Statements", exact=True)).to_be_visible()
