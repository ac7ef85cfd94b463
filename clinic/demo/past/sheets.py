"""The rows that a prescription leaves behind, from the doctor's signature to the last tablet."""

from datetime import timedelta

from django.conf import settings
from django.utils import translation
from django.utils.timezone import localtime

from clinic.core import clinical
from clinic.demo.past.judging import findings_of, items_of
from clinic.demo.past.rows import Rows
from patients.age import age_years
from pharmacy.models import Reservation, StockDocument, StockMovement
from prescriptions import signature
from prescriptions.head import GUARDIAN_BELOW, allergies_of
from prescriptions.models import (
    AlertRecord,
    DispenseLine,
    Evaluation,
    Prescription,
    PrescriptionItem,
)
from prescriptions.models import PrescriptionEvent as Event
from prescriptions.rules.sheet import paper_class
from prescriptions.states import RxState

Kind, Outcome = Prescription.Kind, AlertRecord.Outcome
RETURNED = 0.035  # of all sheets the pharmacist gives so many back once
OBJECTIONS = (
    ("2-5", "用法用量请与说明书核对后再提交"),
    ("1-10", "临床诊断与用药不完全对应，请补充诊断"),
    ("2-4", "同类基本药物有库存，请考虑优先选用"),
    ("1-7", "请核对总量与用药天数"),
    ("2-9", "请注明饭前或饭后服用"),
)
ELDERLY = 65
NEVER = "allergy.recorded"  # no doctor of ours signs for that


def prescribe(rows: Rows, known, record, story, *, chance, day) -> Prescription | None:
    """The sheet of this story; None where a rule refuses it or the shelf lacks something."""
    patient = record.patient
    clinician = record.clinician
    handed_in = record.finished_at - timedelta(seconds=chance.randrange(40, 110))
    sheet = Prescription(
        consultation=record,
        patient=patient,
        prescriber=clinician.user,
        created_at=handed_in - timedelta(seconds=chance.randrange(60, 150)),
        submitted_at=handed_in,
        valid_until=day,
    )
    items = items_of(known, sheet, story, day)
    if not items or patient.allergy_status == "not_asked":
        return None
    findings = findings_of(known, patient, record, items, story, day)
    if any(f.level == 1 or f.rule.key.startswith(NEVER) for f in findings):
        return None
    sheet.kind = _kind(known, patient, clinician, items, day)
    rows.add(sheet)
    for item in items:
        known.shelf.promise(item.drug_id, item.quantity)
        if item.skin_test:
            item.skin_test_at = record.started_at + timedelta(minutes=6)
            item.skin_test_by = known.people["nurse"]
        rows.add(item)
    _note(rows, sheet, items, findings, chance)
    sheet.head = _head(known, sheet, story, items)
    _go_through(rows, known, sheet, items, chance)
    rows.add(Evaluation(prescription=sheet, seen=_seen(findings), data_version=clinical.version()))
    return sheet


def _kind(known, patient, clinician, items, day) -> Kind:
    classes = {paper_class(item.drug.control_class_on(day)) for item in items}
    if "psychotropic_2" in classes:
        return Kind.PSYCHOTROPIC_2
    child = age_years(patient.birth_date, day) < known.site["prescription.child_age"]
    return Kind.PAEDIATRIC if child or clinician.department.paediatric else Kind.ORDINARY


def _note(rows: Rows, sheet, items, findings, chance) -> None:
    """What asked was signed with a reason, what told stands in the log of alerts (R-43)."""
    by_key = {item.pk.hex: item for item in items}
    for finding in findings:
        asks = finding.level == 2
        reason = None
        if asks and finding.rule.reasons == "long":
            old = age_years(sheet.patient.birth_date, sheet.valid_until) >= ELDERLY + 10
            reason = sheet.long_reason = "elderly" if old and chance.random() < 0.4 else "chronic"
        elif asks:
            reason = chance.choice(("monitored", "monitored", "specialist"))
        rows.add(
            AlertRecord(
                prescription=sheet,
                item=by_key.get(finding.lines[-1])
                if finding.lines and not finding.is_whole
                else None,
                rule=finding.rule.key,
                fingerprint=finding.fingerprint,
                level=finding.level,
                outcome=Outcome.OVERRIDDEN if asks else Outcome.NOTED,
                message=finding.title[:500],
                reason=reason,
                made_at=sheet.submitted_at - timedelta(seconds=20),
                made_by=sheet.prescriber,
            )
        )


def _seen(findings) -> list:
    return [
        [f.rule.key, list(f.lines), f.level, f.level == 2, f.title[:300]]
        for f in findings
        if not (f.rule.key == "duplicate.in_use" and f.values.get("days", 0) <= 7)
    ]


def _head(known, sheet, story, items) -> dict:
    """As prescriptions.head makes it, out of what is at hand."""
    patient, record, clinician = sheet.patient, sheet.consultation, sheet.consultation.clinician
    day = sheet.valid_until
    child = age_years(patient.birth_date, day) < GUARDIAN_BELOW
    with translation.override(settings.LANGUAGE_CODE):
        made = {
            "institution": known.institution.name,
            "name": patient.name,
            "sex": patient.get_sex_display(),
            "age": patient.age_on(day),
            "record_no": patient.record_no,
            "payment": patient.get_payment_display(),
            "phone": patient.phone or "",
            "address": patient.address or "",
            "department": clinician.department.name,
            "date": day.isoformat(),
            "time": _local(sheet.submitted_at),
            "weight": story.vitals.get("weight", ""),
            "first_visit": record.first_visit,
            "guardian": (patient.contact_name or "") if child else "",
            "diagnoses": [[code, name or known.icd10[code]] for code, name in story.diagnoses],
            "allergies": allergies_of(patient),
            "doctor": clinician.user.full_name,
        }
    return {**made, "signature": signature.sign(made, items, by=sheet.prescriber)}


def _local(moment) -> str:
    return f"{localtime(moment):%H:%M}"


def _go_through(rows: Rows, known, sheet, items, chance) -> None:
    """Reviewed by one pharmacist, handed out by the other; some are sent back first (R-32)."""
    pair = [known.people["pharmacist"], known.people["pharmacist2"]]
    reviewer, dispenser = pair if sheet.valid_until.day % 2 else pair[::-1]
    moment, sheet.version = sheet.submitted_at, 1 + len(items)
    state = RxState.DRAFT

    def move(new, by, seconds=0, **told):
        nonlocal state, moment
        moment += timedelta(seconds=seconds)
        sheet.version += 1
        rows.add(
            Event(
                prescription=sheet,
                old=state,
                new=new,
                version=sheet.version,
                made_at=moment,
                made_by=by,
                **told,
            )
        )
        state = new

    move(RxState.SUBMITTED, sheet.prescriber)
    if chance.random() < RETURNED:
        code, words = chance.choice(OBJECTIONS)
        details = {"remarks": [], "content": ""}
        move(
            RxState.RETURNED, reviewer, chance.randrange(50, 160),
            reason=words, codes=code, details=details,
        )  # fmt: skip
        move(RxState.SUBMITTED, sheet.prescriber, chance.randrange(60, 240))
        sheet.submitted_at = moment
        sheet.head = {**sheet.head, "time": _local(moment)}
    move(RxState.APPROVED, reviewer, chance.randrange(40, 200))
    sheet.reviewer, sheet.approved_at = reviewer, moment
    move(RxState.UNPAID, reviewer)
    move(RxState.PAID, reviewer)
    move(RxState.PICKING, dispenser, chance.randrange(40, 300))
    busy = known.window - moment if known.window else timedelta()
    wait = max(chance.randrange(50, 200), int(busy.total_seconds()) + 15)
    move(RxState.DISPENSED, dispenser, wait)
    known.window = moment
    sheet.picker = sheet.checker = sheet.dispenser = dispenser
    sheet.dispensed_at, sheet.state = moment, state


def hand_out(rows: Rows, known, sheet, *, number: str, document_no: str) -> list[tuple]:
    """Promise and movements of the sheet; (movement, batch) pairs in the order of the ledger.

    The balance of each movement is written by whoever holds the batches' locks.
    """
    sheet.number = number
    day, dispenser, moved = sheet.valid_until, sheet.dispenser, []
    document = rows.add(
        StockDocument(
            number=document_no,
            kind=StockDocument.Kind.DISPENSING,
            state=StockDocument.State.POSTED,
            reference=number,
            made_at=sheet.dispensed_at,
            made_by=dispenser,
            posted_at=sheet.dispensed_at,
            posted_by=dispenser,
        )
    )
    for item in rows.by_model[PrescriptionItem]:
        reference = f"{number}/{item.rank}"
        item.dispensed = item.quantity
        rows.add(
            Reservation(
                drug=item.drug,
                quantity=item.quantity,
                issued=item.quantity,
                reference=reference,
                in_force=reference,
                state=Reservation.State.ISSUED,
                made_at=sheet.approved_at,
                made_by=sheet.reviewer,
                ended_at=sheet.dispensed_at,
                ended_by=dispenser,
            )
        )
        for batch, units in known.shelf.take(item.drug_id, item.quantity, day):
            movement = rows.add(
                StockMovement(
                    document=document,
                    batch_id=batch,
                    drug_id=item.drug_id,
                    kind=StockMovement.Kind.ISSUE,
                    quantity=-units,
                    reference=reference,
                    made_at=sheet.dispensed_at,
                    made_by=dispenser,
                )
            )
            rows.add(DispenseLine(item=item, movement=movement, quantity=units))
            moved.append(movement)
    return moved
