"""Sign-in and lock-out: what django-axes asks us, and the page for somebody locked out."""

import hmac
from datetime import timedelta

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, get_user_model
from django.contrib.auth.forms import AuthenticationForm
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from security import audit
from security.passwords import one_time_is_over

_KNOWN = "name_for_lockout"


def name_for_lockout(request, credentials=None) -> str:
    """The account's name, or a mark of what was typed when there is no such account.

    People type passwords into the name field; nothing that is not a known name is stored.
    """
    typed = (credentials or {}).get("username") or (request and request.POST.get("username")) or ""
    if get_user_model().objects.filter(username=typed).exists():
        return typed
    digest = hmac.digest(settings.SECRET_KEY.encode(), typed.encode("utf-8", "replace"), "sha256")
    return f"?{digest.hex()[:16]}"


def client_address(request) -> str:
    """The browser's address as the trusted front told it."""
    return getattr(request, "client_address", None) or "0.0.0.0"  # noqa: S104  # nosec B104 # none


class SignInForm(AuthenticationForm):
    """The same words for a wrong name, a wrong password and a closed account."""

    error_messages = {
        "invalid_login": _(
            "Not signed in: user name or password is wrong. Please check both and try again; "
            "after several wrong tries the account is closed for 30 minutes."
        ),
        "inactive": _(
            "Not signed in: user name or password is wrong. Please check both and try again; "
            "after several wrong tries the account is closed for 30 minutes."
        ),
        "one_time_over": _(
            "Not signed in: this one-time password was not used in time. Please ask the "
            "administrator for a new one."
        ),
    }

    def confirm_login_allowed(self, user):
        """Only who holds the right password comes here, so the words tell nobody else anything."""
        super().confirm_login_allowed(user)
        if one_time_is_over(user):
            audit.record("sign_in", outcome="refused", target=user, screen="login")
            words = self.error_messages["one_time_over"]
            raise forms.ValidationError(words, code="one_time_over")


class OwnPasswordForm(CleanTextMixin, forms.Form):
    """Asks the password again: whoever finds a screen open must not act as its owner."""

    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, *args, user, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.request = user, request

    def clean_password(self):
        password = self.cleaned_data["password"]
        # Not check_password: tries made here count for the lock-out too.
        if authenticate(self.request, username=self.user.username, password=password) is None:
            raise forms.ValidationError(_("This is not your password. Please type it again."))
        return password


def locked_out(request, response=None, credentials=None, *args, **kwargs):
    """The sign-in page again, saying how long to wait."""
    form = SignInForm(request)
    closed = timedelta(hours=settings.AXES_COOLOFF_TIME)
    until = timezone.now() + closed
    context = {"form": form, "locked": True, "until": until}
    answer = render(request, "security/login.html", context, status=429)
    answer["Retry-After"] = str(int(closed.total_seconds()))
    return answer
