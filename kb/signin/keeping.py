"""A form that arrives after its session ended comes back to its sender, whole, to be sent again."""

from urllib.parse import urlsplit

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache

SECRET = ("password", "token")


@never_cache
def kept(request: HttpRequest) -> HttpResponse:
    """A page that holds every field that was sent, apart from passwords, codes and tokens.

    Files can't be kept: the page asks for them again.
    """
    context = {
        **admin.site.each_context(request),
        "title": "Your form is kept: send it again",
        "fields": kept_fields(request),
        "files": list(request.FILES),
        "multipart": request.content_type == "multipart/form-data",
    }
    return render(request, "admin/signin/kept.html", context, status=403)


def kept_fields(request: HttpRequest) -> list[tuple[str, str]]:
    return [
        (name, value)
        for name, values in request.POST.lists()
        if not any(word in name for word in SECRET)
        for value in values
    ]


def is_ours(request: HttpRequest) -> bool:
    """Whether the browser says that a page of this very site sent the form, to an admin page.

    By its ``Origin``, or under https by its ``Referer``: a page elsewhere can forge neither.
    """
    source = request.headers.get("Origin") or ""
    if not source and request.is_secure():
        source = request.headers.get("Referer", "")
    try:
        parts = urlsplit(source)
    except ValueError:
        return False
    match = request.resolver_match
    to_admin = match and match.namespace == "admin" and match.url_name not in ("login", "logout")
    return bool(to_admin) and (parts.scheme, parts.netloc) == (request.scheme, request.get_host())
