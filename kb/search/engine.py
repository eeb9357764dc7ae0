"""What the two databases do differently, and nothing else: FTS5 on SQLite, GIN on PostgreSQL.

Both look up tokens; neither ranks, stems or reads what a reader typed.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import DatabaseError, connection, transaction
from django.db.models.expressions import RawSQL

from kb.models import Entry

TABLE = Entry._meta.db_table
INDEX = f"{TABLE}_index"
# On PostgreSQL ``kb_entry_tokens`` gives back what it gets, at a cost: without it the planner takes
# reading the tokens of a row for free, and walks along the keys for what the index has at once.
_LOOKUP = {
    "sqlite": f"SELECT rowid FROM {INDEX} WHERE {INDEX} MATCH %s ORDER BY rowid LIMIT %s",  # noqa: S608
    "postgresql": f"SELECT id FROM {TABLE} WHERE {TABLE}_tokens(tokens) @@ %s::tsquery "  # noqa: S608
    "ORDER BY id LIMIT %s",
}
_OPERATORS = {"sqlite": (" AND ", " OR ", " NOT ", '"'), "postgresql": (" & ", " | ", " & !", "'")}

Tokens = Sequence[str]  # all of which an entry has


@dataclass(frozen=True)
class Lookup:
    """Entries that have, for each of ``every``, one of its sets of tokens; and none of ``no``."""

    every: Sequence[Sequence[Tokens]]
    no: Sequence[Tokens] = ()

    def expression(self, vendor: str) -> str:
        both, either, but_not, mark = _OPERATORS[vendor]

        def all_of(tokens: Tokens) -> str:
            return "(" + both.join(f"{mark}{token}{mark}" for token in tokens) + ")"

        wanted = both.join(
            "(" + either.join(map(all_of, alternatives)) + ")" for alternatives in self.every
        )
        return f"({wanted})" + "".join(but_not + all_of(tokens) for tokens in self.no)


def found(lookups: Sequence[tuple[Lookup, int]]) -> RawSQL:
    """The keys of the first entries of each lookup, at most so many of each, by key.

    The cost grows with what is taken and not with what there is.
    """
    selects, parameters = [], []
    for number, (wanted, most) in enumerate(lookups):
        selects.append(f"SELECT * FROM ({_LOOKUP[connection.vendor]}) AS q{number}")  # noqa: S608
        parameters += [wanted.expression(connection.vendor), most]
    return RawSQL(" UNION ".join(selects), parameters)  # noqa: S611


def check() -> str:
    """What SQLite finds wrong with its index; empty on PostgreSQL, which keeps its own."""
    try:
        with transaction.atomic():
            _command("integrity-check", rank=1)
    except DatabaseError as error:
        return str(error)
    return ""


def mend() -> None:
    """Makes SQLite's index anew from its table; only a sound one lets rows be deleted."""
    _command("rebuild")


def _command(name: str, rank: int = 0) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"INSERT INTO {INDEX} ({INDEX}, rank) VALUES (%s, %s)", [name, rank])  # noqa: S608
