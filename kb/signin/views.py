"""Pages of the sign-in: the lockout, the second factor, its set-up, its recovery codes."""

from base64 import b32encode
from collections.abc import Callable
from functools import wraps
from math import ceil
from urllib.parse import urlencode

import segno
from axes.handlers.proxy import AxesProxyHandler
from axes.helpers import get_cool_off
from django.contrib import admin, messages
from django.contrib.auth.views import redirect_to_login
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from django_otp.util import random_hex

from . import second_factor
from .forms import CodeForm, PasswordForm, SetUpForm
from .records import note

NEXT = "next"
KEY = "second_factor_key"  # In the session while an app is being set up.


def locked_out(request: HttpRequest, response: HttpResponse, credentials: dict) -> HttpResponse:
    """Says until when no password is looked at for this name from this address."""
    (attempts,) = AxesProxyHandler.get_implementation().get_user_attempts(request, credentials)
    last = attempts.aggregate(last=Max("attempt_time"))["last"] or timezone.now()
    until = last + get_cool_off(request)
    seconds = max(1, ceil((until - timezone.now()).total_seconds()))
    context = {"until": until, "minutes": ceil(seconds / 60)}
    page = _page(request, "locked_out", "Too many wrong passwords", status=429, **context)
    page["Retry-After"] = str(seconds)
    return page


def no_address(request: HttpRequest) -> HttpResponse:
    """Says what has to be configured before anybody signs in."""
    note("sign-in refused: see TRUSTED_PROXIES", "somebody", request)
    return _page(request, "no_address", "Nobody can sign in yet", status=503)


def by_password(view: Callable) -> Callable:
    """For an editor who gave the password, whether or not the second factor."""

    @wraps(view)
    @never_cache
    def inner(request: HttpRequest) -> HttpResponse:
        if not (request.user.is_active and request.user.is_staff):
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return view(request)

    return inner


@by_password
def second_factor_page(request: HttpRequest) -> HttpResponse:
    """Asks for a code; shows how things stand to somebody who gave one, or need not."""
    if not second_factor.is_owed(request):
        return _state(request, PasswordForm(request))
    if not second_factor.app_of(request.user):
        return onward(request, "admin:second_factor_set_up")
    form = CodeForm(request.user, request.POST or None)
    if not form.is_valid():
        if form.is_bound:
            note("wrong code", request.user, request)
        return _page(request, "code", "Your second factor", form=form)
    second_factor.confirm(request, form.device)
    if isinstance(form.device, StaticDevice):
        left = second_factor.codes_left(request.user)
        messages.warning(request, f"That recovery code is used up; {left} are left.")
    return HttpResponseRedirect(_next(request))


@by_password
def set_up(request: HttpRequest) -> HttpResponse:
    """The first app, or another in its place: a key, and a code that proves that the app has it."""
    if second_factor.is_owed(request) and second_factor.app_of(request.user):
        return onward(request, "admin:second_factor")
    key = request.session.setdefault(KEY, random_hex(20))
    form = SetUpForm(request, key, request.POST or None)
    if not form.is_valid():
        url = TOTPDevice(user=request.user, key=key).config_url
        context = {
            "form": form,
            "image": segno.make(url).svg_data_uri(scale=5, dark="black", light="white"),
            "key": _in_fours(b32encode(bytes.fromhex(key)).decode()),
        }
        return _page(request, "set_up", "Set up your second factor", **context)
    del request.session[KEY]
    note("second factor set up", request.user, request)
    second_factor.confirm(request, form.app)
    return _codes(request)


@by_password
def new_codes(request: HttpRequest) -> HttpResponse:
    if second_factor.is_owed(request) or not second_factor.app_of(request.user):
        return redirect("admin:second_factor")
    form = PasswordForm(request, request.POST or None)
    return _codes(request) if form.is_valid() else _state(request, form)


def onward(request: HttpRequest, name: str) -> HttpResponse:
    """To the page ``name``, which then leads to where the reader was going."""
    return redirect(f"{reverse(name)}?{urlencode({NEXT: _next(request)})}")


def _state(request: HttpRequest, form: PasswordForm) -> HttpResponse:
    app, left = second_factor.app_of(request.user), second_factor.codes_left(request.user)
    return _page(request, "state", "Your second factor", app=app, left=left, form=form)


def _codes(request: HttpRequest) -> HttpResponse:
    codes = second_factor.new_codes(request.user)
    note("recovery codes made", request.user, request)
    context = {"codes": codes, "onward": _next(request)}
    return _page(request, "codes", "Your recovery codes", **context)


def _next(request: HttpRequest) -> str:
    wanted = request.GET.get(NEXT, "")
    hosts, https = {request.get_host()}, request.is_secure()
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=hosts, require_https=https)
    return wanted if safe else reverse("admin:index")


def _page(request: HttpRequest, name: str, title: str, *, status=200, **context) -> HttpResponse:
    context = {**admin.site.each_context(request), "title": title, **context}
    return render(request, f"admin/signin/{name}.html", context, status=status)


def _in_fours(key: str) -> str:
    return " ".join(key[start : start + 4] for start in range(0, len(key), 4))
