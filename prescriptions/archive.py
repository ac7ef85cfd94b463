"""At the end of the day each finished sheet becomes a document that never changes (R-148, R-30).

The document holds all its print needs as plain values (words, institution, layout, the version of
the template), so that nothing changed later (a drug's name, a price, the layout) changes its
reprint. It is encrypted, and chained by the digest of the one before.
"""

import logging
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core import scheduler
from clinic.core.days import moment
from clinic.core.errors import AlreadyDone, Busy, RuleBroken
from clinic.core.models import Lease
from clinic.core.transactions import atomic_retry, lock
from prescriptions import retention, sheets
from prescriptions.models import (
    AlertRecord,
    ArchivedSheet,
    DispenseLine,
    Prescription,
    PrescriptionEvent,
)
from prescriptions.moves import live_items, locked, move
from prescriptions.states import MOVES, RxState, may_move
from security import chain

log = logging.getLogger("clinic.prescriptions")
LEASE = "prescriptions.archive"
AT_ONCE = 200
# Nothing more happens to them; the last two stay in their state, as documents of their class.
FINISHED = {state for state, to in MOVES.items() if RxState.ARCHIVED in to}
FINISHED |= {RxState.VOIDED, RxState.LAPSED}


def waiting(before: datetime):
    """Finished sheets without a document to which nothing has happened since that moment."""
    later = PrescriptionEvent.objects.filter(prescription=OuterRef("pk"), made_at__gte=before)
    rows = Prescription.objects.filter(state__in=FINISHED, submitted_at__isnull=False)
    rows = rows.filter(archived__isnull=True).exclude(Exists(later))
    return rows.order_by("submitted_at", "pk")


def archive_finished() -> int:
    """Archive what was finished before today; called by the scheduler. Returns how many.

    One transaction each, so that no page waits for it; what is left is taken the next time.
    """
    done = 0
    for prescription in waiting(moment(timezone.localdate()))[:AT_ONCE]:
        try:
            archive(prescription=prescription, by=None)
            done += 1
        except AlreadyDone:
            log.info("prescription %s was archived meanwhile", prescription.number)
        except Busy:
            log.warning("prescription %s could not be archived yet", prescription.number)
        scheduler.still_here()
    return done


@atomic_retry
def archive(*, prescription: Prescription, by) -> ArchivedSheet:
    """Make the document of one finished sheet; from now on only that is printed."""
    prescription = locked(prescription)
    _require_finished(prescription)
    Lease.objects.get_or_create(name=LEASE)
    lock(Lease.objects.filter(name=LEASE)).get()  # one at a time: the chain has one end
    if sheets.archived(prescription):
        raise AlreadyDone(_("%(number)s is archived already.") % {"number": prescription.number})
    last = ArchivedSheet.objects.order_by("-number").first()
    row = ArchivedSheet(
        number=last.number + 1 if last else 1,
        prescription=prescription,
        kind=prescription.kind,
        outcome=prescription.state,
        day=timezone.localdate(prescription.submitted_at),
        archived_at=timezone.now(),
        archived_by=by,
    )
    items = live_items(prescription)
    classes = {item.drug.control_class_on(row.day) for item in items}
    row.keep_until = retention.keep_until(row.day, retention.years_of(row.kind, classes))
    row.content = document(row, items, before=last.digest if last else chain.FIRST)
    row.digest = chain.digest(row.content)
    row.save()
    if may_move(prescription.state, RxState.ARCHIVED):
        move(prescription, RxState.ARCHIVED, by=by)
    return row


def _require_finished(prescription: Prescription) -> None:
    if prescription.state == RxState.ARCHIVED:
        raise AlreadyDone(_("%(number)s is archived already.") % {"number": prescription.number})
    if prescription.state not in FINISHED or prescription.submitted_at is None:
        raise RuleBroken(
            _("Not archived: %(number)s is “%(state)s”, so it is not finished yet.")
            % {"number": prescription.number, "state": prescription.get_state_display()},
            rule="R-148",
        )


# --- the document ---------------------------------------------------------------------------------


def document(row: ArchivedSheet, items: list, *, before: str) -> dict:
    """Everything about the sheet as plain values; the same text for the same sheet."""
    prescription = row.prescription
    return {
        "format": 1,
        **circumstances(row),
        "before": before,
        "sheet": {k: v for k, v in sheets.made(prescription).items() if k != "prescription"},
        "facts": plain(prescription),
        "head": prescription.head,  # with the doctor's signature
        "items": [plain(item) for item in items],
        "handed_out": _handed_out(prescription),
        "events": [plain(event) for event in prescription.events.all()],
        "reasons": _reasons(prescription),
    }


def circumstances(row: ArchivedSheet) -> dict:
    """What the columns beside the document say as well; a verification compares them."""
    return {
        "number": row.number,
        "prescription": str(row.prescription_id),
        "kind": row.kind,
        "outcome": row.outcome,
        "day": row.day.isoformat(),
        "keep_until": row.keep_until.isoformat(),
        "at": row.archived_at.isoformat(),
        "by": row.archived_by_id,
    }


def plain(row) -> dict:
    """The columns of a row as values that JSON knows; `head` has a place of its own."""
    names = [f.attname for f in row._meta.concrete_fields if f.name != "head"]
    return {name: _value(getattr(row, name)) for name in names}


def _value(value):
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    return str(value) if isinstance(value, (Decimal, UUID)) else value


def _handed_out(prescription: Prescription) -> list[dict]:
    """Which batch went out for which row."""
    lines = DispenseLine.objects.filter(item__prescription=prescription)
    lines = lines.select_related("item", "movement__batch").order_by("pk")
    return [
        {
            "rank": line.item.rank,
            "quantity": line.quantity,
            "lot": line.movement.batch.lot,
            "expires_on": line.movement.batch.expires_on.isoformat(),
        }
        for line in lines
    ]


def _reasons(prescription: Prescription) -> list[dict]:
    """The alerts that the doctor passed, with the reason."""
    rows = prescription.alerts.filter(outcome=AlertRecord.Outcome.OVERRIDDEN).order_by("made_at")
    return [{"rule": a.rule, "message": a.message, "reason": a.reason} for a in rows]
