"""Pages for what can't be shown. They use no database, which may be what failed.

The exception is a form of the admin that comes back to its sender.
"""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from ..context import site
from ..signin.keeping import is_ours, kept, kept_fields

TOO_MUCH: dict[type, str] = {
    TooManyFieldsSent: "The form has more than {:,} fields",
    RequestDataTooBig: "A form takes at most 10 MB of text, and this was more",
}


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """For what can't be read: too many fields, too large, for a foreign host, or no request."""
    too_much = TOO_MUCH.get(type(exception), "").format(settings.DATA_UPLOAD_MAX_NUMBER_FIELDS)
    return _page(request, "400.html", 400, too_much=too_much)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """With the reason, if a view raised Http404 with a sentence for people (it ends in a stop)."""
    given = str(exception.args[0]) if exception and exception.args else ""
    return _page(request, "404.html", 404, reason=given if given.endswith((".", "?")) else "")


def denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, "403.html", 403)


def signed_out(request: HttpRequest, reason: str = "") -> HttpResponse:
    """For a form whose token no longer fits: mostly, its sender signed in anew meanwhile."""
    if is_ours(request) and (request.FILES or kept_fields(request)):
        return kept(request)
    return _page(request, "403_csrf.html", 403)


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, "500.html", 500)


def _page(request: HttpRequest, template: str, status: int, **context) -> HttpResponse:
    """Rendered without the request's context processors: one of them may have failed."""
    return HttpResponse(render_to_string(template, site(request) | context), status=status)
