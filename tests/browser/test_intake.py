"""A text comes in through the admin, with scripts and without."""

import pytest
from playwright.sync_api import expect

TEXT = "ON PEACE Peace is the aim. Not war.\nA paragraph that is\nbroken off."


@pytest.fixture
def slug(served):
    yield "on-peace"
    served.run(
        "from django.core.management import call_command as c; c('remove_source', 'on-peace')"
    )


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_a_pasted_text_is_cut_mended_and_stored(editor, slug, scripts):
    page = editor("/admin/kb/source/", java_script_enabled=scripts)
    page.get_by_role("link", name="Bring in a text").click()
    page.get_by_label("Paste the text").fill(TEXT)
    page.get_by_role("button", name="Look at the cut").click()
    expect(page.get_by_text("What you typed is still here")).to_be_visible()
    expect(page.get_by_label("Paste the text")).to_have_value(TEXT)
    page.get_by_label("Title:").fill("On peace")
    page.get_by_role("button", name="Look at the cut").click()

    expect(page.get_by_text("0 headings, 3 body paragraphs, 4 sentences")).to_be_visible()
    broken = page.get_by_role("region", name="¶ 2", exact=True)
    expect(broken).to_contain_text("does not end as a sentence does")
    broken.get_by_role("button", name="Join with the next").click()
    first = page.get_by_role("region", name="¶ 1", exact=True)
    first.get_by_text("Split ¶ 1").click()
    first.get_by_label("Before these words").fill("Peace ist")
    first.get_by_role("button", name="into two paragraphs").click()
    expect(first.locator(".errornote ins")).to_have_text("is")
    expect(first.get_by_label("Before these words")).to_have_value("Peace ist")
    first.get_by_label("Before these words").fill("Peace is")
    first.get_by_role("button", name="into two paragraphs").click()
    first.get_by_role("button", name="It is a heading").click()
    first.get_by_role("button", name="No sentence ends here").click()
    expect(page.get_by_text("1 heading, 2 body paragraphs, 2 sentences")).to_be_visible()
    expect(page.get_by_text("a paragraph begins in line 1 with “Peace is the aim.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.get_by_role("button", name="Confirm and store it").click()
    expect(page.get_by_role("status")).to_have_text("Stored as C, version 1.")
    page.get_by_role("link", name="Read it as the public does").click()
    assert page.url.endswith(f"/sources/{slug}/v1/")
    expect(page.locator("#h1")).to_have_text("ON PEACE")
    expect(page.locator("#p1")).to_contain_text("Peace is the aim. Not war.")
    expect(page.get_by_text("In our cut of the file")).to_be_visible()


def test_a_file_that_is_discarded_is_gone(editor, tmp_path):
    path = tmp_path / "peace.txt"
    path.write_text("Peace is the aim.")
    page = editor("/admin/kb/intake/add/")
    page.get_by_label("Or upload a file").set_input_files(path)
    page.get_by_label("Title:").fill("Discarded")
    page.get_by_role("button", name="Look at the cut").click()
    expect(page.get_by_text("The file is kept as it is, byte for byte")).to_be_visible()
    page.get_by_role("link", name="Discard").click()
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("peace.txt")).to_have_count(1)  # in the message that says so
