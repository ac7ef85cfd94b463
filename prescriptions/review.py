"""The review that every sheet passes before it is charged or handed out (R-32).

Lock order: prescription, then batches by id (in pharmacy.stock).
"""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry
from pharmacy import stock
from prescriptions import alerts, countersigning, objections, rights
from prescriptions.models import Prescription
from prescriptions.moves import check_version, live_items, locked, move, reference
from prescriptions.review_models import Mark
from prescriptions.states import RxState


@atomic_retry
def approve(*, prescription: Prescription, version: int | None = None, by) -> Prescription:
    """Let the sheet pass: its stock is reserved (R-113), and charging passed where nobody pays.

    Never by the prescriber (R-32, R-142); the rules are asked again, because an allergy may have
    been recorded or stock handed out since it was submitted.
    """
    prescription = locked(prescription)
    as_whom = _check(prescription, version, by)
    countersigning.require_done(prescription)
    require_valid_today(prescription)
    found = alerts.opinion(prescription)
    alerts.require_clear(found, refused=_("Not approved, please return it to the doctor:"))
    wants = [
        stock.Want(item.drug, item.quantity, reference(prescription, item))
        for item in found.items
        if not item.outside
    ]
    prescription.reviewer, prescription.approved_at = by, timezone.now()
    prescription.reviewed_as = as_whom
    move(prescription, RxState.APPROVED, by=by, mark=as_whom)
    if wants:
        stock.reserve_all(wants=wants, by=by)
    move(prescription, RxState.UNPAID, by=by)
    if not setting("site.charges"):
        move(prescription, RxState.PAID, by=by)
    return prescription


@atomic_retry
def return_(
    *,
    prescription: Prescription,
    reason: str = "",
    codes=(),
    remarks: dict[UUID, str] | None = None,
    refuse: bool = False,
    version: int | None = None,
    by,
) -> Prescription:
    """Give the sheet back to its doctor, who sees why and corrects it or insists (R-38).

    `codes` are items of the evaluation (1.6), `remarks` words by row, `reason` what is suggested.
    With `refuse` it is so serious that nobody can insist on it.
    """
    prescription = locked(prescription)
    _check(prescription, version, by)
    told = objections.made(
        prescription, live_items(prescription), codes=codes, remarks=remarks or {}, words=reason
    )
    mark = Mark.REFUSED if refuse else ""
    move(prescription, RxState.RETURNED, by=by, reason=reason.strip(), mark=mark, **told)
    return prescription


def _check(prescription: Prescription, version: int | None, by) -> str:
    """As what `by` reviews this sheet."""
    check_version(prescription, version)
    if prescription.prescriber_id == by.pk:
        raise RuleBroken(
            _(
                "Not done: you wrote this prescription yourself, and review needs a second person. "
                "Please ask a colleague."
            ),
            rule="R-32",
        )
    if prescription.countersigner_id == by.pk:
        raise RuleBroken(
            _(
                "Not done: you countersigned this prescription, and review needs another person. "
                "Please ask a colleague."
            ),
            rule="R-32",
        )
    return rights.require_reviewer(by)


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
