from django.apps import AppConfig


class SignInConfig(AppConfig):
    name = "kb.signin"
    verbose_name = "Sign-ins and second factors"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self):
        from . import checks, records, second_factor  # noqa: F401
