"""The permanent address of any claim, and what the pages and lists of all kinds share."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import ObjectDoesNotExist
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from taggit.models import Tag

from ..models import Claim
from ..presenting import ClaimPage

PER_PAGE = 100


def claim(request: HttpRequest, slug: str) -> HttpResponse:
    """Leads to the page that shows the claim; shows it here when no other page can."""
    found = _public(Claim.objects.all(), slug)
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
    """The page of one of ``claims``, a queryset; 410 if withdrawn. Five queries.

    ``also`` is as in ClaimPage; ``more`` makes further context from the page.
    """
    found = _public(claims.with_editions().prefetch_related("tags"), slug)
    if found.status == Claim.Status.WITHDRAWN:
        return gone(request, found)
    page = ClaimPage(found, request.build_absolute_uri("/").rstrip("/"), also)
    return render(request, template, {"page": page, "claim": found, **(more(page) if more else {})})


def gone(request: HttpRequest, withdrawn: Claim) -> HttpResponse:
    return render(request, "410.html", {"claim": withdrawn}, status=410)


def list_of(request: HttpRequest, claims, template: str = "kb/claim_list.html", **context):
    """Published ``claims``, paged; a page that is none is read as the nearest. Five queries."""
    model = claims.model
    context |= {
        "page": paged(request, claims.published().for_list()),
        "model": model,
        "heading": model._meta.verbose_name_plural.capitalize(),
        "kind": model._meta.model_name,
        "themes": themes().filter(tagged_claims__content_object__kind=model._meta.model_name),
    }
    return render(request, template, context)


def paged(request: HttpRequest, items, per_page: int = PER_PAGE):
    return Paginator(items, per_page).get_page(request.GET.get("page"))


def themes():
    """Tags of published claims, with how many as ``count``; filters go before evaluation."""
    return (
        Tag.objects.filter(tagged_claims__content_object__status=Claim.Status.PUBLISHED)
        .annotate(count=Count("tagged_claims"))
        .order_by("name")
    )


def _public(claims, slug: str) -> Claim:
    found = claims.public().filter(slug=slug).first()
    if found is None:
        raise Http404
    return found
