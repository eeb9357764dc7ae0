"""``manage.py add_source``: shows the cut, stores it, and refuses in clear words."""

import io

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from kb.models import Paragraph, Sentence, Source, Transcription

from .factories import make_published

TEXT = "FOREIGN POLICY\nPeace is the aim. Not war.\n\nA broken\nparagraph 🇦🇿.\r\n"


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "policy.txt"
    path.write_bytes(TEXT.encode())
    return path


class Terminal(io.StringIO):
    def isatty(self):
        return True


def _run(file, *arguments, out=None):
    out, err = out or io.StringIO(), io.StringIO()
    call_command("add_source", file, *arguments, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


NEW = ("--slug", "policy", "--title", "Policy")


def test_a_text_becomes_a_source(db, file):
    out, err = _run(file, *NEW, "--heading", "1", "--join", "4")
    stored = Transcription.objects.get()
    assert out == (
        "1 heading, 2 body paragraphs, 3 sentences.\n"
        f"Stored as version 1 of source A, “policy”; SHA-256 {stored.sha256}.\n"
    )
    assert err == ""
    assert stored.text().encode() == file.read_bytes()
    assert stored.overrides == {"heading": [1], "join": [4]}
    source = stored.source
    assert (source.slug, source.title, source.siglum) == ("policy", "Policy", "A")
    assert (source.language, source.rights, source.title_supplied) == ("en", "not stated", False)
    assert (source.url, source.publisher) == ("", "")


def test_every_option_of_a_source_is_kept(db, file):
    _run(
        file,
        *NEW,
        *("--title-supplied", "--siglum", "Q", "--url", "https://example.org/policy"),
        *("--publisher", "The publisher", "--language", "az", "--rights", "Public domain"),
    )
    source = Source.objects.get()
    assert source.title_supplied
    assert (source.siglum, source.url) == ("Q", "https://example.org/policy")
    assert (source.publisher, source.language) == ("The publisher", "az")
    assert source.rights == "Public domain"


def test_sentence_ends_are_overridden(db, file):
    _run(file, *NEW, "--heading", "1", "--no-sentence-end", "p1:17", "--sentence-end", "p1:5")
    first = [s.text for s in Sentence.objects.filter(paragraph__kind="body", paragraph__number=1)]
    assert first == ["Peace", "is the aim. Not war."]
    assert Transcription.objects.get().overrides == {
        "heading": [1],
        "sentence_end": ["p1:5"],
        "no_sentence_end": ["p1:17"],
    }


def test_a_title_on_the_line_of_its_text_is_split_off(db, file):
    file.write_text("POLICY Peace is the aim.\nWar")
    out, err = _run(file, *NEW, "--split", "1:7", "--heading", "1", "--heading", "2", "--dry-run")
    assert "h1  (line 1)\n     0-6  'POLICY'" in out
    assert "p1  (line 1, after 7 characters)\n  s1 0-17  'Peace" in out
    _, err = _run(file, *NEW, "--split", "1:7", "--heading", "1", "--heading", "2")
    assert err == ""
    assert Transcription.objects.get().overrides == {"split": ["1:7"], "heading": [1, 2]}
    with pytest.raises(CommandError, match="No paragraph begins in line 1 after 9 characters"):
        _run(file, *NEW, "--heading", "1:9")


def test_a_dry_run_shows_the_cut_and_stores_nothing(db, file):
    out, _ = _run(file, "--slug", "policy", "--heading", "1", "--join", "4", "--dry-run")
    assert out == (
        "1 heading, 2 body paragraphs, 3 sentences.\n"
        "\n"
        "h1  (line 1)\n"
        "     0-14  'FOREIGN POLICY'\n"
        "\n"
        "p1  (line 2)\n"
        "  s1 0-17  'Peace is the aim.'\n"
        "  s2 18-26  'Not war.'\n"
        "\n"
        "p2  (line 4)\n"
        "  s1 0-22  'A broken\\nparagraph 🇦🇿.'\n"
        "\n"
        "Nothing was stored: this was a dry run.\n"
    )
    assert not Source.objects.exists()
    assert not Paragraph.objects.exists()


def test_lines_that_may_be_cut_wrongly_are_named_on_stderr(db, file):
    out, err = _run(file, *NEW, "--dry-run")
    assert err == (
        "Mind: line 1 does not end in punctuation: --heading 1 or --join 1?\n"
        "Mind: line 4 does not end in punctuation: --heading 4 or --join 4?\n"
    )
    assert "Mind" not in out


def test_the_same_source_takes_another_cut_as_its_next_version(db, file):
    _run(file, *NEW)
    out, _ = _run(file, "--slug", "policy", "--heading", "1")
    assert "Stored as version 2 of source A, “policy”" in out
    assert Source.objects.count() == 1


def test_the_next_source_takes_the_next_letter(db, file):
    _run(file, *NEW)
    out, _ = _run(file, "--slug", "other", "--title", "Other")
    assert "Stored as version 1 of source B, “other”" in out


REFUSED = {
    "no title": (("--slug", "policy"), "A new source needs a --title"),
    "a slug with a space": (("--slug", "a b", "--title", "x"), "valid “slug”.*Nothing was stored"),
    "no address": ((*NEW, "--url", "x"), "valid URL.*Nothing was stored"),
    "a long siglum": ((*NEW, "--siglum", "ABCDE"), "at most 4 characters.*Nothing was stored"),
    "no such heading": ((*NEW, "--heading", "3"), "No paragraph begins in line 3.*Nothing was"),
    "no such line": ((*NEW, "--join", "5"), "Line 5 can't be joined.*Nothing was stored"),
    "no place": ((*NEW, "--sentence-end", "3:1"), "“3:1” is no place.*Nothing was stored"),
    "no sentence": ((*NEW, "--no-sentence-end", "p2:3"), "No sentence is proposed to end at 3"),
}


@pytest.mark.parametrize(("arguments", "says"), REFUSED.values(), ids=REFUSED)
def test_what_does_not_fit_is_refused(db, file, arguments, says):
    with pytest.raises(CommandError, match=says):
        _run(file, *arguments)
    assert not Source.objects.exists()
    assert not Paragraph.objects.exists()


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"Peace \xe9.", r"policy.txt: The text is not UTF-8: byte 6 \(0xe9\)"),
        (b"\xef\xbb\xbfPeace.", "begins with a byte-order mark"),
        (b"Peace\x00.", r"a control character, U\+0000, in line 1"),
        (b"Peace.\nWar\x0b.", r"a control character, U\+000B, in line 2"),
    ],
    ids=repr,
)
def test_an_unfit_text_is_refused_and_nothing_is_half_stored(db, file, raw, says):
    file.write_bytes(raw)
    with pytest.raises(CommandError, match=f"{says}.*Nothing was stored"):
        _run(file, *NEW)
    assert not Source.objects.exists()


def test_a_file_that_is_not_there_is_named(db, tmp_path):
    with pytest.raises(CommandError, match=r"missing.txt: No such file"):
        _run(tmp_path / "missing.txt", *NEW)
    with pytest.raises(CommandError, match=r"Is a directory"):
        _run(tmp_path, *NEW)


def test_a_siglum_that_is_taken_is_refused(db, file):
    _run(file, *NEW)
    with pytest.raises(CommandError, match=r"(?i)siglum already exists.*Nothing was stored"):
        _run(file, "--slug", "other", "--title", "Other", "--siglum", "A")


def test_the_same_cut_twice_is_refused(db, file):
    _run(file, *NEW)
    with pytest.raises(CommandError, match="Version 1 of “policy” is this very text"):
        _run(file, *NEW)
    assert Transcription.objects.count() == 1


def test_what_another_transcription_would_ignore_is_refused(db, file):
    """The data of a source that is there are the admin's to change."""
    _run(file, *NEW)
    with pytest.raises(CommandError, match=r"“policy” is there already: .*--title, --url;"):
        _run(file, "--slug", "policy", "--heading", "1", "--title", "New", "--url", "http://x.org")
    assert Transcription.objects.count() == 1


def test_progress_is_shown_on_a_terminal_alone(db, file):
    out, _ = _run(file, *NEW, out=Terminal())
    assert "\rParagraph 4 of 4\n" in out
    out, _ = _run(file, "--slug", "other", "--title", "Other")
    assert "\r" not in out
    assert "Paragraph" not in out


def test_a_dry_run_says_what_storing_would_refuse(db, file):
    _, err = _run(file, "--slug", "On Peace", "--title", "x", "--siglum", "a", "--dry-run")
    assert "To be mended before it is stored: --slug: " in err
    assert "--siglum: One to four capital letters" in err


def test_a_language_is_a_tag(db, file):
    with pytest.raises(CommandError, match="--language: A BCP 47 tag"):
        _run(file, *NEW, "--language", "zz_zz_!!")


def test_another_transcription_says_what_stays_behind(db, file):
    _run(file, *NEW)
    make_published("principle", Transcription.objects.get(), "p2", "Peace", slug="peace")
    _, err = _run(file, "--slug", "policy", "--heading", "1")
    assert "1 citation on earlier versions stay there" in err


def test_a_source_added_by_mistake_is_removed(db, file):
    _run(file, *NEW)
    call_command("remove_source", "policy", stdout=io.StringIO())
    assert not Source.objects.exists()
    _run(file, *NEW)


def test_a_source_that_is_cited_is_not_removed(db, file):
    _run(file, *NEW)
    make_published("principle", Transcription.objects.get(), "p2", "Peace", slug="peace")
    with pytest.raises(CommandError, match="a source that is cited stays"):
        call_command("remove_source", "policy")
    with pytest.raises(CommandError, match="There are: policy"):
        call_command("remove_source", "polity")
    assert Source.objects.exists()
