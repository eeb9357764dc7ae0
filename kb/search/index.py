"""Keeps the index in step with what is public, in the transaction that changes it.

``kb.revisions`` calls ``follow_claims`` for whatever is published, withdrawn or loaded; what brings
texts in or takes them out calls ``add_texts`` and ``follow_texts``. All else is drafts, which have
no entry.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from taggit.models import Tag

from kb.models import Claim, Entry, Paragraph, Source, Transcription, Word

from . import engine
from .entries import of_claim, of_paragraph
from .words import stem, word_of

BATCH = 500  # rows
CURE = "run manage.py reindex"


@transaction.atomic
def follow_claims(keys: Iterable[int]) -> None:
    """Has the entries of these claims, and of those that bear their names, say what is public.

    One query if none of them is, or was, public; else some fifteen.
    """
    indexed = Exists(Entry.objects.filter(claim=OuterRef("pk")))
    for batch in _batches(list(keys)):
        touched = Claim.objects.filter(Q(indexed) | Q(status=Claim.Status.PUBLISHED), pk__in=batch)
        if known := set(touched.values_list("pk", flat=True)):
            known |= _named_after(known)
            wanted = [of_claim(claim) for claim in _public().filter(pk__in=known).whole()]
            _replace(Entry.objects.filter(claim__in=known), wanted)


def follow_theme(sender: type[Tag], instance: Tag, **kwargs: Any) -> None:
    """A receiver of ``post_save``: a theme has another name or address."""
    follow_claims(_public().filter(tagged__tag=instance).values_list("pk", flat=True))


@transaction.atomic
def follow_texts(sources: Iterable[Source]) -> None:
    """Has the entries of these sources' paragraphs be those of their current transcriptions."""
    of_these = Paragraph.objects.filter(transcription__source__in=[s.pk for s in sources])
    current = Transcription.objects.current().order_by().values("pk")
    remove_texts(of_these.exclude(transcription__in=current))
    known = Exists(Entry.objects.filter(paragraph=OuterRef("pk")))
    add_texts(_in_order(of_these.filter(~known, transcription__in=current)).iterator(BATCH))


def add_texts(paragraphs: Iterable[Paragraph]) -> None:
    """Indexes paragraphs of a current transcription that have no entries yet."""
    for batch in _batches(list(paragraphs)):
        _replace(Entry.objects.none(), [e for paragraph in batch for e in of_paragraph(paragraph)])


def remove_texts(paragraphs) -> None:
    """``paragraphs`` is a queryset; before they are deleted."""
    _replace(Entry.objects.filter(paragraph__in=paragraphs), [])


@transaction.atomic
def rebuild() -> None:
    """Makes the index anew from what is public now."""
    engine.mend()
    Word.objects.all().delete()
    Entry.objects.all().delete()
    for entries in expected():
        _replace(Entry.objects.none(), entries)


def rebuild_if_empty() -> None:
    """For a base that is older than its index."""
    if not Entry.objects.exists():
        rebuild()


def expected() -> Iterator[list[Entry]]:
    """What a sound index holds, a batch at a time."""
    for batch in _batches(list(_public().order_by("pk").values_list("pk", flat=True))):
        yield [of_claim(claim) for claim in _public().filter(pk__in=batch).order_by("pk").whole()]
    current = Transcription.objects.current().order_by().values("pk")
    texts = _in_order(Paragraph.objects.filter(transcription__in=current))
    for batch in _batches(list(texts.values_list("pk", flat=True))):
        yield [e for p in texts.filter(pk__in=batch) for e in of_paragraph(p)]


def drift() -> Iterator[tuple[str, str]]:
    """Where the index and what is public differ: the place, and how. Reads all of both."""
    if damage := engine.check():
        yield "index", f"SQLite finds it damaged ({damage}): {CURE}"
    stored = {_key(entry): entry for entry in Entry.objects.iterator(BATCH)}
    counts: Counter[str] = Counter()
    for entries in expected():
        for entry in entries:
            counts.update(_words(entry))
            kept = stored.pop(_key(entry), None)
            if kept is None:
                yield _place(entry), f"it is public, and no search finds it: {CURE}"
            elif not _same(kept, entry):
                yield _place(entry), f"a search finds it by other words than it has: {CURE}"
    for entry in stored.values():
        yield _place(entry), f"a search finds it, and it is not public: {CURE}"
    known = dict(Word.objects.values_list("word", "count"))
    if wrong := sorted(w for w in {*known, *counts} if known.get(w) != counts.get(w)):
        yield "words", f"miscounted in the index of the search: {', '.join(wrong[:5])}: {CURE}"


def _public():
    return Claim.objects.published().order_by()


def _in_order(paragraphs):
    return paragraphs.select_related("transcription__source").order_by("transcription", "position")


def _named_after(keys: set[int]) -> set[int]:
    """Claims whose entries have the titles of these: a quotation has its speaker's."""
    found: set[int] = set()
    for model in Claim.kinds().values():
        for name in model.refers_by():
            named = model.objects.published().filter(**{f"{name}__in": keys})
            found.update(named.order_by().values_list("pk", flat=True))
    return found


def _replace(old, new: Sequence[Entry]) -> None:
    """Puts ``new`` in the place of ``old``, a queryset; leaves alone what stays the same."""
    wanted = {_key(entry): entry for entry in new}
    gone = []
    for entry in old:
        kept = wanted.get(_key(entry))
        if kept is not None and _same(entry, kept):
            del wanted[_key(entry)]
        else:
            gone.append(entry)
    if gone:
        Entry.objects.filter(pk__in=[entry.pk for entry in gone]).delete()
    Entry.objects.bulk_create(wanted.values(), batch_size=BATCH)
    _count_out(Counter(word for entry in gone for word in _words(entry)))
    _count_in(Counter(word for entry in wanted.values() for word in _words(entry)))


def _count_in(counts: Counter[str]) -> None:
    table = Word._meta.db_table
    for batch in _batches(sorted(counts)):
        rows = ", ".join(["(%s, %s, %s)"] * len(batch))
        values = [value for word in batch for value in (word, stem(word_of(word)), counts[word])]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO {table} (word, stem, count) VALUES {rows} "  # noqa: S608
                f"ON CONFLICT (word) DO UPDATE SET count = {table}.count + excluded.count",
                values,
            )


def _count_out(counts: Counter[str]) -> None:
    for number in set(counts.values()):
        for batch in _batches([word for word in counts if counts[word] == number]):
            known = Word.objects.filter(word__in=batch)
            known.filter(count__lte=number).delete()
            known.update(count=F("count") - number)


def _key(entry: Entry) -> tuple[int | None, int | None, int]:
    return entry.claim_id, entry.paragraph_id, entry.start


def _same(one: Entry, other: Entry) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in ("facets", "words", "tokens"))


def _words(entry: Entry) -> Iterator[str]:
    return (token[1:] for token in entry.tokens if token[0] == "x")


def _place(entry: Entry) -> str:
    if entry.claim is not None:
        return entry.claim.slug
    return entry.paragraph.get_absolute_url() if entry.paragraph else ""


def _batches(items: list) -> Iterator[list]:
    return (items[first : first + BATCH] for first in range(0, len(items), BATCH))
