"""Invariant 7: content leaves as it came, byte for byte, whatever characters are in it."""

import io

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils.text import slugify
from hypothesis import given, settings
from hypothesis import strategies as st

from kb.content.loading import load as load_fixtures
from kb.cutting import UnfitText, read
from kb.models import Citation, Claim, Edition, Note, Source
from kb.publishing import open_draft, publish, withdraw

from .attempts import content_version, exported, loaddata, parsed, undone, write
from .factories import cite, make_claim, make_published, make_source


def _export(directory, *arguments):
    out, err = io.StringIO(), io.StringIO()
    call_command("export_kb", directory, *arguments, stdout=out, stderr=err, no_color=True)
    return out.getvalue(), err.getvalue()


def _bytes(directory):
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def test_the_shipped_fixtures_leave_as_they_came(shipped, tmp_path):
    [fixtures] = django_settings.FIXTURE_DIRS
    _export(tmp_path)
    assert _bytes(tmp_path) == _bytes(fixtures)
    out, _ = _export(fixtures, "--check")
    assert out == "The fixtures are what the base holds.\n"


@pytest.mark.parametrize("command", ["load_kb", "loaddata"])
def test_export_load_export_gives_the_same_bytes(db, records, tmp_path, command):
    first, second = tmp_path / "first", tmp_path / "second"
    with undone():
        _base_with_everything()
        _export(first)
    assert not Claim.objects.exists()
    if command == "load_kb":
        call_command("load_kb", first, verbosity=0)
    else:
        loaddata(first)
    _export(second)
    assert _bytes(second) == _bytes(first)


def _base_with_everything():
    """Slugs, themes and letters whose order a language's own rules would change."""
    source = make_source("FIRST\r\nPeace “is” the aim.\r\n", slug="b-second", heading=[1])
    make_source("\n\n  Peace 🇦🇿 e\u0301.", slug="B_first", siglum="ZZ", language="az")
    Note.objects.create(
        paragraph=source.paragraphs.last(), start=6, end=10, exact="“is”", text="Ours."
    )
    peace = make_published("principle", source, "p1", "Peace", slug="peace", tags=["é", "Z", "a"])
    for slug in ("a-b", "ab", "a_c", "A-b", "aB", "a", "a-"):
        claim = make_claim("statement", slug, tags=["ab", "a-c"], about=[peace])
        cite(claim, source, "p1", "the", position=2, note="Second.")
        cite(claim, source, "p1", "aim", position=1)
        publish(claim)
    everything = make_claim("statement", "everything", about=list(Claim.objects.published()))
    cite(everything, source, "h1", "FIRST")
    cite(everything, source, "p1", "the aim", position=1)
    publish(everything)
    withdraw(make_published("leader", source, "p1", "aim"), "Not\na leader: ‘no’.")
    organization = make_published("organization", source, "p1", "Peace").specific()
    membership = make_claim("membership", organization=organization)
    cite(membership, source, "p1", "is")
    publish(membership)


def test_the_order_is_that_of_code_points_on_every_database(db):
    _base_with_everything()
    files = exported()
    slugs = [
        record["fields"]["slug"]
        for record in parsed(files)["7-statements.yaml"]
        if record["model"] == "kb.claim"
    ]
    assert slugs == sorted(slugs) == ["A-b", "a", "a-", "a-b", "aB", "a_c", "ab", "everything"]
    [about] = [
        record["fields"]["about"]
        for record in parsed(files)["7-statements.yaml"]
        if record["fields"].get("slug") == "everything"
    ]
    assert about == sorted(about)
    themes = [record["fields"]["slug"] for record in parsed(files)["2-themes.yaml"]]
    assert themes == sorted(themes)
    tagged = [
        record["fields"]["tag"]
        for record in parsed(files)["5-principles.yaml"]
        if record["model"] == "kb.taggedclaim"
    ]
    assert tagged == [["a"], ["Z"], ["é"]]  # By their slugs: a, z, é.
    assert list(files)[:2] == ["1-B_first.json", "1-b-second.json"]


# Awkward words

AWKWARD = [
    "yes",
    "1.0",
    "0x10",
    "2026-01-01",
    "null",
    "~",
    "- a",
    "a: b",
    "a #b",
    "'",
    '"',
    "“”",
    "&a *a",
    "!!str",
    "%x",
    "|",
    ">",
    "{a}",
    " before",
    "after ",
    "a\nb",
    "a\n",
    "\na",
    "a\r\nb",
    "a \n b\n\n",
    "a\tb",
    "\t",
    "a\u0085b",
    "a\u2028b\u2029",
    "\ufeffa",
    "\u200f\u05d0\u202eb",
    "🇦🇿👩‍👩‍👧",
    "e\u0301",
    "\x7f\x1b",
    "\ufffe\uffff",
    "x" * 200,
    "word " * 39,
    "---",
    "...",
    "a\n---\nb",
    "? a",
    "=",
    "<<",
]
TEXTS = st.one_of(
    st.sampled_from(AWKWARD),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40),
    st.lists(st.sampled_from([*"ab \n\r\t:-#'\"\u2028\u0085🇦"]), max_size=12).map("".join),
)


def _again(directory, files):
    """What an empty base exports after loading ``files``."""
    with undone():
        load_fixtures(write(directory, files))
        return exported()


def _export_of_a_base_with(texts):
    """Its files, from a base with each text wherever we write words of our own."""
    with undone():
        source = make_source("Peace is the aim.", slug="policy")
        paragraph = source.paragraphs.get()
        for number, text in enumerate(texts):
            claim = make_claim("organization", slug=f"x-{number}", title=text[:200] or "x")
            claim.sentence, claim.note, claim.identity = text or "x", text, text
            claim.save()
            cite(claim, source, "p1", "aim", note=text[:300])
            if slugify(text[:100], allow_unicode=True):
                claim.tags.add(text[:100])
            publish(claim)
        Source.objects.update(note=texts[0], title=texts[0][:300] or "x")
        Note.objects.create(
            paragraph=paragraph, start=0, end=5, exact="Peace", text=texts[-1] or "x"
        )
        assert _notes() == texts
        return exported()


def _notes():
    return list(Claim.objects.order_by("pk").values_list("note", flat=True))


@settings(max_examples=12)
@given(st.lists(TEXTS, min_size=1, max_size=6))
def test_any_words_of_ours_leave_as_they_came(db, tmp_path_factory, texts):
    files = _export_of_a_base_with(texts)
    assert _again(tmp_path_factory.mktemp("fixtures"), files) == files


@pytest.mark.parametrize("command", ["load_kb", "loaddata"])
def test_awkward_words_leave_as_they_came(db, tmp_path, command):
    files = _export_of_a_base_with(AWKWARD)
    write(tmp_path, files)
    if command == "load_kb":
        call_command("load_kb", tmp_path, verbosity=0)
    else:
        loaddata(tmp_path)
    assert sorted(_notes()) == sorted(AWKWARD)
    assert exported() == files


@settings(max_examples=20)
@given(TEXTS)
def test_any_text_of_a_source_leaves_as_it_came(db, tmp_path_factory, text):
    text = f"Peace.\r\n{text}"
    try:
        read(text.encode())
    except UnfitText:
        return
    with undone():
        make_published("leader", make_source(text, slug="any"), "p1", "Peace", slug="x")
        files = exported()
    assert _again(tmp_path_factory.mktemp("fixtures"), files) == files


def test_a_theme_without_an_address_is_not_published(db):
    claim = make_claim(tags=["…", "Aims"])
    cite(claim, make_source("Peace."), "p1", "Peace")
    with pytest.raises(ValidationError, match="The theme “…” has no address"):
        publish(claim)
    claim.tags.remove("…")
    publish(claim)


# What is exported, and how


def test_drafts_and_history_stay_in_their_base(db, tmp_path):
    source = make_source("Peace is the aim.")
    public = make_published("principle", source, "p1", "Peace", slug="peace", tags=["Shown"])
    make_claim(slug="secret", title="Secret", tags=["Hidden"])
    draft = open_draft(public)
    draft.title = "Secret"
    draft.save()
    out, _ = _export(tmp_path)
    assert "2 drafts stay in the base." in out
    written = b"".join(_bytes(tmp_path).values()).decode()
    assert "Shown" in written
    for hidden in ("ecret", "Hidden", "~draft", "touched", "kb.edition", "kb.publication"):
        assert hidden not in written


def test_only_what_changed_is_written(db, tmp_path):
    source = make_source("Peace is the aim.", slug="policy")
    claim = make_published("principle", source, "p1", "Peace", slug="peace")
    out, _ = _export(tmp_path)
    assert out == f"2 of 2 files changed in {tmp_path}.\n"
    untouched = (tmp_path / "1-policy.json").stat().st_mtime_ns
    withdraw(claim, "A mistake.")
    out, _ = _export(tmp_path)
    assert out == f"1 of 2 files changed in {tmp_path}.\n"
    assert (tmp_path / "1-policy.json").stat().st_mtime_ns == untouched
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "1-policy.json",
        "5-principles.yaml",
    ]


def test_check_writes_nothing_and_names_what_differs(db, tmp_path):
    make_published("principle", make_source("Peace.", slug="policy"), "p1", "Peace")
    with pytest.raises(CommandError, match=r"1-policy.json, 5-principles.yaml"):
        _export(tmp_path / "missing", "--check")
    assert not (tmp_path / "missing").exists()
    _export(tmp_path)
    _export(tmp_path, "--check")
    (tmp_path / "5-principles.yaml").write_bytes(b"[]")
    (tmp_path / "9-old.yaml").write_bytes(b"[]")
    before = _bytes(tmp_path)
    with pytest.raises(CommandError, match=r"has it: 5-principles.yaml, 9-old.yaml"):
        _export(tmp_path, "--check")
    assert _bytes(tmp_path) == before


def test_a_file_that_holds_nothing_of_the_base_is_named_and_kept(db, tmp_path):
    make_source("Peace.", slug="policy")
    (tmp_path / "9-old.yaml").write_bytes(b"[]")
    _, err = _export(tmp_path)
    assert err == "9-old.yaml holds nothing that the base has: delete it if it may go.\n"
    assert (tmp_path / "9-old.yaml").exists()


def test_a_directory_that_can_not_be_written_is_named(db, tmp_path):
    make_source("Peace.", slug="policy")
    (tmp_path / "file").write_text("x")
    with pytest.raises(CommandError, match="file: File exists"):
        _export(tmp_path / "file")


def test_an_empty_base_writes_nothing(db, tmp_path):
    assert _export(tmp_path)[0] == f"0 of 0 files changed in {tmp_path}.\n"
    assert not list(tmp_path.iterdir())


def test_an_export_changes_nothing(shipped, tmp_path):
    before = content_version(), Edition.objects.count(), Citation.objects.count()
    _export(tmp_path)
    assert (content_version(), Edition.objects.count(), Citation.objects.count()) == before
