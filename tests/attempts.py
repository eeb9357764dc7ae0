"""Ways of trying to break a rule, and of seeing that the base refused and kept what it had."""

import json
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction

from kb.content.records import in_base, texts
from kb.models import ContentVersion


@contextmanager
def refused(message: str):
    """The database refuses what is done inside, in these words (a regular expression)."""
    with pytest.raises(IntegrityError, match=message), transaction.atomic():
        yield


@contextmanager
def dangling():
    """What is done inside leaves a reference to nothing, which the database won't commit."""
    with pytest.raises(IntegrityError), transaction.atomic():  # noqa: PT012
        yield
        connection.check_constraints()


@contextmanager
def undone():
    """Everything that is done inside is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def sql(statement: str, *parameters) -> list[tuple]:
    """Runs raw SQL, past every model. Returns the rows, if any."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []


def content_version() -> int:
    return ContentVersion.objects.get().value


def exported() -> dict[str, str]:
    """File name → text of what export_kb would write."""
    return texts(in_base())


def write(directory: Path, files: dict[str, str]) -> Path:
    """Makes ``directory`` hold exactly these files, byte for byte."""
    directory.mkdir(exist_ok=True)
    for path in directory.iterdir():
        path.unlink()
    for name, text in files.items():
        (directory / name).write_bytes(text.encode())
    return directory


def parsed(files: dict[str, str]) -> dict[str, list[dict[str, Any]]]:
    """The records of each file, to change and to write again."""
    return {
        name: json.loads(text) if name.endswith(".json") else yaml.safe_load(text)
        for name, text in files.items()
    }


def rewritten(directory: Path, files: dict[str, list[dict[str, Any]]]) -> Path:
    """The fixtures of such records, each file in its own format."""
    return write(
        directory,
        {
            name: json.dumps(records)
            if name.endswith(".json")
            else yaml.safe_dump(records, sort_keys=False)
            for name, records in files.items()
        },
    )


def loaddata(directory: Path, **options) -> None:
    """Django's own command, with the files in the order of their names."""
    call_command("loaddata", *sorted(map(str, directory.iterdir())), verbosity=0, **options)
