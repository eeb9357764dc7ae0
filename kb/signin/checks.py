from django.conf import settings
from django.core.checks import Tags, Warning, register


@register(Tags.security, deploy=True)
def proxies_are_named(app_configs, **kwargs):
    if settings.TRUSTED_PROXIES or settings.TRUSTED_UNIX_SOCKET:
        return []
    return [
        Warning(
            "TRUSTED_PROXIES is empty: behind a proxy everybody seems to come from its address, "
            "and a stranger's guesses can lock an editor out.",
            hint="Name the proxy's address (127.0.0.1 on the same machine, unix for a Unix "
            "socket), and have it set X-Forwarded-For.",
            id="signin.W001",
        )
    ]
