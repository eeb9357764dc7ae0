"""The permanent address of any claim, and what the pages and lists of all kinds share."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from taggit.models import Tag

from ..map import Map
from ..models import Claim
from ..relating import ClaimPage

PER_PAGE = 100


def claim(request: HttpRequest, slug: str) -> HttpResponse:
    """Leads to the page that shows the claim; shows it here when no other page can."""
    found = public(Claim.objects.all(), slug)
    if found.status == Claim.Status.WITHDRAWN:
        return gone(request, found)
    try:
        address = found.specific().shown_at()
    except ObjectDoesNotExist:  # The row of its kind is missing, which ``verify`` reports.
        address = ""
    if address:
        return redirect(address)
    return show(request, Claim.objects.all(), slug, "kb/claim_page.html")


def show(
    request: HttpRequest,
    claims,
    slug: str,
    template: str,
    *,
    also: dict[str, Q] | None = None,
    more: Callable[[ClaimPage], dict[str, Any]] | None = None,
) -> HttpResponse:
    """The page of one of ``claims``, a queryset; 410 if withdrawn. At most six queries.

    ``also`` is as in ClaimPage; ``more`` makes further context from the page.
    """
    found = public(claims.with_editions().prefetch_related("tags"), slug)
    if found.status == Claim.Status.WITHDRAWN:
        return gone(request, found)
    page = ClaimPage(found, request.build_absolute_uri("/").rstrip("/"), also)
    return render(request, template, {"page": page, "claim": found, **(more(page) if more else {})})


def gone(request: HttpRequest, withdrawn: Claim) -> HttpResponse:
    """410 with the reason, and a way to what is published of its kind."""
    kind = Claim.kinds().get(withdrawn.kind)
    more = {"list_url": kind.list_url(), "plural": kind.public_plural} if kind else {}
    return render(request, "410.html", {"claim": withdrawn, **more}, status=410)


def list_of(
    request: HttpRequest,
    claims,
    template: str,
    more: Callable[[Page], dict[str, Any]] | None = None,
) -> HttpResponse:
    """Published ``claims``, paged: four queries, and one for the themes if they are shown."""
    kind = claims.model
    page = paged(request, claims.published().for_list())
    context = {
        "page": page,
        "heading": kind.public_plural.capitalize(),
        "kind": kind._meta.model_name,
        "themes": themes(kind._meta.model_name),
        "map": Map(citation for claim in page for citation in claim.citations.all()),
    }
    return render(request, template, {**context, **(more(page) if more else {})})


def paged(request: HttpRequest, items, per_page: int = PER_PAGE) -> Page:
    """The page that ``?page=`` asks for; the nearest one if there is none of that number."""
    return Paginator(items, per_page).get_page(request.GET.get("page"))


def themes(kind: str = ""):
    """Tags of published claims, of one kind or of all, with how many as ``count``."""
    tagged = Q(tagged_claims__content_object__status=Claim.Status.PUBLISHED)
    if kind:
        tagged &= Q(tagged_claims__content_object__kind=kind)
    return Tag.objects.filter(tagged).annotate(count=Count("tagged_claims")).order_by("name")


def public(claims, slug: str) -> Claim:
    """The claim whose address answers, withdrawn ones too. One query. Raises Http404."""
    found = claims.public().filter(slug=slug).first()
    if found is None:
        raise Http404
    return found
