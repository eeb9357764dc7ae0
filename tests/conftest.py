"""Fixtures for all tests."""

import copy
import io
import os

import hypothesis
import pytest
from django.conf import settings
from django.core.management import call_command

hypothesis.settings.register_profile(
    "kb",
    deadline=None,
    derandomize=True,
    max_examples=60,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
hypothesis.settings.register_profile(
    "thorough", hypothesis.settings.get_profile("kb"), derandomize=False, max_examples=1000
)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "kb"))


# No manifest in tests: templates name static files without collectstatic.
PLAIN_STATIC = {
    **settings.STORAGES,
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


@pytest.fixture(autouse=True)
def _plain_static(settings):
    settings.STORAGES = PLAIN_STATIC


@pytest.fixture(autouse=True)
def _quick_passwords(settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def uploads(settings, tmp_path):
    """Spreadsheets wait for their confirmation in a place of the test's own."""
    settings.CACHES = {
        **settings.CACHES,
        "uploads": {**settings.CACHES["uploads"], "LOCATION": str(tmp_path / "uploads")},
    }


@pytest.fixture
def shipped(db):
    """The shipped content, loaded."""
    call_command("load_kb", verbosity=0)


@pytest.fixture(scope="session")
def _records(django_db_setup, django_db_blocker):
    from .attempts import undone
    from .records import make_records

    with django_db_blocker.unblock(), undone():
        return make_records()


@pytest.fixture
def records(_records):
    """Small fixtures with something of every model, to change: see ``tests.records``."""
    return copy.deepcopy(_records)


@pytest.fixture
def load(db, tmp_path):
    """Runs load_kb with records, or without on what was written before; returns its output."""
    from .attempts import rewritten

    def run(records=None, *arguments, **options):
        if records is not None:
            rewritten(tmp_path, records)
        out = io.StringIO()
        call_command("load_kb", tmp_path, *arguments, stdout=out, no_color=True, **options)
        return out.getvalue()

    return run
