"""A source's next transcription: what becomes of its citations, looked at, carried out, undone."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from kb.aligning import Run, runs
from kb.correcting import carry, confirm, undo
from kb.cutting import cut
from kb.deciding import waiting
from kb.impact import Impact, basis, impact, impact_of
from kb.management.terminal import many
from kb.models import Carry, Claim, Intake, Source, Transcription
from kb.publishing import lock
from kb.storing import sha256_of

from .base import ReadOnlyAdmin, form_address, key_of, link
from .deciding import decide_view, waiting_view
from .shown import FIELD, carried, changed, told

MOST = 200  # changed paragraphs that are shown word by word


def may_carry(request: HttpRequest) -> bool:
    return request.user.has_perm("kb.add_transcription")


@admin.register(Carry)
class CarryAdmin(ReadOnlyAdmin):
    change_form_template = "admin/kb/carry.html"
    list_display = ["__str__", "title", "moved_count", "by", "at"]
    list_select_related = ["transcription__source", "by"]
    fields = ["transcription", "by", "at"]

    def changelist_view(self, request, extra_context=None):
        note = format_html(
            "What was carried over when a source got its next transcription: each can be undone "
            "here until somebody publishes or changes it. What could not be carried: {}.",
            link(reverse("admin:kb_waiting"), "citations that wait for a decision"),
        )
        return super().changelist_view(request, {"list_note": note, **(extra_context or {})})

    def get_urls(self):
        own: list[tuple[str, Any, str]] = [
            ("intake/<int:pk>/", self.intake_view, "kb_intake_impact"),
            ("transcription/<int:pk>/", self.transcription_view, "kb_transcription_impact"),
            ("<int:pk>/undo/", self.undo_view, "kb_carry_undo"),
            ("waiting/", waiting_view, "kb_waiting"),
            ("waiting/<int:pk>/", decide_view, "kb_waiting_decide"),
        ]
        return [
            path(address, self.admin_site.admin_view(view), name=name)
            for address, view, name in own
        ] + super().get_urls()

    def get_object(self, request, object_id, from_field=None):
        known = from_field or key_of(object_id) is not None
        return super().get_object(request, object_id, from_field) if known else None

    @admin.display(description="source", ordering="transcription__source__title")
    def title(self, carry: Carry) -> str:
        return carry.transcription.source.title

    @admin.display(description="citations carried")
    def moved_count(self, carry: Carry) -> int:
        return sum(len(entry["moves"]) for entry in carry.moved["claims"])

    # Before: what becomes of the citations.

    def intake_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Of a text that is coming in. Nothing is stored before it is confirmed."""
        intakes = Intake.objects.select_related("source").exclude(source=None)
        intake = get_object_or_404(intakes, pk=pk)
        source: Any = intake.source
        made = cut(intake.text, **intake.overrides)

        def apply() -> Carry:
            return confirm(source, made, by=request.user, intake=intake)

        back = form_address(Intake, intake.pk)
        text = [sha256_of(intake.text), made.overrides]
        return self._impact(
            request, source, lambda: impact(source, made), apply, text=text, back=back
        )

    def transcription_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Of one that is stored already."""
        transcription = get_object_or_404(Transcription.objects.select_related("source"), pk=pk)
        return self._impact(
            request,
            transcription.source,
            lambda: impact_of(transcription),
            lambda: carry(transcription, by=request.user),
            stored=transcription,
        )

    def _impact(
        self, request, source: Source, judge, apply, *, text: Any = None, stored=None, back=""
    ) -> HttpResponse:
        if not may_carry(request):
            raise PermissionDenied

        def shown() -> dict[str, Any]:
            version = stored.version if stored else source.transcriptions.count() + 1
            return {"the text and its cut": [version, text], **basis(source, version)}

        faults: list[str] = []
        if request.method == "POST":
            try:
                with transaction.atomic():
                    lock()
                    if names := changed(request, shown()):
                        raise ValidationError(f"{told(names)} changed since you looked.")
                    made = apply()
            except ValidationError as error:
                faults = error.messages
            else:
                self.log_addition(request, made, "Carried what stays as it was.")
                self.message_user(request, _done(made), messages.SUCCESS)
                return self.to_form(made.pk)
        found: Impact = judge()
        context = {
            "title": f"What becomes of the citations of {source.siglum}",
            "source": source,
            "stored": stored,
            "back": back,
            "faults": faults,
            "impact": found,
            FIELD: carried(shown()),
            **_side_by_side(found),
        }
        return self._page(request, "impact", context)

    # After.

    def change_view(self, request, object_id, form_url="", extra_context=None):
        found = self.get_object(request, object_id)
        more = _after(found) | {"may_undo": may_carry(request)} if found else {}
        return super().change_view(request, object_id, form_url, more | (extra_context or {}))

    def undo_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        return require_POST(self._undo)(request, get_object_or_404(Carry, pk=pk))

    def _undo(self, request: HttpRequest, found: Carry) -> HttpResponse:
        if not may_carry(request):
            raise PermissionDenied
        transcription = found.transcription
        try:
            is_out = undo(found, by=request.user)
        except ValidationError as error:
            for message in error.messages:
                self.message_user(request, message, messages.ERROR)
            return self.to_form(found.pk)
        kept = (
            "The text is back among those coming in."
            if is_out
            else "The transcription stays, and so does what rests on it."
        )
        self.message_user(
            request,
            f"What was carried to {transcription} is where it was. {kept}",
            messages.SUCCESS,
        )
        return HttpResponseRedirect(reverse("admin:kb_carry_changelist"))

    def _page(self, request: HttpRequest, name: str, context: dict) -> HttpResponse:
        shared = {**self.admin_site.each_context(request), "opts": self.opts}
        return render(request, f"admin/kb/{name}.html", shared | context)


def _done(made: Carry) -> str:
    moved = sum(len(entry["moves"]) for entry in made.moved["claims"])
    left = waiting().filter(paragraph__transcription__source=made.transcription.source).count()
    return f"{many(moved, 'citation')} carried to {made.transcription}; {left} left to decide."


def _side_by_side(found: Impact) -> dict:
    """Both texts, with the changes of the first ``MOST`` paragraphs."""
    shown: list[Run] = []
    room, more = MOST, 0
    for run in runs(found.old, found.new):
        if run.is_same:
            shown.append(run)
            continue
        if room:
            shown.append(Run(False, run.pairs[:room]))
        more += len(run.pairs[room:])
        room -= len(run.pairs[:room])
    return {"runs": shown, "more": more}


def _after(found: Carry) -> dict:
    """What the page of a carrying shows: the drafts, and what is left."""
    entries = {entry["draft"]: len(entry["moves"]) for entry in found.moved["claims"]}
    drafts = Claim.objects.filter(pk__in=entries).select_related("supersedes")
    source = found.transcription.source
    return {
        "title": f"What was carried to {found.transcription}",
        "subtitle": None,
        "drafts": [(draft, entries[draft.pk]) for draft in drafts],
        "gone": len(entries) - len(drafts),
        "copied": {name: len(found.moved[name]) for name in ("notes", "reasons")},
        "left": waiting().filter(paragraph__transcription__source=source).count(),
        "source": source,
    }
