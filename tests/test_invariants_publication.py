"""Invariants 2, 5 and 8: one door to publication; what is published stays, and stays as it is."""

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction
from django.db.models import Model, ProtectedError
from taggit.models import Tag

from kb.models import Citation, Claim, Edition, Publication, TaggedClaim
from kb.publishing import open_draft, publish, withdraw
from principles.models import Principle, Quotation, Statement

from .attempts import dangling, exported, loaddata, parsed, refused, rewritten, sql, undone
from .factories import KINDS, cite, make_claim, make_published, make_source, make_user

DOOR = "publish\\(\\) is the only door"
IN_PLACE = "a published claim is not edited in place: open its draft and publish that"
APPEND_ONLY = "the public history is append-only"


@pytest.fixture
def source(db):
    return make_source("Peace is the aim. “We want peace”, said Baku.", slug="policy")


@pytest.fixture
def peace(source):
    other = make_published("statement", source, "p1", "the aim", slug="the-aim")
    return make_published(
        "principle", source, "p1", "Peace", slug="peace", tags=["Peace"], about=[other]
    )


@pytest.fixture
def withdrawn(peace):
    return withdraw(peace, "A mistake of ours.")


# 2: no citation, no publication; one door


def test_publish_asks_for_a_citation(source):
    claim = make_claim()
    with pytest.raises(ValidationError, match="No citation: cite the words it rests on"):
        publish(claim)
    assert not Claim.objects.published().exists()
    assert not Edition.objects.exists()


@pytest.mark.parametrize("status", ["published", "withdrawn"])
def test_no_claim_enters_public(source, status):
    reason = "gone" if status == "withdrawn" else ""
    fields = {"title": "Peace", "sentence": "…", "status": status, "withdrawal_reason": reason}
    with pytest.raises(ValidationError, match="not changed in place"):
        Principle(slug="peace", **fields).save()
    with refused(DOOR):
        Claim.objects.bulk_create([Claim(slug="peace", kind="principle", **fields)])
    with refused(DOOR):
        sql(
            "INSERT INTO kb_claim (kind, slug, title, sentence, note, status, withdrawal_reason) "
            "VALUES ('principle', 'peace', 'Peace', '…', '', %s, %s)",
            status,
            reason,
        )
    assert not Claim.objects.exists()


def test_a_draft_does_not_slip_past_publish(source):
    claim = make_claim(slug="draft")
    cite(claim, source, "p1", "aim")
    claim.status = "published"
    with pytest.raises(ValidationError, match="not changed in place"):
        claim.save()
    with refused(DOOR):
        Claim.objects.bulk_update([claim], ["status"]) if claim.claim_ptr.status == (
            "published"
        ) else Claim.objects.filter(pk=claim.pk).update(status="published")
    with refused(DOOR):
        sql("UPDATE kb_claim SET status = 'published' WHERE id = %s", claim.pk)
    with refused(DOOR):
        sql(
            "UPDATE kb_claim SET status = 'withdrawn', withdrawal_reason = 'x' WHERE id = %s",
            claim.pk,
        )
    assert Claim.objects.get(pk=claim.pk).status == "draft"


def test_a_record_without_a_citation_is_not_enough(source):
    claim = make_claim()
    edition = Edition.objects.create(number=1, kind="publication")
    Publication.objects.create(edition=edition, claim=claim, status="published", snapshot={})
    with refused("no citation, no publication"):
        Claim.objects.filter(pk=claim.pk).update(status="published")
    cite(claim, source, "p1", "aim")
    Claim.objects.filter(pk=claim.pk).update(status="published")


def test_what_was_withdrawn_does_not_come_back_by_an_old_record(withdrawn):
    with refused(DOOR):
        Claim.objects.filter(pk=withdrawn.pk).update(status="published")
    with refused(DOOR):
        sql("UPDATE kb_claim SET status = 'published', withdrawal_reason = ''")


def test_the_record_of_a_withdrawal_is_no_record_of_a_publication(source):
    claim = make_claim(slug="draft")
    cite(claim, source, "p1", "aim")
    edition = Edition.objects.create(number=1, kind="withdrawal")
    Publication.objects.create(edition=edition, claim=claim, status="withdrawn", snapshot={})
    with refused(DOOR):
        Claim.objects.filter(pk=claim.pk).update(status="published")


def test_a_published_claim_keeps_its_last_citation(peace):
    citation = peace.citations.get()
    draft = make_claim()
    with refused(IN_PLACE):
        citation.delete()
    with refused(IN_PLACE):
        Citation.objects.all()._raw_delete("default")
    with refused(IN_PLACE):
        Citation.objects.filter(pk=citation.pk).update(claim=draft)
    with refused(IN_PLACE):
        sql("DELETE FROM kb_citation WHERE claim_id = %s", peace.pk)
    assert peace.citations.exists()


def test_only_published_claims_are_public(source):
    make_claim(slug="a-draft")
    review = make_claim(slug="in-review")
    Claim.objects.filter(pk=review.pk).update(status="review")
    withdraw(make_published("principle", source, "p1", "aim", slug="gone"), "A mistake.")
    open_draft(make_published("principle", source, "p1", "Peace", slug="peace"))
    assert [claim.slug for claim in Claim.objects.published()] == ["peace"]
    assert [c.claim.slug for c in Citation.objects.published()] == ["peace"]


def test_what_a_public_claim_refers_to_is_public(source):
    """Else a draft would stand on a public page, and the export would name what it lacks."""
    draft = make_claim("principle", slug="draft")
    statement = make_claim("statement", about=[draft])
    cite(statement, source, "p1", "aim")
    membership = make_claim("membership", organization=make_claim("organization", slug="body"))
    cite(membership, source, "p1", "aim")
    quotation = make_claim("quotation", leader=make_claim("leader", slug="leader"))
    cite(quotation, source, "p1", "Baku", role="speaker")
    for claim, name in ((statement, "Draft"), (membership, "Body"), (quotation, "Leader")):
        with pytest.raises(ValidationError, match=f"“{name}” is not public: publish it first"):
            publish(claim)
    cite(draft, source, "p1", "Peace")
    publish(draft)
    publish(statement)
    withdraw(draft, "A mistake.")
    publish(open_draft(statement))  # What was withdrawn has an address that says so.


# 5: slugs and withdrawal


def test_a_slug_is_there_once_among_all_kinds(peace):
    with pytest.raises(ValidationError, match=r"(?i)slug"):
        Statement(slug="peace", title="Peace", sentence="…").full_clean()
    with refused("(?i)unique"):
        Statement(slug="peace", title="Peace", sentence="…").save()


@pytest.mark.parametrize("slug", ["with space", "", "peace~draft", "ə", "a/b"])
def test_a_slug_is_fit_for_an_address(source, slug):
    with refused("kb_claim_successor_is_no_public_draft"):
        Principle(slug=slug, title="Peace", sentence="…").save()


def test_a_published_slug_does_not_change(peace):
    peace.slug = "war"
    with pytest.raises(ValidationError, match="not changed in place"):
        peace.save()
    for change in (
        lambda: Claim.objects.filter(pk=peace.pk).update(slug="war"),
        lambda: sql("UPDATE kb_claim SET slug = 'war' WHERE id = %s", peace.pk),
    ):
        with refused("the slug of a claim that was published does not change"):
            change()
    withdraw(peace, "A mistake.")
    with refused("the slug of a claim that was published does not change"):
        Claim.objects.filter(pk=peace.pk).update(slug="war")


def test_a_slug_that_was_never_public_may_change(source):
    claim = make_claim(slug="old")
    claim.slug = "new"
    claim.save()
    assert Claim.objects.get().slug == "new"


@pytest.mark.parametrize("state", ["peace", "withdrawn"])
def test_what_was_public_is_never_deleted(request, state):
    claim = request.getfixturevalue(state)
    for doomed in (claim, Claim.objects.filter(pk=claim.pk), Principle.objects.all()):
        with pytest.raises(ProtectedError), transaction.atomic():
            doomed.delete()
    with refused(IN_PLACE):
        sql("DELETE FROM principles_principle")
    with dangling():
        sql("DELETE FROM kb_claim WHERE id = %s", claim.pk)
    assert Principle.objects.filter(slug="peace").exists()


def test_withdrawal_has_a_reason(peace):
    for reason in ("", " \n"):
        with pytest.raises(ValidationError, match="needs a reason"):
            withdraw(peace, reason)
    edition = Edition.objects.create(number=99, kind="withdrawal")
    Publication.objects.create(edition=edition, claim=peace, status="withdrawn", snapshot={})
    with refused("kb_claim_withdrawn_with_reason"):
        Claim.objects.filter(pk=peace.pk).update(status="withdrawn")
    assert withdraw(peace, "A mistake.").withdrawal_reason == "A mistake."


def test_only_what_is_published_is_withdrawn(source, withdrawn):
    for claim in (withdrawn, make_claim()):
        with pytest.raises(ValidationError, match="nothing to withdraw"):
            withdraw(claim, "A mistake.")


# 8: not in place


@pytest.mark.parametrize("state", ["peace", "withdrawn"])
@pytest.mark.parametrize(
    ("column", "value"),
    [("title", "War"), ("sentence", "War."), ("note", "A note."), ("kind", "statement")],
)
def test_the_words_of_a_public_claim_stay(request, state, column, value):
    claim = request.getfixturevalue(state)
    for row in (claim, claim.specific()):
        setattr(row, column, value)
        with pytest.raises(ValidationError, match="is not changed in place: open its draft"):
            row.save()
    with refused(IN_PLACE):
        Claim.objects.filter(pk=claim.pk).update(**{column: value})
    with refused(IN_PLACE):
        sql(f"UPDATE kb_claim SET {column} = %s WHERE id = %s", value, claim.pk)


def test_the_reason_of_a_withdrawal_stays(withdrawn):
    with refused(IN_PLACE):
        Claim.objects.filter(pk=withdrawn.pk).update(withdrawal_reason="Another.")


def test_the_fields_of_a_kind_stay(source):
    claim = make_published("quotation", source, "p1", "Baku")
    with refused(IN_PLACE):
        Quotation.objects.update(speaker_name="Ganja")
    with refused(IN_PLACE):
        sql("UPDATE principles_quotation SET mode = 'direct'")
    claim = claim.specific()
    claim.speaker_name = "Ganja"
    with pytest.raises(ValidationError):
        claim.save()


@pytest.mark.parametrize("state", ["peace", "withdrawn"])
def test_the_citations_of_a_public_claim_stay(request, source, state):
    claim = request.getfixturevalue(state)
    citation = claim.citations.get()
    with refused(IN_PLACE):
        cite(claim, source, "p1", "aim")
    with refused(IN_PLACE):
        Citation.objects.filter(pk=citation.pk).update(note="Read otherwise.")
    with refused(IN_PLACE):
        Citation.objects.filter(pk=citation.pk).update(start=1, end=5, exact="eace")
    draft = make_claim()
    cite(draft, source, "p1", "aim")
    with refused(IN_PLACE):
        draft.citations.update(claim=claim)
    with refused(IN_PLACE):
        citation.delete()


@pytest.mark.parametrize("state", ["peace", "withdrawn"])
def test_the_themes_of_a_public_claim_stay(request, state):
    claim = request.getfixturevalue(state)
    for change in (
        lambda: claim.tags.add("War"),
        lambda: claim.tags.clear(),
        lambda: claim.specific().tags.set(["War"]),
        lambda: TaggedClaim.objects.update(tag=Tag.objects.create(name="War", slug="war")),
        lambda: sql("DELETE FROM kb_taggedclaim"),
        lambda: Tag.objects.get(name="Peace").delete(),
    ):
        with refused(IN_PLACE):
            change()


@pytest.mark.parametrize("state", ["peace", "withdrawn"])
def test_what_a_public_claim_is_about_stays(request, state):
    claim = request.getfixturevalue(state)
    draft = make_claim()
    for change in (
        lambda: claim.about.add(draft),
        lambda: claim.about.clear(),
        lambda: sql("UPDATE kb_claim_about SET to_claim_id = %s", draft.pk),
    ):
        with refused(IN_PLACE):
            change()


@pytest.mark.parametrize("kind", KINDS)
def test_the_row_of_a_kind_neither_comes_nor_goes(source, kind):
    fields = {}
    if kind == "membership":
        body = make_published("organization", source, "p1", "Peace", slug="body")
        fields = {"organization": body.specific()}
    public = make_published(kind, source, "p1", "Baku", **fields)
    other = make_published("principle" if kind != "principle" else "leader", source, "p1", "aim")
    draft = make_claim("principle" if kind != "principle" else "leader")
    model = KINDS[kind]
    table = model._meta.db_table
    with refused(IN_PLACE):
        sql(f"DELETE FROM {table} WHERE claim_ptr_id = %s", public.pk)
    with refused(IN_PLACE):
        sql(f"UPDATE {table} SET claim_ptr_id = %s WHERE claim_ptr_id = %s", draft.pk, public.pk)
    second = model.objects.get(pk=public.pk)
    second.claim_ptr_id = other.pk
    with refused(IN_PLACE):
        Model.save_base(second, raw=True)  # A second kind of a claim, as a fixture has it.
    assert Claim.objects.get(pk=public.pk).specific().pk == public.pk


def test_a_successor_is_no_public_claim(peace):
    draft = open_draft(peace)
    with refused("kb_claim_successor_is_no_public_draft|publish\\(\\) is the only door|in place"):
        Claim.objects.filter(pk=draft.pk).update(status="published")
    with refused("kb_claim_successor_is_no_public_draft"):
        Claim.objects.filter(pk=draft.pk).update(supersedes=None)
    with refused("kb_claim_successor_is_no_public_draft"):
        Claim.objects.filter(pk=draft.pk).update(slug="peace-2")
    with refused(IN_PLACE):
        Claim.objects.filter(pk=peace.pk).update(supersedes=draft.pk)


def test_a_claim_has_one_successor(peace):
    open_draft(peace)
    with refused("(?i)unique"):
        Principle(slug="b~draft", title="Peace", sentence="…", supersedes_id=peace.pk).save()


def test_the_public_history_is_append_only(peace):
    for change in (
        lambda: Publication.objects.update(snapshot={}),
        lambda: Publication.objects.update(status="withdrawn"),
        lambda: Publication.objects.first().delete(),
        lambda: sql("DELETE FROM kb_publication"),
        lambda: Edition.objects.update(note="Rewritten."),
        lambda: Edition.objects.filter(number=1).update(number=7),
        lambda: sql("DELETE FROM kb_edition"),
    ):
        with refused(APPEND_ONLY):
            change()
    with pytest.raises(ProtectedError):
        Edition.objects.first().delete()


@pytest.mark.skipif(connection.vendor != "sqlite", reason="INSERT OR REPLACE is SQLite's")
def test_sqlite_replaces_no_row_of_the_history(peace):
    with refused(APPEND_ONLY):
        sql(
            "INSERT OR REPLACE INTO kb_publication (id, edition_id, claim_id, status, format, "
            "snapshot) SELECT id, edition_id, claim_id, status, format, '{}' FROM kb_publication"
        )
    with refused(APPEND_ONLY):
        sql(
            "INSERT OR REPLACE INTO kb_edition (id, number, kind, note, created, digest) "
            "SELECT id, number, kind, 'Rewritten.', created, digest FROM kb_edition"
        )


def test_an_editor_who_leaves_takes_no_edition_along(source):
    user = make_user("editor", "Reviewers")
    claim = make_claim()
    cite(claim, source, "p1", "aim")
    publish(claim, by=user)
    user.delete()
    assert Edition.objects.get().editor is None


# loaddata


@pytest.fixture
def files(source, peace, tmp_path):
    """The records of a base with a published claim, which is then rolled back: see ``undone``."""
    return parsed(exported())


def _citation(files):
    return next(r for r in files["5-principles.yaml"] if r["model"] == "kb.citation")


@pytest.mark.parametrize(
    ("name", "model", "change"),
    [
        ("5-principles.yaml", "kb.claim", {"title": "War"}),
        ("5-principles.yaml", "kb.claim", {"note": "A note."}),
        ("5-principles.yaml", "kb.claim", {"about": []}),
        ("5-principles.yaml", "kb.citation", {"role": "name"}),
        ("5-principles.yaml", "kb.citation", {"start": 1, "end": 5, "exact": "eace"}),
        ("7-statements.yaml", "kb.citation", {"claim": ["peace"]}),
    ],
    ids=str,
)
def test_loaddata_does_not_edit_in_place(files, tmp_path, name, model, change):
    loaddata(rewritten(tmp_path, files))
    before = exported()
    record = next(r for r in files[name] if r["model"] == model)
    record["fields"] |= change
    rewritten(tmp_path, files)
    with refused(IN_PLACE):
        loaddata(tmp_path)
    assert exported() == before


def test_loaddata_does_not_publish_without_a_citation(db, tmp_path):
    with undone():
        source = make_source("Peace is the aim.", slug="policy")
        make_published("principle", source, "p1", "Peace", slug="peace")
        files = parsed(exported())
    files["5-principles.yaml"].remove(_citation(files))
    with (
        pytest.raises(CommandError, match=r"peace: No citation: .* Nothing was loaded"),
        transaction.atomic(),
    ):
        loaddata(rewritten(tmp_path, files))
    assert not Claim.objects.exists()
    assert not Edition.objects.exists()


def test_loaddata_takes_no_slug_twice(files, tmp_path):
    """A natural key that is there is that row: a second record of it is a change in place."""
    claim = next(r for r in files["5-principles.yaml"] if r["model"] == "kb.claim")
    files["5-principles.yaml"].append({**claim, "fields": claim["fields"] | {"title": "Other"}})
    with refused(IN_PLACE):
        loaddata(rewritten(tmp_path, files))


def test_load_kb_publishes_through_the_same_door(db, tmp_path):
    with undone():
        source = make_source("Peace is the aim.", slug="policy")
        make_published("principle", source, "p1", "Peace", slug="peace")
        files = parsed(exported())
    files["5-principles.yaml"].remove(_citation(files))
    with pytest.raises(CommandError, match="No citation: cite the words it rests on"):
        call_command("load_kb", rewritten(tmp_path, files))
    assert not Claim.objects.exists()


def test_a_refused_act_leaves_the_base_usable(peace):
    with pytest.raises(IntegrityError), transaction.atomic():
        Citation.objects.all().delete()
    assert peace.citations.count() == 1
