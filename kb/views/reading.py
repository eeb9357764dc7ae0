"""The home page, the list of sources and the reading room."""

import re
from collections import Counter
from collections.abc import Iterable

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ..apparatus import Apparatus, Strip, cut_in_words
from ..chronicle import published_words
from ..coverage import TranscriptionRead, read, states
from ..map import Map
from ..models import Claim, Edition, Transcription
from ..spread import spread
from ..storing import cut_of
from .claims import gone, themes

SLUG = re.compile(r"[-a-zA-Z0-9_]{1,100}")
LATEST = 4


def home(request: HttpRequest) -> HttpResponse:
    """Six queries: three of ``read``, kinds, themes, editions."""
    reads = read(Transcription.objects.current())
    slug = _asked(request)
    opened = spread(reads, slug)
    if slug and opened is None:
        return _unmarked(request, slug, "rests on a text that is current")
    counts = Claim.objects.published().count_by_kind()
    context = {
        "spread": opened,
        "sources": [(found, Strip(found.bodies)) for found in reads],
        "states": states(reads),
        "map": _map(reads),
        "kinds": _kinds(counts),
        "claim_count": sum(counts.values()),
        "themes": themes(),
        "editions": Edition.objects.with_counts()[:LATEST],
    }
    return render(request, "kb/home.html", context)


def source_list(request: HttpRequest) -> HttpResponse:
    """Three queries, of ``read``."""
    reads = read(Transcription.objects.current())
    sources = [(found, Strip(found.bodies)) for found in reads]
    context = {"sources": sources, "states": states(reads)}
    return render(request, "kb/source_list.html", context)


def source(request: HttpRequest, slug: str) -> HttpResponse:
    """The reading room, in the current transcription."""
    return _room(request, Transcription.objects.current().filter(source__slug=slug))


def transcription(request: HttpRequest, slug: str, version: int) -> HttpResponse:
    """The reading room at the permanent address of a transcription."""
    return _room(request, Transcription.objects.filter(source__slug=slug, version=version))


def _room(request: HttpRequest, transcriptions) -> HttpResponse:
    """Six queries: four of ``read``, versions, words that were published."""
    claim = _asked(request)
    reads = read(transcriptions, notes=True)
    if not reads:
        raise Http404("There is no such source, or no such version of it.")
    (found,) = reads
    once = published_words(found.transcription)
    paragraphs = [Apparatus(p, claim, once.get(p.paragraph.pk, ())) for p in found.paragraphs]
    marked = [citation for a in paragraphs for citation in a.citations] if claim else []
    if claim and not marked:
        return _unmarked(request, claim, "rests on this text")
    shown = found.transcription
    versions = list(shown.source.transcriptions.with_claim_counts().order_by("version"))
    context = {
        "read": found,
        "states": states(reads),
        "transcription": shown,
        "source": found.source,
        "versions": versions,
        "current": versions[-1].version,
        "paragraphs": paragraphs,
        "is_crowded": any(paragraph.is_crowded for paragraph in paragraphs),
        "kinds": _kinds(Counter(claim.kind for claim in found.claims)),
        "overrides": list(cut_in_words(cut_of(shown, [p.paragraph for p in found.paragraphs]))),
        "marked": marked,
        "lit": marked[0].claim if marked else None,
        "site": request.build_absolute_uri("/").rstrip("/"),
    }
    return render(request, "kb/reading_room.html", context)


def _map(reads: Iterable[TranscriptionRead]) -> Map:
    """Of the kinds that the home page draws."""
    mapped = [kind for kind, model in Claim.kinds().items() if model.is_mapped]
    cited = (c for found in reads for p in found.paragraphs for c in p.citations)
    return Map(citation for citation in cited if citation.claim.kind in mapped)


def _unmarked(request: HttpRequest, slug: str, what: str) -> HttpResponse:
    """410 for a claim that was withdrawn; else raises Http404."""
    withdrawn = Claim.objects.filter(slug=slug, status=Claim.Status.WITHDRAWN).first()
    if withdrawn:
        return gone(request, withdrawn)
    raise Http404(f"No published claim called “{slug}” {what}.")


def _asked(request: HttpRequest) -> str:
    """The slug in ``?claim=``, empty without one. Raises Http404 for what can be no slug."""
    slug = request.GET.get("claim")
    if slug is not None and not SLUG.fullmatch(slug):
        raise Http404("No claim can be called that.")
    return slug or ""


def _kinds(counts: dict[str, int]) -> list[dict]:
    """Each kind for a list, with how many claims; a template can't hold a model class."""
    return [
        {
            "kind": kind,
            "name": model.public_name,
            "plural": model.public_plural,
            "description": model.description,
            "url": model.list_url(),
            "count": counts.get(kind, 0),
        }
        for kind, model in Claim.kinds().items()
    ]
