"""Words are selected in a text and cited: with the mouse, by keyboard, and without JavaScript."""

import json

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from .test_every_page import NARROW, RULES, WIDE

PREPARE = """
import json
from kb.citing import cite
from kb.models import Citation, Transcription
from principles.models import Principle, Statement
text = Transcription.objects.current().get(source__siglum="B")
found = {"text": text.pk}
found |= {p.ref: p.pk for p in text.paragraphs.all()}
for slug in ("sought-one", "sought-two"):
    claim = Statement(slug=slug, title=slug.replace("-", " ").capitalize(), sentence="B says it.")
    claim.save()
print(json.dumps(found))
"""
STORED = """
from kb.models import Claim
for c in Claim.objects.get(slug="{}").citations.order_by("position"):
    print(c.paragraph.ref, c.start, c.exact)
"""
# Where the words of a box are on the screen, whichever elements they stand in.
PLACE = """(box, words) => {
    const walk = document.createTreeWalker(box, NodeFilter.SHOW_TEXT), range = new Range();
    let start = box.textContent.indexOf(words), end = start + words.length, at = 0;
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
        const next = at + node.length;
        if (at <= start && start < next) range.setStart(node, start - at);
        if (at < end && end <= next) range.setEnd(node, end - at);
        at = next;
    }
    box.scrollIntoView({ block: box.clientHeight ? "start" : "center" });
    const rects = [...range.getClientRects()], first = rects[0], last = rects.at(-1);
    return [first.left, (first.top + first.bottom) / 2, last.right, (last.top + last.bottom) / 2];
}"""


@pytest.fixture(scope="session")
def keys(served):
    """Keys of source B's text and of its paragraphs; two drafts to cite words for."""
    return json.loads(served.run(PREPARE))


def drag(box, words):
    left, top, right, bottom = box.evaluate(PLACE, words)
    mouse = box.page.mouse
    mouse.move(left + 1, top)
    mouse.down()
    mouse.move(right - 1, bottom, steps=4)
    mouse.up()


def choose(page, place, row=0):
    """Picks the paragraph ``place`` in a row of a claim's form; returns the box with its text."""
    page.locator(f"#citations-{row} .field-paragraph .select2-selection").click()
    page.locator(".select2-dropdown .select2-search__field").fill(place)
    page.locator(".select2-results__option", has_text=f"{place[0]} ¶ {place[2:]}:").click()
    box = page.locator(f"#citations-{row} [data-pick]")
    expect(box).not_to_be_empty()
    return box


def workbench(keys, query=""):
    return f"/admin/kb/transcription/{keys['text']}/workbench/{query}"


def test_words_are_selected_in_a_claims_form(editor, served, keys):
    page = editor("/admin/principles/statement/add/", viewport=WIDE)
    drag(choose(page, "B 1"), "an independent foreign policy")
    exact = page.locator("#id_citations-0-exact")
    expect(exact).to_have_value("an independent foreign policy")

    page.get_by_role("button", name="Add another Citation").click()
    box = choose(page, "B 2", row=1)
    box.focus()
    page.keyboard.press("Control+Home")
    for _ in range(len("The foreign policy")):
        page.keyboard.press("Shift+ArrowRight")
    expect(page.locator("#id_citations-1-exact")).to_have_value("The foreign policy")
    page.keyboard.type("nothing can be written here")
    page.keyboard.press("Delete")
    expect(box).to_contain_text("The foreign policy of Azerbaijan")

    page.locator("#citations-1").get_by_role("button", name="Move up").click()
    page.locator("#id_title").fill("Selected words")
    page.locator("#id_sentence").fill("B says it.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("was added successfully")
    assert served.run(STORED.format("selected-words")).splitlines() == [
        "p2 0 The foreign policy",
        "p1 79 an independent foreign policy",
    ]


def test_words_go_into_a_claim_without_leaving_the_text(editor, served, keys):
    page = editor(workbench(keys), viewport=WIDE)
    page.evaluate("window.stayed = true")
    drag(page.locator("#p3"), page.locator("#p3").text_content()[10:40].strip())
    form = page.locator("#kb-p3 .kb-cite")
    expect(form).to_be_in_viewport()
    form.get_by_label("Add to a claim").press_sequentially("sought one")
    form.get_by_role("button", name="Sought one").click()
    said = page.locator("#kb-p3 .kb-told")
    expect(said).to_contain_text("goes into “Sought one”")
    expect(said).to_be_in_viewport()
    expect(said.get_by_role("link")).to_be_visible()
    expect(page.locator("#kb-p3 .kb-ledger")).to_contain_text("Sought one")
    assert page.evaluate("window.stayed"), "the page was not left"
    expect(page.locator("#p3")).to_be_focused()
    ref, _, _ = served.run(STORED.format("sought-one")).split(" ", 2)
    assert ref == "p3"
    said.get_by_role("button", name="Take it back").click()
    expect(said).to_contain_text("Taken back out of “Sought one”")
    assert served.run(STORED.format("sought-one")) == ""
    assert page.evaluate("window.stayed"), "the page was not left"


def test_what_is_left_is_selected_in_the_ledger_and_set_aside(editor, keys):
    page = editor(workbench(keys), viewport=WIDE)
    section = page.locator("#kb-p2")
    left = section.locator("[data-from]").first
    words = left.text_content().split()[0]
    drag(left, words)
    expect(section.get_by_label("The words")).to_have_value(words)
    section.get_by_role("link", name="set aside").first.click()
    reason = section.get_by_label("No claim rests on them")
    expect(reason).to_be_focused()
    reason.fill("It leads up to what follows.")
    reason.press("Enter")
    expect(section.locator(".kb-told")).to_contain_text("is set aside: It leads up to")
    expect(section.locator(".kb-ledger")).to_contain_text("It leads up to what follows.")
    section.locator(".kb-told").get_by_role("button", name="Take it back").click()
    expect(section.locator(".kb-ledger")).not_to_contain_text("It leads up to what follows.")


def test_what_does_not_get_through_says_so_and_can_be_sent_again(editor, keys):
    page = editor(workbench(keys), viewport=WIDE)
    section = page.locator("#kb-p2")
    section.locator(".kb-citing summary").click()
    section.get_by_label("The words").fill("The foreign policy")
    section.get_by_label("No claim rests on them").fill("A name.")
    page.route("**/cite/", lambda route: route.fulfill(status=300, body="no"))
    section.get_by_role("button", name="Set aside", exact=True).click()
    expect(section.get_by_role("alert")).to_contain_text("That did not get through")
    expect(section.get_by_label("No claim rests on them")).to_have_value("A name.")
    page.unroute("**/cite/")
    expect(section.get_by_role("button", name="Set aside", exact=True)).to_be_enabled()


def test_a_new_claim_from_words_leads_back_to_the_text(editor, served, keys):
    page = editor(workbench(keys), viewport=WIDE)
    page.locator("#kb-p4 .kb-citing summary").click()
    form = page.locator("#kb-p4 .kb-cite")
    words = page.locator("#p4").text_content()[:30].rsplit(" ", 1)[0]
    form.get_by_label("The words").fill(words)
    form.get_by_label("New claim from these words").select_option("statement")
    form.get_by_role("button", name="Begin it").click()
    expect(page.locator("#id_citations-0-exact")).to_have_value(words)
    page.locator("#id_title").fill("Begun from words")
    page.locator("#id_sentence").fill("B says it.")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page).to_have_url(f"{served.address}{workbench(keys)}?p=1#p4.0-{len(words)}")
    expect(page.locator("#kb-p4 .kb-ledger")).to_contain_text("Begun from words")


def test_without_javascript_the_ledger_leads_to_a_form(editor, served, keys):
    page = editor(workbench(keys), java_script_enabled=False)
    page.locator("#kb-p2 .kb-citing summary").click()
    form = page.locator("#kb-p2 .kb-cite")
    form.get_by_label("The words").fill("The foriegn policy")
    form.get_by_label("Add to a claim").fill("sought two")
    form.get_by_role("button", name="Find").click()
    expect(page.locator(".errorlist ins")).to_have_text("foreign")
    page.get_by_label("The words").fill("The foreign policy")
    page.get_by_role("button", name="Sought two").click()
    expect(page.locator("#kb-p2 .kb-told")).to_contain_text("goes into “Sought two”")
    assert served.run(STORED.format("sought-two")) == "p2 0 The foreign policy\n"


def test_without_javascript_a_claims_form_takes_a_place_and_asks_which(editor, keys):
    page = editor("/admin/principles/statement/add/", java_script_enabled=False)
    page.get_by_label("by its place").first.fill("B 1")
    page.locator("#id_citations-0-exact").fill("Azerbaijan")
    page.locator("#id_title").fill("Asked which")
    page.locator("#id_slug").fill("asked-which")
    page.locator("#id_sentence").fill("B says it.")
    page.get_by_role("button", name="Save", exact=True).click()
    places = page.locator(".field-start input[type=radio]")
    expect(places).to_have_count(2)
    places.nth(1).check()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator(".messagelist")).to_contain_text("was added successfully")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [WIDE, NARROW], ids=["1280", "360"])
def test_axe_finds_nothing(editor, keys, scheme, size):
    cite = f"/admin/kb/paragraph/{keys['p1']}/cite/?words=0-5"
    for path in (workbench(keys), cite):
        page = editor(path, viewport=size, color_scheme=scheme, bypass_csp=True)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert not found.violations_count, found.generate_report()
        width = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
        assert page.evaluate(width) <= 0
