"""Claims go out to spreadsheets and come in from them: exactly, as drafts, all or nothing."""

import csv
import datetime
import io
import re
import zipfile
from pathlib import Path

import openpyxl
import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from reversion.models import Revision
from taggit.models import Tag

from kb.cutting import cut
from kb.models import (
    Citation,
    Claim,
    ContentVersion,
    Publication,
    Revised,
    Source,
    Step,
    TaggedClaim,
)
from kb.publishing import open_draft, publish, submit, withdraw
from kb.storing import store
from organizations.models import Membership, Organization
from principles.models import Leader, Principle, Quotation, Statement

from .admin_forms import address, signed_in, superuser, user_of
from .admin_forms import messages as told
from .attempts import exported
from .factories import cite, make_claim, make_published, make_source, make_user

pytestmark = pytest.mark.django_db

IN_ORDER = (Leader, Organization, Principle, Quotation, Statement, Membership)
TEXT = "Peace is the aim of peace.\nA second paragraph, said “Baku”."


@pytest.fixture(autouse=True)
def _uploads(settings, tmp_path):
    settings.CACHES = {
        **settings.CACHES,
        "uploads": {**settings.CACHES["uploads"], "LOCATION": str(tmp_path / "uploads")},
    }


@pytest.fixture
def client():
    return superuser("importer")


@pytest.fixture
def source():
    return make_source(TEXT, slug="policy")


def page(model, name: str) -> str:
    return address(model(), "changelist") + f"{name}/"


def export(client, model, kind="csv", query="") -> bytes:
    response = client.post(page(model, "export") + query, {"format": "01"[kind == "xlsx"]})
    assert response["Content-Disposition"].endswith(f'.{kind}"')
    return response.content


def cells(xlsx: bytes) -> list[tuple]:
    return list(openpyxl.load_workbook(io.BytesIO(xlsx)).worksheets[0].values)


def rows_of(exported: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(exported.decode("utf-8-sig"), newline="")))


def preview(client, model, content: bytes, name="claims.csv", **fields):
    upload = SimpleUploadedFile(name, content)
    sent = {"csrfmiddlewaretoken": "as a browser sends it", "import_file": upload, **fields}
    return client.post(page(model, "import"), sent)


def confirm(client, model, previewed, **fields):
    sent = previewed.context["confirm_form"].initial
    return client.post(page(model, "process_import"), {**sent, **fields}, follow=True)


def bring_in(client, model, content: bytes, name="claims.csv", **fields):
    previewed = preview(client, model, content, name, **fields)
    assert "confirm_form" in previewed.context, previewed.context["form"].errors or faults(
        previewed
    )
    return confirm(client, model, previewed)


def faults(previewed) -> dict[tuple[int, str], list[str]]:
    """(row, column) → what is said to be wrong."""
    assert "confirm_form" not in previewed.context
    return {
        (row.number, column): messages
        for row in previewed.context["result"]
        for column, messages in row.faults.items()
    }


def refusal(previewed) -> str:
    assert "confirm_form" not in previewed.context
    return " ".join(previewed.context["form"].errors["import_file"])


def table(model=Principle, *rows: dict[str, str], delimiter=",") -> bytes:
    """A CSV with all columns of the kind; what a row doesn't name is empty."""
    own = {Quotation: ["mode", "leader", "speaker_name"], Organization: ["identity", "reference"]}
    names = ["slug", "title", "sentence", "note", *own.get(model, [])]
    if model is Membership:
        names += ["organization", "degree"]
    out = io.StringIO()
    writer = csv.DictWriter(
        out, [*names, "themes", "about", "citations"], restval="", delimiter=delimiter
    )
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def row(slug="peace", **fields) -> dict[str, str]:
    return {
        "slug": slug,
        "title": "Peace",
        "sentence": "It names peace.",
        "citations": 'policy p1 "Peace"',
        **fields,
    }


def empty_of_claims() -> None:
    """As a base where only the sources were loaded: past the triggers, which forbid it."""
    from kb import triggers

    triggers.drop(connection)
    for model in (Step, Publication, Citation, TaggedClaim):
        model.objects.all().delete()
    for model in (Membership, Quotation, *IN_ORDER):
        model.objects.all().delete()
    Tag.objects.all().delete()
    triggers.install(connection)
    assert not Claim.objects.exists()


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_went_out_comes_in_and_goes_out_the_same(client, shipped, kind):
    before = {model: export(client, model, kind) for model in IN_ORDER}
    assert sum(len(rows_of(x)) for x in before.values()) == 132 if kind == "csv" else True
    empty_of_claims()
    for model in IN_ORDER:
        bring_in(client, model, before[model], f"claims.{kind}", new_themes="on")
    after = {model: export(client, model, kind) for model in IN_ORDER}
    if kind == "csv":
        assert after == before
    else:
        assert {m: cells(x) for m, x in after.items()} == {m: cells(x) for m, x in before.items()}
    assert set(Claim.objects.values_list("status", flat=True)) == {"review"}


def test_what_went_out_changes_nothing_where_it_came_from(client, shipped):
    version = ContentVersion.objects.get().value
    for model in IN_ORDER:
        bring_in(client, model, export(client, model))
    assert not Claim.objects.exclude(status="published").exists()
    assert ContentVersion.objects.get().value == version


# What comes in becomes drafts, in review.


def test_a_new_slug_becomes_a_draft_in_review(client, source):
    make_claim("leader", "baku")
    Tag.objects.create(name="Aims, and ends")
    content = table(
        Principle,
        row(
            note="Ours.",
            themes='"aims, and ends"',
            about="baku, war",
            citations='policy p1.0-5 "Peace"\npolicy/v1 p2 name "“Baku”" "as it \\"stands\\""',
        ),
        row("war", about="peace", citations=""),
    )
    response = bring_in(client, Principle, content, "ours.csv")
    assert "Imported: 2 new, 0 changed" in told(response)
    peace, war = Principle.objects.order_by("slug")
    assert (peace.status, peace.note) == ("review", "Ours.")
    assert [tag.name for tag in peace.tags.all()] == ["Aims, and ends"]
    assert {c.slug for c in peace.about.all()} == {"baku", "war"}
    assert [c.slug for c in war.about.all()] == ["peace"]
    first, second = peace.citations.all()
    assert (first.anchor, first.exact, first.role) == ("p1.0-5", "Peace", "evidence")
    assert (second.anchor, second.role, second.note) == ("p2.25-31", "name", 'as it "stands"')
    assert list(peace.touched_by.all()) == [user_of(client)]
    step = peace.steps.first()
    assert (step.status, step.note) == ("review", "imported from ours.csv")
    assert step.by == user_of(client)


def test_a_published_claim_keeps_its_words_and_its_draft_gets_the_row(client, source):
    peace = make_published("principle", source, "p1", "Peace", slug="peace", title="Peace")
    same = make_published("principle", source, "p1", "aim", slug="aim", title="Aim")
    (kept,) = [r for r in rows_of(export(client, Principle)) if r["slug"] == "aim"]
    response = bring_in(client, Principle, table(Principle, row(title="Peace first"), kept))
    assert "Imported: 0 new, 1 changed, all of them in review; 1 rows" in told(response)
    peace.refresh_from_db()
    assert (peace.status, peace.title) == ("published", "Peace")
    assert (peace.successor.title, peace.successor.status) == ("Peace first", "review")
    assert not Claim.objects.filter(supersedes=same).exists()
    again = bring_in(client, Principle, table(Principle, row(title="Peace last")))
    assert "0 new, 1 changed" in told(again)
    peace = Claim.objects.get(slug="peace")
    assert peace.successor.title == "Peace last"
    skipped = bring_in(client, Principle, table(Principle, row(title="Peace last")))
    assert "0 new, 0 changed" in told(skipped)
    assert peace.successor.steps.count() == 3  # opened, in review, imported anew


def test_a_withdrawn_claim_gets_a_draft(client, source):
    gone = withdraw(
        make_published("principle", source, "p1", "Peace", slug="peace", title="Peace"), "Wrong."
    )
    bring_in(client, Principle, table(Principle, row(title="Peace again")))
    gone.refresh_from_db()
    assert (gone.status, gone.successor.title) == ("withdrawn", "Peace again")


def test_a_draft_in_somebodys_hands_is_changed_and_goes_to_review(client, source):
    make_claim("principle", "peace")
    bring_in(client, Principle, table(Principle, row(title="Changed")))
    draft = Principle.objects.get()
    assert (draft.title, draft.status, draft.citations.get().exact) == (
        "Changed",
        "review",
        "Peace",
    )


def test_fields_of_a_kind_come_in(client, source):
    make_claim("leader", "the-president")
    body = make_claim("organization", "body")
    said = row("said", mode="reported", leader="the-president")
    bring_in(client, Quotation, table(Quotation, said))
    assert Quotation.objects.get().leader.slug == "the-president"
    member = row("member", organization="body", degree="founder")
    bring_in(client, Membership, table(Membership, member))
    assert Membership.objects.get().organization == body
    assert Membership.objects.get().degree == "founder"


def test_the_preview_stores_nothing_and_says_what_would_change(client, source):
    make_published("principle", source, "p1", "Peace", slug="peace", title="Peace")
    response = preview(client, Principle, table(Principle, row(title="Peace first"), row("new")))
    text = response.content.decode()
    assert "opens a draft of the published claim" in text
    assert "Peace<ins> first</ins>" in text
    assert "a new draft" in text
    assert Claim.objects.count() == 1
    assert not Step.objects.filter(status="review").exists()


def test_nothing_is_imported_unless_all_rows_are_good(client, source):
    response = preview(client, Principle, table(Principle, row(), row("war", title="")))
    assert faults(response) == {(3, "title"): ["This field cannot be blank."]}
    assert "Nothing was imported" in response.content.decode()
    assert not Claim.objects.exists()


def test_what_changed_since_the_preview_stops_the_import(client, source):
    response = preview(client, Principle, table(Principle, row(), row("war")))
    make_claim("statement", "war")
    refused = confirm(client, Principle, response)
    assert "Something changed since the preview. Nothing was imported." in told(refused)
    assert list(faults(refused)) == [(3, "slug")]
    assert not Principle.objects.exists()


def edited_by_another(peace):
    Claim.objects.filter(supersedes=peace).update(sentence="Theirs.")


def published_by_another(peace):
    publish(peace.successor)


def corrected_by_another(peace):
    """What names no version is read in the current one."""
    store(Source.objects.get(), cut(TEXT.replace("second", "third")))


@pytest.mark.parametrize("change", [edited_by_another, published_by_another, corrected_by_another])
def test_what_changed_since_the_preview_is_named_and_previewed_anew(client, source, change):
    peace = make_published("principle", source, "p1", "Peace", slug="peace", title="Peace")
    open_draft(peace)
    content = table(Principle, row(title="Mine"), row("war", citations=""))
    previewed = preview(client, Principle, content)
    change(peace)
    before = exported(), Step.objects.count()
    refused = confirm(client, Principle, previewed)
    assert "“peace” changed since you looked. Nothing was imported." in told(refused)
    assert (exported(), Step.objects.count()) == before
    assert not Claim.objects.filter(title="Mine").exists()
    shown = refused.content.decode()
    assert "Import as drafts, for review" in shown
    assert ("Theirs" in shown) == (change == edited_by_another)
    assert "Imported: 1 new, 1 changed" in told(confirm(client, Principle, refused))
    assert Claim.objects.get(supersedes=peace).title == "Mine"


def test_an_import_is_one_revision_and_a_preview_none(client, source):
    make_published("principle", source, "p1", "Peace", slug="peace", title="Peace")
    make_claim("principle", "mine")
    submit(Claim.objects.get(slug="mine"))
    before = Revision.objects.count()
    content = table(Principle, row(title="Peace first"), row("mine"), row("new"))
    previewed = preview(client, Principle, content, "ours.csv")
    assert Revision.objects.count() == before
    confirm(client, Principle, previewed)
    made = Revision.objects.latest("pk")
    assert Revision.objects.count() == before + 1
    assert (made.comment, made.user) == ("Imported from ours.csv", user_of(client))
    assert Revised.objects.filter(revision=made).count() == 3


def test_an_import_is_public_nowhere(client, source):
    bring_in(client, Principle, table(Principle, row(title="Hidden peace")))
    for path in ("/", "/principles/", "/sources/policy/", "/coverage/", "/tags/"):
        assert "Hidden peace" not in Client().get(path).content.decode()
    assert Client().get("/claims/peace/").status_code == 404


# What goes out.


def test_published_words_go_out_and_drafts_of_the_unpublished(client, source):
    peace = make_published("principle", source, "p1", "Peace", slug="peace", title="Peace")
    open_draft(peace)
    Claim.objects.filter(supersedes=peace).update(title="Not yet")
    withdraw(make_published("principle", source, "p1", "aim", slug="gone"), "Wrong.")
    make_claim("principle", "a-draft", title="A draft")
    assert [(r["slug"], r["title"]) for r in rows_of(export(client, Principle))] == [
        ("a-draft", "A draft"),
        ("peace", "Peace"),
    ]


def test_filters_and_choices_of_the_list_hold(client, source):
    peace = make_published("principle", source, "p1", "Peace", slug="peace")
    make_claim("principle", "draft-one")
    make_claim("principle", "draft-two")
    drafts = rows_of(export(client, Principle, query="?status__exact=draft"))
    assert [r["slug"] for r in drafts] == ["draft-one", "draft-two"]
    chosen = client.post(
        address(Principle(), "changelist"),
        {"action": "export_admin_action", "_selected_action": [peace.pk]},
    )
    assert "<p>1 principle," in chosen.content.decode()
    items = {"export_items": [peace.pk], "format": "0", "resource": "0"}
    assert [r["slug"] for r in rows_of(client.post(page(Principle, "export"), items).content)] == [
        "peace"
    ]
    assert (
        "Choose one of the two formats."
        in client.post(page(Principle, "export"), {"format": "7"}).content.decode()
    )


@pytest.mark.parametrize("query", ["?no_field=1", "?pk__in=a", "?status__exact=%00"])
def test_filters_that_are_none_are_left_out(client, source, query):
    make_claim("principle", "draft")
    response = client.get(page(Principle, "export") + query, follow=True)
    assert response.redirect_chain == [(page(Principle, "export"), 302)]
    assert "The list has no such filter" in told(response)
    assert "<p>1 principle," in response.content.decode()


def test_an_export_asks_no_more_for_more_claims(client, source):
    body = make_claim("organization", "body")
    counts = []
    for slug in ("one", "two", "three"):
        claim = make_claim("membership", slug, organization=body, tags=["Aims"], about=[body])
        cite(claim, source, "p1", "aim")
        with CaptureQueriesContext(connection) as queries:
            export(client, Membership)
        counts.append(len(queries))
    # Session and user; sources and themes, for the filters of the list; claims with their
    # organizations, citations with their places, tags, about.
    assert counts == [8, 8, 8]


# Cells that a spreadsheet would calculate.

DANGEROUS = ["=1+1", "+1", "-1", "@sum", "'=1", "''-x", "'quoted'", "＝1", "- a list\n- of two"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_words_that_look_like_formulas_survive_and_are_none(client, source, kind):
    for number, words in enumerate(DANGEROUS):
        claim = make_claim("statement", f"s{number}", title=words, sentence=words, note=words)
        claim.tags.add(f'{words}, with “{number}"')
    before = export(client, Statement, kind)
    table = cells(before) if kind == "xlsx" else csv.reader(io.StringIO(before.decode("utf-8-sig")))
    assert not [c for line in table for c in line if c and c[0] in "=+-@＝\t\r\n"]
    changed = before
    Claim.objects.all().delete()
    bring_in(client, Statement, changed, f"s.{kind}")
    assert list(Statement.objects.order_by("slug").values_list("title", flat=True)) == DANGEROUS
    after = export(client, Statement, kind)
    assert (after if kind == "csv" else cells(after)) == (
        before if kind == "csv" else cells(before)
    )


def test_a_cell_too_long_for_xlsx_is_not_cut(client):
    make_claim("statement", "long", note="x" * 40_000)
    response = client.post(page(Statement, "export"), {"format": "1"}, follow=True)
    assert "“long” has more than 32,767 characters in one cell" in told(response)
    make_claim("statement", "control", note="a\x0bb")
    Claim.objects.filter(slug="long").delete()
    response = client.post(page(Statement, "export"), {"format": "1"}, follow=True)
    assert "has a control character" in told(response)
    assert rows_of(export(client, Statement))[0]["note"] == "a\x0bb"


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


# Between preview and confirmation.


def test_an_upload_that_is_gone_is_asked_for_again(client, source):
    previewed = preview(client, Principle, table(Principle, row()))
    caches["uploads"].clear()
    response = confirm(client, Principle, previewed)
    assert "This upload is no longer here" in told(response)
    assert response.redirect_chain == [(page(Principle, "import"), 302)]
    assert not Claim.objects.exists()


def test_an_import_is_confirmed_once(client, source):
    previewed = preview(client, Principle, table(Principle, row()))
    confirm(client, Principle, previewed)
    assert "it was imported already" in told(confirm(client, Principle, previewed))
    assert not list(Path(caches["uploads"]._dir).glob("*.djcache"))


@pytest.mark.parametrize(
    "tampered",
    [{"format": "x"}, {"import_file_name": "../../etc/passwd"}, {"import_file_name": ""}],
)
def test_a_tampered_confirmation_imports_nothing(client, source, tampered):
    previewed = preview(client, Principle, table(Principle, row()))
    response = confirm(client, Principle, previewed, **tampered)
    assert "hoose the file again" in told(response)
    assert not Claim.objects.exists()


def test_signing_in_again_in_between_leads_back(client):
    response = client.get(page(Principle, "process_import"), follow=True)
    assert "Nothing was imported. Choose the file again." in told(response)


# Who may.


@pytest.mark.parametrize(
    ("granted", "exports", "imports"),
    [
        ([], False, False),
        (["view"], True, False),
        (["change"], True, False),
        (["view", "add"], True, False),
        (["add", "change"], True, True),
    ],
)
def test_buttons_and_pages_go_by_permission(granted, exports, imports):
    user = User.objects.create_user("somebody", is_staff=True)
    names = [f"{name}_principle" for name in granted]
    user.user_permissions.set(Permission.objects.filter(codename__in=names))
    client = Client()
    client.force_login(user)
    for name, may in (("export", exports), ("import", imports)):
        assert client.get(page(Principle, name)).status_code == (200 if may else 403)
        assert client.post(page(Principle, name), {"format": "0"}).status_code == (
            200 if may else 403
        )
    if not imports:
        assert client.post(page(Principle, "process_import")).status_code == 403
    if granted:
        listed = client.get(address(Principle(), "changelist")).content.decode()
        assert (page(Principle, "export") in listed) == exports
        assert (page(Principle, "import") in listed) == imports
        assert "principles" in listed


def test_strangers_are_asked_to_sign_in():
    for name in ("export", "import", "process_import"):
        response = Client().get(page(Principle, name))
        assert response.status_code == 302
        assert "/login/" in response["Location"]


def test_a_kind_has_a_column_for_each_of_its_fields(client):
    for model in Claim.kinds().values():
        own = [field.name for field in model._meta.local_fields if not field.primary_key]
        header = export(client, model).decode("utf-8-sig").splitlines()[0].split(",")
        assert set(own) <= set(header)
