"""Bringing a text in: paste or upload, look at the cut and mend it, then store it."""

import logging
from collections.abc import Iterator

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models.functions import Length, Substr
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    StreamingHttpResponse,
)
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import path, reverse
from django.utils.html import format_html_join
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST

from kb.apparatus import cut_in_words
from kb.cutting import Cut, UnfitOverride, cut
from kb.management.terminal import many
from kb.models import Intake, Source, Transcription
from kb.previewing import Preview
from kb.publishing import lock
from kb.recutting import placed, recut
from kb.refusals import refusals
from kb.storing import next_siglum, sha256_of, store, take

from .base import ReadOnlyAdmin, key_of
from .bringing import DescriptionForm, TextForm, place_of
from .shown import FIELD, carried, changed, told

log = logging.getLogger("kb.editors")
PROGRESS = "<!-- progress -->"


def may_bring(request: HttpRequest) -> bool:
    return request.user.has_perm("kb.add_transcription")


@admin.register(Intake)
class IntakeAdmin(ReadOnlyAdmin):
    list_display = ["begins", "becomes", "characters", "by", "at"]
    list_select_related = ["by", "source"]
    actions = None  # Their boxes would fetch each text for its name.
    list_note = (
        "Texts that editors bring in and that are not stored yet. The public sees none of them, "
        "and nothing can cite them, until they are confirmed."
    )

    def get_queryset(self, request):
        return (
            super()
            .get_queryset(request)
            .annotate(beginning=Substr("text", 1, 200), length=Length("text"))
            .defer("text", "original")
        )

    def has_add_permission(self, request: HttpRequest, obj=None) -> bool:
        return may_bring(request)

    has_view_permission = has_change_permission = has_delete_permission = has_add_permission

    def get_urls(self):
        own = {"describe": self.describe_view, "confirm": self.confirm_view}
        # Not "no-store": a browser may forget what was typed when somebody goes back to that.
        add = self.admin_site.admin_view(self.add_view, cacheable=True)
        return [
            path("add/", cache_control(private=True, no_cache=True)(add), name="kb_intake_add"),
            *(
                path(f"<path:pk>/{end}/", self.admin_site.admin_view(view), name=f"kb_intake_{end}")
                for end, view in own.items()
            ),
            *super().get_urls(),
        ]

    @admin.display(description="text")
    def begins(self, intake):
        return str(intake)

    @admin.display(description="becomes")
    def becomes(self, intake: Intake) -> str:
        if intake.source:
            return f"the next transcription of {intake.source}"
        return f"a new source, “{intake.described['title']}”"

    @admin.display(ordering="length")
    def characters(self, intake) -> str:
        return f"{intake.length:,}"

    # Step 1: the text, and what is known of it.

    def add_view(self, request, form_url="", extra_context=None):
        self._check(request)
        source = self._source(request.GET.get("source", ""))
        data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        text = TextForm(data, files)
        description = None if source else DescriptionForm(data)
        forms = [form for form in (text, description) if form]
        if all(form.is_valid() for form in forms):
            return HttpResponseRedirect(self._taken(request, text, description, source))
        context = {
            "title": f"New transcription of {source}" if source else "Bring in a text",
            "forms": forms,
            "is_faulty": any(form.errors for form in forms),
            "has_file": bool(files),
            "source": source,
            "sources": Source.objects.all(),
            "next_siglum": next_siglum(),
        }
        return self._page(request, "intake_add", context)

    def _taken(self, request, text: TextForm, description: DescriptionForm | None, source) -> str:
        brought, file = text.brought, text.cleaned_data["file"]
        intake = Intake.objects.create(
            name=file.name if file else "",
            text=brought.text,
            original=brought.original,
            remarks=brought.remarks,
            overrides={"heading": brought.headings} if brought.headings else {},
            source=source,
            described=description.described() if description else {},
            by=request.user,
        )
        return reverse("admin:kb_intake_change", args=[intake.pk])

    def describe_view(self, request: HttpRequest, pk: str) -> HttpResponse:
        """What is said of a new source, again: something else may have taken its slug meanwhile."""
        intake = self._intake(request, pk)
        form = DescriptionForm(request.POST or None, initial=intake.described)
        if form.is_valid():
            Intake.objects.filter(pk=intake.pk).update(described=form.described(), source=None)
            return self.to_form(intake.pk)
        context = {"title": "What is known of the source", "forms": [form], "intake": intake}
        return self._page(request, "intake_describe", context)

    # Step 2: the cut.

    def change_view(self, request, object_id, form_url="", extra_context=None):
        intake = self._intake(request, object_id)
        made = cut(intake.text, **intake.overrides)
        if request.method != "POST":
            return self._preview(request, intake, Preview(made, request.GET.get("page", "1")))
        act, _, place = request.POST.get("act", "").partition(":")
        at, words = key_of(place or request.POST.get("at", "")) or 0, request.POST.get("words")
        try:
            changed = self._changed(intake, made, act, at, words)
        except (UnfitOverride, ValidationError) as error:
            says = error.messages if isinstance(error, ValidationError) else error.args
            fault = format_html_join(" ", "{}", ((said,) for said in says))
            return self._preview(
                request, intake, Preview(made, fault=fault, at=at, words=words or "")
            )
        intake.save(update_fields=["overrides", "source"])
        return HttpResponseRedirect(request.path + Preview(changed).address(at))

    def _changed(self, intake: Intake, made: Cut, act: str, at: int, words: str | None) -> Cut:
        """Does what was asked to the intake, not saved."""
        if act == "source":
            intake.source = self._source(str(at))
            return made
        if act == "reset":
            intake.overrides = {}
            return cut(intake.text)
        if words is not None:
            text = next((piece.text for start, piece in placed(made) if start == at), "")
            offset = place_of(words, text)
            at += offset if act == "split" else len(text[:offset].rstrip())
        changed = recut(made, act, at)
        intake.overrides = changed.overrides
        return changed

    def _preview(self, request, intake: Intake, preview: Preview) -> HttpResponse:
        same = Transcription.objects.filter(sha256=sha256_of(intake.text))
        context = {
            "title": "Look at the cut",
            "intake": intake,
            "preview": preview,
            "page": preview.page,
            "overrides": list(cut_in_words(preview.made)),
            "same": same.select_related("source"),
            "new_source": None if intake.source_id else Source(**intake.described),
            "impact": impact_address(intake),
            FIELD: carried(_shown(intake)),
        }
        return self._page(request, "intake_preview", context)

    # Step 3: storing it.

    def confirm_view(self, request: HttpRequest, pk: str) -> HttpResponseBase:
        return require_POST(self._confirm)(request, self._intake(request, pk))

    def _confirm(self, request: HttpRequest, intake: Intake) -> HttpResponseBase:
        if impact := impact_address(intake):
            return HttpResponseRedirect(impact)
        if names := changed(request, _shown(intake)):
            self.message_user(request, f"{told(names)} changed since you looked.", messages.ERROR)
            return self.to_form(intake.pk)
        source = intake.source or Source(**intake.described)
        try:
            if source.pk is None:
                source.siglum = source.siglum or next_siglum()
                source.full_clean()
        except ValidationError as error:
            faults = " ".join(error.messages)
            self.message_user(request, f"{faults} Nothing was stored.", messages.ERROR)
            return HttpResponseRedirect(reverse("admin:kb_intake_describe", args=[intake.pk]))
        return StreamingHttpResponse(self._stored(request, intake, source))

    def _stored(self, request: HttpRequest, intake: Intake, source: Source) -> Iterator[str]:
        """A page that grows. It waits for its reader between the acts, never within one."""
        context = self._context(request) | {"title": "Storing the text", "intake": intake}
        shown = render_to_string("admin/kb/intake_storing.html", context, request)
        head, foot = shown.split(PROGRESS)
        yield head
        made = cut(intake.text, **intake.overrides)
        yield f"<li>Cut: {many(len(made.pieces), 'paragraph')}. Storing them …"
        try:
            transcription = _store(request, intake, source, made)
            self.log_addition(request, transcription, "Brought in and confirmed.")
        except (ValidationError, IntegrityError) as error:
            context["faults"] = refusals(error)
        else:
            log.info("%s stored %s", request.user, transcription)
            context["transcription"] = transcription
        yield render_to_string("admin/kb/intake_stored.html", context, request)
        yield foot

    # What all steps share.

    def _check(self, request: HttpRequest) -> None:
        if not may_bring(request):
            raise PermissionDenied

    def _intake(self, request: HttpRequest, pk: str) -> Intake:
        self._check(request)
        intake = Intake.objects.select_related("source", "by").filter(pk=key_of(pk) or 0).first()
        if intake is None:
            raise Http404("This text was stored or discarded meanwhile.")
        return intake

    def _source(self, pk: str) -> Source | None:
        return Source.objects.filter(pk=key_of(pk) or 0).first()

    def _context(self, request: HttpRequest) -> dict:
        return {**self.admin_site.each_context(request), "opts": self.opts}

    def _page(self, request: HttpRequest, name: str, context: dict) -> HttpResponse:
        return render(request, f"admin/kb/{name}.html", self._context(request) | context)


def _shown(intake: Intake) -> dict[str, object]:
    what = {"source": intake.source_id, **intake.described}
    return {"The cut": intake.overrides, "What is said of the source": what}


@transaction.atomic
def _store(request: HttpRequest, intake: Intake, source: Source, made: Cut) -> Transcription:
    """Raises ValidationError when somebody took the intake, or its place, meanwhile."""
    lock()
    take(intake)
    if impact_address(intake):
        raise ValidationError(
            f"{source} got a text meanwhile: look first at what becomes of its citations."
        )
    return store(source, made)


def impact_address(intake: Intake) -> str:
    """Of the page that shows what becomes of the citations; empty where there can be none."""
    if intake.source is None or not intake.source.transcriptions.exists():
        return ""
    return reverse("admin:kb_intake_impact", args=[intake.pk])
