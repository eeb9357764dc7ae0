"""A corrected source in a browser: the impact, the carrying, a decision, all of it undone."""

import re

import pytest
from playwright.sync_api import expect

OLD = "We want peace. Trade is free. They want it too."
NEW = "First of all. We want peace. Trade is fair. They want it too."
BRING = f"""
from kb.cutting import cut
from kb.storing import store
from principles.models import Statement
source = store(Source(slug="corrected", title="A corrected text"), cut("{OLD}"))
for title, exact in (("Peace is wanted", "peace"), ("Trade is called free", "free")):
    claim = Statement(slug=f"corrected-{{exact}}", title=title, sentence="The source says so.")
    claim.save()
    paragraph = source.paragraphs.get()
    at = paragraph.text.index(exact)
    Citation.objects.create(
        claim=claim, paragraph=paragraph, exact=exact, start=at, end=at + len(exact)
    )
print(Intake.objects.create(text="{NEW}", source=source.source).pk)
"""
TAKE_OUT = """
from django.core.management import call_command
Claim.objects.filter(slug__startswith="corrected-").delete()
Intake.objects.all().delete()
call_command("remove_source", "corrected", verbosity=0)
"""
WHERE = """
for citation in Citation.objects.filter(claim__slug__startswith="corrected-").with_places():
    print(citation.paragraph.transcription.version, citation.start, citation.exact)
"""


@pytest.fixture
def intake(served):
    yield served.run(BRING).split()[-1]
    served.run(TAKE_OUT)


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without scripts"])
def test_a_text_is_corrected_and_no_citation_is_lost(editor, served, intake, scripts):
    page = editor(f"/admin/kb/carry/intake/{intake}/", java_script_enabled=scripts)
    counts = page.locator(".kb-counts")
    expect(counts).to_have_text("0 unchanged 1 moved 0 ambiguous 1 changed", use_inner_text=True)
    expect(page.locator("ins").first).to_contain_text("First of all.")
    assert served.run(WHERE).splitlines() == ["1 8 peace", "1 24 free"]

    page.get_by_role("button", name="Confirm: store it and carry what stays").click()
    expect(page.locator(".messagelist")).to_contain_text("1 citation carried")
    assert sorted(served.run(WHERE).splitlines()) == ["1 24 free", "2 22 peace"]

    page.get_by_role("link", name="1 citation of this source waits for a decision").click()
    waiting = page.get_by_role("article")
    expect(waiting.locator("mark")).to_have_text(["free", "fair"])
    page.get_by_role("link", name="These words instead…").click()
    page.get_by_label("Exact words").fill("fare")
    page.get_by_role("button", name="Cite these words").click()
    expect(page.locator(".errorlist")).to_contain_text("does not have these words")
    expect(page.get_by_label("Exact words")).to_have_value("fare")
    page.get_by_role("button", name="Here").click()
    expect(page.get_by_text("None: every citation stands on a current text.")).to_be_visible()
    assert sorted(served.run(WHERE).splitlines()) == ["2 22 peace", "2 38 fair"]

    page.goto("/admin/kb/carry/")
    page.get_by_role("link", name=re.compile("^to .*, version 2$")).click()
    page.get_by_role("button", name="Undo all of it").click()
    expect(page.locator(".messagelist")).to_contain_text("is where it was. The transcription stays")
    assert sorted(served.run(WHERE).splitlines()) == ["1 8 peace", "2 38 fair"]


@pytest.mark.parametrize("width", [1280, 360])
def test_nothing_is_wider_than_the_window(editor, intake, width):
    page = editor("/admin/kb/carry/waiting/", viewport={"width": width, "height": 800})
    for path in (f"/admin/kb/carry/intake/{intake}/", "/admin/kb/carry/"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
