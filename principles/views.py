"""Lists and pages of principles, leaders, quotations and statements."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse

from kb.relating import CONCERNS, MOST, SPEAKER, ClaimPage
from kb.views.claims import list_of, show

from .models import Leader, Principle, Quotation, Statement

SAID = "said"


def principle_list(request: HttpRequest) -> HttpResponse:
    return list_of(request, Principle.objects.all(), "principles/principle_list.html")


def principle(request: HttpRequest, slug: str) -> HttpResponse:
    return show(
        request, Principle.objects.all(), slug, "principles/principle.html", more=_concerning
    )


def leader_list(request: HttpRequest) -> HttpResponse:
    return list_of(request, Leader.objects.all(), "principles/leader_list.html")


def leader(request: HttpRequest, slug: str) -> HttpResponse:
    said = {SAID: Q(claim__as_quotation__leader__slug=slug)}
    return show(
        request,
        Leader.objects.all(),
        slug,
        "principles/leader.html",
        also=said,
        more=lambda page: {**_said(page), **_concerning(page)},
    )


def quotation_list(request: HttpRequest) -> HttpResponse:
    return list_of(
        request, Quotation.objects.select_related("leader"), "principles/quotation_list.html"
    )


def quotation(request: HttpRequest, slug: str) -> HttpResponse:
    return show(
        request,
        Quotation.objects.select_related("leader"),
        slug,
        "principles/quotation.html",
        also={SPEAKER: Q(claim__in=_by_the_same_speaker(slug).values("pk")[:MOST])},
    )


def _by_the_same_speaker(slug: str):
    """Published quotations of whom that one quotes, who is no leader or is a public one."""
    own = Quotation.objects.filter(slug=slug)
    leaders = own.filter(leader__status=Quotation.Status.PUBLISHED).values("leader")
    names = own.exclude(speaker_name="").values("speaker_name")
    same = Q(leader__in=leaders) | Q(speaker_name__in=names)
    return Quotation.objects.published().filter(same).exclude(slug=slug).order_by("title", "pk")


def statement_list(request: HttpRequest) -> HttpResponse:
    return list_of(request, Statement.objects.all(), "principles/statement_list.html")


def statement(request: HttpRequest, slug: str) -> HttpResponse:
    return show(request, Statement.objects.all(), slug, "principles/statement.html")


def _said(page: ClaimPage) -> dict:
    """What a leader is said to have said; a remark if no source, all of them read, is direct."""
    said = page.take("quotation", SAID)
    reported = all(shown.claim.specific().how == Quotation.Mode.REPORTED.label for shown in said)
    unread = any(transcription.open_count for transcription in page.transcriptions)
    remark = "" if unread or not reported else f"No source quotes {page.claim.title} directly."
    return {"said": said, "said_remark": remark}


def _concerning(page: ClaimPage) -> dict:
    return {
        "quotations": page.take("quotation", CONCERNS),
        "statements": page.take("statement", CONCERNS),
    }
