"""The index of words follows the texts; the command that checks a file."""

import json

import pytest
from django.core.management import CommandError, call_command

from kb.content.verifying import verify
from kb.cutting import cut
from kb.storing import remove, store
from kb.textcheck import index
from kb.textcheck.checking import LONGEST, check
from kb.textcheck.models import Shingle
from kb.textcheck.words import Words
from tests.factories import make_source

pytestmark = pytest.mark.django_db


def test_the_index_follows_the_current_transcription():
    first = make_source("Peace among all states is the aim.", slug="aims")
    said = "“Peace among all states” and “Peace among some states”"
    assert [f["verdict"] for f in check(said)["passages"]] == ["verbatim", "altered"]
    second = store(first.source, cut("Peace among some states is the aim."))
    assert [f["verdict"] for f in check(said)["passages"]] == ["altered", "verbatim"]
    assert not [*index.drift()]
    remove(first.source.transcriptions.filter(pk=second.pk))
    assert [f["verdict"] for f in check(said)["passages"]] == ["verbatim", "altered"]
    assert not [*index.drift()]


def test_drift_is_found_and_mended():
    text = make_source("Peace among all states is the aim.", slug="aims")
    assert not [*verify()]
    Shingle.objects.filter(word=2).delete()
    [fault] = verify()
    assert "aims/v1#p1: the index of words does not hold its words" in str(fault)
    index.rebuild()
    assert not [*verify()]
    Shingle.objects.all().delete()
    index.fill_if_empty()
    assert not [*verify()]
    assert Shingle.objects.count() == len(Words(text.paragraphs.get().text))


def test_the_command_prints_json(tmp_path, capsys):
    make_source("Peace among all states is the aim.", slug="aims")
    file = tmp_path / "essay.txt"
    file.write_text("\ufeffIt says “peace among all states”.", encoding="utf-8")
    call_command("check_text", file)
    [found] = json.loads(capsys.readouterr().out)["passages"]
    assert found == {
        "start": 9,
        "end": 31,
        "quoted": True,
        "verdict": "typography",
        "source": "aims",
        "paragraph": "p1",
        "exact": "Peace among all states",
        "diff": [
            {"old": "Peace", "new": "peace"},
            {"old": " among all states", "new": " among all states"},
        ],
        "speaker": None,
        "claims": [],
    }


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"\x89PNG\xff\x00", "is no text in UTF-8"),
        (b"a" * (LONGEST + 1), "at most 20,000 are checked"),
        (None, "No such file"),
    ],
)
def test_the_command_says_what_is_wrong(tmp_path, raw, what):
    file = tmp_path / "essay.txt"
    if raw is not None:
        file.write_bytes(raw)
    with pytest.raises(CommandError, match=what):
        call_command("check_text", file)
