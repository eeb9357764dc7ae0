"""The editors' site: Django's admin site with a desk of our own."""

from django.conf import settings
from django.contrib.admin import AdminSite


class EditorsSite(AdminSite):
    site_header = f"{settings.KB_TITLE} · editors"
    site_title = f"{settings.KB_TITLE}, editors"
    index_title = "What there is to edit"
    enable_nav_sidebar = False  # The lists need its room.
