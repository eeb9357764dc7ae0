from django.apps import AppConfig
from django.contrib.admin import apps as admin
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate


class KbConfig(AppConfig):
    default = True
    name = "kb"
    verbose_name = "Sources, claims and history"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from . import revisions

        revisions.register()
        pre_migrate.connect(_drop_triggers, sender=self)
        post_migrate.connect(_install_triggers, sender=self)


class EditorsConfig(admin.AdminConfig):
    default = False
    default_site = "kb.site.EditorsSite"


def _drop_triggers(using, plan, **kwargs):
    from . import triggers

    if plan:  # Else nothing is altered, and no moment passes without them.
        triggers.drop(connections[using])


def _install_triggers(using, **kwargs):
    from . import triggers

    triggers.install(connections[using])
