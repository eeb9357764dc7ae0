from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db import connections
from django.db.models.signals import post_migrate, post_save, pre_migrate


class KbConfig(AppConfig):
    default = True
    name = "kb"
    verbose_name = "Sources, claims and history"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from taggit.models import Tag

        from . import revisions
        from .search.index import follow_theme

        revisions.register()
        post_save.connect(follow_theme, sender=Tag)
        pre_migrate.connect(_drop_triggers, sender=self)
        post_migrate.connect(_install_triggers, sender=self)


class EditorsConfig(admin.AdminConfig):
    default = False
    default_site = "kb.site.EditorsSite"


def _drop_triggers(using, plan, **kwargs):
    from . import triggers

    if plan:  # Else nothing is altered, and no moment passes without them.
        triggers.drop(connections[using])


def _install_triggers(using, plan=(), **kwargs):
    from . import triggers
    from .search.index import rebuild_if_empty

    if triggers.install(connections[using]) and plan:
        rebuild_if_empty()
