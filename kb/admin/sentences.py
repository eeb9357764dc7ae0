"""What editors say of a text: why a sentence is set aside, and notes at which a reader pauses."""

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.html import format_html

from kb.models import Note, Paragraph, Sentence

from .base import EditorsAdmin, EditorsForm, form_address, link, quote
from .spans import SpanFields, SpanForm
from .workbench import NotePages, SentencePages

COME_IN = (
    "Texts come in by “Bring in a text”, beside the list of sources: it cuts them and keeps them "
    "byte for byte. A correction or another cut is the source's next transcription, "
    "“New transcription” on the source's page. Nothing is typed here."
)


def state(sentence):
    """Whether a sentence (``with_cited``) is cited, set aside, in a draft or not yet read."""
    name, shown = "open", "not yet read"
    if sentence.is_cited:
        name = shown = "cited"
    elif sentence.reason:
        name, shown = "set-aside", "set aside"
    elif sentence.is_drafted:
        name, shown = "draft", "in a draft"
    return format_html('<span class="kb-status kb-{}">{}</span>', name, shown)


class SentenceForm(EditorsForm):
    class Meta:
        widgets = {"reason": forms.TextInput(attrs={"class": "vTextField kb-wide"})}

    def clean_reason(self):
        reason = self.cleaned_data["reason"]
        span = self.instance.start, self.instance.end
        cited = self.instance.paragraph.citations.published().within(*span).first()
        if reason and cited:
            raise ValidationError(f"{cited.forbids('this sentence')} Leave this empty.")
        return reason


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request, model_admin):
        return [
            ("open", "not yet read"),
            ("draft", "in a draft"),
            ("cited", "cited"),
            ("aside", "set aside"),
        ]

    def queryset(self, request, queryset):
        states = {
            "open": Q(is_cited=False, is_drafted=False, reason=""),
            "draft": Q(is_cited=False, is_drafted=True, reason=""),
            "cited": Q(is_cited=True),
            "aside": Q(is_cited=False) & ~Q(reason=""),
        }
        return queryset.filter(states.get(self.value() or "", Q()))


@admin.register(Sentence)
class SentenceAdmin(SentencePages, EditorsAdmin):
    """Only the reason why no claim rests on a sentence is an editor's."""

    form = SentenceForm
    list_display = ["__str__", "standing", "words", "reason"]
    list_filter = [StateFilter, "paragraph__transcription__source"]
    search_fields = ["paragraph__text", "reason"]
    list_note = (
        "Each is cited by a published claim, set aside with a reason, or not yet read; "
        "one that only a draft cites says so. " + COME_IN
    )
    fields = ["place", "words_in_full", "standing", "reason"]
    readonly_fields = ["place", "words_in_full", "standing"]

    def get_queryset(self, request):
        return Sentence.objects.select_related("paragraph__transcription__source").with_cited()

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False

    def view_on_site(self, sentence: Sentence) -> str:
        return f"{sentence.paragraph.transcription.get_absolute_url()}#{sentence.ref}"

    @admin.display(description="paragraph")
    def place(self, sentence: Sentence):
        return link(form_address(Paragraph, sentence.paragraph_id), sentence.paragraph)

    @admin.display(description="words")
    def words(self, sentence: Sentence):
        return quote(sentence.text, 160)

    @admin.display(description="words, verbatim")
    def words_in_full(self, sentence: Sentence):
        return format_html('<div class="kb-text">{}</div>', sentence.text)

    @admin.display(description="state")
    def standing(self, sentence):
        return state(sentence)


class NoteForm(SpanForm):
    class Meta(SpanForm.Meta):
        help_texts = {
            **SpanForm.Meta.help_texts,
            "exact": "The words at which a reader would stumble, selected above or typed.",
            "text": "Ours, shown to the reader beside the words.",
        }


@admin.register(Note)
class NoteAdmin(NotePages, SpanFields, EditorsAdmin):
    form = NoteForm
    list_display = ["words", "place", "sets_aside", "beginning"]
    list_filter = ["sets_aside", "paragraph__transcription__source"]
    list_note = (
        "Ours, public, beside the words in the text: on those at which a reader would stumble, or "
        "why no claim rests on them."
    )
    search_fields = ["exact", "text"]
    fields = ["paragraph", "exact", ("start", "before", "after"), "text", "sets_aside"]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("paragraph__transcription__source")

    def view_on_site(self, note: Note) -> str:
        return f"{note.paragraph.transcription.get_absolute_url()}#{note.paragraph.ref}"

    @admin.display(description="on the words", ordering="exact")
    def words(self, note: Note):
        return quote(note.exact)

    @admin.display(description="in")
    def place(self, note: Note) -> str:
        return f"{note.paragraph.transcription.source.siglum} ¶ {note.paragraph.label}"

    @admin.display(description="note", ordering="text")
    def beginning(self, note: Note) -> str:
        return note.text if len(note.text) <= 120 else f"{note.text[:119].rstrip()}…"
