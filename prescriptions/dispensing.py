"""Picking and handing out; sending back what can't be handed out (R-39, R-45, R-112, R-123).

Lock order: prescription, then batches by id (in pharmacy.stock).
"""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from pharmacy import stock
from pharmacy.controlled import needs_two_people
from prescriptions import alerts, double_sign, rights
from prescriptions.models import DispenseLine, Prescription, PrescriptionItem
from prescriptions.moves import check_version, live_items, locked, move, reference
from prescriptions.release import release_all
from prescriptions.review import require_valid_today
from prescriptions.rules.table import AT_WINDOW
from prescriptions.skin_tests import require_done
from prescriptions.states import RxState
from security import audit


@atomic_retry
def pick(*, prescription: Prescription, version: int | None = None, by) -> Prescription:
    """Begin to take the drugs from the shelf; whoever begins is named on the sheet."""
    prescription = locked(prescription)
    check_version(prescription, version)
    require_valid_today(prescription)
    rights.require_picker(by)
    prescription.picker = by
    move(prescription, RxState.PICKING, by=by)
    return prescription


@atomic_retry
def dispense(
    *,
    prescription: Prescription,
    version: int | None = None,
    witness=None,
    choices: dict[UUID, stock.Choice] | None = None,
    signed_again: bool = False,
    by,
) -> Prescription:
    """Hand everything out once: stock falls by batch, the earliest expiry first (R-112).

    `choices` are the rows, by id, for which the pharmacist took other batches and wrote why.

    One person may pick and hand out; the sheet then carries that name in both places. Narcotics and
    class-I psychotropics need `witness`, who has just confirmed and is the one who checked (R-120).
    Whoever reviewed it too has `signed_again`: the caller asked for the password (R-33).
    """
    prescription = locked(prescription)
    check_version(prescription, version)
    require_valid_today(prescription)
    rights.require_dispenser(by)
    items = live_items(prescription)
    require_done(items)
    _require_still_safe(prescription, items)
    double_sign.require(prescription, by=by, witness=witness, signed_again=signed_again)
    if prescription.state != RxState.PICKING:
        prescription.picker = by
        move(prescription, RxState.PICKING, by=by)
    _issue(prescription, [i for i in items if not i.outside], by, witness, choices or {})
    prescription.checker, prescription.dispenser = witness or by, by
    prescription.dispensed_at = timezone.now()
    move(prescription, RxState.DISPENSED, by=by)
    return prescription


def needs_witness(items: list[PrescriptionItem]) -> bool:
    """True when something on the sheet goes out by two people only (R-120)."""
    return needs_two_people(item.drug_id for item in items if not item.outside)


def _require_still_safe(prescription: Prescription, items: list[PrescriptionItem]) -> None:
    """What the file learnt since the review (an allergy, a pregnancy) stops the drugs (R-43)."""
    found = alerts.opinion(prescription, items)
    new = [f for f in found.blocks + found.open if f.rule.key.startswith(AT_WINDOW)]
    if new:
        raise RuleBroken(
            _("Not dispensed: %(reason)s. Please send the prescription back to the doctor.")
            % {"reason": new[0].title},
            rule="R-43",
        )


def _issue(prescription: Prescription, items, by, witness, choices) -> None:
    by_reference = {reference(prescription, item): item for item in items}
    if not by_reference:
        return
    chosen = {name: choices[i.pk] for name, i in by_reference.items() if i.pk in choices}
    issued = stock.issue_all(
        references=list(by_reference),
        by=by,
        document_reference=prescription.number,
        witness=witness,
        choices=chosen,
    )
    _note_choices(prescription, issued)
    for name, movements in issued.items():
        for movement in movements:
            DispenseLine.objects.create(
                item=by_reference[name], movement=movement, quantity=-movement.quantity
            )


def _note_choices(prescription: Prescription, issued: dict) -> None:
    """The auditor sees that R-112 was left; the reason stands in the ledger."""
    lines = [name for name, movements in issued.items() if any(m.reason for m in movements)]
    if lines:
        audit.record(
            "other_batch",
            subject=prescription.patient_id,
            target=prescription,
            data={"lines": lines},
        )


@atomic_retry
def send_back(
    *, prescription: Prescription, reason: str, version: int | None = None, by
) -> Prescription:
    """Something is missing or the skin test was positive: the doctor decides, nobody else (R-123).

    What was reserved is free again; the corrected sheet passes review anew.
    """
    prescription = locked(prescription)
    check_version(prescription, version)
    if not reason.strip():
        raise RuleBroken(
            _("Not sent back: please write what is missing."), field="reason", rule="R-123"
        )
    if prescription.state == RxState.PICKING:
        move(prescription, RxState.PAID, by=by)
    prescription.picker = None
    move(prescription, RxState.SUBMITTED, by=by, reason=reason.strip())
    move(prescription, RxState.RETURNED, by=by, reason=reason.strip())
    release_all(prescription, by=by)
    return prescription
