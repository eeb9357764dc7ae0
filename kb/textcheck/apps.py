from django.apps import AppConfig
from django.db.models.signals import post_migrate


class TextCheckConfig(AppConfig):
    name = "kb.textcheck"
    label = "textcheck"
    verbose_name = "Checking texts"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        post_migrate.connect(_fill, sender=self)


def _fill(**kwargs):
    """Makes the index of a base that had texts before it had an index."""
    from .index import fill_if_empty

    fill_if_empty()
