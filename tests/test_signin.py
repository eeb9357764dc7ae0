"""Signing in: guesses end in a lockout that turns against the guesser alone; the log tells it."""

import logging
import re
import time
from datetime import timedelta
from html import unescape
from ipaddress import ip_network

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.models import Permission, User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from kb.logs import LineFormatter
from kb.publishing import submit
from kb.signin.addresses import client_address
from kb.signin.models import FailedSignIn
from tests.factories import make_claim, make_source

from .admin_forms import superuser

PASSWORD = "correct horse battery"
HOME, ELSEWHERE = "198.51.100.7", "203.0.113.66"

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor():
    return User.objects.create_user(
        "editor", "first.correspondent@example.org", PASSWORD, is_staff=True
    )


def sign_in(password, name="editor", address=HOME, client=None, **headers):
    data = {"username": name, "password": password, "next": "/admin/"}
    return (client or Client()).post(
        "/admin/login/", data, REMOTE_ADDR=address, headers=headers or None
    )


def guess(times=5, **how):
    return [sign_in(f"guess {n}", **how).status_code for n in range(times)]


def gets_in(**how):
    return sign_in(PASSWORD, **how).status_code == 302


def test_the_fifth_wrong_password_locks_out_and_the_page_says_until_when(editor):
    assert guess(4) == [200] * 4
    page = sign_in("guess")
    assert page.status_code == 429
    shown = unescape(page.content.decode())
    assert "Too many wrong passwords for this name came from your address" in shown
    assert "15 minutes from now" in shown
    assert 890 <= int(page["Retry-After"]) <= 900
    until = re.search(r"<strong>(\d\d:\d\d:\d\d) UTC", shown)[1]
    last = AccessAttempt.objects.get().attempt_time
    assert until == f"{last + timedelta(minutes=15):%H:%M:%S}"
    assert "ask an administrator" in shown
    assert not gets_in(), "the right password is not looked at meanwhile"


def test_the_limit_and_the_wait_are_settings(editor, settings):
    settings.AXES_FAILURE_LIMIT, settings.AXES_COOLOFF_TIME = 2, timedelta(minutes=1)
    assert guess(2) == [200, 429]
    assert "1 minute from now" in sign_in("guess").content.decode()


def test_nobody_elsewhere_can_lock_an_editor_out(editor):
    assert guess(20, address=ELSEWHERE)[4:] == [429] * 16
    assert gets_in(address=HOME)
    assert not gets_in(address=ELSEWHERE), "the guesser has not gained anything"


def test_trying_on_does_not_make_the_wait_longer(editor):
    guess(5)
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=14))
    assert guess(3) == [429] * 3
    AccessAttempt.objects.update(attempt_time=timezone.now() - timedelta(minutes=15, seconds=1))
    assert gets_in()


def test_a_right_password_forgets_the_wrong_ones(editor):
    for _ in range(3):
        assert guess(4) == [200] * 4
        assert gets_in()
    assert not AccessAttempt.objects.exists()


def test_another_browser_gives_no_more_guesses(editor):
    agents = [sign_in("guess", **{"User-Agent": f"browser {n}"}).status_code for n in range(6)]
    assert agents == [200] * 4 + [429] * 2


def test_writing_the_name_otherwise_gives_no_more_guesses(editor):
    """A name in other letters of the same shape is the same; in capitals it is somebody else's."""
    assert guess(3) == [200] * 3
    assert guess(2, name="ｅｄｉｔｏｒ") == [200, 429]
    assert not gets_in()
    assert not gets_in(name="EDITOR", address=ELSEWHERE)
    assert not gets_in(name="EDITOR")


@pytest.mark.parametrize("name", ["x" * 400, "a\0b", "", "\u202e", "☃", "' OR 1=1 --"])
def test_no_name_is_too_odd_to_be_refused(editor, name):
    page = sign_in(PASSWORD, name=name)
    assert page.status_code == 200
    assert "errornote" in page.content.decode()


def test_a_forged_header_changes_nothing(editor):
    """Neither more guesses from one address, nor a lockout of somebody else's."""
    forged = [
        sign_in("guess", address=ELSEWHERE, **{"X-Forwarded-For": f"192.0.2.{n}"}).status_code
        for n in range(6)
    ]
    assert forged == [200] * 4 + [429] * 2
    guess(6, address=ELSEWHERE, **{"X-Forwarded-For": HOME})
    assert gets_in(address=HOME)


def test_behind_a_trusted_proxy_each_client_has_its_own_count(editor, settings):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1")]
    guess(6, address="127.0.0.1", **{"X-Forwarded-For": ELSEWHERE})
    assert not gets_in(address="127.0.0.1", **{"X-Forwarded-For": ELSEWHERE})
    forged = f"{HOME}, {ELSEWHERE}"  # The proxy appended the true one.
    assert not gets_in(address="127.0.0.1", **{"X-Forwarded-For": forged})
    assert gets_in(address="127.0.0.1", **{"X-Forwarded-For": HOME})


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "192.0.2.1, 203.0.113.9", "203.0.113.9"),
        ("127.0.0.1", "203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("127.0.0.1", "10.9.9.9, 10.1.2.3", "10.9.9.9"),
        ("127.0.0.1", "192.0.2.1, nonsense", "127.0.0.1"),
        ("127.0.0.1", "' OR 1=1", "127.0.0.1"),
        ("203.0.113.9", "192.0.2.1", "203.0.113.9"),
        ("::ffff:127.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "", "2001:db8:1:2::"),
        ("127.0.0.1", "2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("fe80::1%eth0", "", "fe80::"),
        ("", "203.0.113.9", None),
    ],
)
def test_the_client_is_the_nearest_that_is_no_proxy_of_ours(rf, settings, peer, forwarded, client):
    settings.TRUSTED_PROXIES = [ip_network("127.0.0.1"), ip_network("10.0.0.0/8")]
    headers = {"X-Forwarded-For": forwarded} if forwarded else None
    assert client_address(rf.get("/", REMOTE_ADDR=peer, headers=headers)) == client


def test_over_a_named_unix_socket_each_client_has_its_own_count(editor, settings):
    settings.TRUSTED_UNIX_SOCKET = True
    assert guess(5, address="", **{"X-Forwarded-For": ELSEWHERE})[4] == 429
    assert not gets_in(address="", **{"X-Forwarded-For": f"{HOME}, {ELSEWHERE}"})
    assert gets_in(address="", **{"X-Forwarded-For": HOME})


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("", "192.0.2.1, 203.0.113.9, 10.1.2.3", "203.0.113.9"),
        ("localhost", "203.0.113.9", "203.0.113.9"),
        ("203.0.113.9", "192.0.2.1", "203.0.113.9"),
        ("", "nonsense", None),
        ("", "", None),
    ],
)
def test_a_unix_socket_vouches_for_what_it_forwards(rf, settings, peer, forwarded, client):
    settings.TRUSTED_UNIX_SOCKET = True
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    headers = {"X-Forwarded-For": forwarded} if forwarded else None
    assert client_address(rf.get("/", REMOTE_ADDR=peer, headers=headers)) == client


def test_where_no_address_is_known_nobody_guesses_and_nobody_is_locked_out(
    editor, settings, caplog
):
    with caplog.at_level(logging.INFO, "kb.editors"):
        assert guess(6, address="", **{"X-Forwarded-For": ELSEWHERE}) == [503] * 6
    page = sign_in(PASSWORD, address="")
    assert page.status_code == 503
    assert "add <code>unix</code> to <code>TRUSTED_PROXIES</code>" in page.content.decode()
    assert "sign-in refused: see TRUSTED_PROXIES, from an unknown address" in caplog.text
    assert not AccessAttempt.objects.exists()
    assert gets_in(address=HOME)


def test_a_superuser_lets_an_editor_try_again_at_once(editor):
    guess(6)
    entry = FailedSignIn.objects.get()
    boss = superuser("boss")
    listed = boss.get("/admin/signin/failedsignin/").content.decode()
    assert "editor" in listed
    assert HOME in listed
    assert boss.post(f"/admin/signin/failedsignin/{entry.pk}/delete/", {"post": "yes"})
    assert gets_in()
    guess(6)
    call_command("axes_reset_username", "editor", verbosity=0)
    assert gets_in()


def test_sign_ins_are_for_superusers_alone(editor):
    guess(2)
    client = Client()
    client.force_login(editor)
    editor.user_permissions.set(Permission.objects.all())
    pages = ("failedsignin", "signin", "secondfactor")
    assert "Second factors" not in client.get("/admin/").content.decode()
    assert {client.get(f"/admin/signin/{page}/").status_code for page in pages} == {403}
    boss = superuser("boss")
    index = boss.get("/admin/").content.decode()
    assert all(name in index for name in ("Failed sign-ins", "Sign-ins", "Second factors"))
    assert {boss.get(f"/admin/signin/{page}/").status_code for page in pages} == {200}


def test_what_was_typed_is_not_stored(editor):
    sign_in("my secret, mistyped")
    attempt = AccessAttempt.objects.get()
    assert "mistyped" not in str(vars(attempt))
    assert "next=" in attempt.post_data


# Passwords and sessions.


@pytest.mark.parametrize(
    "password", ["short-one-1", "first-correspondent", "123456789012345", "qwertyuiop12"]
)
def test_weak_passwords_are_refused(editor, password):
    client = Client()
    client.force_login(editor)
    data = {"old_password": PASSWORD, "new_password1": password, "new_password2": password}
    assert client.post("/admin/password_change/", data).status_code == 200
    editor.refresh_from_db()
    assert editor.check_password(PASSWORD)


def test_a_new_password_ends_the_other_sessions(editor):
    here, there = Client(), Client()
    assert gets_in(client=here)
    assert gets_in(client=there)
    new = "another horse battery"
    data = {"old_password": PASSWORD, "new_password1": new, "new_password2": new}
    assert here.post("/admin/password_change/", data).status_code == 302
    assert here.get("/admin/").status_code == 200
    assert there.get("/admin/").status_code == 302


def test_a_session_ends(editor, settings):
    client = Client()
    gets_in(client=client)
    session = client.session
    assert session.get_expire_at_browser_close()
    cookie = client.cookies[settings.SESSION_COOKIE_NAME]
    assert cookie["max-age"] == ""
    assert cookie["httponly"] is True
    assert cookie["samesite"] == "Lax"
    ends = session.get_expiry_date() - timezone.now()
    assert timedelta(hours=11, minutes=59) < ends <= timedelta(hours=12)
    session.model.objects.update(expire_date=timezone.now() - timedelta(seconds=1))
    assert client.get("/admin/").status_code == 302


def test_who_is_deactivated_is_out_at_once(editor):
    client = Client()
    gets_in(client=client)
    User.objects.update(is_active=False)
    assert client.get("/admin/").status_code == 302
    assert not gets_in()


# The log.


def told(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "kb.editors"]


def test_the_log_tells_of_sign_ins_failures_lockouts_and_sign_outs(editor, caplog):
    caplog.set_level(logging.INFO, "kb.editors")
    client = Client()
    gets_in(client=client)
    client.post("/admin/logout/", REMOTE_ADDR=HOME)
    guess(5, address=ELSEWHERE)
    assert told(caplog) == [
        f"editor: signed in by password, from {HOME}",
        f"editor: signed out, from {HOME}",
        *[f"editor: sign-in failed, from {ELSEWHERE}"] * 4,
        *[
            f"editor: locked out, from {ELSEWHERE}",
            f"editor: sign-in failed, from {ELSEWHERE}",
        ],
    ]


def test_no_secret_is_logged(editor, caplog):
    caplog.set_level(logging.DEBUG, "kb.editors")
    client = Client()
    sign_in("a-wrong-secret")
    sign_in("whatever", name="a-secret-typed-as-name")
    gets_in(client=client)
    key = client.session.session_key
    client.post("/admin/logout/")
    logged = " ".join(told(caplog))
    assert "somebody unknown: sign-in failed" in logged
    for secret in (PASSWORD, "a-wrong-secret", "a-secret-typed-as-name", key):
        assert secret not in logged


def test_publishing_is_logged_with_its_editor(editor, caplog, django_capture_on_commit_callbacks):
    caplog.set_level(logging.INFO, "kb.editors")
    make_source("Peace is the aim.")
    claim = make_claim(slug="peace-as-aim")
    with django_capture_on_commit_callbacks(execute=True):
        submit(claim, by=editor)
    assert told(caplog) == ["peace-as-aim: review, by editor"]


def formatted(message, *args):
    record = logging.LogRecord("kb.editors", logging.INFO, "", 0, message, args, None)
    record.created, record.msecs = 1764065105.25, 250.0
    return LineFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s").format(record)


def test_times_are_utc_in_iso_8601(monkeypatch):
    monkeypatch.setenv("TZ", "Asia/Baku")
    time.tzset()
    try:
        line = formatted("ready")
    finally:
        monkeypatch.setenv("TZ", "UTC")
        time.tzset()
    assert line == "2025-11-25T10:05:05.250Z INFO kb.editors: ready"


@pytest.mark.parametrize(
    "mark", ["\n", "\r\n", "\x0b", "\x1b[2K", "\x85", "\u2028", "\u202e", "\0"]
)
def test_a_name_can_forge_no_line(mark):
    name = f"eve{mark}2025-11-25T10:05:05.250Z INFO kb.editors: boss: signed in"
    line = formatted("%s: sign-in failed", name)
    assert len(line.splitlines()) == 1
    assert mark not in line
    assert line.startswith("2025-11-25T10:05:05.250Z INFO kb.editors: eve\\")


def test_the_log_of_the_settings_is_that(settings):
    handler = settings.LOGGING["handlers"]["stderr"]
    assert settings.LOGGING["formatters"][handler["formatter"]]["()"] == "kb.logs.LineFormatter"
    assert logging.getLogger("kb.editors").isEnabledFor(logging.INFO)
