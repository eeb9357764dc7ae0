"""Forms of the sign-in. Passwords are never sent back to the browser."""

from django import forms
from django.contrib.admin.forms import AdminAuthenticationForm
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator

from . import second_factor


class SignInForm(AdminAuthenticationForm):
    error_messages = {
        **AdminAuthenticationForm.error_messages,
        "invalid_login": "Name and password don't fit together, or they are not an editor's. "
        "Capital letters matter in both.",
    }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        name = self.fields["username"]
        name.validators.append(MaxLengthValidator(name.max_length))  # type: ignore[attr-defined]


class CodeField(forms.CharField):
    def __init__(self, **kwargs):
        attrs = {"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}
        super().__init__(max_length=40, widget=forms.TextInput(attrs=attrs), **kwargs)


class CodeForm(forms.Form):
    """``device`` is what the code proved."""

    otp_token = CodeField(label="Code", help_text="Six digits from your app, or a recovery code.")

    def __init__(self, user, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_otp_token(self):
        self.device = second_factor.verified(self.user, self.cleaned_data["otp_token"])


class PasswordForm(forms.Form):
    """Asks who is signed in for the password once more. Wrong ones count as failed sign-ins."""

    password = forms.CharField(
        label="Your password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_password(self):
        name, password = self.request.user.get_username(), self.cleaned_data["password"]
        if authenticate(self.request, username=name, password=password) != self.request.user:
            raise ValidationError("This is not your password.")


class SetUpForm(PasswordForm):
    """``app`` is what the code proved to have ``key``."""

    otp_token = CodeField(label="The code that it shows")
    field_order = ["otp_token", "password"]

    def __init__(self, request, key, *args, **kwargs):
        super().__init__(request, *args, **kwargs)
        self.key = key

    def clean(self):
        if not self.errors:
            try:
                code = self.cleaned_data["otp_token"]
                self.app = second_factor.set_up(self.request.user, self.key, code)
            except ValidationError as error:
                self.add_error("otp_token", error)
