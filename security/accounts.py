"""Accounts that nobody uses any more, what is left of old sign-ins, and warnings about accounts."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.db.models import F
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from clinic.core.site import setting
from clinic.core.transactions import atomic_retry, lock
from security import audit, throttles
from security.models import Device, DeviceUnlock, OpenSession, User
from security.permissions import Role
from security.roles import is_last_administrator

SLICE = 500
FORGOTTEN = timedelta(days=400)  # as long as the cookie of a PC lives


def tidy() -> None:
    """The hourly work of the scheduler."""
    close_unused()
    while throttles.purge() or purge_slice():
        pass


def close_unused() -> int:
    """Close whoever did not sign in for the days the clinic set; answers how many."""
    days = setting("security.unused_days")
    if days == 0:
        return 0
    limit = timezone.now() - timedelta(days=days)
    return sum(_close(pk, limit, days) for pk in _unused(limit).values_list("pk", flat=True))


def _unused(limit):
    """Neither signed in nor opened since; an account opened again begins anew."""
    used = Greatest(F("opened_at"), Coalesce(F("last_login"), F("opened_at")))
    return User.objects.filter(is_active=True).annotate(used=used).filter(used__lt=limit)


@atomic_retry
def _close(pk: int, limit, days: int) -> bool:
    # With all administrators: of two unused ones only the first may be closed.
    known = User.objects.filter(groups__name=Role.ADMINISTRATOR).values_list("pk", flat=True)
    list(lock(User.objects.filter(pk__in=[pk, *known])))
    user = _unused(limit).filter(pk=pk).first()
    if user is None or is_last_administrator(user):
        return False
    user.is_active = False
    user.save(update_fields=["is_active"])  # which ends the sessions, see signals
    audit.record("account_closed", target=user, data={"reason": "unused", "days": days})
    return True


def purge_slice() -> int:
    """What can't be alive any more, some rows at a time; answers how many went."""
    now = timezone.now()
    gone = [
        Session.objects.filter(expire_date__lt=now),
        OpenSession.objects.filter(since__lt=now - timedelta(days=2)),
        DeviceUnlock.objects.filter(until__lt=now - FORGOTTEN),
        Device.objects.filter(created_at__lt=now - FORGOTTEN, unlocks=None),
    ]
    return sum(_drop(rows) for rows in gone)


@atomic_retry
def _drop(rows) -> int:
    keys = list(rows.values_list("pk", flat=True)[:SLICE])
    return rows.model.objects.filter(pk__in=keys).delete()[0]


def warnings() -> dict[str, bool]:
    """What the administrator's home says about accounts."""
    active = User.objects.filter(is_active=True)
    real = active.filter(is_demo=False)
    return {
        "demo_beside_real": active.filter(is_demo=True).exists() and real.exists(),
        "one_administrator": real.filter(groups__name=Role.ADMINISTRATOR).count() == 1,
    }
