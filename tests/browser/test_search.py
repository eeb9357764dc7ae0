"""Search from any page, narrowed down and widened again, without scripts."""

from playwright.sync_api import expect


def test_from_the_box_on_a_page_to_the_words_in_their_source(visit):
    page = visit("/about/", java_script_enabled=False)
    page.get_by_role("searchbox", name="Search the claims").fill("Əliyev basic principles")
    page.keyboard.press("Enter")
    first = page.locator("[data-claim]").first
    expect(first).to_have_attribute("data-claim", "heydar-aliyev-on-the-basic-principles")
    expect(first.locator("mark").first).to_have_text("Aliyev")
    first.get_by_role("link", name="¶ 3").first.click()
    expect(page).to_have_url("/sources/foreign-policy/v1/#p3.2037-2225")


def test_results_are_narrowed_down_and_widened_again(visit):
    page = visit("/search/?q=policy", viewport={"width": 360, "height": 740})
    expect(page.get_by_role("link", name="Heydar Aliyev", exact=True)).to_be_hidden()
    page.get_by_text("Narrow down").click()
    page.get_by_role("link", name="Heydar Aliyev", exact=True).click()
    expect(page.get_by_role("status")).to_have_text("7 claims.")
    page.get_by_role("searchbox").fill("statehood")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("claim")
    page.get_by_role("link", name="take it out").click()
    expect(page).to_have_url("/search/?q=statehood")
