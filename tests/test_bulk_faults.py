"""What is wrong with a spreadsheet is said by row and column, with what to do about it."""

import datetime
import io
import re
import zipfile

import openpyxl
import pytest
from django.contrib.auth.models import Permission
from taggit.models import Tag

from kb.models import Citation
from organizations.models import Membership
from principles.models import Principle, Quotation

from .admin_forms import signed_in, superuser
from .factories import make_claim, make_source, make_user
from .spreadsheets import TEXT, bring_in, faults, page, preview, refusal, row, table

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploads")]


@pytest.fixture
def client():
    return superuser("importer")


@pytest.fixture
def source():
    return make_source(TEXT, slug="policy")


# What is wrong with a row, and with a file.

WRONG = {
    "no slug": (row(""), "slug", "cannot be blank"),
    "a bad slug": (row("peace & war"), "slug", "letters, numbers, underscores or hyphens"),
    "a successor's slug": (row("peace~draft"), "slug", "letters, numbers"),
    "another kind": (row("baku"), "slug", "“Baku” has this slug and is a leader"),
    "a title too long": (row(title="x" * 201), "title", "at most 200 characters"),
    "no sentence": (row(sentence=""), "sentence", "cannot be blank"),
    "NUL": (row(title="a\0b"), "title", "U+0000 can't be kept"),
    "an unknown theme": (row(themes="Aim"), "themes", "no theme “Aim”. Did you mean “Aims”?"),
    "open marks": (row(themes='"Aims'), "themes", "quotation marks don't fit"),
    "an unknown claim": (row(about="baku, nobody"), "about", "no claim with the slug “nobody”"),
    "no citation": (row(citations="policy, p1"), "citations", "Line 1: “policy, p1” is no cit"),
    "curly marks": (row(citations="policy p1 “Peace”"), "citations", "marks are straight ones"),
    "an unknown source": (
        row(citations='law p1 "x"'),
        "citations",
        "no source with the slug “law”",
    ),
    "a version": (row(citations='policy/v2 p1 "x"'), "citations", "no version 2; the last is 1"),
    "a paragraph": (row(citations='policy p9 "x"'), "citations", "no paragraph p9; the last is p2"),
    "a heading": (row(citations='policy h1 "x"'), "citations", "there is none of this kind"),
    "a role": (row(citations='policy p1 proof "Peace"'), "citations", "none of: evidence, speaker"),
    "no words": (row(citations='policy p1 ""'), "citations", "cannot be blank"),
    "an open string": (
        row(citations='policy p1 "Peace'),
        "citations",
        "no text in quotation marks",
    ),
    "words after the note": (row(citations='policy p1 "Peace" "a" b'), "citations", "take it out"),
    "a note without marks": (row(citations='policy p1 "Peace" a'), "citations", "not in quotation"),
    "other words": (
        row(citations='policy p1 "Peace is the goal"'),
        "citations",
        "It reads “Peace is",
    ),
    "other offsets": (row(citations='policy p1.3-8 "Peace"'), "citations", "At 3 the paragraph"),
    "offsets past the end": (row(citations='policy p1.900-905 "Peace"'), "citations", "At 900"),
    "offsets that don't fit": (row(citations='policy p1.0-9 "Peace"'), "citations", "5 characters"),
    "words cited twice": (
        row(citations='policy p1 "Peace"\npolicy/v1 p1.0-5 "Peace"'),
        "citations",
        "Line 2: These words are cited already.",
    ),
    "a NUL in JSON": (row(citations='policy p1 "a\\u0000"'), "citations", "can't be kept"),
    "half a character": (
        row(citations='policy p1 "Peace" "\\ud800"'),
        "citations",
        "can't be kept",
    ),
}


@pytest.mark.parametrize(("wrong", "column", "message"), WRONG.values(), ids=WRONG)
def test_a_wrong_row_says_what_to_do(client, source, wrong, column, message):
    make_claim("leader", "baku")
    Tag.objects.create(name="Aims")
    response = preview(client, Principle, table(Principle, row("good"), wrong))
    (found,) = faults(response).items()
    assert found[0] == (3, column)
    assert message in " ".join(found[1])
    assert response.status_code == 200


def test_words_that_stand_twice_ask_which(client, source):
    twice = row(citations='policy p1 "eace"')
    response = preview(client, Principle, table(Principle, twice))
    assert faults(response)[2, "citations"] == [
        "Line 1: “eace” stands in p1 2 times. Say which, with its offsets: p1.1-5 or p1.21-25."
    ]
    bring_in(client, Principle, table(Principle, row(citations='policy p1.21-25 "eace"')))
    assert Citation.objects.get().start == 21


def test_every_fault_of_a_row_is_told_at_once(client, source):
    bad = row("x y", title="", citations='law p1 "x"\npolicy p1 "Peace"\npolicy p7 "y"')
    response = preview(client, Principle, table(Principle, bad, row(), row(), {}))
    found = faults(response)
    assert set(found) == {(2, "slug"), (2, "title"), (2, "citations"), (4, "slug")}
    assert [m[:7] for m in found[2, "citations"]] == ["Line 1:", "Line 3:"]
    assert found[4, "slug"] == ["Row 3 has this slug already."]


def test_rules_of_a_kind_hold(client, source):
    make_claim("leader", "baku")
    both = row("both", mode="reported", leader="baku", speaker_name="Baku")
    neither = row("none", mode="told", leader="nobody")
    response = preview(client, Quotation, table(Quotation, both, neither))
    assert faults(response) == {
        (2, ""): ["Choose a leader or name another speaker: one of the two."],
        (3, "mode"): ["“told” is none of: direct, reported."],
        (3, "leader"): ["There is no leader with the slug “nobody”."],
    }
    lone = preview(client, Membership, table(Membership, row(degree="member")))
    assert faults(lone) == {(2, "organization"): ["The organization is missing."]}


def test_an_empty_row_between_others_is_named_and_one_at_the_end_is_not(client, source):
    content = table(Principle, row(), {}, row("war"), {}, {})
    assert faults(preview(client, Principle, content)) == {
        (3, ""): ["The row is empty: take it out of the file."]
    }


def test_new_themes_are_added_when_asked(client, source):
    content = table(Principle, row(themes="Brand new"), row("war", themes="brand NEW"))
    bring_in(client, Principle, content, new_themes="on")
    assert [tag.name for tag in Tag.objects.all()] == ["Brand new"]


def test_who_may_not_add_themes_imports_none_that_is_new(source):
    Tag.objects.create(name="Aims")
    user = make_user("clerk")
    user.user_permissions.set(Permission.objects.exclude(codename="add_tag"))
    content = table(Principle, row(themes="aims"), row("war", themes="aims, Brand new"))
    previewed = preview(signed_in(user), Principle, content, new_themes="on")
    assert faults(previewed) == {
        (3, "themes"): [
            "There is no theme “Brand new”. Correct it, or ask for it: adding a theme needs a "
            "permission that you don't have."
        ]
    }
    bring_in(signed_in(user), Principle, table(Principle, row(themes="aims")), new_themes="on")
    assert Tag.objects.count() == 1


def xlsx(*rows) -> bytes:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for cells in rows:
        book.active.append(cells)
    book.save(out)
    return out.getvalue()


NAMES = ["slug", "title", "sentence", "note", "themes", "about", "citations"]


def test_other_columns_are_named(client):
    response = preview(
        client, Principle, xlsx(["slug", "Title ", "name", "title"], ["a"]), "x.xlsx"
    )
    assert "confirm_form" not in response.context
    text = response.content.decode()
    assert "Columns are missing: sentence, note, themes, about, citations." in text
    assert "There are no such columns: title, name." in text
    assert "The columns are: slug, title, sentence, note, themes, about, citations." in text


def test_cells_that_hold_no_text_are_named(client, source):
    day = datetime.date(2011, 5, 4)
    content = xlsx(NAMES, ["a", 1992, "=1+1", day, True, 1.5, 'policy p1 "Peace"'])
    found = faults(preview(client, Principle, content, "x.xlsx"))
    assert {column for _, column in found} == {"sentence", "note", "themes", "about"}
    assert found[2, "sentence"] == ["The cell has a formula: put the text itself there."]
    assert "format the cell as text" in found[2, "note"][0]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("xl/worksheets/sheet1.xml", b" " * (51 * 2**20))
    return out.getvalue()


def sheet(rows: bytes) -> bytes:
    """A workbook whose sheet has these rows."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(xlsx(NAMES))) as made,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed,
    ):
        for name in made.namelist():
            part = made.read(name)
            if name.endswith("sheet1.xml"):
                part = re.sub(
                    b"<sheetData>.*</sheetData>", b"<sheetData>%s</sheetData>" % rows, part
                )
            packed.writestr(name, part)
    return out.getvalue()


def cell(place: str, text: str = "slug") -> bytes:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'.encode()


FAR = b'<row r="1">%s</row><row r="999999999">%s</row>' % (cell("A1"), cell("A999999999"))

UNREADABLE = {
    "a million cells": (sheet(b"<row>%s</row>" % (b"<c/>" * 1_000_000)), "far more cells"),
    "a row far below": (sheet(FAR), "more than 2,000 rows"),
    "nothing": (b"", "The file is empty."),
    "too much": (b"x" * (10 * 2**20 + 1), "10 MB are the most"),
    "UTF-16": ("slug,title".encode("utf-16"), "CSV in UTF-8"),
    "Latin-1": ("slug,tïtle".encode("latin-1"), "Save it as “CSV UTF-8”"),
    "a picture": (b"\x89PNG\r\n\x1a\n\0\xff", "neither an XLSX file nor CSV"),
    "old Excel": (b"\xd0\xcf\x11\xe0\xa1\xb1", "Save it as XLSX"),
    "a zip": (b"PK\x03\x04 and no more", "damaged or locked"),
    "a bomb": (bomb(), "unpacks to 51 MB"),
    "only columns": (table(Principle), "no rows below them"),
    "no columns": (b"\n\n", "The first row is empty"),
    "too many rows": (b"slug\n" + b"x\n" * 2001, "more than 2,000 rows"),
    "too many cells": (b"slug\na,b\n", "Row 2 has 2 cells, but there are 1 columns"),
    "open marks": (b'slug\n"abc\n', "The CSV breaks off"),
    "a huge cell": (b"slug\n" + b"x" * 200_000, "The CSV breaks off"),
}


@pytest.mark.parametrize(("content", "message"), UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_is_no_table_says_what_to_do(client, content, message):
    assert message in refusal(preview(client, Principle, content, "x.csv"))


def test_no_file_asks_for_one(client):
    response = client.post(page(Principle, "import"), {"csrfmiddlewaretoken": "x"})
    assert refusal(response) == "Choose a file."


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_of_any_locale_is_read(client, source, delimiter):
    content = table(Principle, row(themes=""), delimiter=delimiter)
    bring_in(client, Principle, content.replace(b"\r\n", b"\n"))
    assert Principle.objects.get().citations.count() == 1
