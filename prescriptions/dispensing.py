"""Picking and handing out; sending back what can't be handed out (R-39, R-45, R-112, R-123).

Lock order: prescription, then batches by id (in pharmacy.stock).
"""

from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.on_record import on_record
from clinic.core.transactions import atomic_retry
from pharmacy import stock
from pharmacy.controlled import any_by_two_people
from prescriptions import alerts, collecting, double_sign, portions, rights, shortages
from prescriptions.models import DispenseLine, Prescription, PrescriptionItem
from prescriptions.moves import check_version, live_items, locked, move, reference
from prescriptions.release import end_rest, release_all
from prescriptions.review import require_valid_today
from prescriptions.rules.table import AT_WINDOW
from prescriptions.skin_tests import require_done
from prescriptions.states import RxState
from security import audit, many, tracking

LONGEST_REASON = 500


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
    parts: dict[UUID, int] | None = None,
    by,
) -> Prescription:
    """Hand out what is left, once: stock falls by batch, the earliest expiry first (R-112).

    `choices` are the rows, by id, for which the pharmacist took other batches and wrote why;
    `parts` those of which less goes out now (base units): the rest stays promised (R-123).

    One person may pick and hand out; the sheet then carries that name in both places. Narcotics,
    class-I psychotropics and toxic drugs need `witness`, who has just confirmed and is the one who
    checked (R-28, R-40, R-120).
    Whoever reviewed it too has `signed_again`: the caller asked for the password (R-33).
    """
    prescription = locked(prescription)
    check_version(prescription, version)
    require_valid_today(prescription)
    rights.require_dispenser(by)
    items = live_items(prescription)
    for item in items:  # changed by whoever holds the sheet, and by nobody else
        tracking.know(item)
    require_done(items)
    _require_still_safe(prescription, items)
    double_sign.require(prescription, by=by, witness=witness, signed_again=signed_again)
    collecting.require_told(prescription)
    leaving = portions.leaving(items, parts or {})
    if prescription.state not in (RxState.PICKING, RxState.PART_DISPENSED):
        prescription.picker = by
        move(prescription, RxState.PICKING, by=by)
    _issue(prescription, leaving, by, witness, choices or {})
    prescription.checker, prescription.dispenser = witness or by, by
    prescription.dispensed_at = timezone.now()
    is_all = not any(portions.left(item) for item in items)
    move(prescription, RxState.DISPENSED if is_all else RxState.PART_DISPENSED, by=by)
    return prescription


def needs_witness(items: list[PrescriptionItem]) -> bool:
    """True when something on the sheet goes out by two people only (R-120); of `live_items`."""
    return any_by_two_people([item.drug for item in items if portions.left(item)])


def stops(prescription: Prescription, items: list[PrescriptionItem]) -> list:
    """Findings that speak against handing out and that nobody has signed."""
    found = alerts.opinion(prescription, items, counts_stock=False)  # none of AT_WINDOW asks
    return [f for f in found.blocks + found.open if f.rule.key.startswith(AT_WINDOW)]


def _require_still_safe(prescription: Prescription, items: list[PrescriptionItem]) -> None:
    """What the file learnt since the review (an allergy, a pregnancy) stops the drugs (R-43)."""
    new = stops(prescription, items)
    if new:
        raise RuleBroken(
            _("Not dispensed: %(reason)s. Please send the prescription back to the doctor.")
            % {"reason": new[0].title},
            rule="R-43",
        )


def _issue(prescription: Prescription, leaving, by, witness, choices) -> None:
    by_reference = {reference(prescription, item): item for item, _units in leaving}
    if not by_reference:
        return
    chosen = {name: choices[i.pk] for name, i in by_reference.items() if i.pk in choices}
    issued = stock.issue_all(
        references=list(by_reference),
        by=by,
        document_reference=prescription.number,
        witness=witness,
        choices=chosen,
        parts={reference(prescription, item): units for item, units in leaving},
    )
    _note_choices(prescription, issued)
    for item, units in leaving:
        item.prescription = prescription  # whose patient the log names; not asked for each row
        item.dispensed += units
    many.update([item for item, _units in leaving], ["dispensed"])
    many.create(
        [
            DispenseLine(item=by_reference[name], movement=movement, quantity=-movement.quantity)
            for name, movements in issued.items()
            for movement in movements
        ]
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
def give_up_rest(*, prescription: Prescription, version: int | None = None, by) -> Prescription:
    """The doctor decides that what is still missing will not be handed out (R-123)."""
    prescription = locked(prescription)
    check_version(prescription, version)
    if prescription.prescriber_id != by.pk:
        raise RuleBroken(
            _("Only the doctor who wrote the prescription can give up its rest."), rule="R-123"
        )
    if prescription.state != RxState.PART_DISPENSED:
        raise AlreadyDone(
            _("Not done: %(number)s is now “%(state)s”, nothing of it is left to be handed out.")
            % {"number": prescription.number, "state": prescription.get_state_display()},
            rule="R-34",
        )
    end_rest(prescription, by=by, reason=on_record(gettext_lazy("The doctor gave up the rest.")))
    return prescription


@atomic_retry
def send_back(
    *,
    prescription: Prescription,
    reason: str = "",
    short: dict[UUID, tuple] | None = None,
    version: int | None = None,
    by,
) -> Prescription:
    """Something is missing or the skin test was positive: the doctor decides, nobody else (R-123).

    `short` says of which rows how much is missing and what could go instead; then the reason may
    stay empty. What was reserved is free again; the corrected sheet passes review anew.
    """
    rights.require_dispenser(by)
    prescription = locked(prescription)
    check_version(prescription, version)
    rights.require_dispenser(by)
    if short:
        reason = "；".join(filter(None, [shortages.note_down(prescription, short, by), reason]))
    if not reason.strip():
        raise RuleBroken(
            _("Not sent back: please write what is missing."), field="reason", rule="R-123"
        )
    if prescription.state == RxState.PICKING:
        move(prescription, RxState.PAID, by=by)
    prescription.picker = None
    reason = reason.strip()[:LONGEST_REASON]
    move(prescription, RxState.SUBMITTED, by=by, reason=reason)
    move(prescription, RxState.RETURNED, by=by, reason=reason)
    release_all(prescription, by=by)
    return prescription
