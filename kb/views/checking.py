"""A text of anybody's against the sources. It is compared and forgotten."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import BadRequest, RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from ..limiting import wait
from ..textcheck.checking import LONGEST, passages
from ..textcheck.telling import Result, summary


@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest) -> HttpResponse:
    """A form; sent, what was found in its text. At most four queries. Nothing is kept."""
    context: dict[str, Any] = {"longest": f"{LONGEST:,}"}
    if request.method != "POST":
        return render(request, "kb/check.html", context)
    if seconds := wait(request, "check", settings.KB_CHECKS_A_MINUTE):
        hint = (
            f"That were {settings.KB_CHECKS_A_MINUTE} texts in a minute from your address. "
            f"Your text is still below: send it again in {seconds} seconds."
        )
        text, _ = _sent(request)
        limited = {**context, "hint": hint, "text": text}
        response = render(request, "kb/check.html", limited, status=429)
        response["Retry-After"] = str(seconds)
        return response
    text, hint = _sent(request)
    context |= {"text": text, "hint": hint}
    if not hint:
        found = passages(text)
        results = [Result(number, passage) for number, passage in enumerate(found, 1)]
        parts = [*_parts(text, results)]
        context |= {"parts": parts, "results": results, "summary": summary(found)}
    return render(request, "kb/check.html", context)


def _sent(request: HttpRequest) -> tuple[str, str]:
    """The text, as far as it can be kept, and what is wrong with it."""
    try:
        text = request.POST.get("text", "")
    except (RequestDataTooBig, TooManyFieldsSent, BadRequest):
        return "", f"That was too much to read. Paste up to {LONGEST:,} characters as text."
    text = text.replace("\r\n", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
    if len(text) > LONGEST:
        return text[:LONGEST], (
            f"The text has {len(text):,} characters, and up to {LONGEST:,} are checked at a time. "
            "Its beginning is below: send that, then the rest."
        )
    if not any(sign.isalnum() for sign in text):
        return text, "There are no words in it to look for. Paste a text that quotes the sources."
    return text, ""


def _parts(text: str, results: Sequence[Result]) -> Iterator[tuple[str, Result | None]]:
    """The text in stretches, each with the passage that it is, if it is one."""
    at = 0
    for result in results:
        yield text[at : result.found.start], None
        yield text[result.found.start : result.found.end], result
        at = result.found.end
    yield text[at:], None
