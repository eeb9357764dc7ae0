"""Drafts of every kind that wait for review, in one list: published together, or sent back."""

from dataclasses import dataclass

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.db import transaction
from django.db.models import OuterRef, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html

from kb.comparing import Difference
from kb.models import Claim, Step
from kb.publishing import (
    PUBLISH,
    lock,
    publish_all,
    send_back,
    touched,
    unpublished_references,
)
from kb.snapshots import fingerprint, snapshot

from .base import form_address, link
from .preview import preview_address
from .standing import changes_of

PER_PAGE = 25
PUBLISHING, SENDING_BACK = "publish", "send_back"


@dataclass(frozen=True)
class Waiting:
    """A claim in review, and what a reviewer asks of it."""

    claim: Claim
    sent: Step | None
    differences: list[Difference]
    problems: list[str]
    is_mine: bool  # touched by who looks, and so not to be published by them

    @property
    def form_url(self) -> str:
        return form_address(type(self.claim), self.claim.pk)

    @property
    def seen(self) -> str:
        """What is looked at, for the form to carry."""
        return fingerprint(snapshot(self.claim))

    @property
    def preview_url(self) -> str:
        return preview_address(self.claim)


class ReviewForm(forms.Form):
    """What is done with the claims that were chosen."""

    act = forms.ChoiceField(choices=[(PUBLISHING, ""), (SENDING_BACK, "")])
    chosen = forms.ModelMultipleChoiceField(
        Claim.objects.filter(status=Claim.Status.REVIEW),
        error_messages={
            "required": "Choose at least one of them.",
            "invalid_choice": "One of them is no longer in review: look at the list again.",
        },
    )
    edition_note = forms.CharField(max_length=300, required=False)
    step_note = forms.CharField(max_length=1000, required=False)

    def clean(self):
        cleaned = super().clean() or {}
        if cleaned.get("act") == SENDING_BACK and not cleaned.get("step_note"):
            self.add_error("step_note", "Say why they go back: whoever wrote them reads it.")
        return cleaned


def review(request: HttpRequest) -> HttpResponse:
    """Some twenty queries, however many wait."""
    if not request.user.has_perm("kb.view_claim"):
        raise PermissionDenied
    form = ReviewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        act = {PUBLISHING: _publish, SENDING_BACK: _send_back}[form.cleaned_data["act"]]
        act(request, form)
        return redirect("admin:kb_review")
    page = Paginator(in_review(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        **admin.site.each_context(request),
        "title": "Waiting for review",
        "page": page,
        "rows": _rows(request, page),
        "form": form,
        "chosen": set(request.POST.getlist("chosen")),
        "may_publish": request.user.has_perm(PUBLISH),
    }
    return TemplateResponse(request, "admin/kb/review.html", context)


def in_review():
    """Who has waited longest comes first."""
    sent = Step.objects.filter(claim=OuterRef("pk"), status=Claim.Status.REVIEW)
    return Claim.objects.filter(status=Claim.Status.REVIEW).order_by(
        Subquery(sent.order_by("-at").values("at")[:1]), "pk"
    )


def _rows(request: HttpRequest, page: Page) -> list[Waiting]:
    drafts = page.object_list.whole()  # type: ignore[attr-defined]
    steps = Step.objects.filter(claim__in=drafts, status=Claim.Status.REVIEW)
    sent = {step.claim_id: step for step in steps.select_related("by").order_by("at", "pk")}
    differences = changes_of(drafts)
    mine = touched(drafts, request.user)
    return [
        Waiting(
            draft,
            sent.get(draft.pk),
            differences.get(draft.pk, []),
            [*draft.problems(), *unpublished_references(draft)],
            draft.pk in mine,
        )
        for draft in drafts
    ]


@transaction.atomic
def _publish(request: HttpRequest, form: ReviewForm) -> None:
    """Publishes those that are as they were when the list was shown."""
    if not request.user.has_perm(PUBLISH):
        raise PermissionDenied
    lock()
    chosen: list[Claim] = []
    changed: list[Claim] = []
    for claim in form.cleaned_data["chosen"].order_by("pk").whole():
        seen = request.POST.get(f"seen-{claim.pk}")
        (chosen if seen in (None, fingerprint(snapshot(claim))) else changed).append(claim)
    published, refused = publish_all(
        chosen, by=request.user, note=form.cleaned_data["edition_note"]
    )
    why = ["It was changed since you opened this list: look again."]
    refused += [(claim, why) for claim in changed]
    for claim in published:
        row = claim.specific()
        admin.site.get_model_admin(type(row)).log_change(request, row, "Published.")
        said = format_html("Published: {}.", link(row.get_absolute_url(), f"“{row}”"))
        messages.success(request, said)
    for claim, why in refused:
        messages.error(request, f"Not published, and still here: “{claim}”. {' '.join(why)}")


@transaction.atomic
def _send_back(request: HttpRequest, form: ReviewForm) -> None:
    lock()
    for claim in form.cleaned_data["chosen"].order_by("pk").whole():
        if not admin.site.get_model_admin(type(claim)).has_change_permission(request, claim):
            raise PermissionDenied
        send_back(claim, by=request.user, note=form.cleaned_data["step_note"])
        messages.success(request, f"Sent back: “{claim}”.")
