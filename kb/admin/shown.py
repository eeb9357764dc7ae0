"""What a page showed, carried through its form, so that nothing is done to what changed since."""

import json
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest

from kb.snapshots import fingerprint

FIELD = "shown"
MOST = 8  # names that are told


def carried(shown: Mapping[str, Any]) -> str:
    """For a form's FIELD: what tells whether each thing, by its name for people, is as it was."""
    return json.dumps({name: fingerprint(state) for name, state in shown.items()})


def changed(request: HttpRequest, shown: Mapping[str, Any]) -> list[str]:
    """The names of what is not as it was when the form was made; none for one without FIELD."""
    if FIELD not in request.POST:
        return []
    try:
        was = dict(json.loads(request.POST[FIELD]))
    except (ValueError, TypeError):
        was = {}
    now = {name: fingerprint(state) for name, state in shown.items()}
    return sorted(name for name in was.keys() | now.keys() if was.get(name) != now.get(name))


def told(names: list[str]) -> str:
    """As a sentence begins with them."""
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more
