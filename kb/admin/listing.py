"""Lists of claims: their columns, filters and search; and the list of every kind."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.shortcuts import get_object_or_404, redirect
from django.utils.html import format_html

from kb.models import Citation, Claim, Source, TaggedClaim

from .base import EditorsAdmin, ReadOnlyAdmin, form_address, is_autocomplete, key_of, link, quote
from .citing import ClaimPages


class SourceFilter(admin.SimpleListFilter):
    title = "source"
    parameter_name = "source"

    def lookups(self, request, model_admin):
        return [(source.slug, str(source)) for source in Source.objects.all()]

    def queryset(self, request, queryset):
        if self.value() not in dict(self.lookup_choices):
            return queryset
        cited = Citation.objects.filter(paragraph__transcription__source__slug=self.value())
        return queryset.filter(pk__in=cited.values("claim"))


class ThemeFilter(admin.SimpleListFilter):
    title = "theme"
    parameter_name = "theme"

    def lookups(self, request, model_admin):
        tags = TaggedClaim.objects.values_list("tag__slug", "tag__name")
        return tags.distinct().order_by("tag__name")

    def queryset(self, request, queryset):
        if self.value() not in dict(self.lookup_choices):
            return queryset
        tagged = TaggedClaim.objects.filter(tag__slug=self.value())
        return queryset.filter(pk__in=tagged.values("content_object"))


class ClaimList(ChangeList):
    """The list's claims with their citations and themes: two queries more, however many."""

    def get_queryset(self, *args, **kwargs):
        found: Any = super().get_queryset(*args, **kwargs)
        return found.for_list()


class ClaimColumns(EditorsAdmin):
    """What the list of a kind and the list of all kinds have in common."""

    search_fields = ["title", "sentence", "slug", "citations__exact"]
    search_help_text = "Words of the title, of our sentence, of the slug or of the cited words."
    list_select_related = ["supersedes", "successor"]
    list_per_page = 50

    def get_changelist(self, request, **kwargs):
        return ClaimList

    def get_search_results(self, request, queryset, search_term):
        found, duplicates = super().get_search_results(request, queryset, search_term)
        if is_autocomplete(request):
            found = found.filter(supersedes=None).exclude(status=Claim.Status.WITHDRAWN)
        return found, duplicates

    @admin.display(description="status", ordering="status")
    def standing(self, claim: Claim):
        about = ""
        if claim.supersedes:
            about = f"replaces a {claim.supersedes.get_status_display()} one"
        elif hasattr(claim, "successor"):
            about = "a draft is open"
        return format_html(
            '<span class="kb-status kb-{}">{}</span> <span class="kb-aside">{}</span>',
            claim.status,
            claim.get_status_display(),
            about,
        )

    @admin.display(description="rests on")
    def first_words(self, claim: Claim):
        cited = claim.citations.all()
        if not cited:
            return format_html('<span class="kb-fault">{}</span>', "nothing yet")
        paragraph = cited[0].paragraph
        return format_html(
            '{} <span class="kb-aside kb-place">{} ¶ {}</span>',
            quote(cited[0].exact),
            paragraph.transcription.source.siglum,
            paragraph.label,
        )

    @admin.display(description="citations")
    def cited(self, claim: Claim) -> int:
        return len(claim.citations.all())

    @admin.display(description="themes")
    def themes(self, claim: Claim) -> str:
        return ", ".join(tag.name for tag in claim.tags.all())


@admin.register(Claim)
class AllClaimsAdmin(ClaimPages, ClaimColumns, ReadOnlyAdmin):
    """Every claim of every kind, to find and to choose from; each leads to its own form."""

    list_display = ["named", "kind", "standing", "first_words", "cited", "themes"]
    list_display_links = None
    list_filter = ["status", "kind", SourceFilter, ThemeFilter]
    list_note = "Claims of every kind. Each opens in the form of its kind; add one there."

    @admin.display(description="title", ordering="title")
    def named(self, claim: Claim):
        kind = Claim.kinds().get(claim.kind)
        return link(form_address(kind, claim.pk), claim.title) if kind else claim.title

    def change_view(self, request, object_id, form_url="", extra_context=None):
        claim = get_object_or_404(Claim, pk=key_of(object_id))
        kind = Claim.kinds().get(claim.kind)
        return redirect(form_address(kind, claim.pk) if kind else "admin:kb_claim_changelist")
