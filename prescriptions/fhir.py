"""This app's part of an export in FHIR R4: MedicationRequest and MedicationDispense.

One request for each drug of a sheet, one dispense for each lot that was handed out of it. What
belongs to a visit with a guarded diagnosis says that it is restricted: a drug tells the illness
(R-140).
"""

from collections.abc import Iterable

from django.db.models import Prefetch
from django.utils.translation import gettext as _

from patients.fhir_parts import TERMS, concept, own_id, patient_of, restricted, time_of
from prescriptions.fhir_dosage import dosage, quantity
from prescriptions.groups import members
from prescriptions.models import DispenseLine, Prescription, PrescriptionItem
from prescriptions.recalls import returned_units
from prescriptions.states import RxState
from registration import guarded
from registration.models import Diagnosis

Kind = Prescription.Kind
# Of a sheet in each state of R-34.
STATUSES = {
    RxState.DRAFT: "draft",
    RxState.SUBMITTED: "active",
    RxState.RETURNED: "on-hold",
    RxState.APPROVED: "active",
    RxState.UNPAID: "active",
    RxState.PAID: "active",
    RxState.PICKING: "active",
    RxState.PART_DISPENSED: "active",
    RxState.DISPENSED: "completed",
    RxState.ARCHIVED: "completed",
    RxState.VOIDED: "cancelled",
    RxState.LAPSED: "stopped",
    RxState.PART_RETURNED: "completed",
    RxState.ALL_RETURNED: "stopped",
    RxState.ISSUED: "active",
}
LONG = 28  # days; more is a long-term prescription


def contribute(patient, *, by) -> list[dict]:
    """Everything of this app about one patient; a fixed number of queries.

    Of a guarded visit that `by` may not see the drugs stay in sight, as on the pages: not to know
    them would harm whoever gives the next. What they were given for is left out.
    """
    reader = guarded.Reader(by)
    found, lines = [], []
    for sheet in _sheets(patient):
        record = sheet.consultation
        is_secret = guarded.is_guarded(record, [d.code for d in record.standing])
        is_closed = is_secret and by is not None and not reader.may_see(record)
        record.told = [] if is_closed else record.standing
        visit = {} if is_closed else {"reference": f"Encounter/{record.pk}"}
        common = {**restricted(is_secret), "subject": patient_of(sheet.patient_id)}
        for item in sheet.live:
            encounter = {"encounter": visit} if visit else {}
            found.append(_request(sheet, item, common | encounter))
            context = {"context": visit} if visit else {}
            lines += [(line, sheet, item, common | context) for line in item.lines.all()]
    back = returned_units([line for line, *_rest in lines])
    return found + [_dispense(*line, back.get(line[0].pk, 0)) for line in lines]


def _sheets(patient) -> Iterable[Prescription]:
    rows = PrescriptionItem.objects.filter(removed_at__isnull=True).select_related("drug")
    lines = DispenseLine.objects.select_related("movement__batch", "movement__made_by")
    standing = Diagnosis.objects.filter(removed_at__isnull=True).order_by("rank")
    return (
        Prescription.objects.filter(patient=patient)
        .select_related("prescriber", "consultation__clinician")
        .prefetch_related(
            Prefetch("items", rows.order_by("rank"), to_attr="live"),
            Prefetch("live__lines", lines.order_by("pk")),
            Prefetch("consultation__diagnoses", standing, to_attr="standing"),
        )
        .order_by("created_at", "pk")
    )


def _request(sheet: Prescription, item: PrescriptionItem, common: dict) -> dict:
    mates = [mate for mate in members(sheet.live, item.group) if mate.pk != item.pk]
    is_long = item.days > LONG
    found = {
        "resourceType": "MedicationRequest",
        "id": str(item.pk),
        **common,
        "identifier": [{"value": f"{sheet.number}/{item.rank}"}],
        "groupIdentifier": {"value": sheet.number},
        "status": _status(sheet, item),
        "intent": "order",
        "category": [concept(f"{TERMS}medicationrequest-category", "outpatient", "Outpatient")],
        "priority": "urgent" if sheet.kind == Kind.EMERGENCY else "routine",
        "medicationCodeableConcept": _drug(item),
        "authoredOn": time_of(sheet.submitted_at or sheet.created_at),
        "requester": {"display": sheet.prescriber.full_name},
        "courseOfTherapyType": concept(
            f"{TERMS}medicationrequest-course-of-therapy", "continuous" if is_long else "acute"
        ),
        "dosageInstruction": [dosage(item, mates)],
        "dispenseRequest": _supply(sheet, item),
        "substitution": {"allowedBoolean": False},  # only the doctor changes a drug
    }
    if sheet.consultation.told:
        found["reasonReference"] = [
            {"reference": f"Condition/{diagnosis.pk}"} for diagnosis in sheet.consultation.told
        ]
    if mates:
        found["supportingInformation"] = [
            {"reference": f"MedicationRequest/{mate.pk}"} for mate in mates
        ]
    if notes := _notes(item):
        found["note"] = notes
    return found


def _status(sheet: Prescription, item: PrescriptionItem) -> str:
    status = STATUSES[RxState(sheet.state)]
    if status != "completed":
        return status
    if item.outside:
        return "unknown"  # nobody here knows whether it was bought
    return "completed" if item.dispensed else "stopped"


def _drug(item: PrescriptionItem) -> dict:
    words = " ".join(filter(None, [item.drug_name, item.strength]))
    return {"coding": [{"code": item.drug.code, "display": item.drug_name}], "text": words}


def _supply(sheet: Prescription, item: PrescriptionItem) -> dict:
    found = {
        "numberOfRepeatsAllowed": 0,
        "quantity": quantity(item.quantity, item.base_unit),
        "expectedSupplyDuration": quantity(item.days, "d"),
    }
    if sheet.submitted_at and sheet.valid_until:
        start = time_of(sheet.submitted_at)
        found["validityPeriod"] = {"start": start, "end": sheet.valid_until.isoformat()}
    return found


def _notes(item: PrescriptionItem) -> list[dict]:
    found = []
    if item.skin_test:
        words = {"state": item.get_skin_test_display()}
        found.append({"text": _("Skin test: %(state)s") % words})
    if item.outside:
        found.append({"text": _("Bought outside")})
    return found


def _dispense(line: DispenseLine, sheet, item: PrescriptionItem, common: dict, back: int) -> dict:
    movement, batch = line.movement, line.movement.batch
    found = {
        "resourceType": "MedicationDispense",
        "id": own_id(item.pk, f"dispense/{line.pk}"),
        **common,
        "contained": [
            {
                "resourceType": "Medication",
                "id": "handed-out",
                "code": _drug(item),
                "batch": {
                    "lotNumber": batch.lot,
                    "expirationDate": batch.expires_on.isoformat(),
                },
            }
        ],
        "identifier": [{"value": f"{sheet.number}/{item.rank}/{line.pk}"}],
        "status": "stopped" if back >= line.quantity else "completed",
        "medicationReference": {"reference": "#handed-out"},
        "performer": [{"actor": {"display": movement.made_by.full_name}}],
        "authorizingPrescription": [{"reference": f"MedicationRequest/{item.pk}"}],
        "quantity": quantity(line.quantity, item.base_unit),
        "whenHandedOver": time_of(movement.made_at),
        "substitution": {"wasSubstituted": False},
    }
    if back:
        words = {"quantity": f"{back} {item.base_unit}"}
        found["note"] = [{"text": _("Came back: %(quantity)s") % words}]
    return found
