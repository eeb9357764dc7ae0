"""From draft to public, by an editor and a reviewer; and two editors at once."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .test_every_page import NARROW, RULES, WIDE

DRAFT = """
from kb.models import Citation, Transcription
from kb.publishing import note_step, touch
from principles.models import Statement
from django.contrib.auth.models import User
paragraph = Transcription.objects.current().first().paragraphs.get(kind="body", number=2)
claim = Statement(slug="{slug}", title="{title}", sentence="The source says this.")
claim.save()
words = paragraph.text[:40]
Citation.objects.create(claim=claim, paragraph=paragraph, exact=words, start=0, end=len(words))
by = User.objects.get(username="editor")
note_step(claim, "draft", by=by)
touch(claim, by)
print(claim.pk)
"""
SCRIPTS = pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])


@pytest.fixture
def drafted(served):
    """Makes a draft of the editor's with words; returns the address of its form."""

    def make(slug: str, title: str) -> str:
        pk = served.run(DRAFT.format(slug=slug, title=title)).strip()
        return f"/admin/principles/statement/{pk}/change/"

    return make


@SCRIPTS
def test_a_draft_is_sent_to_review_looked_at_published_and_withdrawn(
    editor, reviewer, drafted, scripts
):
    title = f"On the way {'with' if scripts else 'without'} scripts"
    slug = title.replace(" ", "-").lower()
    address = drafted(slug, title)
    writes = editor(address, java_script_enabled=scripts)
    expect(writes.get_by_role("button", name="Publish")).to_have_count(0)
    writes.get_by_label("Note to other editors").fill("Look at the words.")
    writes.get_by_role("button", name="Send to review").click()
    expect(writes.locator(".messagelist")).to_contain_text(title)

    reviews = reviewer("/admin/", java_script_enabled=scripts)
    reviews.get_by_role("link", name="Look at them, publish or send back").click()
    waiting = reviews.locator(".kb-row").filter(has_text=title)
    expect(waiting).to_contain_text("Look at the words.")
    waiting.get_by_role("link", name="Preview").click()
    expect(reviews.get_by_role("heading", level=1)).to_have_text(title)
    expect(reviews.get_by_label("Preview", exact=True)).to_contain_text("it is not public")
    reviews.get_by_role("link", name="The reading room", exact=False).click()
    expect(reviews.locator(f'[data-claim="{slug}"]').first).to_be_attached()
    assert reviews.request.get(f"/claims/{slug}/").status == 404

    reviews.goto("/admin/review/")
    reviews.get_by_role("checkbox", name=title).check()
    reviews.get_by_label("Public note on this edition").fill("Seen by two.")
    reviews.get_by_role("button", name="Publish those chosen").click()
    expect(reviews.locator(".messagelist")).to_contain_text(f"Published: “{title}”")
    assert reviews.request.get(f"/claims/{slug}/").status == 200

    reviews.goto(address)
    reviews.get_by_role("link", name="Withdraw…").click()
    reviews.get_by_label("Reason").fill("It was made for a test.")
    reviews.get_by_role("button", name="Withdraw").click()
    expect(reviews.locator(".kb-standing")).to_contain_text("It was made for a test.")
    assert reviews.request.get(f"/claims/{slug}/").status == 410


@SCRIPTS
def test_the_second_of_two_editors_sees_both_and_decides(editor, second_editor, drafted, scripts):
    title = f"For two {'with' if scripts else 'without'} scripts"
    address = drafted(title.replace(" ", "-").lower(), title)
    first = editor(address, java_script_enabled=scripts)
    second = second_editor(address, java_script_enabled=scripts)
    first.get_by_label("Sentence:").fill("The source says that.")
    first.get_by_role("button", name="Save", exact=True).click()
    second.get_by_label("Sentence:").fill("The source says another thing.")
    second.get_by_role("button", name="Save", exact=True).click()
    told = second.get_by_label("What happened meanwhile")
    expect(told.locator("ins").first).to_have_text("that")
    expect(told.locator("del", has_text="that")).to_have_count(1)
    expect(second.get_by_label("Sentence:")).to_have_value("The source says another thing.")
    second.get_by_role("button", name="Save and continue editing").click()
    expect(second.locator(".messagelist")).to_contain_text("changed successfully")
    expect(second.get_by_label("Sentence:")).to_have_value("The source says another thing.")


@pytest.mark.parametrize(("scheme", "size"), [("light", WIDE), ("dark", NARROW)])
def test_axe_finds_nothing_in_what_is_ours(reviewer, served, size, scheme):
    submitted = "from kb.publishing import submit; submit(claim, by=by, note='See.')"
    served.run(DRAFT.format(slug=f"axe-{scheme}", title="For axe") + submitted)
    # Without preload: axe would look for what a style imports in the wrong place.
    options = {"runOnly": RULES, "resultTypes": ["violations"], "preload": False}
    page = reviewer("/admin/", viewport=size, color_scheme=scheme)
    for address in ("/admin/", "/admin/review/"):
        page.goto(address)
        found = Axe().run(page, context="#content-main", options=options)
        assert not found.violations_count, found.generate_report()
        wide = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
        assert page.evaluate(wide) <= 0
    page.locator(".kb-row").get_by_role("link", name="Preview").first.click()
    found = Axe().run(page, options=options)
    assert not found.violations_count, found.generate_report()
