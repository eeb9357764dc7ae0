"""The admin's home: what waits for an editor, and whether the base is sound."""

from collections.abc import Iterable, Iterator
from time import monotonic
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, F, Q
from django.db.models.functions import Substr
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from kb.content.verifying import verify
from kb.deciding import waiting
from kb.models import Claim, Intake, Proof, Step, Transcription

from .review import in_review

Status = Claim.Status
SHOWN = 6  # of each list
SECONDS = 20  # for a proof: `manage.py verify` takes as long as it takes
FAULTS = 20


def desk(request: HttpRequest) -> dict[str, Any]:
    """Nothing for who may not look at claims. Eight queries, however much there is."""
    user: Any = request.user
    if not user.has_perm("kb.view_claim"):
        return {}
    mine = Q(status=Status.DRAFT, touched_by=user)
    return {
        "counts": Claim.objects.aggregate(
            mine=Count("pk", filter=mine), review=Count("pk", filter=Q(status=Status.REVIEW))
        ),
        "mine": Claim.objects.filter(mine).order_by("-pk")[:SHOWN],
        "review": in_review()[:SHOWN],
        "waiting": _waiting(),
        "texts": Transcription.objects.current().with_counts().with_draft_counts(),
        "intakes": _intakes() if user.has_perm("kb.add_transcription") else None,
        "proof": Proof.objects.select_related("by").first(),
        "may_prove": user.has_perm("kb.change_claim"),
        "steps": Step.objects.select_related("claim", "by")[:SHOWN],
    }


def _waiting():
    """How many citations wait for a decision, by source."""
    source = "paragraph__transcription__source"
    counted = (
        waiting().order_by().values(siglum=F(f"{source}__siglum"), title=F(f"{source}__title"))
    )
    return counted.annotate(count=Count("pk")).order_by("siglum")


def _intakes():
    beginnings = Intake.objects.annotate(beginning=Substr("text", 1, 200))
    return beginnings.select_related("by").defer("text", "original")[:SHOWN]


@require_POST
def prove(request: HttpRequest) -> HttpResponse:
    """Proves the invariants over the whole base, as far as that is done in ``SECONDS``.

    It reads everything, some seven queries a claim: too much for each look at the desk, so it is
    asked for, and what it found is kept with its time.
    """
    user: Any = request.user
    if not user.has_perm("kb.change_claim"):
        raise PermissionDenied
    found: list[str] = []
    is_whole = True
    try:
        found.extend(str(fault) for fault in verify(_in_time))
    except OutOfTime:
        is_whole = False
    values = {"count": len(found), "faults": found[:FAULTS], "is_whole": is_whole}
    Proof.objects.update_or_create(pk=1, defaults={**values, "by": user, "at": timezone.now()})
    messages.info(request, "The invariants were proved anew; see “Faults”.")
    return redirect("admin:index")


class OutOfTime(Exception):
    """A proof took longer than ``SECONDS``."""


def _in_time(claims: Iterable[Claim]) -> Iterator[Claim]:
    end = monotonic() + SECONDS
    for claim in claims:
        if monotonic() > end:
            raise OutOfTime
        yield claim
