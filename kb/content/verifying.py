"""Proves the invariants anew over the whole base, whatever kept or broke them meanwhile."""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import yaml
from django.db import connection
from django.db.models import Count

from kb import triggers
from kb.cutting import untiled
from kb.models import Citation, Claim, Note, Paragraph, Publication, Sentence, Transcription
from kb.search.index import drift
from kb.snapshots import READABLE, Unreadable, read, snapshot
from kb.textcheck import index

from .records import flat, in_base, texts

Status = Claim.Status


@dataclass(frozen=True)
class Fault:
    """What is wrong, where, and which invariant of the design it breaks (0: triggers, indexes)."""

    invariant: int
    where: str
    what: str

    def __str__(self):
        return f"[{self.invariant}] {self.where}: {self.what}"


def verify(progress=lambda claims: claims) -> Iterator[Fault]:
    """Every fault of the base. Reads all of it; ``progress`` wraps the list of claims."""
    yield from _triggers()
    yield from _spans()
    yield from _texts()
    yield from _sentences()
    yield from _claims()
    yield from _states(progress)
    yield from _round_trip()
    yield from (Fault(0, where, what) for where, what in drift())
    yield from _indexes()


def unread(slugs: Iterable[str] = ()) -> Iterator[Fault]:
    """The open sentences of the current transcriptions, of all sources or of those named."""
    current = Transcription.objects.current()
    if slugs:
        current = current.filter(source__slug__in=list(slugs))
    sentences = Sentence.objects.open().filter(paragraph__transcription__in=current.order_by())
    for sentence in sentences.select_related("paragraph__transcription__source"):
        yield Fault(4, _place(sentence), f"not yet read: “{' '.join(sentence.text[:60].split())}”")


def _place(part) -> str:
    """A paragraph, or a sentence or span of one, as people write it: ``foreign-policy/v1#p3``."""
    paragraph = part if isinstance(part, Paragraph) else part.paragraph
    transcription = paragraph.transcription
    anchor = getattr(part, "anchor", None) or part.ref
    return f"{transcription.source.slug}/v{transcription.version}#{anchor}"


def _triggers() -> Iterator[Fault]:
    missing = {trigger.name for trigger in triggers.expected()} - triggers.installed(connection)
    for name in sorted(missing):
        yield Fault(0, name, "this trigger is missing: run manage.py migrate")


def _spans() -> Iterator[Fault]:
    """1: the words stand where they are said to stand."""
    for model in (Citation, Note):
        for span in model.objects.select_related("paragraph__transcription__source").iterator():
            there = span.paragraph.text[span.start : span.end]
            if not span.exact or there != span.exact:
                yield Fault(1, _place(span), f"“{span.exact}” is cited, “{there}” stands there")


def _texts() -> Iterator[Fault]:
    """3: the pieces joined are the file."""
    for transcription in Transcription.objects.select_related("source"):
        where = f"{transcription.source.slug}/v{transcription.version}"
        found = hashlib.sha256(transcription.text().encode()).hexdigest()
        if found != transcription.sha256:
            yield Fault(3, where, f"SHA-256 on record {transcription.sha256}, found {found}")


def _sentences() -> Iterator[Fault]:
    """4: each sentence is accounted for once, and all of a body paragraph is in sentences."""
    cited = defaultdict(list)
    for paragraph, start, end in Citation.objects.published().values_list(
        "paragraph", "start", "end"
    ):
        cited[paragraph].append((start, end))
    paragraphs = Paragraph.objects.select_related("transcription__source").prefetch_related(
        "sentences"
    )
    for paragraph in paragraphs:
        sentences = list(paragraph.sentences.all())
        spans = [(sentence.start, sentence.end) for sentence in sentences]
        if paragraph.kind == Paragraph.Kind.BODY:
            gap = untiled(paragraph.text, spans)
            if gap is not None:
                words = paragraph.text[gap:][:40]
                yield Fault(4, _place(paragraph), f"{words!r} is in no sentence, or in two")
        for number, sentence in enumerate(sentences, 1):
            if sentence.number != number:
                yield Fault(4, _place(sentence), "a sentence before it is missing")
            if sentence.reason and any(
                start < sentence.end and sentence.start < end for start, end in cited[paragraph.pk]
            ):
                yield Fault(4, _place(sentence), "set aside, but a published claim rests on it")

    for note in Note.objects.setting_aside_cited().select_related(
        "paragraph__transcription__source"
    ):
        yield Fault(4, _place(note), "words set aside, but a published claim rests on them")


def _claims() -> Iterator[Fault]:
    """2 and 5: published with a citation; one child row, of its kind."""
    children: Counter[tuple[int, str]] = Counter()
    for name, model in Claim.kinds().items():
        for pk in model.objects.values_list("pk", flat=True):
            children[pk, name] += 1
    rows = Counter(pk for pk, _ in children)
    for claim in Claim.objects.annotate(cited=Count("citations")):
        if claim.status == Status.PUBLISHED and not claim.cited:
            yield Fault(2, claim.slug, "published without a citation")
        if not children[claim.pk, claim.kind]:
            yield Fault(5, claim.slug, f"it has no row of its kind, {claim.kind}")
        elif rows[claim.pk] > 1:
            yield Fault(5, claim.slug, "it has rows of two kinds")


def _states(progress) -> Iterator[Fault]:
    """2, 5 and 8: what is public is what was last published, under the slug of that time."""
    latest: dict[int, Publication] = {}
    for publication in Publication.objects.order_by("edition__number"):
        latest[publication.claim_id] = publication
    public = [Status.PUBLISHED, Status.WITHDRAWN]
    claims = Claim.objects.filter(status__in=public)
    for claim in Claim.objects.filter(pk__in=latest).exclude(status__in=public):
        yield Fault(5, claim.slug, f"was published, and is now “{claim.status}”")
    for claim in progress(list(claims)):
        last = latest.get(claim.pk)
        if last is None or last.status != claim.status:
            yield Fault(8, claim.slug, f"{claim.status}, but no edition says so")
            continue
        if last.format not in READABLE:
            continue
        try:
            now, then = snapshot(claim), read(last)
        except Claim.DoesNotExist:
            continue  # Reported as a claim without its child row.
        except Unreadable as error:
            yield Fault(8, claim.slug, f"its last publication can't be read: {error}")
            continue
        # A migration may have added or removed a field since.
        now["fields"] = {f: v for f, v in now["fields"].items() if f in then["fields"]}
        then["fields"] = {f: v for f, v in then["fields"].items() if f in now["fields"]}
        changed = [name for name in now if now[name] != then[name]]
        if changed:
            yield Fault(8, claim.slug, f"changed since its publication: {', '.join(changed)}")
        if claim.status == Status.PUBLISHED:
            for problem in claim.specific().problems():
                yield Fault(2, claim.slug, problem)


def _indexes() -> Iterator[Fault]:
    """0: what is looked up is what the texts say."""
    for paragraph, what in index.drift():
        yield Fault(0, _place(paragraph), f"{what}: run manage.py reindex")


def _round_trip() -> Iterator[Fault]:
    """7: what is exported reads back as what was written."""
    try:
        files = in_base()
        written = texts(files)
    except (Claim.DoesNotExist, KeyError) as error:
        yield Fault(7, "export", f"the base can't be written out: {error}")
        return
    for name, text in written.items():
        back = json.loads(text) if name.endswith(".json") else yaml.safe_load(text)
        if back != [record.data() for record in flat({name: files[name]})]:
            yield Fault(7, name, "does not read back as it was written")
