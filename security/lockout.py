"""Counting wrong passwords without keeping what stood beside them in the form."""

from datetime import timedelta

from axes.handlers.database import AxesDatabaseHandler
from axes.models import AccessAttempt
from django.conf import settings
from django.http import QueryDict
from django.utils import timezone

from clinic.core.transactions import atomic_retry
from security import audit, second_factor
from security.models import SecondFactor, User


class NothingTypedHandler(AxesDatabaseHandler):
    """django-axes stores the whole form with an attempt; signing an alert sends a reason along."""

    def user_login_failed(self, sender, credentials, request=None, **kwargs):
        if request is None:
            return super().user_login_failed(sender, credentials, request, **kwargs)
        typed = request.GET, request.POST
        request.GET = request.POST = QueryDict()
        try:
            return super().user_login_failed(sender, credentials, request, **kwargs)
        finally:
            request.GET, request.POST = typed


def is_locked(user: User) -> bool:
    """True when a password or a code was wrong too often from some address."""
    since = timezone.now() - timedelta(hours=settings.AXES_COOLOFF_TIME)
    attempts = AccessAttempt.objects.filter(
        username=user.username,
        attempt_time__gte=since,
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
    )
    blocked = SecondFactor.objects.filter(user=user, blocked_until__gt=timezone.now())
    return attempts.exists() or blocked.exists()


@atomic_retry
def unlock(*, user: User, by: User) -> None:
    """Forget the wrong tries of one person at every address."""
    AccessAttempt.objects.filter(username=user.username).delete()
    second_factor.unblock(user)
    audit.record("unlocked", target=user)
