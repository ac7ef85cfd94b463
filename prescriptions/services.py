"""Writing a prescription: start, rows, submit, void (R-1 to R-23).

Lock order: consultation, then prescription. Whoever reviews and hands out is in review.py and
dispensing.py.
"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.numbers import next_number
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry, lock
from patients.models import AllergyStatus
from prescriptions import alerts, countersigning, groups, head, objections, special, terms
from prescriptions.evaluation import verbs as evaluation
from prescriptions.herb_words import is_piece
from prescriptions.items import Usage, compute_row, usual_usage
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.moves import check_version, editable, live_items, locked, move
from prescriptions.release import release_all
from prescriptions.rules.facts import SOLVENT
from prescriptions.rules.sheet import MOST_DRUGS
from prescriptions.states import EDITABLE, RESERVING, RxState
from prescriptions.versions import changed as _changed
from registration.models import Consultation


@atomic_retry
def start(*, consultation: Consultation, form: str = Prescription.Form.WESTERN, by) -> Prescription:
    """A new sheet for an open visit of `by`; an empty draft of the same visit is taken up again."""
    consultation = lock(Consultation.objects.filter(pk=consultation.pk)).get()
    _check_visit(consultation, by)
    drafts = Prescription.objects.filter(
        consultation=consultation, prescriber=by, state=RxState.DRAFT, form=form
    )
    for draft in drafts:
        if not draft.items.filter(removed_at__isnull=True).exists():
            return draft
    day = timezone.localdate()
    number = next_number(f"rx.{day:%Y%m%d}")
    return Prescription.objects.create(
        number=f"RX{day:%Y%m%d}-{number:04d}",
        consultation=consultation,
        patient_id=consultation.patient_id,
        prescriber=by,
        form=form,
        kind=head.kind_of(consultation, []),
    )


def _check_visit(consultation: Consultation, by) -> None:
    clinician = consultation.clinician
    if clinician.user_id != by.pk:
        raise RuleBroken(
            _("No prescription was started: only the doctor who sees the patient writes it."),
            rule="R-5",
        )
    if consultation.started_at is None or consultation.finished_at is not None:
        raise RuleBroken(
            _(
                "No prescription was started: it needs an open visit. "
                "Please call the patient first."
            ),
            rule="R-5",
        )
    if not (clinician.may_prescribe and clinician.active):
        raise RuleBroken(
            _(
                "No prescription was started: you have no right to prescribe here. "
                "Please ask the administrator."
            ),
            rule="R-2",
        )
    if consultation.patient.allergy_status == AllergyStatus.NOT_ASKED:
        raise RuleBroken(
            _(
                "No prescription was started: allergies were not asked. Please ask the patient, "
                "then choose has allergies or denies allergies."
            ),
            rule="R-44",
        )


@atomic_retry
def add_item(
    *,
    prescription: Prescription,
    drug,
    dose: Decimal,
    dose_unit: str,
    route: str,
    frequency: str,
    days: int,
    quantity: int | None = None,
    remark: str = "",
    skin_test: str = "",
    outside: bool = False,
    group: int | None = None,
    drip: str = "",
    by,
) -> PrescriptionItem:
    """Add a row; `quantity` (base units) is computed where it can be, else it must be given.

    What a rule blocks stands on the draft, marked, and keeps the sheet from being submitted.
    A row that joins a group takes over its route, frequency and days; a drip rate written now
    goes to all of them.
    """
    prescription = editable(prescription, by)
    _check_form(prescription, drug)
    items = live_items(prescription)
    check_room(items, drug)
    usage = Usage(drug, dose, dose_unit, route, frequency, days, quantity, remark, outside)
    usage = replace(usage, group=group, drip=drip)
    usage = groups.joining(usage, items)
    groups.check(usage)
    last = prescription.items.order_by("-rank").values_list("rank", flat=True).first() or 0
    item = PrescriptionItem(prescription=prescription, rank=last + 1)
    compute_row(item, usage)
    _set_skin_test(item, skin_test, by)
    item.save()
    groups.spread(items, item)
    _changed(prescription, by)
    return item


@atomic_retry
def change_item(
    *,
    item: PrescriptionItem,
    drug,
    dose: Decimal,
    dose_unit: str,
    route: str,
    frequency: str,
    days: int,
    quantity: int | None = None,
    remark: str = "",
    skin_test: str | None = None,
    outside: bool = False,
    group: int | None = None,
    drip: str = "",
    by,
) -> PrescriptionItem:
    """Write a row anew; it keeps its place, and its skin test while the drug stays the same."""
    prescription, item = _own_item(item, by)
    _check_form(prescription, drug)
    others = [other for other in live_items(prescription) if other.pk != item.pk]
    if item.drug_id != drug.pk:
        check_room(others, drug)
        _clear_skin_test(item)
    usage = Usage(drug, dose, dose_unit, route, frequency, days, quantity, remark, outside)
    usage = replace(usage, group=group, drip=drip)
    if group != item.group:
        usage = groups.joining(usage, others)
    groups.check(usage)
    compute_row(item, usage)
    if skin_test is not None:
        _set_skin_test(item, skin_test, by)
    item.save()
    groups.spread(others, item)
    _changed(prescription, by)
    return item


@atomic_retry
def replace_item(*, item: PrescriptionItem, drug, by) -> PrescriptionItem:
    """Put another drug in the row's place, with that drug's usual usage for adults."""
    usage = usual_usage(drug, days=item.days)
    return change_item(
        item=item,
        drug=drug,
        dose=usage.dose,
        dose_unit=usage.dose_unit,
        route=usage.route,
        frequency=usage.frequency,
        days=usage.days,
        remark=usage.remark,
        group=item.group if usage.route == item.route else None,
        drip=item.drip if usage.route == item.route else "",
        by=by,
    )


@atomic_retry
def mark_outside(*, item: PrescriptionItem, by) -> PrescriptionItem:
    """The patient buys this drug elsewhere: it stays on the sheet and leaves no stock (R-113)."""
    prescription, item = _own_item(item, by)
    item.outside = True
    item.amount = Decimal(0)
    item.save()
    _changed(prescription, by)
    return item


@atomic_retry
def remove_item(*, item: PrescriptionItem, by) -> Prescription:
    """Take a row off the sheet; it stays in the database, marked (R-147)."""
    prescription = editable(item.prescription, by)
    item = PrescriptionItem.objects.get(pk=item.pk)
    if item.removed_at is None:
        item.removed_at = timezone.now()
        item.save()
        _changed(prescription, by)
    return prescription


@atomic_retry
def submit(
    *, prescription: Prescription, version: int | None = None, insist: str = "", by
) -> Prescription:
    """Sign the sheet and hand it to the pharmacist; refused while a rule blocks or waits (R-43).

    From here on head and rows are fixed; it is valid today, or as long as was stated (R-22).
    `insist` is why the doctor wants a returned sheet as it is; the caller has asked for the
    password again (R-38).
    """
    prescription = editable(prescription, by)
    check_version(prescription, version)
    found = alerts.opinion(prescription)
    alerts.require_clear(found, refused=_("Not submitted:"))
    mark = objections.answer(prescription, found.items, insist)
    for rank, item in enumerate(found.items, 1):
        _renumber(item, rank)
    now = timezone.now()
    prescription.submitted_at = now
    prescription.valid_until = timezone.localdate(now) + timedelta(prescription.extra_days)
    terms.forget_unneeded(prescription, found.items)
    prescription.reviewer = prescription.approved_at = None
    prescription.reviewed_as, prescription.insisted_at = "", now if mark else None
    countersigning.begin(prescription)
    prescription.kind = head.kind_of(prescription.consultation, found.items)
    special.number(prescription)
    prescription.head = head.snapshot(prescription, found.items)
    if not any(finding.rule.reasons == "long" for finding in found.findings):
        prescription.long_reason = ""
    alerts.note_down(prescription, found, by=by, levels=(3,))
    move(prescription, RxState.SUBMITTED, by=by, reason=insist.strip(), mark=mark)
    evaluation.remember(prescription, found)
    countersigning.issue_where_no_pharmacy(prescription, by=by)
    return prescription


@atomic_retry
def void(*, prescription: Prescription, reason: str, by) -> Prescription:
    """Withdraw the sheet, by its prescriber and before it is paid for (R-34); stock is freed."""
    prescription = locked(prescription)
    if prescription.prescriber_id != by.pk:
        raise RuleBroken(_("Only the doctor who wrote the prescription can void it."), rule="R-34")
    if prescription.state == RxState.PAID and setting("site.charges"):
        raise RuleBroken(
            _("Not voided: it is paid for. Please have the payment refunded first."), rule="R-34"
        )
    reserving = prescription.state in RESERVING
    move(prescription, RxState.VOIDED, by=by, reason=reason)
    if reserving:
        release_all(prescription, by=by)
    return prescription


# -- inside --


def _own_item(item: PrescriptionItem, by) -> tuple[Prescription, PrescriptionItem]:
    prescription = editable(item.prescription, by)
    item = PrescriptionItem.objects.select_related("drug").get(pk=item.pk)
    if item.removed_at is not None:
        raise RuleBroken(_("Not changed: this row was taken off the prescription meanwhile."))
    return prescription, item


def _check_form(prescription: Prescription, drug) -> None:
    """Herbal pieces stand on a sheet of their own, which herbal.py writes (R-15)."""
    if is_piece(drug) or prescription.form == Prescription.Form.HERBAL:
        raise RuleBroken(
            _(
                "Not added: herbal pieces stand on a sheet of their own. Please start a herbal "
                "sheet for them on the page of the visit."
            ),
            field="drug",
            rule="R-15",
        )


def check_room(items: list[PrescriptionItem], drug) -> None:
    """R-14; herbal pieces are on sheets of their own, solvents free where the site says so."""
    free = {SOLVENT} if setting("prescription.solvents_free") else set()
    counted = [item for item in items if not free & set(item.drug.class_tags.split(";"))]
    if not free & set(drug.class_tags.split(";")) and len(counted) >= MOST_DRUGS:
        raise RuleBroken(
            _(
                "Not added: a prescription holds at most 5 drugs. Please write the others on "
                "another prescription."
            ),
            field="drug",
            rule="R-14",
        )


def _set_skin_test(item: PrescriptionItem, state: str, by) -> None:
    if state != item.skin_test:
        item.skin_test = state
        item.skin_test_at = timezone.now() if state else None
        item.skin_test_by = by if state else None


def _clear_skin_test(item: PrescriptionItem) -> None:
    item.skin_test, item.skin_test_lot = "", ""
    item.skin_test_at = item.skin_test_by = item.skin_test_started_at = None


def _renumber(item: PrescriptionItem, rank: int) -> None:
    if item.rank != rank:
        item.rank = rank
        item.save(update_fields=["rank"])


__all__ = [
    "EDITABLE",
    "add_item",
    "change_item",
    "check_room",
    "mark_outside",
    "remove_item",
    "replace_item",
    "start",
    "submit",
    "void",
]
