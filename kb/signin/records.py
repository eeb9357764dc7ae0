"""Sign-ins and what goes wrong with them, in the editors' log. No secret is ever in a record."""

import logging

from axes.signals import user_locked_out
from django.contrib.auth import get_user_model
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from .addresses import client_address

log = logging.getLogger("kb.editors")


def note(what: str, who: object, request: HttpRequest | None = None) -> None:
    where = client_address(request) if request else "the command line"
    log.info("%s: %s, from %s", who, what, where or "an unknown address")


@receiver(user_logged_in)
def _signed_in(sender, request, user, **kwargs):
    note("signed in by password", user, request)


@receiver(user_logged_out)
def _signed_out(sender, request, user, **kwargs):
    if user:
        note("signed out", user, request)


@receiver(user_login_failed)
def _failed(sender, credentials, request=None, **kwargs):
    note("sign-in failed", _known(credentials.get("username")), request)


@receiver(user_locked_out)
def _locked_out(sender, request, username, **kwargs):
    note("locked out", _known(username), request)


def _known(name: str | None) -> str:
    """The name if somebody has it: passwords get typed into the wrong field."""
    known = get_user_model().objects.filter(username=name).exists()
    return name if name and known else "somebody unknown"
