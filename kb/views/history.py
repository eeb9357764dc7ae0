"""The public history of a claim, and each state that was published, for ever."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render

from ..chronicle import History
from ..models import Claim, Edition
from .claims import public


def history(request: HttpRequest, slug: str) -> HttpResponse:
    """Every publication and withdrawal, newest first. Four queries: claim, and three of History."""
    claim = public(Claim.objects.all(), slug)
    context = {"claim": claim, "entries": History(claim).entries[::-1]}
    return render(request, "kb/claim_history.html", context)


def state(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """The claim as it was published in edition ``number``. Four queries, as above.

    An edition that left the claim alone leads to the one that held then, for ever: editions are
    appended, so nothing can come between the two. One query more, for one that is not yet made.
    """
    claim = public(Claim.objects.all(), slug)
    found = History(claim)
    entry = found.at(number)
    if entry is None:
        raise Http404(f"“{claim}” was not yet published in edition {number}.")
    if entry.edition.number != number:
        if not Edition.objects.filter(number__gte=number).exists():
            raise Http404(f"There is no edition {number} yet.")
        return HttpResponsePermanentRedirect(entry.url)
    context = {"claim": claim, "entry": entry, "latest": found.latest}
    return render(request, "kb/claim_state.html", context)
