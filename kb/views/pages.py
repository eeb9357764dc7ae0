"""Themes, coverage, changes and about."""

import re

from django.db.models import Exists, F, OuterRef, Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from ..coverage import Together, read, states
from ..models import Claim, Edition, Publication, Transcription
from .claims import paged, themes

EDITIONS_PER_PAGE = 20


def tag_list(request: HttpRequest) -> HttpResponse:
    return render(request, "kb/tag_list.html", {"tags": themes()})


def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """A theme's claims, kind by kind. Five queries."""
    found = re.fullmatch(r"[-\w]+", slug) and themes().filter(slug=slug).first()
    if not found:
        raise Http404
    claims = Claim.objects.published().filter(tagged__tag=found).by_kind().with_kinds()
    return render(request, "kb/tag.html", {"tag": found, "page": paged(request, claims.for_list())})


def coverage(request: HttpRequest) -> HttpResponse:
    """Every sentence of every source. Four queries, of ``read``."""
    reads = read(Transcription.objects.current(), notes=True)
    context = {"reads": reads, "together": Together(reads), "states": states(reads)}
    return render(request, "kb/coverage.html", context)


def changes(request: HttpRequest) -> HttpResponse:
    """Three queries: the count, editions and what each did."""
    earlier = Publication.objects.filter(
        claim=OuterRef("claim"), edition__number__lt=OuterRef("edition__number")
    )
    publications = (
        Publication.objects.select_related("claim")
        .defer("snapshot")
        .annotate(title=F("snapshot__title"), is_again=Exists(earlier))
        .order_by("claim__kind", "claim__title")
    )
    editions = Edition.objects.defer("digest", "editor").prefetch_related(
        Prefetch("publications", publications)
    )
    return render(request, "kb/changes.html", {"page": paged(request, editions, EDITIONS_PER_PAGE)})


def about(request: HttpRequest) -> HttpResponse:
    """One query."""
    kinds = [(kind, model.public_name, model.description) for kind, model in Claim.kinds().items()]
    context = {"transcriptions": Transcription.objects.current(), "kinds": kinds}
    return render(request, "kb/about.html", context)
