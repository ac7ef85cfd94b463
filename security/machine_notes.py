"""What the administrator is told about the machine: disk, certificate, seals; nothing is stored."""

import shutil
from datetime import timedelta

from cryptography import x509
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from security import seals, verdict
from security.home_notes import Note
from security.models import AuditEntry

GB = 1 << 30
LEAST_FREE = 5 * GB
CERTIFICATE_DAYS = 21  # the start makes a new one long before
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
    try:
        content = (settings.DATA_DIR / "tls" / "server.crt").read_bytes()
        until = x509.load_pem_x509_certificate(content).not_valid_after_utc
    except (OSError, ValueError):
        return None
    if until - timezone.now() > timedelta(days=CERTIFICATE_DAYS):
        return None
    words = _(
        "The certificate of this address ends on %(day)s; then browsers refuse the page. Start "
        "the clinic's program again: it makes a new one by itself."
    )
    return words % {"day": date_format(timezone.localtime(until), "Y-m-d")}


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
