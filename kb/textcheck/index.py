"""The index of three words in a row over the current transcriptions.

Each word has one row. Its key is made of the word and the two after it, twenty-one bits each, zero
where the paragraph ends: so rows that begin with one word, or with two, are a range of keys.
``kb.storing`` and loads keep it in step, in the transaction that changes the texts.
"""

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice

from django.db import connection, transaction
from django.db.models import Count

from kb.models import Paragraph, Source, Transcription

from .models import Shingle
from .words import Words

LONG = 3  # words of a shingle
BITS = 21
MOST = 24  # places of a shingle that are looked at
BATCH = 10_000  # rows

Range = tuple[int, int]  # of keys, both included
Place = tuple[int, int]  # a paragraph's key, the number of a word in it


def around(words: Sequence[str]) -> Range:
    """The keys of shingles that begin with these one to three words."""
    made = 0
    for word in words:
        made = made << BITS | _bits(word)
    free = BITS * (LONG - len(words))
    return made << free, (made + 1 << free) - 1


@lru_cache(maxsize=20_000)
def _bits(word: str) -> int:
    return zlib.crc32(word.encode()) % (2**BITS - 1) + 1


def keys(words: Sequence[str]) -> list[int]:
    """Of each word with the two after it."""
    bits = [*map(_bits, words), 0, 0]
    return [
        bits[n] << 2 * BITS | bits[n + 1] << BITS | bits[n + 2] for n in range(len(bits) - LONG + 1)
    ]


def places(ranges: Iterable[Range]) -> dict[Range, list[Place]]:
    """Where the shingles of each range stand: the first MOST of each. One query."""
    wanted = sorted(set(ranges))
    found: dict[Range, list[Place]] = {each: [] for each in wanted}
    with connection.cursor() as cursor:
        cursor.execute(_LOOKUP[connection.vendor], [MOST, json.dumps(wanted)])
        for low, high, there in cursor:
            found[low, high] = [(p, w) for p, w in json.loads(there or "[]")]
    return found


_TABLE = Shingle._meta.db_table
_INSERT = f"INSERT INTO {_TABLE} (key, paragraph_id, word) VALUES (%s, %s, %s)"  # noqa: S608
_FIRST = f"""
    SELECT paragraph_id, word FROM {_TABLE} WHERE key BETWEEN low AND high
    ORDER BY key, paragraph_id, word LIMIT %s
"""  # noqa: S608
_LOOKUP = {
    "sqlite": f"""
        SELECT low, high, (SELECT json_group_array(json_array(paragraph_id, word)) FROM ({_FIRST}))
        FROM (SELECT json_extract(value, '$[0]') AS low,
            json_extract(value, '$[1]') AS high FROM json_each(%s))
    """,  # noqa: S608
    "postgresql": f"""
        SELECT low, high,
            (SELECT json_agg(json_build_array(paragraph_id, word))::text FROM ({_FIRST}) AS first)
        FROM (
            SELECT (value ->> 0)::bigint AS low, (value ->> 1)::bigint AS high
            FROM json_array_elements(%s::json) AS value
        ) AS ranges
    """,  # noqa: S608
}


def add(paragraphs: Iterable[Paragraph]) -> None:
    """Indexes paragraphs that are not yet. A row a word: models would take ten times as long."""
    rows = ((k, p.pk, n) for p in paragraphs for n, k in enumerate(_of(p)))
    with connection.cursor() as cursor:
        while batch := list(islice(rows, BATCH)):
            cursor.executemany(_INSERT, batch)


@transaction.atomic
def follow(sources: Iterable[int]) -> None:
    """Has the index hold the current transcriptions of these sources, and no other of theirs."""
    keys = list(sources)
    drop(keys)
    current = Transcription.objects.current().filter(source__in=keys).order_by()
    add(Paragraph.objects.filter(transcription__in=current).order_by("pk").iterator())


def drop(sources: Iterable[int]) -> None:
    Shingle.objects.filter(paragraph__transcription__source__in=list(sources)).delete()


def rebuild() -> None:
    """Makes the index anew."""
    follow(Source.objects.values_list("pk", flat=True))


def fill_if_empty() -> None:
    if not Shingle.objects.exists() and Paragraph.objects.exists():
        rebuild()


def drift() -> Iterator[tuple[Paragraph, str]]:
    """Where the index does not hold what the texts say: the paragraph, and what is wrong.

    Reads all of both.
    """
    current = Paragraph.objects.current().select_related("transcription__source").order_by("pk")
    for paragraph in current.iterator():
        stored = Shingle.objects.filter(paragraph=paragraph).order_by("word")
        if [*stored.values_list("word", "key")] != [*enumerate(_of(paragraph))]:
            yield paragraph, "the index of words does not hold its words"
    indexed = Shingle.objects.values("paragraph").annotate(Count("pk")).values("paragraph")
    past = Paragraph.objects.filter(pk__in=indexed).exclude(
        transcription__in=Transcription.objects.current().order_by()
    )
    for paragraph in past.select_related("transcription__source"):
        yield paragraph, "the index of words holds it, though a newer transcription is current"


def _of(paragraph: Paragraph) -> list[int]:
    return keys(Words(paragraph.text).folded)
