"""The triggers are there after every migrate; the content version counts what can show."""

import io

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import post_migrate, pre_migrate
from taggit.models import Tag

from kb import triggers
from kb.models import (
    Citation,
    Claim,
    ContentVersion,
    Edition,
    Note,
    Paragraph,
    Publication,
    PublishedWords,
    Sentence,
    Source,
    TaggedClaim,
    Transcription,
)
from kb.publishing import open_draft, publish, withdraw
from principles.models import Quotation

from .attempts import content_version, refused, sql, undone
from .factories import cite, make_claim, make_published, make_source

EXPECTED = {trigger.name for trigger in triggers.expected()}


def _drop(name):
    [trigger] = [trigger for trigger in triggers.expected() if trigger.name == name]
    on = f' ON "{trigger.table}"' if connection.vendor == "postgresql" else ""
    sql(f"DROP TRIGGER {name}{on}")


def test_all_are_there_after_migrate(db):
    assert triggers.installed(connection) == EXPECTED
    assert len(triggers.expected()) == len(EXPECTED)
    assert ContentVersion.objects.count() == 1


def test_names_fit_every_database():
    assert max(map(len, EXPECTED)) <= 63  # PostgreSQL cuts longer ones, in silence.


def test_a_missing_one_is_noticed(db):
    for name in EXPECTED:
        with undone():
            _drop(name)
            assert triggers.installed(connection) == EXPECTED - {name}


def test_a_missing_one_is_no_longer_obeyed_and_install_brings_it_back(db):
    """Which also shows that it is the trigger, and nothing else, that refuses."""
    paragraph = make_source("Peace.").paragraphs.get()
    _drop("kb_paragraph_never_changes")
    Paragraph.objects.update(text="War.")
    triggers.install(connection)
    assert triggers.installed(connection) == EXPECTED
    with refused("a transcription never changes"):
        Paragraph.objects.filter(pk=paragraph.pk).update(text="Peace.")


def test_install_is_repeatable_and_keeps_the_counter(db):
    make_source("Peace.")
    before = content_version()
    triggers.install(connection)
    triggers.install(connection)
    assert triggers.installed(connection) == EXPECTED
    assert content_version() == before > 0


def test_drop_removes_every_one(db):
    triggers.drop(connection)
    assert triggers.installed(connection) == set()
    triggers.drop(connection)
    triggers.install(connection)


def test_migrate_brings_them_back(db):
    """By the signals that every migrate sends, whether it has anything to migrate or not."""
    config = apps.get_app_config("kb")
    said = {"app_config": config, "using": "default", "verbosity": 0, "interactive": False}
    said |= {"apps": apps, "plan": [], "stdout": io.StringIO()}
    pre_migrate.send(sender=config, **said)
    assert triggers.installed(connection) == EXPECTED  # No moment without, for nothing.
    pre_migrate.send(sender=config, **said | {"plan": [("a migration", False)]})
    assert triggers.installed(connection) == set()
    post_migrate.send(sender=config, **said)
    assert triggers.installed(connection) == EXPECTED


def test_migrate_on_a_base_that_is_up_to_date(db):
    before = content_version()
    _drop("kb_claim_not_in_place")
    call_command("migrate", verbosity=0)
    assert triggers.installed(connection) == EXPECTED
    assert content_version() == before


@pytest.mark.skipif(connection.vendor == "sqlite", reason="it drops no table in a transaction")
def test_a_base_without_our_tables_has_none(db):
    """Half-migrated, or on the way back to zero."""
    triggers.drop(connection)
    sql("DROP TABLE kb_note CASCADE")
    triggers.install(connection)
    assert triggers.installed(connection) == set()


# The content version


@pytest.fixture
def source(db):
    return make_source("Peace is the aim. Not war, said Baku.", slug="policy")


@pytest.fixture
def claim(source):
    claim = make_claim(
        "quotation",
        "words",
        tags=["Aims"],
        about=[make_published("principle", source, "p1", "aim")],
    )
    cite(claim, source, "p1", "Baku", role="speaker")
    paragraph = source.paragraphs.get()
    Note.objects.create(paragraph=paragraph, start=0, end=5, exact="Peace", text="Ours.")
    return claim


def _published():
    return publish(Claim.objects.get(slug="words"))


RAISING = {
    "a source": lambda: Source.objects.update(title="Renamed"),
    "another text": lambda: make_source("Another."),
    "a sentence set aside": lambda: Sentence.objects.update(reason="Empty."),
    "a note": lambda: Note.objects.update(text="Changed."),
    "a note less": lambda: Note.objects.all().delete(),
    "a claim": lambda: make_claim(),
    "a claim's words": lambda: Claim.objects.filter(slug="words").update(title="Changed"),
    "a claim less": lambda: Claim.objects.get(slug="words").delete(),
    "the fields of a kind": lambda: Quotation.objects.update(speaker_name="Ganja"),
    "a citation": lambda: Citation.objects.filter(role="speaker").update(note="Changed."),
    "a citation less": lambda: Citation.objects.filter(role="speaker").delete(),
    "a theme": lambda: Claim.objects.get(slug="words").tags.add("Other"),
    "a theme less": lambda: Claim.objects.get(slug="words").tags.clear(),
    "a theme's name": lambda: Tag.objects.update(name="Renamed"),
    "about": lambda: Claim.objects.get(slug="words").about.clear(),
    "a publication": _published,
    "a withdrawal": lambda: withdraw(Claim.objects.get(slug="public"), "A mistake."),
    "a draft": lambda: open_draft(Claim.objects.get(slug="public")),
    "raw: a source": lambda: sql("UPDATE kb_source SET note = 'x'"),
    "raw: a claim": lambda: sql("UPDATE kb_claim SET note = 'x' WHERE slug = 'words'"),
    "raw: a citation": lambda: sql("DELETE FROM kb_citation WHERE role = 'speaker'"),
    "raw: a theme": lambda: sql("UPDATE taggit_tag SET name = 'x'"),
    "raw: a child": lambda: sql("UPDATE principles_quotation SET speaker_name = 'x'"),
    "raw: about": lambda: sql("DELETE FROM kb_claim_about"),
    "raw: a sentence": lambda: sql("UPDATE kb_sentence SET reason = 'x'"),
}


@pytest.mark.parametrize("change", RAISING.values(), ids=RAISING)
def test_what_can_show_raises_the_content_version(source, claim, change):
    make_published("leader", source, "p1", "Baku", slug="public")
    before = content_version()
    change()
    assert content_version() > before


def test_reading_and_signing_in_do_not(claim):
    before = content_version()
    list(Claim.objects.for_list())
    user = get_user_model().objects.create(username="editor")
    user.set_password("x")
    user.save()
    claim.touched_by.add(user)
    assert content_version() == before


def test_every_table_that_shows_is_counted():
    counted = {t.table for t in triggers.expected() if isinstance(t, triggers.Counter)}
    shown = (
        *(Source, Transcription, Paragraph, Sentence, Note, Claim, Citation, TaggedClaim, Tag),
        *(Edition, Publication, PublishedWords, Claim.about.through, *Claim.kinds().values()),
    )
    assert counted == {model._meta.db_table for model in shown}
    for table in counted:
        names = {f"{table}_counts_{event}" for event in ("insert", "update", "delete")}
        assert names <= EXPECTED
