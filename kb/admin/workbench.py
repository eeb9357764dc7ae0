"""The workbench: a text, paragraph by paragraph, with the ledger of its sentences.

``TextPages``, ``SentencePages`` and ``NotePages`` are pages of the admins of these models.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.messages import get_messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import modelform_factory
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from kb.coverage import TranscriptionRead
from kb.ledger import Ledger, with_drafts
from kb.models import Note, Paragraph, Sentence, Transcription

from .base import quote
from .citing import PAGE, kinds, place_in_text


class TextPages(admin.ModelAdmin):
    """The workbench of a transcription; its earlier versions are only looked at."""

    def get_urls(self):
        view = self.admin_site.admin_view(self.workbench_view)
        address = path("<int:pk>/workbench/", view, name="kb_transcription_workbench")
        return [address, *super().get_urls()]

    def workbench_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Ten queries and those of who is signed in; none more for a longer page."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        text = get_object_or_404(
            Transcription.objects.select_related("source").with_counts().with_draft_counts(), pk=pk
        )
        current = text.source.transcriptions.order_by("-version").first()
        pieces = text.paragraphs.order_by("position")
        page: Any = Paginator(pieces, PAGE).get_page(request.GET.get("p"))
        read = TranscriptionRead(list(with_drafts(page.object_list)))
        refs = {found.paragraph.ref for found in read.paragraphs}
        ledgers = [Ledger(found, said_at(request, found.paragraph)) for found in read.paragraphs]
        unread = Sentence.objects.unread().filter(paragraph__transcription=text)
        first = unread.order_by("paragraph__position", "number").select_related("paragraph").first()
        user: Any = request.user
        may_cite = current == text and user.has_perm("kb.add_citation")
        context = {
            **self.admin_site.each_context(request),
            "title": f"{text.source.siglum} · {text.source.title}",
            "text": text,
            "current": current,
            "page": page,
            "pages": page.paginator.get_elided_page_range(page.number),
            "bodies": [ledger for ledger in ledgers if ledger.sentences],
            "states": {line.state for ledger in ledgers for line in ledger.sentences},
            "ledgers": ledgers,
            "said": [m for m in get_messages(request) if m.extra_tags not in refs],
            "first_open": first and place_in_text(first.paragraph, first.ref),
            "new": kinds(self.admin_site, request, "add") if may_cite else {},
            "may_cite": may_cite,
            "may_set_aside": current == text and user.has_perm("kb.change_sentence"),
        }
        return TemplateResponse(request, "admin/kb/workbench.html", context)


class SentencePages(admin.ModelAdmin):
    """Sets a sentence aside, or takes its reason away, and leads back to it in the workbench."""

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.set_aside_view))
        address = path("<int:pk>/set-aside/", view, name="kb_sentence_set_aside")
        return [address, *super().get_urls()]

    def set_aside_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        sentences = Sentence.objects.select_related("paragraph__transcription__source")
        sentence = get_object_or_404(sentences, pk=pk)
        if not self.has_change_permission(request, sentence):
            raise PermissionDenied
        form = modelform_factory(Sentence, form=self.form, fields=["reason"])(
            request.POST, instance=sentence
        )
        if form.is_valid():
            form.save()
            said = "set aside" if sentence.reason else "not yet read again"
            self.log_change(request, sentence, f"{said}: {sentence.reason}".removesuffix(": "))
            self._say(request, sentence, f"{sentence} is {said}.", messages.SUCCESS)
        else:
            said = " ".join(map(str, form.errors["reason"]))
            typed = request.POST.get("reason", "")[:400]
            self._say(request, sentence, f"{said} You wrote: “{typed}”", messages.ERROR)
        return redirect(place_in_text(sentence.paragraph, sentence.ref))

    def _say(self, request: HttpRequest, sentence: Sentence, what: str, level: int) -> None:
        self.message_user(request, what, level, extra_tags=sentence.paragraph.ref)


class NotePages(admin.ModelAdmin):
    """Words that are set aside, taken back into what is left to read."""

    def get_urls(self):
        view = self.admin_site.admin_view(require_POST(self.take_back_view))
        return [path("<int:pk>/take-back/", view, name="kb_note_take_back"), *super().get_urls()]

    def take_back_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        notes = Note.objects.select_related("paragraph__transcription__source")
        note = get_object_or_404(notes, pk=pk, sets_aside=True)
        if not self.has_delete_permission(request, note):
            raise PermissionDenied
        self.log_deletions(request, Note.objects.filter(pk=pk))
        note.delete()
        said = format_html(
            "{} is no longer set aside. The reason was: {}", quote(note.exact), note.text
        )
        self.message_user(request, said, messages.SUCCESS, extra_tags=note.paragraph.ref)
        return redirect(place_in_text(note.paragraph, note.anchor))


def said_at(request: HttpRequest, paragraph: Paragraph) -> list:
    """The messages on what was done to a paragraph."""
    return [message for message in get_messages(request) if message.extra_tags == paragraph.ref]
