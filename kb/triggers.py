"""The invariants that the database itself keeps, on SQLite and on PostgreSQL.

They are made after every ``migrate``, and dropped before one that has work to do, not in a
migration: on SQLite a table that a later migration alters is made anew and loses its triggers, and
one that is renamed can't be while other tables' triggers name it. ``manage.py verify`` reports a
trigger that is missing.

A refusal is an IntegrityError whose message is for people.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, models, transaction

from .models import (
    Carry,
    Citation,
    Claim,
    ContentVersion,
    Edition,
    Entry,
    Intake,
    Paragraph,
    Proof,
    Publication,
    Revised,
    Sentence,
    Step,
    TaggedClaim,
    TextSpan,
    Transcription,
    Word,
)

FROZEN = "('published', 'withdrawn')"
UNLOCKED = f"'{Claim.UNLOCKED}'"


@dataclass(frozen=True)
class Trigger:
    """Refuses a write to ``table`` when ``condition``, SQL over OLD and NEW, holds.

    In a condition ``<>`` compares without nulls; write ``{differs}`` for the null-safe operator.
    """

    name: str
    table: str
    event: str  # INSERT, UPDATE or DELETE
    condition: str
    message: str

    def sql(self, vendor: str) -> list[str]:
        message = self.message.replace("'", "''")
        differs = "IS DISTINCT FROM" if vendor == "postgresql" else "IS NOT"
        condition = self.condition.replace("{differs}", differs)
        if vendor == "postgresql":
            row = "OLD" if self.event == "DELETE" else "NEW"
            return [
                f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {condition} THEN RAISE EXCEPTION USING ERRCODE = 'check_violation', "
                f"MESSAGE = '{message}'; END IF; RETURN {row}; END $$",
                f'CREATE TRIGGER {self.name} BEFORE {self.event} ON "{self.table}" '
                f"FOR EACH ROW EXECUTE FUNCTION {self.name}()",
            ]
        return [
            f'CREATE TRIGGER {self.name} BEFORE {self.event} ON "{self.table}" FOR EACH ROW '
            f"WHEN {condition} BEGIN SELECT RAISE(ABORT, '{message}'); END"
        ]


@dataclass(frozen=True)
class Counter:
    """Raises the content version with every write to ``table``.

    On PostgreSQL before the statement takes any row: so all who write wait for one another at the
    version, in the same order, and none reads a status that another is about to change.
    """

    name: str
    table: str
    event: str

    def sql(self, vendor: str) -> list[str]:
        raised = f"UPDATE {ContentVersion._meta.db_table} SET value = value + 1"
        if vendor == "postgresql":
            return [
                f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ "
                f"BEGIN {raised}; RETURN NULL; END $$",
                f'CREATE TRIGGER {self.name} BEFORE {self.event} ON "{self.table}" '
                f"FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()",
            ]
        return [
            f'CREATE TRIGGER {self.name} AFTER {self.event} ON "{self.table}" FOR EACH ROW '
            f"BEGIN {raised}; END"
        ]


@dataclass(frozen=True)
class Barrier:
    """Refuses PostgreSQL's TRUNCATE of ``table``, which asks no other trigger."""

    name: str
    table: str

    def sql(self, vendor: str) -> list[str]:
        if vendor != "postgresql":
            return []
        return [
            f"CREATE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION USING ERRCODE = 'check_violation', "
            "MESSAGE = 'content is not truncated: its history is append-only'; END $$",
            f'CREATE TRIGGER {self.name} BEFORE TRUNCATE ON "{self.table}" '
            f"FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()",
        ]


@dataclass(frozen=True)
class Mirror:
    """Has SQLite's index of ``kb_entry`` follow it; PostgreSQL has an index of its own kind."""

    event: str
    table: str = Entry._meta.db_table

    @property
    def name(self) -> str:
        return f"{self.table}_mirrored_{self.event.lower()}"

    def sql(self, vendor: str) -> list[str]:
        if vendor != "sqlite":
            return []
        index = f"{self.table}_index"
        removed = (
            f"INSERT INTO {index} ({index}, rowid, tokens) VALUES ('delete', OLD.id, OLD.tokens);"
        )
        added = f"INSERT INTO {index} (rowid, tokens) VALUES (NEW.id, NEW.tokens);"
        done = {"INSERT": added, "DELETE": removed, "UPDATE": f"{removed} {added}"}[self.event]
        return [
            f'CREATE TRIGGER {self.name} AFTER {self.event} ON "{self.table}" FOR EACH ROW '
            f"BEGIN {done} END"
        ]


def _changed(*columns: str) -> str:
    return "(" + " OR ".join(f'OLD."{c}" {{differs}} NEW."{c}"' for c in columns) + ")"


def _columns(model: type[models.Model]) -> list[str]:
    return [field.column for field in model._meta.local_fields if field.column]


def _words() -> Iterator[Trigger]:
    """Invariant 1: the words of a span are those of its paragraph, to the code point."""
    for model in TextSpan.__subclasses__():
        table = model._meta.db_table
        for event in ("INSERT", "UPDATE"):
            yield Trigger(
                f"{table}_words_{event.lower()}",
                table,
                event,
                'NEW."exact" {differs} (SELECT substr(text, NEW."start" + 1, '
                'length(NEW."exact")) FROM kb_paragraph WHERE id = NEW.paragraph_id)',
                "the exact words do not stand at this place of the paragraph",
            )
    yield Trigger(
        "kb_sentence_inside",
        "kb_sentence",
        "INSERT",
        'NEW."end" > (SELECT length(text) FROM kb_paragraph WHERE id = NEW.paragraph_id)',
        "the sentence ends after its paragraph",
    )


def _texts() -> Iterator[Trigger]:
    """Invariant 3: the text of a transcription never changes, nor where it was cut."""
    frozen = {
        Transcription: ["source_id", "version", "sha256", "leading", "overrides"],
        Paragraph: ["transcription_id", "position", "kind", "number", "text", "separator"],
        Sentence: ["paragraph_id", "number", "start", "end"],
    }
    changes = "a transcription never changes: a correction or another cut is the next version"
    for model, columns in frozen.items():
        table = model._meta.db_table
        yield _not_replaced(table, changes)
        yield Trigger(
            f"{table}_never_changes",
            table,
            "UPDATE",
            _changed(*columns),
            changes,
        )
    for table, paragraph in (
        ("kb_paragraph", "OLD.id"),
        ("kb_sentence", "OLD.paragraph_id"),
    ):
        yield Trigger(
            f"{table}_stays_when_cited",
            table,
            "DELETE",
            "EXISTS (SELECT 1 FROM kb_citation c JOIN kb_paragraph p ON p.id = c.paragraph_id "
            "WHERE p.transcription_id = "
            f"(SELECT transcription_id FROM kb_paragraph WHERE id = {paragraph}))",
            "a transcription that is cited keeps its paragraphs and sentences",
        )


def _claims() -> Iterator[Trigger]:
    """Invariants 2, 5 and 8: one door to publication; what is published stays as it is."""
    in_place = "a published claim is not edited in place: open its draft and publish that"
    yield Trigger(
        "kb_claim_enters_unpublished",
        "kb_claim",
        "INSERT",
        "NEW.status NOT IN ('draft', 'review')",
        "a claim enters as a draft: publish() is the only door",
    )
    yield Trigger(
        "kb_claim_published_with_citation",
        "kb_claim",
        "UPDATE",
        "NEW.status = 'published' AND OLD.status <> 'published' AND NOT EXISTS "
        "(SELECT 1 FROM kb_citation WHERE claim_id = NEW.id)",
        "no citation, no publication",
    )
    yield Trigger(
        "kb_claim_published_with_record",
        "kb_claim",
        "UPDATE",
        f"NEW.status IN {FROZEN} AND OLD.status <> NEW.status AND NEW.status {{differs}} "
        "(SELECT status FROM kb_publication WHERE claim_id = NEW.id ORDER BY id DESC LIMIT 1)",
        "no publication without a record in an edition: publish() is the only door",
    )
    yield Trigger(
        "kb_claim_not_in_place",
        "kb_claim",
        "UPDATE",
        f"OLD.status IN {FROZEN} AND ("
        + _changed("kind", "title", "sentence", "note", "supersedes_id")
        + f" OR NEW.status = OLD.status AND {_changed('withdrawal_reason')})",
        in_place,
    )
    public = f"('published', 'withdrawn', {UNLOCKED})"
    yield Trigger(
        "kb_claim_stays_public",
        "kb_claim",
        "UPDATE",
        f"OLD.status IN {public} AND NEW.status NOT IN {public}",
        in_place,
    )
    yield Trigger(
        "kb_claim_keeps_slug",
        "kb_claim",
        "UPDATE",
        "OLD.slug <> NEW.slug AND EXISTS (SELECT 1 FROM kb_publication WHERE claim_id = OLD.id)",
        "the slug of a claim that was published does not change",
    )
    parts: list[tuple[type[models.Model], str]] = [
        (Citation, "claim_id"),
        (TaggedClaim, "content_object_id"),
    ]
    parts += [(Claim.about.through, "from_claim_id")]
    parts += [(child, "claim_ptr_id") for child in Claim.__subclasses__()]
    for model, column in parts:
        table = model._meta.db_table
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "OLD NEW"), ("DELETE", "OLD")):
            frozen = " OR ".join(
                f"(SELECT status FROM kb_claim WHERE id = {row}.{column}) IN {FROZEN}"
                for row in rows.split()
            )
            if event == "UPDATE":
                frozen = f"({frozen}) AND {_changed(*_columns(model))}"
            yield Trigger(f"{table}_not_in_place_{event.lower()}", table, event, frozen, in_place)


def _history() -> Iterator[Trigger]:
    """Publications and editions are appended, never changed."""
    appended = "the public history is append-only"
    for model in (Publication, Edition):
        table = model._meta.db_table
        yield _not_replaced(table, appended)
        columns = [c for c in _columns(model) if c not in ("editor_id", "digest")]
        for event, condition in (("UPDATE", _changed(*columns)), ("DELETE", "1 = 1")):
            yield Trigger(
                f"{table}_append_only_{event.lower()}",
                table,
                event,
                condition,
                appended,
            )


def _not_replaced(table: str, message: str) -> Trigger:
    """SQLite's INSERT OR REPLACE deletes the old row without calling a trigger for that."""
    there = f"EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"
    return Trigger(f"{table}_not_replaced", table, "INSERT", there, message)


def _counters() -> Iterator[Counter | Barrier]:
    tables = [m._meta.db_table for m in _content()]
    for table in tables:
        yield Barrier(f"{table}_not_truncated", table)
        for event in ("INSERT", "UPDATE", "DELETE"):
            yield Counter(f"{table}_counts_{event.lower()}", table, event)


def _content() -> list[type[models.Model]]:
    from taggit.models import Tag

    aside = (ContentVersion, Step, Revised, Intake, Carry, Proof, Entry, Word)
    core = [m for m in Claim._meta.app_config.get_models() if m not in aside]
    return [*core, Claim.about.through, *Claim.__subclasses__(), Tag]


def expected(vendor: str = "") -> list[Trigger | Counter | Barrier | Mirror]:
    """Every trigger that a sound base of ``vendor``, or of the default connection, has."""
    mirrors = [Mirror(event) for event in ("INSERT", "UPDATE", "DELETE")]
    every = [*_words(), *_texts(), *_claims(), *_history(), *_counters(), *mirrors]
    return [trigger for trigger in every if trigger.sql(vendor or connection.vendor)]


def installed(connection) -> set[str]:
    """The names of our triggers that the database has. One query."""
    catalogue = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid "
        "WHERE NOT tgisinternal AND c.relnamespace = current_schema()::regnamespace",
    }
    with connection.cursor() as cursor:
        cursor.execute(catalogue[connection.vendor])
        present = {name for (name,) in cursor.fetchall()}
    return present & {trigger.name for trigger in expected()}


def drop(connection) -> None:
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for trigger in expected():
            if trigger.table not in tables:
                continue
            if connection.vendor == "postgresql":
                cursor.execute(f"DROP FUNCTION IF EXISTS {trigger.name}() CASCADE")
            else:
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}")


def install(connection) -> bool:
    """Makes every trigger anew, and the row of the content version. Repeatable; all or nothing.

    False, and nothing is done, if tables are missing.
    """
    tables = set(connection.introspection.table_names())
    needed = {trigger.table for trigger in expected()} | {ContentVersion._meta.db_table}
    if not needed <= tables:
        return False  # Half-migrated, or on the way back to zero.
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        drop(connection)
        ContentVersion.objects.using(connection.alias).get_or_create(pk=1)
        for trigger in expected():
            for statement in trigger.sql(connection.vendor):
                cursor.execute(statement)
    return True
