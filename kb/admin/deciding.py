"""Citations that wait for a decision: here, these words instead, or dropped."""

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth import get_permission_codename
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html

from kb.deciding import LAST, drop, put, waiting
from kb.impact import judge
from kb.models import Carry, Citation, Claim, Paragraph, Transcription
from kb.models.spans import Unplaced
from kb.publishing import PUBLISH
from kb.snapshots import fingerprint

from .base import Prose, form_address, link
from .spans import ask

PER_PAGE = 50
GONE = "Somebody decided this meanwhile: it no longer waits."


class WordsForm(forms.Form):
    """Words of the current transcription: the paragraph by its number, the words as they stand."""

    paragraph = forms.CharField(
        max_length=12,
        help_text="Its number, or h1 for the first heading.",
        widget=forms.TextInput(attrs={"class": "vSmallField", "size": 6}),
    )
    exact = Prose(
        label="Exact words",
        help_text="Copied from the paragraph, no more than carries the claim.",
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField kb-exact"}),
    )
    start = forms.IntegerField(
        label="Which of them", required=False, min_value=0, widget=forms.HiddenInput
    )

    def __init__(self, data=None, *, transcription: Transcription, **kwargs):
        super().__init__(data, **kwargs)
        self.transcription = transcription

    def clean_paragraph(self) -> Paragraph:
        ref = self.cleaned_data["paragraph"].strip()
        try:
            return _paragraph(self.transcription, f"p{ref}" if ref.isdecimal() else ref)
        except ObjectDoesNotExist:
            raise ValidationError(
                f"Version {self.transcription.version} has no paragraph “{ref}”: write its number, "
                "or h1 for the first heading."
            ) from None

    def take(self, error: ValidationError) -> None:
        """Shows what the model layer objects to at the field that it is about."""
        for name, errors in getattr(error, "error_dict", {None: [error]}).items():
            for unplaced in (e for e in errors if isinstance(e, Unplaced)):
                ask(self, unplaced, self.cleaned_data["exact"], self.cleaned_data["start"])
            self.add_error(name if name in self.fields else None, errors)


def _paragraph(transcription: Transcription, ref: str) -> Paragraph:
    kind, number = Paragraph.parse_ref(ref)
    return transcription.paragraphs.get(kind=kind, number=number)


def waiting_view(request: HttpRequest) -> HttpResponse:
    """The list, source by source. Three queries, and four for each transcription on the page."""
    if not request.user.has_perm("kb.view_citation"):
        raise PermissionDenied
    asked = request.GET.get("source", "")
    behind = waiting().order_by().values("paragraph__transcription__source")
    current = Transcription.objects.current().filter(source__in=behind).select_related("carry")
    shown = [there for there in current if there.source.slug == asked] or current
    listed = waiting().filter(paragraph__transcription__source__in=[t.source for t in shown])
    page: Any = Paginator(listed, PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = judge(page.object_list, current)
    may_carry = request.user.has_perm("kb.add_transcription")
    context = {
        "title": "Citations that wait for a decision",
        "page": page,
        "sources": [there.source for there in current],
        "asked": asked,
        "carriable": [t for t in shown if may_carry and not hasattr(t, "carry")],
        "kinds": _kinds(request),
    }
    return _page(request, "waiting", context)


def decide_view(request: HttpRequest, pk: int) -> HttpResponse:
    """One of them: shown with a form for other words, and decided."""
    citation = waiting().filter(pk=pk).first()
    if citation is None:
        get_object_or_404(Citation, pk=pk)
        messages.warning(request, GONE)
        return HttpResponseRedirect(reverse("admin:kb_waiting"))
    if citation.claim.kind not in _kinds(request):
        raise PermissionDenied
    source = citation.paragraph.transcription.source
    transcription = Transcription.objects.current().get(source=source)
    form = WordsForm(
        request.POST if request.POST.get("act") == "put" else None, transcription=transcription
    )
    is_last = False
    if request.method == "POST":
        try:
            return _decided(request, citation, _decide(request, citation, form))
        except ValidationError as error:
            is_last = getattr(error, "code", "") == LAST
            if form.is_bound:
                form.take(error)
            else:
                messages.error(request, " ".join(error.messages))
    (judged,) = judge([citation], [transcription])
    if not form.is_bound and judged.there:
        form.initial = {
            "paragraph": judged.there.ref.removeprefix("p"),
            "exact": judged.carrying.new.words(judged.there),
        }
    context = {
        "title": f"Decide for “{citation.claim}”",
        "judged": judged,
        "form": form,
        "near": judged.there and judged.carrying.new.paragraphs[judged.there.ref].text,
        "is_last": is_last,
        "withdraw_url": _withdrawal(request, citation.claim),
        "kinds": _kinds(request),
        "alone": True,
    }
    return _page(request, "decide", context)


def _decide(request: HttpRequest, citation: Citation, form: WordsForm) -> Claim:
    """Does what was asked. Raises ValidationError; with nothing to say if the form says it."""
    act = request.POST.get("act")
    if act == "drop":
        return drop(citation, by=request.user)
    if act == "put":
        if not form.is_valid():
            raise ValidationError([])
        return put(citation, **form.cleaned_data, by=request.user)
    match = re.fullmatch(r"([ph]\d{1,9})\.(\d{1,9})-(\d{1,9})", request.POST.get("place", ""))
    if not match:
        raise ValidationError("No place was proposed: give the words that you mean.")
    start, end = int(match[2]), int(match[3])
    try:
        paragraph = _paragraph(form.transcription, match[1])
    except ObjectDoesNotExist:
        paragraph = None
    exact = paragraph.text[start:end] if paragraph else ""
    is_same = paragraph and fingerprint(paragraph.text) == request.POST.get("within")
    if paragraph is None or not is_same or not exact or len(exact) != end - start:
        raise ValidationError("The proposed place is gone: look at the new proposal.")
    return put(citation, paragraph, exact, start, by=request.user)


def _decided(request: HttpRequest, citation: Citation, draft: Claim) -> HttpResponse:
    left = waiting().filter(claim=draft).count()
    messages.success(
        request,
        format_html(
            "Done, in the draft of {}. {}",
            link(form_address(Claim, draft.pk), f"“{draft}”"),
            f"{left} of its citations still wait."
            if left
            else "Nothing of it waits any more: look it over and send it to review.",
        ),
    )
    source = citation.paragraph.transcription.source
    return HttpResponseRedirect(f"{reverse('admin:kb_waiting')}?source={source.slug}")


def _kinds(request: HttpRequest) -> set[str]:
    """The kinds of claims that the user may change."""
    return {
        kind
        for kind, model in Claim.kinds().items()
        if request.user.has_perm(
            f"{model._meta.app_label}.{get_permission_codename('change', model._meta)}"
        )
    }


def _withdrawal(request: HttpRequest, claim: Claim) -> str:
    """Where to withdraw what is public of the claim; empty if nothing is, or the user may not."""
    public = claim.supersedes or claim
    if public.status != Claim.Status.PUBLISHED or not request.user.has_perm(PUBLISH):
        return ""
    meta = Claim.kinds()[public.kind]._meta
    return reverse(f"admin:{meta.app_label}_{meta.model_name}_withdraw", args=[public.pk])


def _page(request: HttpRequest, name: str, context: dict) -> HttpResponse:
    shared = {**admin.site.each_context(request), "opts": Carry._meta}
    return render(request, f"admin/kb/{name}.html", shared | context)
