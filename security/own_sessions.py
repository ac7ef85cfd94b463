"""Which browsers a person is signed in with, and ending them."""

import hashlib
import time
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db.models import F
from django.utils import timezone

from clinic.core.transactions import atomic_retry
from security import audit
from security.models import OpenSession, User

STARTED = "started"
_FAMILIES = (("MicroMessenger", "WeChat"), ("Edg", "Edge"), ("QQBrowser", "QQ"))
_FAMILIES += (("Firefox", "Firefox"), ("Chrome", "Chrome"), ("Safari", "Safari"))
_SYSTEMS = (("Windows", "Windows"), ("Android", "Android"), ("iPhone", "iPhone"))
_SYSTEMS += (("iPad", "iPad"), ("Mac OS", "macOS"), ("Linux", "Linux"))


def digest_of(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()


def note_sign_in(request, user) -> None:
    """The moment a session began decides when it ends, however busy it is."""
    if not request.session.session_key:
        request.session.cycle_key()
    request.session[STARTED] = int(time.time())
    OpenSession.objects.create(
        user=user,
        key_digest=digest_of(request.session.session_key),
        seen=timezone.now(),
        address=getattr(request, "client_address", None),
        browser=browser_of(request),
    )


def note_key_change(old: str | None, new: str | None) -> None:
    """A password change gives the browser a new key; its row follows."""
    if old and new and old != new:
        OpenSession.objects.filter(key_digest=digest_of(old)).update(key_digest=digest_of(new))


def note_seen(key: str) -> None:
    """Called whenever the session is saved, which its own `seen` does once a minute."""
    OpenSession.objects.filter(key_digest=digest_of(key)).update(seen=timezone.now())


def note_sign_out(request) -> None:
    key = request.session.session_key or ""
    OpenSession.objects.filter(key_digest=digest_of(key)).delete()


def too_old(request) -> bool:
    """True ten hours after the sign-in; saving a session does not lengthen it."""
    started = request.session.get(STARTED, 0)
    return time.time() - started > settings.SESSION_COOKIE_AGE


def list_open(user: User, current: str | None):
    """The person's sessions that can still be alive, newest first."""
    begun = timezone.now() - timedelta(seconds=settings.SESSION_COOKIE_AGE)
    rows = list(OpenSession.objects.filter(user=user, since__gte=begun).order_by("-seen"))
    for row in rows:
        row.current = row.key_digest == digest_of(current or "")
    return rows


@atomic_retry
def end_sessions(*, user: User, only: int | None = None, keep: str | None = None) -> int:
    """End one session (`only`), all but the one with key `keep`, or all; answers how many ended.

    Ending all also moves the person's epoch on: a cookie that no row knows of is worth nothing
    then, and one that is being written at this moment neither.
    """
    rows = OpenSession.objects.filter(user=user)
    if only is not None:
        rows = rows.filter(pk=only)
    if keep:
        rows = rows.exclude(key_digest=digest_of(keep))
    if only is None and not keep:
        User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
        user.refresh_from_db(fields=["session_epoch"])  # or its next save would take it back
    digests = set(rows.values_list("key_digest", flat=True))
    if not digests:
        return 0
    keys = Session.objects.values_list("session_key", flat=True)
    Session.objects.filter(
        session_key__in=[key for key in keys if digest_of(key) in digests]
    ).delete()
    OpenSession.objects.filter(key_digest__in=digests).delete()
    audit.record("session_ended", target=user, data={"sessions": len(digests)})
    return len(digests)


def browser_of(request) -> str:
    """Browser and system as words; what else a browser tells about itself is not kept."""
    agent = request.META.get("HTTP_USER_AGENT", "")
    browser = next((word for mark, word in _FAMILIES if mark in agent), "")
    system = next((word for mark, word in _SYSTEMS if mark in agent), "")
    return " ".join(word for word in (browser, system) if word) or "?"
