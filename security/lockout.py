"""Counting wrong passwords without keeping what stood beside them in the form."""

from datetime import timedelta

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from clinic.core.transactions import atomic_retry
from security import audit, second_factor, throttles
from security.models import SecondFactor, User
from security.signin import name_for_lockout


class NothingTypedHandler(AxesDatabaseHandler):
    """django-axes stores the whole form with an attempt; signing an alert sends a reason along.

    It also knows the slower limits, and writes one entry when a try closes something.
    """

    def is_locked(self, request, credentials=None) -> bool:
        if throttles.is_closed(request, credentials):
            return True
        return not self.comes_from_trusted(request, credentials) and super().is_locked(
            request, credentials
        )

    @staticmethod
    def comes_from_trusted(request, credentials) -> bool:
        account = name_for_lockout(request, credentials)
        return bool(throttles.trusted_device(request, account))

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        if request is None:
            return super().user_login_failed(sender, credentials, request, **kwargs)
        was_locked = request.axes_locked_out
        account = name_for_lockout(request, credentials)
        if not was_locked and throttles.trusted_device(request, account):
            request.axes_locked_out = throttles.count(request, credentials)
            request.axes_credentials = credentials
        else:
            self.count_stranger(sender, credentials, request, **kwargs)
        if request.axes_locked_out and not was_locked:
            data = {"account": account}
            audit.record("locked_out", outcome="refused", screen="login", data=data)

    def count_stranger(self, sender, credentials, request, **kwargs):
        typed = request.GET, request.POST
        was_locked = request.axes_locked_out
        request.GET = request.POST = QueryDict()
        try:
            super().user_login_failed(sender, credentials, request, **kwargs)
        finally:
            request.GET, request.POST = typed
        if not was_locked and throttles.count(request, credentials):
            request.axes_locked_out, request.axes_credentials = True, credentials

    def user_logged_in(self, sender, request, user, **kwargs):
        super().user_logged_in(sender, request, user, **kwargs)
        throttles.forget_device(request, user)


def is_locked(user: User) -> bool:
    """True when a password or a code was wrong too often from some address."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    attempts = AccessAttempt.objects.filter(
        username=user.username,
        attempt_time__gte=since,
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
    )
    blocked = SecondFactor.objects.filter(user=user, blocked_until__gt=timezone.now())
    return attempts.exists() or blocked.exists() or throttles.is_account_closed(user)


@atomic_retry
def unlock(*, user: User, by: User) -> None:
    """Forget the wrong tries of one person at every address."""
    AccessAttempt.objects.filter(username=user.username).delete()
    second_factor.unblock(user)
    throttles.forget_account(user)
    audit.record("unlocked", target=user)
