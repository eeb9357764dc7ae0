"""The second factor: an app that shows codes (TOTP, RFC 6238), and ten codes on paper."""

import re
from typing import Any

import django_otp
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.core.exceptions import ValidationError
from django.db import transaction
from django.dispatch import receiver
from django.http import HttpRequest
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from .records import note

CODES = 10
# In the session of somebody who has a second factor and signed in by password.
DUE = "second_factor_due"


@receiver(user_logged_in)
def _remember(sender, request, user, **kwargs):
    request.session[DUE] = app_of(user) is not None


def is_owed(request: HttpRequest) -> bool:
    """Whether a second factor is still to be shown. No query beyond that for the user."""
    user: Any = request.user
    due = settings.KB_SECOND_FACTOR or request.session.get(DUE, False)
    return due and not user.is_verified()


def app_of(user) -> TOTPDevice | None:
    return TOTPDevice.objects.devices_for_user(user, confirmed=True).first()


def codes_left(user) -> int:
    return StaticToken.objects.filter(device__user=user).count()


def verified(user, code: str) -> TOTPDevice | StaticDevice:
    """The device that ``code`` proves, which it does once. Raises ValidationError.

    Six digits are of the app, anything else is a recovery code: a wrong one delays that kind alone.
    """
    code = re.sub(r"[\s-]", "", code).lower()
    model = TOTPDevice if re.fullmatch(r"\d{6}", code) else StaticDevice
    with transaction.atomic():  # A failure is noted too, so it must not be rolled back.
        device = model.objects.devices_for_user(user, confirmed=True).select_for_update().first()
        why = device.verify_is_allowed()[1] if device else None
        if device and not why and device.verify_token(code):
            return device
    if not why:
        raise ValidationError(
            "This code is wrong, used already or too old. Wait for the next one in your app, or "
            "use a recovery code. (The clock of your phone must be right.)"
        )
    seconds = int((why["locked_until"] - timezone.now()).total_seconds()) + 1
    raise ValidationError(
        f"After {why['failure_count']} wrong codes in a row this code was not looked at. "
        f"Wait until {why['locked_until']:%H:%M:%S} UTC ({seconds} s), then type a new one."
    )


def set_up(user, key: str, code: str) -> TOTPDevice:
    """Takes the app that has ``key`` (hexadecimal) and showed ``code`` in place of any other.

    Raises ValidationError when the code is not of the key; the old app stays then.
    """
    with transaction.atomic():
        TOTPDevice.objects.filter(user=user).delete()
        app = TOTPDevice.objects.create(user=user, name="app", key=key)
        if app.verify_token(re.sub(r"\s", "", code)):
            return app
        raise ValidationError(
            "This is not the code that belongs to the key. Scan it again, or compare the key; the "
            "clock of your phone must be right."
        )


@transaction.atomic
def new_codes(user) -> list[str]:
    """Ten recovery codes, each for one use; those of before are void."""
    StaticDevice.objects.filter(user=user).delete()
    device = StaticDevice.objects.create(user=user, name="recovery codes")
    codes = [StaticToken.random_token() for _ in range(CODES)]
    StaticToken.objects.bulk_create(StaticToken(device=device, token=code) for code in codes)
    return [f"{code[:4]}-{code[4:]}" for code in codes]


@transaction.atomic
def remove(user) -> None:
    """Takes app and codes away: at the next sign-in the user sets up new ones."""
    for model in (TOTPDevice, StaticDevice):
        model.objects.filter(user=user).delete()


def confirm(request: HttpRequest, device: TOTPDevice | StaticDevice) -> None:
    """From here on the session counts as that of the user."""
    django_otp.login(request, device)
    request.session.cycle_key()
    kind = "app" if isinstance(device, TOTPDevice) else "recovery code"
    note(f"second factor shown ({kind})", request.user, request)
