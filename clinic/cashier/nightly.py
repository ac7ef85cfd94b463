"""The money is proven every night; a wrong sum is told on the administrator's first page."""

import logging
from datetime import timedelta

from django.utils.timezone import localtime, now
from django.utils.translation import ngettext

from clinic.cashier import books
from security import audit
from security.models import AuditEntry
from security.verdict import NIGHT

log = logging.getLogger("clinic.cash")
EVENT = "cash_verify"
SHOWN = 3
SOON, LATE = timedelta(hours=12), timedelta(hours=36)


def verify_nightly() -> None:
    """Called by the scheduler: at night, or by day on a machine that is off at night."""
    before = last()
    age = now() - before.timestamp if before else LATE
    if age >= LATE or (age > SOON and localtime().hour in NIGHT):
        run()


def run() -> list[str]:
    """Prove all sums; what was found is kept."""
    problems = books.check()
    for problem in problems[:SHOWN]:
        log.error(problem)
    audit.record(
        EVENT,
        outcome="failed" if problems else "ok",
        screen=EVENT,
        data={"problems": len(problems), "first": problems[:SHOWN]},
    )
    return problems


def last() -> AuditEntry | None:
    return AuditEntry.objects.filter(event=EVENT).order_by("-timestamp", "-pk").first()


def told_administrator() -> str | None:
    found = last()
    data = (found.additional_data or {}) if found else {}
    count = data.get("problems", 0)
    if not count:
        return None
    words = ngettext(
        "The money does not agree in %(count)s place. Please keep today's backup and call whoever "
        "looks after the system: manage.py check_cash names it.",
        "The money does not agree in %(count)s places. Please keep today's backup and call whoever "
        "looks after the system: manage.py check_cash names each of them.",
        count,
    )
    return words % {"count": count}
