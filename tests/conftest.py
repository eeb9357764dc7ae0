"""Fixtures for all tests."""

import pytest
from django.core.management import call_command


@pytest.fixture(autouse=True)
def _plain_static(settings):
    """No manifest in tests: templates name static files without collectstatic."""
    settings.STORAGES = {
        **settings.STORAGES,
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }


@pytest.fixture
def shipped(db):
    """The shipped content, loaded."""
    call_command("load_kb", verbosity=0)
