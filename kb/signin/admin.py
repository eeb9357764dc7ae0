"""What a superuser sees of sign-ins, and the two ways to help: another try, a new second factor."""

from django.contrib import admin
from django.http import HttpRequest
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice

from kb.admin.base import ReadOnlyAdmin

from . import second_factor
from .models import FailedSignIn, SecondFactor, SignIn
from .records import note

for model in (StaticDevice, TOTPDevice):
    admin.site.unregister(model)  # They show keys and codes.


class SuperusersAdmin(ReadOnlyAdmin):
    def has_view_permission(self, request: HttpRequest, obj=None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)


class RemovableAdmin(SuperusersAdmin):
    def has_delete_permission(self, request: HttpRequest, obj=None) -> bool:
        return self.has_view_permission(request)


@admin.register(FailedSignIn)
class FailedSignInAdmin(RemovableAdmin):
    list_display = ["username", "ip_address", "failures_since_start", "attempt_time"]
    fields = ["username", "ip_address", "failures_since_start", "attempt_time", "user_agent"]
    search_fields = ["username", "ip_address"]
    list_note = (
        "Wrong passwords since the last right one. Delete an entry to let its owner try again "
        "at once."
    )


@admin.register(SignIn)
class SignInAdmin(SuperusersAdmin):
    list_display = ["username", "ip_address", "attempt_time", "logout_time"]
    fields = ["username", "ip_address", "attempt_time", "logout_time", "user_agent"]
    search_fields = ["username", "ip_address"]
    date_hierarchy = "attempt_time"


@admin.register(SecondFactor)
class SecondFactorAdmin(RemovableAdmin):
    list_display = ["user", "created_at", "last_used_at"]
    fields = ["user", "created_at", "last_used_at"]
    list_select_related = ["user"]
    search_fields = ["user__username"]
    list_note = (
        "Who lost app and recovery codes: be sure who is asking, then delete the entry. Their "
        "codes go with it, and they set up a new one at the next sign-in."
    )

    def delete_model(self, request, obj):
        second_factor.remove(obj.user)
        note(f"second factor of {obj.user} removed", request.user, request)

    def delete_queryset(self, request, queryset):
        for obj in queryset:
            self.delete_model(request, obj)
