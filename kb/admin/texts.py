"""Sources and their texts. A text is looked at here; ``intake`` brings it in."""

from django import forms
from django.contrib import admin
from django.db.models import Count, OuterRef, Subquery
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from kb.models import Paragraph, Sentence, Source, Transcription
from kb.storing import next_siglum

from .base import (
    EditorsAdmin,
    EditorsForm,
    ReadOnlyAdmin,
    form_address,
    is_autocomplete,
    link,
    listed,
    quote,
)
from .citing import ParagraphPages
from .intake import may_bring
from .sentences import COME_IN, state
from .workbench import TextPages


def to_workbench(pk: int | None):
    """A link to the transcription ``pk`` in the workbench."""
    if pk is None:
        return "no text yet"
    return link(reverse("admin:kb_transcription_workbench", args=[pk]), "Read and cite")


class SourceForm(EditorsForm):
    class Meta:
        widgets = {
            "title": forms.TextInput(attrs={"class": "vTextField kb-wide"}),
            "note": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        }


@admin.register(Source)
class SourceAdmin(EditorsAdmin):
    form = SourceForm
    change_form_template = "admin/kb/source.html"
    list_display = ["siglum", "title", "publisher", "language", "rights", "versions", "text"]
    list_display_links = ["title"]
    search_fields = ["title", "slug", "publisher", "=siglum"]
    list_note = "What is known of each source. " + COME_IN
    fieldsets = [
        (None, {"fields": ["title", "title_supplied", "slug", "siglum"]}),
        ("Where it is from", {"fields": ["publisher", "url", "language", "rights"]}),
        ("Our note to the reader", {"fields": ["note"]}),
        (
            "Text",
            {
                "fields": ["text", "transcriptions"],
                "description": "A text comes in by “Bring in a text”, beside the list of "
                "sources; a correction of it, or another cut, by “New transcription” here.",
            },
        ),
    ]

    def get_queryset(self, request):
        texts = Transcription.objects.filter(source=OuterRef("pk")).order_by("-version")
        return (
            super()
            .get_queryset(request)
            .annotate(
                version_count=Count("transcriptions"),
                current_text=Subquery(texts.values("pk")[:1]),
            )
        )

    def changelist_view(self, request, extra_context=None):
        return super().changelist_view(request, {"may_bring": may_bring(request)})

    def render_change_form(self, request, context, *args, **kwargs):
        context["may_bring"] = may_bring(request)
        if obj := kwargs.get("obj"):
            context["current_text"] = obj.current_text
        return super().render_change_form(request, context, *args, **kwargs)

    def get_readonly_fields(self, request, obj=None):
        return ["text", "transcriptions", *(["slug"] if obj else [])]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ["title"]}

    def has_delete_permission(self, request, obj=None):
        kept = obj and obj.transcriptions.exists()
        return not kept and super().has_delete_permission(request, obj)

    def get_changeform_initial_data(self, request):
        return {"siglum": next_siglum(), **super().get_changeform_initial_data(request)}

    def view_on_site(self, source):
        return source.get_absolute_url() if source.version_count else None

    @admin.display(description="transcriptions", ordering="version_count")
    def versions(self, source):
        return source.version_count

    @admin.display(description="workbench")
    def text(self, source):
        return to_workbench(source.current_text if source.pk else None)

    @admin.display(description="transcriptions")
    def transcriptions(self, source: Source):
        stored = source.transcriptions.all() if source.pk else []
        links = [(link(form_address(Transcription, t.pk), f"version {t.version}"),) for t in stored]
        return format_html_join(", ", "{}", links) or "none yet"


@admin.register(Transcription)
class TranscriptionAdmin(TextPages, ReadOnlyAdmin):
    list_display = ["__str__", "title", "sentences", "drafted", "unread", "text", "sha256"]
    list_filter = ["source"]
    search_fields = ["source__title", "source__slug", "sha256"]
    list_note = COME_IN
    fields = ["source", "version", "text", "sha256", "overrides", "paragraphs"]

    def get_queryset(self, request):
        texts = Transcription.objects.select_related("source")
        return texts.with_counts().with_draft_counts()

    def view_on_site(self, transcription: Transcription) -> str:
        return transcription.get_absolute_url()

    @admin.display(description="workbench")
    def text(self, transcription: Transcription):
        return to_workbench(transcription.pk)

    @admin.display(ordering="source__title")
    def title(self, transcription: Transcription) -> str:
        return transcription.source.title

    @admin.display(ordering="sentence_count")
    def sentences(self, transcription):
        return transcription.sentence_count

    @admin.display(description="in a draft", ordering="draft_count")
    def drafted(self, transcription):
        return transcription.draft_count

    @admin.display(description="not yet read", ordering="open_count")
    def unread(self, transcription):
        return transcription.unread_count

    @admin.display(description="paragraphs")
    def paragraphs(self, transcription: Transcription):
        pieces = transcription.paragraphs.select_related("transcription__source")
        return listed("{}", [(link(form_address(Paragraph, p.pk), p),) for p in pieces])


@admin.register(Paragraph)
class ParagraphAdmin(ParagraphPages, ReadOnlyAdmin):
    """Found by words, by source or by place; offered to citations from current texts alone."""

    list_display = ["__str__", "transcription", "kind"]
    list_filter = ["transcription__source", "kind"]
    search_fields = ["text", "transcription__source__title", "=transcription__source__siglum"]
    search_help_text = "Words of the text or of the source's title, or a place such as A 3."
    list_note = COME_IN
    fields = ["transcription", "place", "words", "sentences", "cited_by"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("transcription__source")

    def get_search_results(self, request, queryset, search_term):
        if is_autocomplete(request):
            queryset = queryset.current()
        called = queryset.called(search_term)
        if called is None:
            return super().get_search_results(request, queryset, search_term)
        return called, False

    def view_on_site(self, paragraph: Paragraph) -> str:
        return paragraph.get_absolute_url()

    @admin.display(description="¶")
    def place(self, paragraph: Paragraph) -> str:
        return paragraph.label

    @admin.display(description="text, verbatim")
    def words(self, paragraph: Paragraph):
        return format_html('<div class="kb-text">{}</div>', paragraph.text)

    @admin.display(description="sentences")
    def sentences(self, paragraph: Paragraph):
        rows = [
            (link(form_address(Sentence, s.pk), f"s{s.number}"), state(s), quote(s.text, 120))
            for s in paragraph.sentences.with_cited().select_related("paragraph")
        ]
        return listed("{} {} {}", rows)

    @admin.display(description="claims that rest on it")
    def cited_by(self, paragraph: Paragraph):
        cited = paragraph.citations.select_related("claim").order_by("start", "end")
        rows = [
            (link(form_address(type(c.claim), c.claim_id), c.claim), c.claim.kind, quote(c.exact))
            for c in cited
        ]
        return listed('{} <span class="kb-aside">{}</span> {}', rows)
