"""The strict Content-Security-Policy over every kind of page that a superuser sees in the admin."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect
from selectolax.lexbor import LexborHTMLParser

from .conftest import GONE, PASSWORD

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BOSS = f"""
from django.contrib.auth.models import User
from django.test import Client
client = Client()
client.force_login(User.objects.create_superuser("boss", password="{PASSWORD}"))
print(client.cookies["sessionid"].value)
"""
# An error of the console fails the test: see ``opened``.
LISTEN = """
document.addEventListener("securitypolicyviolation", event => console.error(
    `CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile} ${event.sample}`
))
"""
ADD = "/admin/principles/statement/add/"


@pytest.fixture(scope="module")
def session(served):
    return [("sessionid", served.run(BOSS).strip())]


@pytest.fixture
def superuser(opened, session):
    page = opened("/admin/", cookies=session)
    page.context.add_init_script(LISTEN)
    return page


def links(page: LexborHTMLParser, pattern: str) -> list[str]:
    """Paths that the page leads to and that match ``pattern`` whole."""
    paths = dict.fromkeys(a.attributes["href"].partition("?")[0] for a in page.css("a[href]"))
    return [path for path in paths if re.fullmatch(pattern, path)]


def is_inline(node) -> bool:
    """Whether the policy refuses it wherever it stands."""
    given = node.attributes
    is_code = node.tag == "script" and "src" not in given and given.get("type") in (None, "module")
    return is_code or node.tag == "style" or any(re.fullmatch("style|on.+", a) for a in given)


def test_no_page_violates_the_policy(superuser):
    """Each list, filtered too; a form to add, one to change; its history and deletion.

    The markup of each is read. What its scripts do is looked at in the first page that has them.
    """
    run: set[frozenset[str]] = set()

    def look(url: str) -> LexborHTMLParser:
        answer = superuser.request.get(url)
        page = LexborHTMLParser(answer.text())
        assert len(page.css("#content")) == 1, url
        assert not [node.html for node in page.css("*") if is_inline(node)], url
        scripts = frozenset(node.attributes["src"] for node in page.css("script[src]"))
        if scripts not in run:
            run.add(scripts)
            assert superuser.goto(url).ok
        return page

    desk = look("/admin/")
    lists = links(desk, r"/admin/\w+/\w+/")
    assert len(lists) > 15
    others = [*links(desk, r"/admin/[\w/-]+/"), "/admin/second-factor/set-up/"]
    for url in dict.fromkeys([*others, *lists]):
        page = look(url)
        if url not in lists:
            continue
        filtered = [url + a.attributes["href"] for a in page.css("#changelist-filter a")]
        for each in [*links(page, f"{url}add/"), *filtered[1:2]]:
            look(each)
        for each in links(page, f"{url}[0-9]+/change/")[:1]:
            for more in links(look(each), f"{url}[0-9]+/(history|delete)/"):
                look(more)
    assert len(run) > 5


def test_choices_and_added_rows_keep_to_the_policy(superuser):
    page = superuser
    page.goto(ADD)
    page.locator("#id_title").press_sequentially("Peace")
    expect(page.locator("#id_slug")).to_have_value("peace")
    page.get_by_role("searchbox").first.fill("peace")
    page.locator(".select2-results__option[aria-selected]").first.click()
    expect(page.locator(".select2-selection__choice")).to_be_visible()
    page.locator(".add-row a").click()
    expect(page.locator("#id_citations-1-exact")).to_be_visible()


def test_calendar_and_clock_keep_to_the_policy(superuser):
    page = superuser
    page.goto("/admin/auth/user/")
    page.get_by_role("link", name="boss", exact=True).click()
    page.locator(".date-icon").first.click()
    page.locator(".calendarbox:visible").get_by_role("link", name="15", exact=True).click()
    expect(page.locator("#id_last_login_0")).to_have_value(re.compile("15"))
    page.locator(".clock-icon").first.click()
    page.locator(".clockbox:visible").get_by_role("link", name="Noon").click()
    expect(page.locator("#id_last_login_1")).to_have_value(re.compile("12:00"))


def test_every_response_has_the_policy_once(page, base_url):
    for path in ("/", "/admin/", "/admin/login/", "/static/kb/icon.svg", "/tags", *GONE):
        response = page.request.get(base_url + path, max_redirects=0)
        policies = [
            header["value"]
            for header in response.headers_array
            if header["name"].lower() == "content-security-policy"
        ]
        assert len(policies) == 1, path
        assert "default-src 'none'" in policies[0]
        assert "unsafe" not in policies[0]


@pytest.fixture
def boss(new_context, base_url, session):
    """A browser without the policy, which would keep axe from bringing a style of its own."""

    def browser(**options):
        context = new_context(bypass_csp=True, **options)
        context.add_cookies(
            [{"name": name, "value": value, "url": base_url} for name, value in session]
        )
        return context

    return browser


def check(page):
    found = Axe().run(page, options={"runOnly": RULES, "resultTypes": ["violations"]})
    assert not found.violations_count, found.generate_report()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_the_pages_of_the_sign_in(boss, scheme):
    context = boss(color_scheme=scheme)
    page = context.new_page()
    for path in ("/admin/second-factor/", "/admin/second-factor/set-up/"):
        page.goto(path)
        check(page)
    context.clear_cookies()
    page.goto("/admin/login/")
    check(page)


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_session_that_ended_loses_no_form(boss, scripts):
    context = boss(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(ADD)
    sentence = "The source says “much”.\n\nAnd <more> & more.\n" * 50
    page.locator("#id_title").fill(f"A long form, {scripts}")
    page.locator("#id_slug").fill(f"a-long-form-{scripts}".lower())
    page.locator("#id_sentence").fill(sentence)
    context.clear_cookies(name="sessionid")
    page.get_by_role("button", name="Save and continue editing").click()
    expect(page.locator("#content")).to_contain_text("nothing was saved, and nothing is lost")
    if scripts:
        check(page)

    with context.expect_page() as opening:
        page.get_by_role("link", name="Sign in, in a new tab").click()
    tab = opening.value
    tab.get_by_label("Username").fill("boss")
    tab.get_by_label("Password").fill(PASSWORD)
    tab.get_by_role("button", name="Log in").click()
    expect(tab.locator("#user-tools")).to_contain_text("boss")

    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#content")).to_contain_text("You signed in again")
    page.get_by_role("button", name="Send again").click()
    expect(page.locator(".messagelist")).to_contain_text("was added successfully")
    expect(page.locator("#id_sentence")).to_have_value(sentence.strip())
