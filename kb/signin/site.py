"""The guard of every admin page: a password, a second factor where one is owed, no form lost."""

from functools import wraps

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import path
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from . import views
from .addresses import client_address
from .forms import SignInForm
from .keeping import kept
from .second_factor import is_owed


class SignInSite(AdminSite):
    login_form = SignInForm

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and not is_owed(request)

    def admin_view(self, view, cacheable=False):
        if view == self.logout:  # For those too who have yet to show their second factor.
            return view
        guarded = super().admin_view(view, cacheable)

        @wraps(view)
        def keeping(request, *args, **kwargs):
            if request.method == "POST" and not self.has_permission(request):
                return kept(request)
            return guarded(request, *args, **kwargs)

        return keeping

    @method_decorator(never_cache)
    def login(self, request, extra_context=None):
        """Who gave the password already is asked for the second factor alone.

        Without the client's address no password is looked at: all would share one count of wrong
        ones, by which a stranger could lock an editor out.
        """
        if client_address(request) is None:
            return views.no_address(request)
        if request.method == "GET" and super().has_permission(request) and is_owed(request):
            return views.onward(request, "admin:second_factor")
        return super().login(request, extra_context)

    def get_urls(self):
        own = [
            path("second-factor/", views.second_factor_page, name="second_factor"),
            path("second-factor/set-up/", views.set_up, name="second_factor_set_up"),
            path("second-factor/codes/", views.new_codes, name="second_factor_codes"),
        ]
        return own + super().get_urls()
