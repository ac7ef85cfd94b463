"""The computers that know a person: there the PIN is enough for some hours after the password."""

from django.db.models import Count
from django.utils import timezone

from clinic.core.transactions import atomic_retry
from security import audit
from security.models import Device, DeviceUnlock, Pin, User
from security.pins import is_void
from security.switching import stamp_of

MOST = 50


def known_to(user: User, here: Device | None) -> list[DeviceUnlock]:
    """Where this person gave the password, latest first; `open` = the PIN is enough there now.

    Nothing for whoever has no PIN: then it is worth nothing anywhere.
    """
    if not Pin.objects.filter(user=user).exists():
        return []
    stamp = None if is_void(user) else stamp_of(user)
    rows = DeviceUnlock.objects.filter(user=user).select_related("device").order_by("-given_at")
    now, found = timezone.now(), list(rows[:MOST])
    for row in found:
        row.open = row.until > now and row.stamp == stamp
        row.here = here is not None and row.device_id == here.pk
    return found


@atomic_retry
def forget_for(*, user: User, only: int | None = None, by: User) -> int:
    """One computer (`only`, the number of the row) or all forget this person; how many did."""
    rows = DeviceUnlock.objects.filter(user=user)
    if only is not None:
        rows = rows.filter(pk=only)
    gone = rows.delete()[0]
    if gone:
        audit.record("device_forgotten", target=user, data={"computers": gone})
    return gone


@atomic_retry
def forget(*, device: Device, by: User) -> None:
    """A computer that was lost or given away: nobody's PIN works there any more."""
    people = DeviceUnlock.objects.filter(device=device).delete()[0]
    audit.record("device_forgotten", target=device, data={"people": people})
    Device.objects.filter(pk=device.pk).delete()


def with_people(devices):
    """The administrator's list also says how many people a computer knows."""
    return devices.select_related("last_user").annotate(people=Count("unlocks"))
