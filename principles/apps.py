from django.apps import AppConfig


class PrinciplesConfig(AppConfig):
    name = "principles"
    verbose_name = "Principles, leaders, quotations, statements"
    default_auto_field = "django.db.models.BigAutoField"
