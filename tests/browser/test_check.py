"""A reader's own text, with and without scripts, wide and narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from .test_every_page import NARROW, RULES, WIDE

TEXT = """It says that “Azerbaijan has an ancient and glorious history of statehood”, calls its
principles “Peace, Respect for International Law”, and that “no state can dictate its will to us”.

“No state can dictate its will to it,” said Ilham Aliyev. Vladimir Putin said: “We have created the
basic principles of this policy”. It adds that “the end of all wars is near”."""
VERDICTS = [
    *("Verbatim", "Same words", "Altered"),
    *("Reported, not quoted", "Another speaker", "Not found"),
]


@pytest.mark.parametrize(
    ("size", "scheme", "scripts"), [(WIDE, "light", True), (NARROW, "dark", False)]
)
def test_a_text_comes_back_marked(visit, size, scheme, scripts):
    page = visit("/check/", viewport=size, color_scheme=scheme, java_script_enabled=scripts)
    page.get_by_label("Up to 20,000 characters").fill(TEXT)
    page.get_by_role("button", name="Check").click()
    assert page.locator(".verdict").all_text_contents() == VERDICTS
    yours = page.locator(".yours").inner_text()
    assert "“no state can dictate its will to us" in yours
    page.locator("#r3 .key").click()
    assert page.url.endswith("#t3")
    if scripts:
        found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
        assert not found.violations_count, found.generate_report()
    width = "document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth"
    assert page.evaluate(width) <= 0
