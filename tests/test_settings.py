"""The environment decides; production refuses to start half-configured."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
KEY = "a-long-key-of-no-use-elsewhere-0123456789-abcdefghij-KLMNOP"
OURS = (
    *("DEBUG", "ALLOWED_HOSTS", "PRODUCTION", "SECRET_KEY", "DATABASE_URL", "STATIC_ROOT"),
    *("TRUSTED_PROXIES", "SIGN_IN_LIMIT", "SIGN_IN_COOL_OFF", "SESSION_HOURS"),
)
SHOW = "from kb import settings as s; print(repr({}))"


def _run(*arguments, **environment):
    """Runs Python in a process of its own, with these variables and none of the test run's."""
    kept = {name: value for name, value in os.environ.items() if name not in OURS}
    kept = {name: value for name, value in kept.items() if not name.startswith(("KB_", "DJANGO"))}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        env=kept | environment,
        capture_output=True,
        text=True,
    )


def _value(expression, **environment):
    done = _run("-c", SHOW.format(expression), **environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def _refusal(**environment):
    done = _run("-c", "import kb.settings", **environment)
    assert done.returncode != 0
    return done.stderr.strip().splitlines()[-1]


def test_one_machine_needs_no_configuration():
    assert _value("(s.PRODUCTION, s.DEBUG, len(s.SECRET_KEY) > 40)") == "(False, False, True)"
    assert _value("s.ALLOWED_HOSTS") == "['localhost', '127.0.0.1', '[::1]']"
    assert _value("s.DATABASES['default']['ENGINE']") == "'django.db.backends.sqlite3'"


@pytest.mark.parametrize(
    "environment",
    [
        {"ALLOWED_HOSTS": "kb.example.org"},
        {"PRODUCTION": "1"},
        {"PRODUCTION": "1", "ALLOWED_HOSTS": "kb.example.org", "SECRET_KEY": ""},
        {"PRODUCTION": "1", "ALLOWED_HOSTS": "kb.example.org", "SECRET_KEY": "x" * 49},
    ],
    ids=str,
)
def test_production_does_not_start_without_a_secret_key(environment):
    assert "SECRET_KEY is missing or shorter than 50 characters. Make one with" in _refusal(
        **environment
    )


def test_production_does_not_start_without_hosts():
    assert "ALLOWED_HOSTS is missing: name the hosts" in _refusal(PRODUCTION="1", SECRET_KEY=KEY)


def test_production_does_not_start_with_debug():
    assert "DEBUG shows settings to strangers" in _refusal(
        DEBUG="1", ALLOWED_HOSTS="kb.example.org", SECRET_KEY=KEY
    )


def test_a_refusal_names_no_secret():
    assert "hunter2" not in _refusal(PRODUCTION="1", SECRET_KEY="hunter2")


def test_production_starts_when_configured():
    environment = {"ALLOWED_HOSTS": "kb.example.org,www.example.org", "SECRET_KEY": KEY}
    assert _value("(s.PRODUCTION, s.DEBUG)", **environment) == "(True, False)"
    assert _value("s.ALLOWED_HOSTS", **environment) == "['kb.example.org', 'www.example.org']"
    secure = "(s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT)"
    assert _value(secure, **environment) == "(True, True, True)"


@pytest.mark.parametrize(
    "key", ["$HOME" + KEY, "$$" + KEY, "${HOME}" + KEY, "\\$" + KEY, KEY + "#$ '"]
)
def test_a_key_is_taken_to_the_letter(key):
    """django-environ takes a value that begins with a dollar sign for another variable's name."""
    environment = {"ALLOWED_HOSTS": "kb.example.org", "SECRET_KEY": key}
    assert _value("s.SECRET_KEY", **environment) == repr(key)


def test_the_database_is_chosen_by_its_address():
    address = "postgres://editor:p%40ss@db.example.org:5433/kb"
    shown = "[s.DATABASES['default'][n] for n in ('ENGINE','NAME','USER','PASSWORD','HOST','PORT')]"
    assert _value(shown, DATABASE_URL=address) == (
        "['django.db.backends.postgresql', 'kb', 'editor', 'p@ss', 'db.example.org', 5433]"
    )


def test_check_deploy_is_clean(tmp_path):
    done = _run(
        *("-W", "error", "manage.py", "check", "--deploy", "--fail-level", "WARNING"),
        ALLOWED_HOSTS="kb.example.org",
        SECRET_KEY=KEY,
        DATABASE_URL=f"sqlite:///{tmp_path}/kb.sqlite3",
        STATIC_ROOT=str(tmp_path),
        TRUSTED_PROXIES="127.0.0.1",
    )
    assert (done.returncode, done.stdout) == (
        0,
        "System check identified no issues (0 silenced).\n",
    ), done.stderr


def test_check_deploy_would_find_what_is_missing():
    done = _run("manage.py", "check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode != 0
    assert "security." in done.stderr


def test_check_deploy_asks_for_the_proxy():
    done = _run("manage.py", "check", "--deploy", ALLOWED_HOSTS="kb.example.org", SECRET_KEY=KEY)
    assert "TRUSTED_PROXIES is empty" in done.stderr


def test_proxies_are_addresses_or_networks():
    shown = "list(map(str, s.TRUSTED_PROXIES))"
    assert _value(shown) == "[]"
    named = _value(shown, TRUSTED_PROXIES="127.0.0.1,::1,10.0.0.0/8")
    assert named == "['127.0.0.1/32', '::1/128', '10.0.0.0/8']"
    unix = "(s.TRUSTED_UNIX_SOCKET, len(s.TRUSTED_PROXIES))"
    assert _value(unix, TRUSTED_PROXIES="unix,::1") == "(True, 1)"
    assert _value(unix, TRUSTED_PROXIES="::1") == "(False, 1)"
    refusal = _refusal(TRUSTED_PROXIES="proxy.example.org")
    assert "TRUSTED_PROXIES: 'proxy.example.org' does not appear to be" in refusal


def test_production_asks_for_a_second_factor_and_ties_cookies_to_its_host():
    shown = "(s.KB_SECOND_FACTOR, s.__dict__.get('SESSION_COOKIE_NAME'))"
    there = {"ALLOWED_HOSTS": "kb.example.org", "SECRET_KEY": KEY}
    assert _value(shown) == "(False, None)"
    assert _value(shown, **there) == "(True, '__Host-sessionid')"
    assert _value("s.CSRF_COOKIE_NAME", **there) == "'__Host-csrftoken'"
    assert _value("s.KB_SECOND_FACTOR", **there, KB_SECOND_FACTOR="0") == "False"


def test_limits_of_the_sign_in_are_settings():
    limits = "(s.AXES_FAILURE_LIMIT, s.AXES_COOLOFF_TIME.seconds, s.SESSION_COOKIE_AGE)"
    assert _value(limits) == "(5, 900, 43200)"
    asked = {"SIGN_IN_LIMIT": "3", "SIGN_IN_COOL_OFF": "60", "SESSION_HOURS": "2"}
    assert _value(limits, **asked) == "(3, 3600, 7200)"


def test_models_and_migrations_agree(db):
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
