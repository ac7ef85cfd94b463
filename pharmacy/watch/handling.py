"""Marking warnings as dealt with, and taking that back."""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry, lock
from pharmacy.models import StockWarning
from security.permissions import P


@atomic_retry
def handle(*, ids: list[int], how: str, by, note: str = "") -> list[StockWarning]:
    """Take these off the bell. What is still true after the quiet days comes back by itself."""
    if not by.has_perm(P.RECEIVE_STOCK):
        raise RuleBroken(_("Nothing was changed: your role looks at the stock only."), rule="R-111")
    if how not in StockWarning.How.values:
        raise RuleBroken(_("Please choose what was done."), field="how", rule="R-111")
    rows = list(lock(StockWarning.objects.filter(pk__in=ids, is_open=True).order_by("pk")))
    if not rows:
        raise RuleBroken(
            _("No open warning is chosen. Please tick the lines that were dealt with."),
            rule="R-111",
        )
    quiet = timezone.localdate() + timedelta(days=setting("pharmacy.quiet_days"))
    for row in rows:
        row.is_open, row.handled_at, row.handled_by = False, timezone.now(), by
        row.handled_how, row.note, row.quiet_until = how, note, quiet
        row.save()
    return rows


@atomic_retry
def open_again(*, ids: list[int], by) -> list[StockWarning]:
    """Undo: put them back on the bell, if the condition is still there."""
    rows = lock(StockWarning.objects.filter(pk__in=ids, is_open=False, in_force__isnull=False))
    rows = list(rows.order_by("pk"))
    for row in rows:
        row.is_open, row.handled_at, row.handled_by = True, None, None
        row.handled_how, row.note, row.quiet_until = "", "", None
        row.save()
    return rows
