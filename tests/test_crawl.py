"""The shipped site, followed link by link from the home page: what the markup promises holds.

The site is read once, into memory; the tests look at what was read. Pages are parsed as a browser
parses them (selectolax's Lexbor), so that text contents are what a reader's tool would see.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client, override_settings
from selectolax.lexbor import LexborHTMLParser

from kb.models import Citation, Claim, Paragraph, Transcription
from kb.publishing import withdraw
from tests.conftest import PLAIN_STATIC
from tests.factories import make_published

pytestmark = pytest.mark.django_db

PLACE = re.compile(r"/sources/([-\w]+)/v(\d+)/#p(\d+)(?:\.(?:s\d+|(\d+)-(\d+)))?$")
UNKNOWN, WITHDRAWN = "/no/such/page/", "/claims/taken-back/"
EXPECTED = {UNKNOWN: 404, WITHDRAWN: 410}


@dataclass
class Page:
    url: str
    status: int
    headers: dict
    body: str

    @cached_property
    def tree(self) -> LexborHTMLParser:
        return LexborHTMLParser(self.body)

    def all(self, selector):
        return self.tree.css(selector)

    @property
    def ids(self) -> list[str]:
        return [node.attributes["id"] for node in self.all("[id]")]


@dataclass
class Site:
    pages: dict[str, Page]
    """By path and query."""
    redirects: dict[str, str]
    links: set[tuple[str, str]]
    """From which page, to which address; addresses outside the site left out."""
    paragraphs: dict[tuple[str, str, str], str]
    """The stored text by source, version, number."""
    cited: dict[str, set[tuple[str, str, str]]]
    """Which paragraphs each published claim rests on."""
    files: dict[str, Page] = field(default_factory=dict)
    """What is no page: CSV."""

    def settle(self, url: str) -> tuple[Page | None, str]:
        """The page that an address leads to, and the fragment."""
        url, fragment = urldefrag(url)
        for _ in range(5):
            if url not in self.redirects:
                break
            url, new = urldefrag(urljoin(url, self.redirects[url]))
            fragment = new or fragment
        return self.pages.get(url) or self.files.get(url), unquote(fragment)


def read_site() -> Site:
    paragraphs = {
        (p.transcription.source.slug, str(p.transcription.version), str(p.number)): p.text
        for p in Paragraph.objects.filter(kind="body").select_related("transcription__source")
    }
    cited = defaultdict(set)
    for c in Citation.objects.filter(claim__in=Claim.objects.published()).select_related(
        "claim", "paragraph__transcription__source"
    ):
        t = c.paragraph.transcription
        cited[c.claim.slug].add((t.source.slug, str(t.version), str(c.paragraph.number)))
    site = Site({}, {}, set(), paragraphs, dict(cited))
    client = Client()
    todo = ["/", UNKNOWN, WITHDRAWN, *(f"/claims/{slug}/" for slug in cited)]
    while todo:
        url = todo.pop(0)
        if url in site.pages or url in site.redirects or url in site.files:
            continue
        response = client.get(url)
        if response.status_code in (301, 302, 303, 307, 308):
            site.redirects[url] = response["Location"]
            todo.append(urldefrag(urljoin(url, response["Location"]))[0])
            continue
        page = Page(url, response.status_code, dict(response.headers), response.content.decode())
        if not response["Content-Type"].startswith("text/html"):
            site.files[url] = page
            continue
        site.pages[url] = page
        for node in page.all("a[href], area[href], [cite], form[action], link[href]"):
            given = node.attributes
            target = urljoin(url, given.get("href") or given.get("cite") or given.get("action"))
            if urlsplit(target).netloc or urlsplit(target).scheme:
                continue
            if target.startswith(("/static/", "/admin/")):
                continue
            site.links.add((url, target))
            todo.append(urldefrag(target)[0])
    return site


@pytest.fixture(scope="module")
def site(django_db_setup, django_db_blocker):
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),
        override_settings(STORAGES=PLAIN_STATIC),
    ):
        call_command("load_kb", verbosity=0)
        first = Transcription.objects.current().order_by("source__siglum").first()
        words = first.paragraphs.get(kind="body", number=1).text[:20].strip()
        extra = make_published("statement", first, "p1", words, slug="taken-back")
        withdraw(extra, "It was made for a test.")
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")  # PostgreSQL plans badly for tables that it never looked at
        read = read_site()
        transaction.set_rollback(True)
    return read


def none(faults):
    faults = sorted(set(faults))
    assert not faults, f"{len(faults)} faults\n" + "\n".join(faults[:60])


def test_the_whole_site_was_read(site):
    kinds = {url.split("/")[1] for url in site.pages if url.count("/") == 3 and "?" not in url}
    assert {"principles", "leaders", "quotations", "organizations", "statements"} <= kinds
    assert {"sources", "tags"} <= kinds
    assert {"/compare/", "/coverage/", "/changes/", "/about/", "/tags/", "/sources/"} <= set(
        site.pages
    )
    assert len(site.cited) > 50
    assert len(site.paragraphs) == 11


def test_every_page_answers(site):
    none(
        f"{page.status} {url} (from {next((a for a, b in site.links if url in b), '?')})"
        for url, page in [*site.pages.items(), *site.files.items()]
        if page.status != EXPECTED.get(url, 200)
    )


def test_no_link_or_fragment_is_broken(site):
    def faults():
        known = {url: set(page.ids) for url, page in site.pages.items()}
        for origin, target in site.links:
            page, fragment = site.settle(target)
            if page is None:
                yield f"{origin}: {target} leads nowhere"
            elif fragment and fragment not in known[page.url]:
                yield f"{origin}: {target}: no #{fragment} on {page.url}"
        for url in site.redirects:
            page, fragment = site.settle(url)
            if page is None or (fragment and fragment not in known[page.url]):
                yield f"{url} redirects to {site.redirects[url]}, which is not there"

    none(faults())


def test_styles_scripts_and_icons_exist(site):
    none(
        f"{page.url}: {given}"
        for page in site.pages.values()
        for node in page.all("link[rel~=stylesheet], link[rel~=icon], script, img, source")
        for given in [node.attributes.get("href") or node.attributes.get("src") or "inline"]
        if not given.startswith("/static/") or not finders.find(given.removeprefix("/static/"))
    )


def test_nothing_is_styled_or_scripted_inline(site):
    none(
        f"{page.url}: <{node.tag}> {node.attributes}"
        for page in site.pages.values()
        for node in page.all("*")
        if node.tag == "style" or any(a == "style" or a.startswith("on") for a in node.attributes)
    )


def test_each_page_has_one_heading_a_language_and_a_title_of_its_own(site):
    def faults():
        titles = defaultdict(set)
        for url, page in site.pages.items():
            headings = [node.text(strip=True) for node in page.all("h1")]
            if len(headings) != 1 or not headings[0]:
                yield f"{url}: h1: {headings}"
            if not re.match("[a-z]{2}", page.tree.css_first("html").attributes.get("lang") or ""):
                yield f"{url}: no lang"
            titles[page.all("title")[0].text(strip=True)].add(urlsplit(url).path)
        for title, paths in titles.items():
            if len({re.sub(r"v\d+/$", "", path) for path in paths}) > 1:
                yield f"title {title!r}: {sorted(paths)}"

    none(faults())


def test_the_name_of_a_link_holds_the_words_that_are_seen(site):
    """WCAG 2.2, 2.5.3."""
    none(
        f"{page.url}: {label!r} lacks {seen!r}"
        for page in site.pages.values()
        for node in page.all("a[aria-label]")
        for label, seen in [(node.attributes["aria-label"], node.text(strip=True))]
        if seen.lower() not in label.lower()
    )


def test_no_id_occurs_twice(site):
    none(
        f"{page.url}: #{name}"
        for page in site.pages.values()
        for name in page.ids
        if page.ids.count(name) > 1 or not name
    )


def test_every_claim_links_to_a_paragraph_that_it_rests_on(site):
    def faults():
        for page in site.pages.values():
            for node in page.all("[data-claim]"):
                slug = node.attributes["data-claim"]
                if slug not in site.cited:
                    yield f"{page.url}: {slug!r} is no published claim"
                    continue
                hrefs = [urljoin(page.url, a.attributes["href"]) for a in node.css("a[href]")]
                places = {m.groups()[:3] for href in hrefs if (m := PLACE.match(href))}
                if not places & site.cited[slug]:
                    yield f"{page.url}: {slug}: no link to its words among {hrefs}"

    none(faults())


def test_every_published_claim_is_shown_at_its_permanent_address(site):
    def faults():
        for slug in site.cited:
            page, _ = site.settle(f"/claims/{slug}/")
            shown = {n.attributes["data-claim"] for n in page.all("[data-claim]")} if page else {}
            if slug not in shown:
                yield f"/claims/{slug}/ leads to {page and page.url}, which does not show it"

    none(faults())


def test_every_quote_is_verbatim_in_its_paragraph(site):
    found = 0

    def faults():
        nonlocal found
        for page in site.pages.values():
            for node in page.all("[data-quote]"):
                found += 1
                text = node.text()
                place = PLACE.match(urljoin(page.url, node.attributes.get("cite") or ""))
                where = f"{page.url}: {text[:50]!r} ({node.attributes.get('cite')})"
                if not place or place.groups()[:3] not in site.paragraphs:
                    yield f"{where} names no paragraph"
                    continue
                stored = site.paragraphs[place.groups()[:3]]
                start, end = place.groups()[3:]
                if start:
                    stored = stored[int(start) : int(end)]
                if not text or (text != stored if start else text not in stored):
                    yield f"{where} is not there; there is {stored[:50]!r}"

    none(faults())
    assert found > 200


def test_every_quote_stands_inside_a_claim_or_an_editors_note(site):
    none(
        f"{page.url}: {node.text()[:50]!r}"
        for page in site.pages.values()
        for inside in [set(page.all("[data-claim] [data-quote], .is-ed [data-quote]"))]
        for node in page.all("[data-quote]")
        if node not in inside
    )


def test_the_reading_room_shows_each_paragraph_to_the_code_point(site):
    rooms = [p for url, p in site.pages.items() if re.match(r"/sources/[-\w]+/", url)]
    assert any("?claim=" in page.url for page in rooms)

    def faults():
        for page in rooms:
            slug, version = re.match(r"/sources/([-\w]+)/(?:v(\d+)/)?", page.url).groups()
            version = version or max((v for s, v, _ in site.paragraphs if s == slug), key=int)
            tree = LexborHTMLParser(page.body)
            for node in tree.css("[data-notext]"):
                node.decompose()
            shown = {n.attributes["id"]: n.text() for n in tree.css("[id]")}
            for (*place, number), text in site.paragraphs.items():
                if place == [slug, version] and shown.get(f"p{number}") != text:
                    yield f"{page.url}#p{number}: {shown.get(f'p{number}')!r}"

    none(faults())


def test_pages_are_the_same_for_everybody(site):
    none(
        f"{page.url}: {page.headers}"
        for page in site.pages.values()
        if "Cookie" in page.headers.get("Vary", "") or "Set-Cookie" in page.headers
    )
