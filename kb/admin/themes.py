"""Themes, which are taggit's tags, and which claim carries which."""

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as delete_with_confirmation
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from taggit import admin as replaced  # Registers its own page, which knows no ``TaggedClaim``.
from taggit.models import Tag

from kb.models import Claim, TaggedClaim
from kb.refusals import refusals

from .base import EditorsAdmin, ReadOnlyAdmin, form_address, link, listed

FROZEN = [Claim.Status.PUBLISHED, Claim.Status.WITHDRAWN]

admin.site.unregister(replaced.Tag)
apps.get_app_config("taggit").verbose_name = "Themes"


@admin.register(Tag)
class ThemeAdmin(EditorsAdmin):
    """A theme that published claims carry keeps its name: they change through their drafts."""

    list_display = ["name", "slug", "published", "drafts"]
    search_fields = ["name", "slug"]
    ordering = ["name"]
    actions = ["delete_selected"]
    list_note = "Few and meaningful: a theme with one claim is none."

    def get_queryset(self, request):
        frozen = Q(tagged_claims__content_object__status__in=FROZEN)
        return (
            super()
            .get_queryset(request)
            .annotate(
                frozen_count=Count("tagged_claims", filter=frozen),
                draft_count=Count("tagged_claims", filter=~frozen),
            )
        )

    def get_fieldsets(self, request, obj=None):
        kept = obj and obj.frozen_count
        why = (
            "Published claims carry this theme, so its name, its address and the theme itself "
            "stay. Open their drafts, give them another theme and publish those."
        )
        return [
            (None, {"fields": ["name", "slug"], "description": why if kept else ""}),
            *([("Carried by", {"fields": ["claims"]})] if obj else []),
        ]

    def get_readonly_fields(self, request, obj=None):
        return ["claims"]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else {"slug": ["name"]}

    def has_change_permission(self, request, obj=None):
        return not _kept(obj) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request, obj=None):
        return not _kept(obj) and super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs, request):
        deletable, counts, lacking, protected = super().get_deleted_objects(objs, request)
        return deletable, counts, lacking - {TaggedClaim._meta.verbose_name}, protected

    @admin.action(permissions=["delete"], description="Delete those that no published claim has")
    def delete_selected(self, request, queryset):
        unused = queryset.filter(frozen_count=0)
        if kept := queryset.count() - unused.count():
            self.message_user(
                request,
                f"{kept} of them can't be deleted: published claims carry "
                f"{'it' if kept == 1 else 'them'}. Give those another theme in their drafts first.",
                messages.WARNING,
            )
        if not unused:
            return None
        try:
            with transaction.atomic():
                return delete_with_confirmation(self, request, Tag.objects.filter(pk__in=unused))
        except IntegrityError as error:
            self.message_user(request, " ".join(refusals(error)), messages.ERROR)
            return None

    @admin.display(description="published claims", ordering="frozen_count")
    def published(self, tag: Tag) -> int:
        return tag.frozen_count

    @admin.display(description="drafts", ordering="draft_count")
    def drafts(self, tag: Tag) -> int:
        return tag.draft_count

    @admin.display(description="claims")
    def claims(self, tag: Tag):
        carried = Claim.objects.filter(tagged__tag=tag)
        rows = [
            (link(form_address(Claim, c.pk), c), c.kind, c.get_status_display()) for c in carried
        ]
        return listed('{} <span class="kb-aside">{}, {}</span>', rows)


def _kept(tag: Tag | None) -> bool:
    return tag is not None and tag.tagged_claims.filter(content_object__status__in=FROZEN).exists()


@admin.register(TaggedClaim)
class TaggedClaimAdmin(ReadOnlyAdmin):
    list_display = ["claim", "tag"]
    list_display_links = None
    list_filter = ["tag", "content_object__status", "content_object__kind"]
    search_fields = ["content_object__title", "tag__name"]
    list_select_related = ["content_object", "tag"]
    list_note = "Which claim carries which theme. Themes are given in the claim's own form."

    @admin.display(description="claim", ordering="content_object__title")
    def claim(self, tagged: TaggedClaim):
        return link(form_address(Claim, tagged.content_object_id), tagged.content_object)
