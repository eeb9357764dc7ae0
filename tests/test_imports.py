"""Imports point one way: organizations → principles → kb, and from the editors' pages inwards."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGES = ("kb/admin", "kb/signin", "kb/site.py", "kb/urls.py", "principles", "organizations")


@pytest.mark.parametrize(
    ("of", "forbidden", "but"),
    [
        ("kb", "principles|organizations", ()),
        ("principles", "organizations", ()),
        ("kb", r"kb\.admin|\.+admin", PAGES),
    ],
)
def test_nothing_is_imported_against_the_current(of, forbidden, but):
    imported = re.compile(rf"^\s*(?:from|import) (?:{forbidden})\b", re.MULTILINE)
    paths = [path for path in (ROOT / of).rglob("*.py") if "migrations" not in path.parts]
    names = {str(path.relative_to(ROOT)): path for path in paths}
    assert len(names) > 5
    against = [
        name
        for name, path in names.items()
        if not name.startswith(but or "-") and imported.search(path.read_text())
    ]
    assert against == []
