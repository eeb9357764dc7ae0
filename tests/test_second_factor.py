"""The second factor: nothing in the admin opens without it where one is owed."""

import logging
import re
from base64 import b32decode
from datetime import timedelta
from html import unescape

import pytest
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from django_otp.oath import totp
from django_otp.plugins.otp_static.models import StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from kb.signin.second_factor import new_codes

from .admin_forms import messages, superuser

PASSWORD = "correct horse battery"
PAGE, SET_UP, CODES = (f"/admin/second-factor/{end}" for end in ("", "set-up/", "codes/"))

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _required(settings):
    settings.KB_SECOND_FACTOR = True


@pytest.fixture
def editor():
    user = User.objects.create_user("editor", password=PASSWORD, is_staff=True)
    user.user_permissions.set(Permission.objects.all())
    return user


@pytest.fixture
def app(editor):
    return TOTPDevice.objects.create(user=editor, name="app")


def by_password(user, password=PASSWORD, follow=True, next_="/admin/"):
    client = Client()
    data = {"username": user.username, "password": password, "next": next_}
    page = client.post("/admin/login/", data, follow=follow)
    return client, page


def code_of(app, steps=0):
    """The six digits that the app shows, ``steps`` half-minutes from now."""
    return f"{totp(bytes.fromhex(app.key), t0=-30 * steps):06}"


def wrong(app):
    right = {code_of(app, steps) for steps in range(-3, 4)}
    return next(code for code in ("111111", "222222", "333333") if code not in right)


def give(client, code, **data):
    return client.post(PAGE, {"otp_token": code, **data})


def key_shown(page):
    key = re.search(r'class="kb-key">([A-Z2-7 ]+)<', page.content.decode())[1]
    return b32decode(key.replace(" ", "")).hex()


def codes_shown(page):
    return re.findall(r"<li><code>([a-z2-7]{4}-[a-z2-7]{4})</code>", page.content.decode())


def text(page):
    return unescape(page.content.decode())


def set_up(client, key=None, password=PASSWORD):
    key = key or key_shown(client.get(SET_UP))
    app = TOTPDevice(key=key)
    return client.post(SET_UP, {"otp_token": code_of(app), "password": password})


def test_a_first_sign_in_leads_to_the_set_up_and_on(editor):
    client, page = by_password(editor, next_="/admin/kb/source/")
    assert page.redirect_chain[-1][0] == f"{SET_UP}?next=%2Fadmin%2Fkb%2Fsource%2F"
    assert 'src="data:image/svg+xml' in page.content.decode()
    assert client.get("/admin/kb/source/").status_code == 302
    app = TOTPDevice(key=key_shown(page))
    data = {"otp_token": code_of(app), "password": PASSWORD}
    page = client.post(page.redirect_chain[-1][0], data)
    assert len(set(codes_shown(page))) == 10
    assert 'href="/admin/kb/source/"' in text(page)
    assert "no-store" in page["Cache-Control"]
    assert client.get("/admin/kb/source/").status_code == 200


def test_password_and_code_open_the_admin(editor, app):
    client, page = by_password(editor, next_="/admin/kb/source/?q=a")
    assert "Now type the code that your app shows" in text(page)
    asked = page.redirect_chain[-1][0]
    page = client.post(asked, {"otp_token": f" {code_of(app)[:3]} {code_of(app)[3:]} "})
    assert page.url == "/admin/kb/source/?q=a"
    assert client.get(page.url).status_code == 200


def test_the_password_alone_opens_nothing(editor, app):
    """No page of the admin, no form, no choice of another form, whoever asks."""
    client, _ = by_password(editor)
    closed = (
        *("/admin/", "/admin/kb/source/", "/admin/password_change/", "/admin/jsi18n/"),
        "/admin/autocomplete/?app_label=principles&model_name=principle&field_name=about&term=",
    )
    for url in closed:
        page = client.get(url)
        assert page.status_code == 302, url
        assert page.url.startswith("/admin/login/?next="), url
    assert client.post("/admin/taggit/tag/add/", {"name": "x", "slug": "x"}).status_code == 403
    assert client.get(SET_UP).url.startswith(PAGE)
    assert client.post(SET_UP, {"otp_token": "123456", "password": PASSWORD}).status_code == 302
    assert client.post(CODES, {"password": PASSWORD}).status_code == 302
    assert TOTPDevice.objects.get().key == app.key


def test_a_superuser_is_asked_too():
    boss = superuser("boss")
    assert boss.get("/admin/").status_code == 302
    assert "Set up your second factor" in text(boss.get("/admin/", follow=True))


def test_who_gave_the_password_alone_can_sign_out(editor, app):
    client, page = by_password(editor)
    assert "Sign out" in text(page)
    client.post("/admin/logout/")
    assert "_auth_user_id" not in client.session


def test_the_pages_are_for_staff_alone():
    reader = User.objects.create_user("reader", password=PASSWORD)
    client = Client()
    client.force_login(reader)
    for url in (PAGE, SET_UP, CODES):
        assert client.get(url).url == f"/admin/login/?next={url}"
        assert Client().post(url).url == f"/admin/login/?next={url}"


def test_a_code_works_once(editor, app):
    code = code_of(app)
    assert give(by_password(editor)[0], code).status_code == 302
    again, _ = by_password(editor)
    assert "used already" in text(give(again, code))
    assert again.get("/admin/").status_code == 302


def test_a_code_of_somebody_else_is_none(editor, app):
    other = User.objects.create_user("other", password=PASSWORD, is_staff=True)
    TOTPDevice.objects.create(user=other, name="app")
    new_codes(other)
    client, _ = by_password(other)
    assert "This code is wrong" in text(give(client, code_of(app)))


@pytest.mark.parametrize("code", ["", "12345", "1234567", "abcdef", "²²²²²²", "１２", "x" * 99])
def test_what_is_no_code_is_refused(editor, app, code):
    client, _ = by_password(editor)
    page = give(client, code)
    assert page.status_code == 200
    assert "errorlist" in page.content.decode()
    assert client.get("/admin/").status_code == 302


def test_wrong_codes_in_a_row_make_the_next_wait_and_say_so(editor, app):
    client, _ = by_password(editor)
    assert "This code is wrong" in text(give(client, wrong(app)))
    TOTPDevice.objects.update(
        throttling_failure_count=9, throttling_failure_timestamp=timezone.now()
    )
    page = text(give(client, code_of(app)))
    until = (
        f"{TOTPDevice.objects.get().throttling_failure_timestamp + timedelta(seconds=256):%H:%M:%S}"
    )
    assert f"After 9 wrong codes in a row this code was not looked at. Wait until {until}" in page
    assert client.get("/admin/").status_code == 302
    codes = new_codes(editor)
    assert give(client, codes[0]).status_code == 302, "recovery codes have a count of their own"


def test_a_recovery_code_lets_in_once(editor, app):
    codes = new_codes(editor)
    client, _ = by_password(editor)
    page = client.post(PAGE, {"otp_token": codes[3].upper()}, follow=True)
    assert "That recovery code is used up; 9 are left" in messages(page)
    again, _ = by_password(editor)
    assert "used already" in text(give(again, codes[3]))


def test_a_verified_session_gets_a_new_key(editor, app):
    client, _ = by_password(editor)
    before = client.session.session_key
    give(client, code_of(app))
    assert client.session.session_key != before


def test_the_page_shows_the_state_and_no_secret(editor):
    client, page = by_password(editor)
    key = key_shown(page)
    codes = codes_shown(set_up(client, key))
    shown = text(client.get(PAGE))
    assert "10 recovery codes left" in shown
    assert f"set up {timezone.now():%-d %B %Y}" in shown
    again = client.get(SET_UP)
    assert key_shown(again) != key, "the key of the app in use is not shown again"
    boss = superuser("boss")
    boss_app = TOTPDevice.objects.create(user=User.objects.get(username="boss"), name="app")
    give(boss, code_of(boss_app))
    device = TOTPDevice.objects.get(user=editor)
    pages = [
        boss.get("/admin/signin/secondfactor/"),
        boss.get(f"/admin/signin/secondfactor/{device.pk}/change/"),
    ]
    for page in pages:
        assert page.status_code == 200
        assert "editor" in text(page)
        assert device.key not in text(page)
        assert not any(code.replace("-", "") in text(page) for code in codes)
    assert boss.get("/admin/otp_totp/totpdevice/").status_code == 404
    assert boss.get("/admin/otp_static/staticdevice/").status_code == 404


def test_new_codes_void_the_old_and_need_the_password(editor, app):
    old = new_codes(editor)
    client, _ = by_password(editor)
    give(client, code_of(app))
    refused = client.post(CODES, {"password": "wrong"})
    assert "This is not your password." in text(refused)
    assert StaticToken.objects.filter(token=old[0].replace("-", "")).exists()
    new = codes_shown(client.post(CODES, {"password": PASSWORD}))
    assert len(new) == 10
    assert not set(new) & set(old)
    again, _ = by_password(editor)
    assert give(again, old[0]).status_code == 200
    StaticToken.objects.first().device.throttle_reset()
    assert give(again, new[0]).status_code == 302


def test_another_app_replaces_the_first_and_ends_other_sessions(editor, app):
    other, _ = by_password(editor)
    give(other, code_of(app))
    client, _ = by_password(editor)
    give(client, code_of(app, steps=1))
    assert other.get("/admin/").status_code == 200
    page = client.get(SET_UP)
    key = key_shown(page)
    data = {"otp_token": code_of(TOTPDevice(key=key))}
    assert "This is not your password." in text(client.post(SET_UP, {**data, "password": "no"}))
    assert TOTPDevice.objects.get().key == app.key
    bad = {"otp_token": wrong(TOTPDevice(key=key)), "password": PASSWORD}
    assert "This is not the code that belongs to the key" in text(client.post(SET_UP, bad))
    assert TOTPDevice.objects.get().key == app.key
    assert len(codes_shown(client.post(SET_UP, {**data, "password": PASSWORD}))) == 10
    assert TOTPDevice.objects.get().key == key
    assert client.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302


def test_guessing_the_password_inside_is_counted(editor, app):
    client, _ = by_password(editor)
    give(client, code_of(app))
    statuses = [client.post(CODES, {"password": f"guess {n}"}).status_code for n in range(5)]
    assert statuses == [200] * 4 + [429]


def test_it_leads_to_no_other_site(editor, app):
    client, _ = by_password(editor)
    page = client.post(f"{PAGE}?next=https://evil.example/", {"otp_token": code_of(app)})
    assert page.url == "/admin/"


# Who lost everything.


def lost(editor):
    _, page = by_password(editor)
    return page.redirect_chain[-1][0].startswith(SET_UP)


def test_a_superuser_takes_it_away(editor, app, caplog):
    caplog.set_level(logging.INFO, "kb.editors")
    new_codes(editor)
    user_session, _ = by_password(editor)
    give(user_session, code_of(app))
    boss = superuser("boss")
    boss_app = TOTPDevice.objects.create(user=User.objects.get(username="boss"), name="app")
    give(boss, code_of(boss_app))
    boss.post(f"/admin/signin/secondfactor/{app.pk}/delete/", {"post": "yes"})
    assert not StaticToken.objects.filter(device__user=editor).exists()
    assert "boss: second factor of editor removed" in caplog.text
    assert user_session.get("/admin/").status_code == 302
    assert lost(editor)
    assert TOTPDevice.objects.get() == boss_app


def test_a_command_takes_it_away(editor, app, caplog):
    caplog.set_level(logging.INFO, "kb.editors")
    call_command("remove_second_factor", "editor")
    assert "editor: second factor removed, from the command line" in caplog.text
    assert lost(editor)
    with pytest.raises(CommandError, match="Nobody is called 'nobody'"):
        call_command("remove_second_factor", "nobody")


# Where it is not required.


def test_where_it_is_not_required_a_password_is_enough(editor, settings):
    settings.KB_SECOND_FACTOR = False
    client, page = by_password(editor)
    assert page.redirect_chain == [("/admin/", 302)]
    assert "You sign in with your password alone" in text(client.get(PAGE))


def test_who_set_one_up_is_asked_for_it_all_the_same(editor, settings):
    settings.KB_SECOND_FACTOR = False
    client, _ = by_password(editor)
    assert len(codes_shown(set_up(client))) == 10
    assert client.get("/admin/").status_code == 200
    again, page = by_password(editor)
    assert "Now type the code" in text(page)
    assert again.get("/admin/").status_code == 302
    give(again, code_of(TOTPDevice.objects.get(), steps=1))
    assert again.get("/admin/").status_code == 200


def test_the_log_tells_what_changed_and_no_secret(editor, caplog):
    caplog.set_level(logging.INFO, "kb.editors")
    client, page = by_password(editor)
    key = key_shown(page)
    codes = codes_shown(set_up(client, key))
    client.post(CODES, {"password": PASSWORD})
    again, _ = by_password(editor)
    give(again, "zzzz-zzzz")
    told = [record.getMessage() for record in caplog.records if record.name == "kb.editors"]
    assert told == [
        "editor: signed in by password, from 127.0.0.1",
        "editor: second factor set up, from 127.0.0.1",
        "editor: second factor shown (app), from 127.0.0.1",
        "editor: recovery codes made, from 127.0.0.1",
        "editor: recovery codes made, from 127.0.0.1",
        "editor: signed in by password, from 127.0.0.1",
        "editor: wrong code, from 127.0.0.1",
    ]
    assert not any(secret in caplog.text for secret in (key, PASSWORD, *codes))


def test_codes_are_looked_at_in_time(editor, app):
    """Half a minute of a wrong clock is forgiven, minutes are not."""
    client, _ = by_password(editor)
    assert give(client, code_of(app, steps=-4)).status_code == 200
    app.refresh_from_db()
    app.throttle_reset()
    assert give(client, code_of(app, steps=1)).status_code == 302
