"""Several people at one PC: the full password once a day, then the PIN, at this PC only.

A PC is known by a random cookie. A full sign-in there lets this person come back by PIN for some
hours, unless password, roles or PIN change meanwhile: the stamp would differ then.
"""

import hashlib
import secrets

from django.conf import settings
from django.contrib.auth import login, logout
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry, lock
from security import audit
from security.models import Device, DeviceUnlock, Pin, User
from security.own_sessions import browser_of
from security.passwords import is_too_old
from security.permissions import Role
from security.pins import check_pin, pin_fits, tidy_pin, write_pin
from security.second_factor import needs_second_step

COOKIE = f"__Host-{settings.INSTANCE}-device"
COOKIE_DAYS = 400
TRIES = 5
BACKEND = "django.contrib.auth.backends.ModelBackend"
# They set the rules and check the log: never without everything that their sign-in asks for.
WITHOUT_PIN = {Role.ADMINISTRATOR.value, Role.AUDITOR.value}


def may_use_pin(user: User) -> bool:
    """Whether a PIN is ever enough for this person."""
    old = user.must_change_password or is_too_old(user)
    special = user.is_staff or old or needs_second_step(user)
    return user.is_active and not special and not WITHOUT_PIN & _roles(user)


def _roles(user: User) -> set[str]:
    return set(user.groups.values_list("name", flat=True))


def device_of(request) -> Device | None:
    """The PC this request comes from, if it is known."""
    token = request.COOKIES.get(COOKIE, "")
    return Device.objects.filter(token_hash=_hash(token)).first() if token else None


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def note_full_sign_in(request, response) -> None:
    """After the whole sign-in: the PC is known from now on, and the PIN is enough there."""
    device = device_of(request)
    looks = {"browser": browser_of(request), "address": request.client_address}
    if device is not None:
        Device.objects.filter(pk=device.pk).update(**looks)
    else:
        token = secrets.token_urlsafe(32)
        device = Device.objects.create(token_hash=_hash(token), last_user=request.user, **looks)
        response.set_cookie(
            COOKIE,
            token,
            max_age=COOKIE_DAYS * 86400,
            secure=True,
            httponly=True,
            samesite="Strict",
        )
    unlock(device=device, user=request.user, by=request.user)


@atomic_retry
def unlock(*, device: Device, user: User, by) -> None:
    """The person proved the password at this PC just now.

    The row stays when no PIN is enough: wrong passwords at this PC are counted apart then.
    """
    Device.objects.filter(pk=device.pk).update(last_user=user)
    hours = setting("security.pin_hours") if may_use_pin(user) else 0
    until = timezone.now() + timezone.timedelta(hours=hours)
    values = {"until": until, "stamp": stamp_of(user), "tries": 0}
    DeviceUnlock.objects.update_or_create(device=device, user=user, defaults=values)


def stamp_of(user: User) -> str:
    """Changes with password, roles and PIN, so that none of them needs to tell this module."""
    pin = Pin.objects.filter(user=user).values_list("hash", flat=True).first() or ""
    password = User.objects.values_list("password", flat=True).get(pk=user.pk)
    parts = "|".join([password, pin, *sorted(_roles(user))])
    return salted_hmac("security.unlock", parts, algorithm="sha256").hexdigest()


def people_here(device: Device | None) -> list[User]:
    """Who gave the password at this PC lately, by name."""
    if device is None:
        return []
    lately = device.unlocks.filter(until__gt=timezone.now(), user__is_active=True)
    people = [row.user for row in lately.select_related("user").order_by("user__full_name")]
    return [user for user in people if may_use_pin(user)]


@atomic_retry
def set_pin(*, pin: str, device: Device | None, by: User) -> None:
    """One's own PIN; the caller has just checked the password."""
    pin = tidy_pin(pin)
    if not may_use_pin(by):
        raise RuleBroken(
            _("Your role signs in with the password only, so that nobody else can use its rights.")
        )
    check_pin(pin)
    write_pin(by, pin)
    audit.record("pin_set", target=by)
    if device is not None:
        unlock(device=device, user=by, by=by)


def switch_to(request, *, user: User | None, pin: str) -> bool:
    """Whether the person is signed in by PIN now; the former session is ended then."""
    if not pin_holds(request, user=user, pin=pin):
        audit.record("pin_switch", outcome="failed", target=user, screen="switch")
        return False
    former = request.user.username if request.user.is_authenticated else ""
    logout(request)
    login(request, user, backend=BACKEND)
    Device.objects.filter(pk=device_of(request).pk).update(last_user=user)
    audit.record("pin_switch", target=user, screen="switch", data={"from": former})
    return True


def pin_holds(request, *, user: User | None, pin: str) -> bool:
    """Whether it is this person's PIN, and a PIN is enough for them at this PC now.

    A try is counted before it is checked: whoever sends many at once has no more than five.
    """
    device = device_of(request)
    counted = device is not None and user is not None and _count_try(device=device, user=user)
    right = pin_fits(user or User(), tidy_pin(pin))
    if not (counted and right and may_use_pin(user)):
        _note_locked(device, user)
        return False
    DeviceUnlock.objects.filter(device=device, user=user).update(tries=0)
    return True


@atomic_retry
def _count_try(*, device: Device, user: User) -> bool:
    row = lock(DeviceUnlock.objects.filter(device=device, user=user)).first()
    if row is None or row.until <= timezone.now() or row.tries >= TRIES:
        return False
    DeviceUnlock.objects.filter(pk=row.pk).update(tries=F("tries") + 1)
    return constant_time_compare(row.stamp, stamp_of(user))


def _note_locked(device: Device | None, user: User | None) -> None:
    """The PIN is closed here; what was tried with it, its caller records."""
    known = device and user
    row = known and DeviceUnlock.objects.filter(device=device, user=user).first()
    if row and row.tries >= TRIES:
        audit.record("pin_locked", outcome="failed", target=user)
