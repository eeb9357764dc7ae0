"""The editors' side: every model, within Django's admin.

Read in this order: ``base`` (what all share), ``spans`` (forms for words of a paragraph),
``listing``, ``claims`` (drafts, publication, withdrawal), ``sentences``, ``texts``,
``themes``, ``history``.
"""

from django.conf import settings
from django.contrib import admin

from . import history, texts, themes
from .claims import ClaimAdmin

__all__ = ["ClaimAdmin", "history", "texts", "themes"]

admin.site.site_header = f"{settings.KB_TITLE} · editors"
admin.site.site_title = f"{settings.KB_TITLE}, editors"
admin.site.index_title = "What there is to edit"
admin.site.enable_nav_sidebar = False  # The lists need its room.
