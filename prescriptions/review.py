"""The review that every sheet passes before it is charged or handed out (R-32).

Lock order: prescription, then batches by id (in pharmacy.stock).
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry
from pharmacy import stock
from prescriptions import alerts
from prescriptions.models import Prescription
from prescriptions.moves import check_version, locked, move, reference
from prescriptions.states import RxState


@atomic_retry
def approve(*, prescription: Prescription, version: int | None = None, by) -> Prescription:
    """Let the sheet pass: its stock is reserved (R-113), and charging passed where nobody pays.

    Never by the prescriber (R-32, R-142); the rules are asked again, because an allergy may have
    been recorded or stock handed out since it was submitted.
    """
    prescription = locked(prescription)
    _check(prescription, version, by)
    require_valid_today(prescription)
    found = alerts.opinion(prescription)
    alerts.require_clear(found, refused=_("Not approved, please return it to the doctor:"))
    wants = [
        stock.Want(item.drug, item.quantity, reference(prescription, item))
        for item in found.items
        if not item.outside
    ]
    prescription.reviewer, prescription.approved_at = by, timezone.now()
    move(prescription, RxState.APPROVED, by=by)
    if wants:
        stock.reserve_all(wants=wants, by=by)
    move(prescription, RxState.UNPAID, by=by)
    if not setting("site.charges"):
        move(prescription, RxState.PAID, by=by)
    return prescription


@atomic_retry
def return_(
    *, prescription: Prescription, reason: str, version: int | None = None, by
) -> Prescription:
    """Give the sheet back to its doctor, who sees the reason and can change it (R-38)."""
    prescription = locked(prescription)
    _check(prescription, version, by)
    if not reason.strip():
        raise RuleBroken(
            _("Not returned: please write which drug, why, and what you suggest."),
            field="reason",
            rule="R-38",
        )
    move(prescription, RxState.RETURNED, by=by, reason=reason.strip())
    return prescription


def _check(prescription: Prescription, version: int | None, by) -> None:
    check_version(prescription, version)
    if prescription.prescriber_id == by.pk:
        raise RuleBroken(
            _(
                "Not done: you wrote this prescription yourself, and review needs a second person. "
                "Please ask a colleague."
            ),
            rule="R-32",
        )


def require_valid_today(prescription: Prescription) -> None:
    """RuleBroken once the last day has passed (R-22, R-169)."""
    if prescription.valid_until is None or prescription.valid_until < timezone.localdate():
        raise RuleBroken(
            _(
                "Not done: %(number)s was valid until %(day)s. Please ask the doctor for a new "
                "prescription."
            )
            % {"number": prescription.number, "day": prescription.valid_until},
            rule="R-22",
        )
