"""The editors' site: Django's admin site with a desk of our own, previews and the review list."""

from django.conf import settings
from django.urls import path

from .signin.site import SignInSite


class EditorsSite(SignInSite):
    site_header = f"{settings.KB_TITLE} · editors"
    site_title = f"{settings.KB_TITLE}, editors"
    index_title = "The editors’ desk"
    enable_nav_sidebar = False  # The lists need its room.

    def get_urls(self):
        # Later than this module, since models are registered with a site that is there.
        from kb.admin.desk import prove
        from kb.admin.preview import preview
        from kb.admin.review import review

        return [
            path("prove/", self.admin_view(prove), name="kb_prove"),
            path("review/", self.admin_view(review), name="kb_review"),
            path("preview/<int:pk>/", self.admin_view(preview), name="kb_preview"),
            *super().get_urls(),
        ]

    def index(self, request, extra_context=None):
        from kb.admin.desk import desk

        return super().index(request, {"desk": desk(request), **(extra_context or {})})
