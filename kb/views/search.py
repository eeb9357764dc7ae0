"""Search."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ..search.showing import SearchPage


def search(request: HttpRequest) -> HttpResponse:
    """At most six queries, of ``SearchPage``."""
    return render(request, "kb/search.html", {"page": SearchPage(request.GET)})
