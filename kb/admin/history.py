"""What is appended by publishing and never changed: editions, publications; and citations' list."""

from django.contrib import admin
from django.db.models import Count
from django.template.loader import render_to_string

from kb.models import Citation, Claim, ContentVersion, Edition, Publication

from .base import ReadOnlyAdmin, form_address, link, listed, quote


@admin.register(Edition)
class EditionAdmin(ReadOnlyAdmin):
    list_display = ["__str__", "kind", "created", "editor", "claim_count", "note"]
    list_filter = ["kind", "created"]
    list_select_related = ["editor"]
    search_fields = ["note", "=number", "publications__claim__title"]
    list_note = "The public history: appended by publishing, withdrawing and loading alone."
    fields = ["number", "kind", "created", "editor", "note", "digest", "claims"]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(publication_count=Count("publications"))

    @admin.display(description="claims", ordering="publication_count")
    def claim_count(self, edition):
        return edition.publication_count

    @admin.display(description="claims")
    def claims(self, edition: Edition):
        made = edition.publications.select_related("claim").defer("snapshot")
        rows = [
            (link(form_address(Publication, p.pk), p.claim), p.claim.kind, p.get_status_display())
            for p in made.order_by("claim__kind", "claim__title")
        ]
        return listed('{} <span class="kb-aside">{}, {}</span>', rows)


@admin.register(Publication)
class PublicationAdmin(ReadOnlyAdmin):
    list_display = ["claim", "kind", "status", "edition", "made"]
    list_filter = ["status", "edition__kind", "claim__kind"]
    list_select_related = ["claim", "edition"]
    search_fields = ["claim__title", "claim__slug"]
    list_note = "The state of each claim in each edition, for ever."
    fields = ["claim_link", "edition", "status", "state"]

    def get_queryset(self, request):
        return super().get_queryset(request).defer("snapshot")

    @admin.display(ordering="claim__kind")
    def kind(self, publication: Publication) -> str:
        return publication.claim.kind

    @admin.display(description="when", ordering="edition__created")
    def made(self, publication: Publication):
        return publication.edition.created

    @admin.display(description="claim")
    def claim_link(self, publication: Publication):
        return link(form_address(Claim, publication.claim_id), publication.claim)

    @admin.display(description="what the public read")
    def state(self, publication: Publication):
        context = {"snapshot": publication.snapshot, "format": publication.format}
        return render_to_string("admin/kb/snapshot.html", context)


@admin.register(Citation)
class CitationAdmin(ReadOnlyAdmin):
    """To find who cites what; a citation is edited with its claim."""

    list_display = ["words", "place", "claim_link", "role", "standing"]
    list_display_links = None
    list_filter = ["role", "claim__status", "claim__kind", "paragraph__transcription__source"]
    list_select_related = ["claim", "paragraph__transcription__source"]
    search_fields = ["exact", "claim__title", "claim__slug"]
    list_note = "Every citation. It is edited in the form of its claim."
    fields = ["claim_link", "paragraph", "exact", "start", "end", "role", "note"]

    def view_on_site(self, citation: Citation) -> str:
        return citation.get_absolute_url()

    @admin.display(description="words", ordering="exact")
    def words(self, citation: Citation):
        return quote(citation.exact)

    @admin.display(description="in", ordering="paragraph")
    def place(self, citation: Citation) -> str:
        paragraph = citation.paragraph
        return f"{paragraph.transcription.source.siglum} ¶ {paragraph.label}"

    @admin.display(description="claim", ordering="claim__title")
    def claim_link(self, citation: Citation):
        return link(form_address(Claim, citation.claim_id), citation.claim)

    @admin.display(description="status", ordering="claim__status")
    def standing(self, citation: Citation) -> str:
        return citation.claim.get_status_display()


@admin.register(ContentVersion)
class ContentVersionAdmin(ReadOnlyAdmin):
    list_display = ["value"]
    list_note = "A counter for caches alone, raised by every change that can show."
