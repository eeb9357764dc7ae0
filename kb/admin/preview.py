"""A draft on its real page, as the public will see it: for staff alone, and never kept.

The draft is published inside a transaction, the public view answers, and all is undone. So the
page is the one that will be, down to counts and marks, and no public view knows of previews.
"""

from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.core.handlers.wsgi import WSGIRequest
from django.db import IntegrityError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import Resolver404, resolve, reverse

from kb.models import Claim, Transcription
from kb.publishing import as_if_published, unpublished_references
from kb.refusals import refusals
from kb.snapshots import snapshot

from .base import form_address

LEADS_ON = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Preview:
    """What the banner says."""

    claim: Claim
    problems: list[str]
    form_url: str
    pages: list[tuple[str, str]]


class Stranger(WSGIRequest):
    """A request for a public page, without a cookie."""

    preview: Preview


def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """The page that will show the claim, or the public page whose path is given as ``?at=``.

    A draft that the database won't have public is shown with the reasons instead.
    """
    claim = get_object_or_404(Claim, pk=pk)
    if claim.is_frozen:
        return redirect(claim.permanent_url)
    try:
        draft = claim.specific()
    except ObjectDoesNotExist as error:
        raise Http404 from error
    if not admin.site.get_model_admin(type(draft)).has_view_permission(request):
        raise PermissionDenied
    banner = _banner(draft)
    try:
        with as_if_published(draft) as published:
            response = _answer(request, request.GET.get("at") or published.permanent_url, banner)
    except IntegrityError as error:
        response = _refused(request, draft, banner, error)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def preview_address(claim: Claim, at: str = "") -> str:
    """``at`` is the address of a public page; its fragment is kept."""
    path, _, fragment = at.partition("#")
    query = f"?{urlencode({'at': path})}" if path else ""
    return reverse("admin:kb_preview", args=[claim.pk]) + query + (fragment and f"#{fragment}")


def _banner(draft: Claim) -> Preview:
    rooms = Transcription.objects.filter(paragraphs__citations__claim=draft.pk).distinct()
    pages = [
        (preview_address(draft), "Its page"),
        (preview_address(draft, type(draft).list_url()), "The list"),
    ]
    pages += [
        (preview_address(draft, room.get_absolute_url()), f"The reading room, {room}")
        for room in rooms.select_related("source")
    ]
    problems = [*draft.problems(), *unpublished_references(draft)]
    return Preview(draft, problems, form_address(type(draft), draft.pk), pages)


def _answer(request: HttpRequest, address: str, banner: Preview) -> HttpResponse:
    """What the public view at ``address`` says, redirects followed, as it would to a stranger.

    A fragment to which they lead is for the browser: it is sent there.
    """
    asked = urlsplit(address)
    if asked.scheme or asked.netloc:
        raise Http404
    for _ in range(5):
        response = _ask(request, asked.path, asked.query, banner)
        if response.status_code not in LEADS_ON:
            return response
        asked = urlsplit(response["Location"])
        if asked.fragment:
            return redirect(preview_address(banner.claim, asked.geturl()))
    raise Http404


def _ask(request: HttpRequest, path: str, query: str, banner: Preview) -> HttpResponse:
    try:
        match = resolve(path)
    except Resolver404 as error:
        raise Http404 from error
    if match.namespaces:  # The admin's own pages are not public.
        raise Http404
    environ = {name: value for name, value in request.META.items() if name != "HTTP_COOKIE"}
    stranger = Stranger(
        {**environ, "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query}
    )
    stranger.preview = banner
    return match.func(stranger, *match.args, **match.kwargs)


def _refused(
    request: HttpRequest, draft: Claim, banner: Preview, error: IntegrityError
) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": f"Preview of “{draft}”",
        "preview": banner,
        "problems": banner.problems or refusals(error),
        "snapshot": snapshot(draft),
    }
    response = TemplateResponse(request, "admin/kb/preview_refused.html", context)
    return response.render()
