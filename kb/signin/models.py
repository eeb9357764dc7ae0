"""What the libraries record, under names that a person understands."""

from axes.models import AccessAttempt, AccessLog
from django_otp.plugins.otp_totp.models import TOTPDevice


class FailedSignIn(AccessAttempt):
    """Wrong passwords for a name from an address, since the last right one."""

    class Meta:
        proxy = True
        verbose_name = "failed sign-in"

    def __str__(self):
        return f"{self.username}, from {self.ip_address or 'an unknown address'}"


class SignIn(AccessLog):
    class Meta:
        proxy = True
        verbose_name = "sign-in"

    def __str__(self):
        return f"{self.username}, {self.attempt_time:%d %B %Y, %H:%M} UTC"


class SecondFactor(TOTPDevice):
    class Meta:
        proxy = True
        verbose_name = "second factor"

    def __str__(self):
        return f"of {self.user}"
