"""Claims go out to spreadsheets and come in from them: exactly, as drafts, all or nothing."""

import csv
import io
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.core.cache import caches
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
from .factories import cite, make_claim, make_published, make_source
from .spreadsheets import (
    TEXT,
    bring_in,
    cells,
    confirm,
    export,
    faults,
    page,
    preview,
    row,
    rows_of,
    table,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("uploads")]

IN_ORDER = (Leader, Organization, Principle, Quotation, Statement, Membership)


@pytest.fixture
def client():
    return superuser("importer")


@pytest.fixture
def source():
    return make_source(TEXT, slug="policy")


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
    client = signed_in(user)
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
