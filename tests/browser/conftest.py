"""A real server with the shipped content, in a process of its own, and the system's Chromium.

Nothing here uses Django's test database: Playwright's event loop would forbid it. These tests run
after all others for the same reason.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
WITHDRAWN = "taken-back"
GONE = ("/no/such/page/", f"/claims/{WITHDRAWN}/")
WITHDRAW_ONE = f"""
from kb.models import Citation, Transcription
from kb.publishing import publish, withdraw
from principles.models import Statement
paragraph = Transcription.objects.current().first().paragraphs.get(kind="body", number=1)
claim = Statement(slug="{WITHDRAWN}", title="Taken back", sentence="The source begins.")
claim.save()
words = paragraph.text[:20]
Citation.objects.create(claim=claim, paragraph=paragraph, exact=words, start=0, end=len(words))
withdraw(publish(claim), "It was made for a test.")
"""
USERS = {"editor": "Editors", "second-editor": "Editors", "reviewer": "Reviewers"}
PASSWORD = "a-long-password"
SIGN_IN = f"""
from django.contrib.auth.models import Group, User
from django.test import Client
for name, group in {USERS}.items():
    user = User.objects.create_user(name, password="{PASSWORD}", is_staff=True)
    user.groups.add(Group.objects.get(name=group))
    client = Client()
    client.force_login(user)
    print(name, client.cookies["sessionid"].value)
"""


def find_chromium() -> str | None:
    if named := os.environ.get("CHROMIUM"):
        return shutil.which(named)
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items):
    yield
    items.sort(key=lambda item: HERE in item.path.parents)
    if find_chromium():
        return
    if os.environ.get("KB_REQUIRE_BROWSER"):
        raise pytest.UsageError("KB_REQUIRE_BROWSER is set, and no Chromium was found.")
    skip = pytest.mark.skip(reason="no Chromium found: install it, or name it in CHROMIUM")
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(skip)


@contextmanager
def database(folder: Path):
    """The address of a new, empty database of the kind that DATABASE_URL chooses."""
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield f"sqlite:///{folder / 'browser.sqlite3'}"
        return
    name = f"browser_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        yield urlsplit(url)._replace(path=f"/{name}").geturl()
        connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@dataclass
class Served:
    """The running site, with the session of each of USERS."""

    address: str
    env: dict[str, str]
    sessions: dict[str, str]

    def run(self, code: str) -> str:
        """Runs Python in the site's shell, all models imported; returns what it printed."""
        return manage(self.env, "shell", "-c", code)


def manage(env: dict[str, str], command: str, *arguments: str) -> str:
    return subprocess.run(
        [sys.executable, "manage.py", command, "--verbosity=0", *arguments],
        cwd=ROOT,
        env=env,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    ).stdout


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("site")
    with socket.create_server(("127.0.0.1", 0)) as spare:
        port = spare.getsockname()[1]
    with database(folder) as url:
        env = {
            **os.environ,
            "DATABASE_URL": url,
            "STATIC_ROOT": str(folder / "static"),
            "UPLOADS_DIR": str(folder / "uploads"),
            "ADDRESS": "127.0.0.1",
            "PORT": str(port),
            "DEBUG": "0",
            "KB_REPORT_ADDRESS": "editors@example.org",
        }
        manage(env, "migrate")
        manage(env, "load_kb")
        manage(env, "shell", "-c", WITHDRAW_ONE)
        manage(env, "collectstatic", "--noinput")
        sessions = dict(line.split() for line in manage(env, "shell", "-c", SIGN_IN).splitlines())
        log = (folder / "log").open("w+")
        server = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:kb.serving"],
            cwd=ROOT,
            env=env,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        try:
            address = f"http://127.0.0.1:{port}"
            for _ in range(100):
                try:
                    urllib.request.urlopen(f"{address}/about/")
                    break
                except OSError:
                    assert server.poll() is None, (folder / "log").read_text()
                    time.sleep(0.1)
            yield Served(address, env, sessions)
        finally:
            server.terminate()
            server.wait(20)
            log.close()


@pytest.fixture(scope="session")
def base_url(served):
    """Where the server listens."""
    return served.address


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    quiet = [
        "--disable-gpu",
        "--disable-quic",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
    ]
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {
        **browser_type_launch_args,
        "executable_path": find_chromium(),
        "args": [*sandbox, *quiet],
    }


@pytest.fixture
def opened(new_context, base_url):
    """Opens pages, each in a browser of its own; afterwards nothing may have gone wrong in any.

    That is: no error or warning in the console, so no violation of the Content-Security-Policy,
    and no request to elsewhere. ``cookies`` are those that it has from the start.
    """
    faults, contexts = [], []

    def heard(message):
        expected = "the server responded with a status of 4" in message.text
        if message.type in ("error", "warning") and not expected:
            faults.append(f"{message.location.get('url')}: {message.text}")

    def open_page(path="/", *, cookies=(), **options):
        context = new_context(**options)
        contexts.append(context)
        context.add_cookies(
            [{"name": name, "value": value, "url": base_url} for name, value in cookies]
        )
        context.on("console", heard)
        context.on("weberror", lambda error: faults.append(str(error.error)))
        context.on(
            "request",
            lambda asked: asked.url.startswith((base_url, "data:")) or faults.append(asked.url),
        )
        context.on(
            "response",
            lambda got: (
                got.status < 400
                or urlsplit(got.url).path in GONE
                or faults.append(f"{got.status} {got.url}")
            ),
        )
        page = context.new_page()
        page.goto(path)
        return page

    yield open_page
    assert not faults


@pytest.fixture
def visit(opened):
    """Opens pages, each as a new visitor, who is left without a cookie."""
    contexts = []

    def open_page(path="/", **options):
        page = opened(path, **options)
        contexts.append(page.context)
        return page

    yield open_page
    assert not [cookie for context in contexts for cookie in context.cookies()]


def _signed_in(name: str):
    """Opens pages signed in as ``name``. A test that signs out ends the session for all."""

    @pytest.fixture(name=name.replace("-", "_"))
    def fixture(opened, served):
        cookies = [("sessionid", served.sessions[name])]
        return partial(opened, cookies=cookies)

    return fixture


editor, second_editor, reviewer = map(_signed_in, USERS)
