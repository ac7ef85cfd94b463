"""What the administrator is told about the machine, looked at anew each time."""

import shutil
from datetime import datetime, timedelta

from cryptography import x509
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clinic.core import scheduler
from security import seals, verdict
from security.home_notes import Note
from security.models import AuditEntry

GB = 1 << 30
LEAST_FREE = 5 * GB
CERTIFICATE_DAYS = 21  # the start makes a new one long before
AUTHORITY_DAYS = 180
SEAL_GRACE = timedelta(hours=1)


def disk() -> str | None:
    """Little room: backups fail first, then nothing can be saved."""
    free = shutil.disk_usage(settings.DATA_DIR).free
    if free >= LEAST_FREE:
        return None
    words = _(
        "Only %(free)s GB are free on the disk of the data. Make room before backups fail: move "
        "old backups to another disk, or have a larger one put in."
    )
    return words % {"free": f"{free / GB:.1f}"}


def certificate() -> str | None:
    """Where a front of the clinic's own ends TLS there is none of ours to look at."""
    until = _ends("server.crt")
    if until is None or until - timezone.now() > timedelta(days=CERTIFICATE_DAYS):
        return None
    words = _(
        "The certificate of this address ends on %(day)s; then browsers refuse the page. Start "
        "the clinic's program again: it makes a new one by itself."
    )
    return words % {"day": date_format(timezone.localtime(until), "Y-m-d")}


def authority() -> str | None:
    """Ten years are long enough to be forgotten, and every PC has to learn a new one."""
    until = _ends("ca.crt")
    if until is None or until - timezone.now() > timedelta(days=AUTHORITY_DAYS):
        return None
    words = _(
        "The clinic's own certificate authority ends on %(day)s; then every PC must trust a new "
        "one. Choose a quiet day for it, with whoever looks after the system: clinic doctor says "
        "how."
    )
    return words % {"day": date_format(timezone.localtime(until), "Y-m-d")}


def _ends(name: str) -> datetime | None:
    try:
        content = (settings.DATA_DIR / "tls" / name).read_bytes()
        return x509.load_pem_x509_certificate(content).not_valid_after_utc
    except (OSError, ValueError):
        return None


def jobs() -> str | None:
    """Work that runs by itself stood still or failed; before its first run there is nothing."""
    state = scheduler.state()
    if state.ever and not state.is_alive:
        return _(
            "Nobody does the work that runs by itself: no backup, no seal, no warning is made. "
            "Start the clinic's program again."
        )
    if state.failed:
        words = _("Work that runs by itself failed: %(names)s. See Check-up and support.")
        return words % {"names": ", ".join(state.failed)}
    return None


def log() -> Note | None:
    """Entries that nobody seals, or a log that nobody verified."""
    newest = AuditEntry.objects.order_by("-pk").first()
    seal = seals.latest()
    if newest is None:
        return None
    is_behind = seal is None or newest.timestamp - seal.sealed_at > SEAL_GRACE
    result = verdict.last()
    is_overdue = result is not None and timezone.now() - result.timestamp > verdict.OVERDUE
    if not is_behind and not is_overdue:
        return None
    words = _(
        "The audit log is not sealed or verified as it should be. Leave the PC on for an hour; if "
        "this stays, call whoever looks after the system."
    )
    return Note(words, reverse("security_daily"), _("Daily report"))


ALL = (disk, certificate, authority, log, jobs)
