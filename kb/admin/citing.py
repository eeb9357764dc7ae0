"""Citing words of a text: where they stand, and the claim, new or there already, that they carry.

``ParagraphPages`` are pages of the paragraph's admin, ``FromText`` is for those of claims.
"""

import re
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Case, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.http import require_POST

from kb.citing import cite, take_back
from kb.coverage import parts
from kb.locating import locate
from kb.models import Citation, Claim, Note, Paragraph, Transcription

from .base import key_of, link
from .spans import SpanForm

PAGE = 30  # paragraphs on a page of the workbench
FOUND = 8  # claims that a search offers


def place_in_text(paragraph: Paragraph, anchor: str = "") -> str:
    """The address of a paragraph, or of ``anchor`` in it, in the workbench of its text."""
    page = (paragraph.position - 1) // PAGE + 1
    address = reverse("admin:kb_transcription_workbench", args=[paragraph.transcription_id])
    return f"{address}?p={page}#{anchor or paragraph.ref}"


def back_to_text(claim: Claim) -> str:
    """A link to the claim's first words in the workbench; empty while it has none. One query."""
    cited = claim.citations.with_places().first()
    if cited is None:
        return ""
    at = cited.paragraph
    shown = f"Back to the text: {at.transcription.source.siglum} ¶ {at.label}"
    return link(place_in_text(at, cited.anchor), shown)


def words_at(paragraph: Paragraph, span: str) -> Citation | None:
    """The words of ``paragraph`` at ``120-145``, not saved; None when it has none there."""
    match = re.fullmatch(r"([0-9]{1,9})-([0-9]{1,9})", span)
    start, end = map(int, match.groups()) if match else (0, 0)
    if not start < end <= len(paragraph.text):
        return None
    return Citation(paragraph=paragraph, start=start, end=end, exact=paragraph.text[start:end])


def words_asked(request: HttpRequest) -> Citation | None:
    """The words in ``?cite=<paragraph>:<start>-<end>``; None without, or if there are none."""
    key, _, span = request.GET.get("cite", "").partition(":")
    paragraphs = Paragraph.objects.select_related("transcription__source")
    paragraph = key_of(key) and paragraphs.filter(pk=key).first()
    return words_at(paragraph, span) if paragraph else None


def kinds(site, request: HttpRequest, action: str) -> dict[str, type[Claim]]:
    """The kinds of claims that the user may ``add`` or ``change``."""
    return {
        kind: model
        for kind, model in Claim.kinds().items()
        if getattr(site.get_model_admin(model), f"has_{action}_permission")(request)
    }


def candidates(site, request: HttpRequest, term: str) -> list[Claim]:
    """The first claims that ``term`` finds and the user may change; without one, their latest."""
    changeable = Claim.objects.working().filter(kind__in=kinds(site, request, "change"))
    if not term.strip():
        mine = changeable.exclude(status=Claim.Status.PUBLISHED).filter(touched_by=request.user.pk)
        return list(mine.order_by("-pk")[:FOUND])
    found, _ = site.get_model_admin(Claim).get_search_results(request, changeable, term)
    named = Case(When(title__icontains=term.strip().replace("\0", ""), then=0), default=1)
    return list(found.annotate(named=named).order_by("named", "title", "pk").distinct()[:FOUND])


class CiteForm(SpanForm):
    """Words of one paragraph, and the claim that they carry: of a new kind, or one to look for.

    Or the ``reason`` why they carry none.
    """

    kind = forms.ChoiceField(required=False, label="New claim")
    q = forms.CharField(required=False, label="Or look for a claim", max_length=200)
    claim = forms.ModelChoiceField(
        Claim.objects.exclude(status=Claim.Status.WITHDRAWN),
        required=False,
        error_messages={"invalid_choice": "That claim can't be changed: choose one that is found."},
    )
    reason = forms.CharField(required=False, label="Set aside because")

    class Meta:
        model = Citation
        fields = ["exact", "start"]
        labels = {"exact": "Words", "start": "Where"}
        widgets = {
            "exact": forms.Textarea(attrs={"rows": 2, "class": "kb-exact"}),
            "start": forms.HiddenInput,
        }

    def __init__(self, *args, new, changeable, **kwargs):
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [(name, model.public_name) for name, model in new.items()]
        claim: Any = self.fields["claim"]
        claim.queryset = claim.queryset.filter(kind__in=changeable)

    def clean(self):
        """The start tells apart places of the same words; of other words it says nothing."""
        cleaned = super().clean()
        found = locate(self.instance.paragraph.text, cleaned.get("exact", ""))
        if not found.at(cleaned.get("start")):
            cleaned["start"] = None
        return cleaned


class ParagraphPages(admin.ModelAdmin):
    """Pages of a paragraph: to cite words of it, to take that back, and its text, for a form."""

    def get_urls(self):
        pages = {
            "text": self.text_view,
            "cite": self.cite_view,
            "take-back": require_POST(self.take_back_view),
        }
        return [
            path(
                f"<int:pk>/{name}/",
                self.admin_site.admin_view(view),
                name=f"kb_paragraph_{name.replace('-', '_')}",
            )
            for name, view in pages.items()
        ] + super().get_urls()

    def _paragraph(self, request: HttpRequest, pk: int) -> Paragraph:
        if not self.has_view_permission(request):
            raise PermissionDenied
        paragraphs = Paragraph.objects.select_related("transcription__source")
        return get_object_or_404(paragraphs, pk=pk)

    def text_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The text with the words that the claim ``?claim=`` cites marked."""
        paragraph = self._paragraph(request, pk)
        cited = paragraph.citations.filter(claim=key_of(request.GET.get("claim", "")))
        marked = {"parts": parts(paragraph.text, cited.values_list("start", "end"))}
        return render(request, "components/parts.html", marked)

    def cite_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Puts words into the claim that is chosen, or into a new one of the kind that is.

        Without either it shows the claims that are found.
        """
        paragraph = self._paragraph(request, pk)
        if not request.user.has_perm("kb.add_citation"):
            raise PermissionDenied
        if paragraph.transcription != Transcription.objects.current().get(
            source=paragraph.transcription.source_id
        ):
            said = "This version of the text is only looked at: cite the current one."
            self.message_user(request, said, messages.ERROR)
            return redirect(place_in_text(paragraph))
        new = kinds(self.admin_site, request, "add")
        sent = request.POST if request.method == "POST" else None
        words = None if sent else words_at(paragraph, request.GET.get("words", ""))
        form = CiteForm(
            sent,
            instance=words or Citation(paragraph=paragraph),
            new=new,
            changeable=kinds(self.admin_site, request, "change"),
        )
        if sent and form.is_valid():
            asks_aside = "aside" in sent or (
                sent.get("reason") and not sent.get("q") and "find" in sent
            )
            done = self._set_aside if asks_aside else self._cited
            if response := done(request, form):
                return response
        term = (sent or request.GET).get("q", "")
        source = paragraph.transcription.source
        context = {
            **self.admin_site.each_context(request),
            "title": f"Cite words of {source.siglum} ¶ {paragraph.label}",
            "paragraph": paragraph,
            "form": form,
            "new": new,
            "term": term,
            "claims": candidates(self.admin_site, request, term),
            "back": place_in_text(paragraph),
        }
        return TemplateResponse(request, "admin/kb/cite.html", context)

    def _cited(self, request: HttpRequest, form: CiteForm) -> HttpResponse | None:
        """Does what the button says; None when something is left to choose or to mend."""
        words, claim = form.instance, form.cleaned_data["claim"]
        if "new" in request.POST and (kind := form.cleaned_data["kind"]):
            model = Claim.kinds()[kind]
            address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_add")
            return redirect(f"{address}?cite={words.paragraph_id}:{words.start}-{words.end}")
        if claim is None:
            return None
        try:
            cite(claim, words, by=request.user)
        except ValidationError as error:
            form.add_error(None, error.messages)
            return None
        draft = words.claim.specific()
        self.admin_site.get_model_admin(type(draft)).log_change(
            request, draft, f"Cited “{words.exact[:60]}”."
        )
        told = {"words": words, "draft": draft, "opened": draft.pk != claim.pk}
        said = render_to_string("admin/kb/cited.html", told, request)
        return self._done(request, words, said)

    def _set_aside(self, request: HttpRequest, form: CiteForm) -> HttpResponse | None:
        """As ``_cited``, for words that carry no claim."""
        if not request.user.has_perm("kb.add_note"):
            raise PermissionDenied
        words, reason = form.instance, form.cleaned_data["reason"]
        note = Note(
            paragraph=words.paragraph,
            exact=words.exact,
            start=words.start,
            text=reason,
            sets_aside=True,
        )
        try:
            note.full_clean()
        except ValidationError as error:
            lacks = [] if reason else ["Say why no claim rests on these words."]
            form.add_error(None, lacks or error.messages)
            return None
        note.save()
        self.admin_site.get_model_admin(Note).log_addition(request, note, "Set aside.")
        said = render_to_string("admin/kb/set_aside.html", {"note": note}, request)
        return self._done(request, words, said)

    def _done(self, request: HttpRequest, words: Citation, said: str) -> HttpResponse:
        self.message_user(request, said, messages.SUCCESS, extra_tags=words.paragraph.ref)
        return redirect(place_in_text(words.paragraph, words.anchor))

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Takes a citation of this paragraph out of its draft again."""
        paragraph = self._paragraph(request, pk)
        cited = paragraph.citations.select_related("claim")
        citation = get_object_or_404(cited, pk=key_of(request.POST.get("citation", "")) or 0)
        draft = citation.claim
        if draft.kind not in kinds(self.admin_site, request, "change"):
            raise PermissionDenied
        said, level = f"Taken back out of “{draft}”.", messages.SUCCESS
        try:
            take_back(citation, by=request.user)
        except ValidationError as error:
            said, level = " ".join(error.messages), messages.ERROR
        self.message_user(request, said, level, extra_tags=paragraph.ref)
        return redirect(place_in_text(paragraph, citation.anchor))


class FromText(admin.ModelAdmin):
    """A claim's form that begins with the words in ``?cite=`` and leads back to them."""

    def get_formset_kwargs(self, request, obj, inline, prefix):
        kwargs = super().get_formset_kwargs(request, obj, inline, prefix)
        begins = request.method == "GET" and not (obj and obj.pk)
        if begins and inline.model is Citation and "cite" in request.GET:
            if words := words_asked(request):
                names = ("paragraph_id", "exact", "start")
                first = {name.removesuffix("_id"): getattr(words, name) for name in names}
                kwargs["initial"] = [first]
            else:
                said = "The words to cite are not in the text any more: select them anew."
                self.message_user(request, said, messages.WARNING)
        return kwargs

    def message_user(self, request, message, level=messages.INFO, extra_tags="", *args, **kwargs):
        """Says it where the words are, to who is led back there."""
        if words := words_asked(request):
            extra_tags = words.paragraph.ref
        super().message_user(request, message, level, extra_tags, *args, **kwargs)

    def response_post_save_add(self, request, obj):
        if words := words_asked(request):
            return redirect(place_in_text(words.paragraph, words.anchor))
        return super().response_post_save_add(request, obj)


class ClaimPages(admin.ModelAdmin):
    """Of the list of every claim: what a search finds, for who types."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.find_view)
        return [path("find/", view, name="kb_claim_find"), *super().get_urls()]

    def find_view(self, request: HttpRequest) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        claims = candidates(self.admin_site, request, request.GET.get("q", ""))
        return render(request, "admin/kb/claims_found.html", {"claims": claims})
