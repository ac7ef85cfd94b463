"""A patient with a record of every kind, each word of which stands nowhere else."""

import datetime

from django.utils import timezone

from clinic.cashier.models import AddedLine, Bill
from patients import merging
from patients.exchange import exporting
from patients.followup.verbs import open_file
from patients.models import CareKind
from prescriptions import review, services, treatments
from prescriptions.evaluation.paper import register_paper
from prescriptions.models import (
    PrescriptionSet,
    TreatmentService,
)
from prescriptions.treatment_services import load_treatment_services
from registration import consultation, record_templates
from registration.models import (
    Clinician,
    Consultation,
    ReportDuty,
)
from security.models import User
from security.permissions import Role
from tests.conftest import person as account
from tests.factories.cash import charging, fee
from tests.factories.herbs import herbal_draft, piece, put
from tests.factories.patients import AllergyFactory, PatientFactory, agreed
from tests.factories.prescriptions import draft, row, submitted, tablets
from tests.factories.received import document, received
from tests.factories.registration import (
    ClinicianFactory,
    Icd10CodeFactory,
    finished_record,
    online_booking,
    open_record,
    open_session,
    waiting_visit,
)
from tests.factories.tables import brought
from tests.factories.till import taken


def scene_of(doctor, frontdesk, pharmacist) -> dict:
    """A patient of `doctor` with an open record, a sheet in three states, and one who waits."""
    patient = PatientFactory(name="金丝雀", address="北桥村金丝雀巷9号")
    session = open_session(doctor)
    Icd10CodeFactory(code="J98.9")
    record = open_record(session, frontdesk, patient=patient)
    record = consultation.save_record(
        consultation=record,
        version=record.version,
        complaint="主诉金丝雀",
        present_illness="现病史金丝雀",
        examination="查体金丝雀",
        advice="意见金丝雀",
        by=doctor,
    )
    consultation.add_diagnosis(consultation=record, code="J98.9", by=doctor)
    template = record_templates.keep_record(consultation=record, name="模板", by=doctor)
    diagnosis = record.diagnoses.get()
    diagnosis.name = "诊断金丝雀"  # no word of the dictionary, which everybody may look up
    diagnosis.save(update_fields=["name"])
    drug, sheets = tablets(), []
    for _number in range(3):
        sheet = draft(doctor, record=record)
        item = row(sheet, drug, remark="备注金丝雀")
        sheets.append(sheet)
        if len(sheets) < 3:
            sheets[-1] = services.submit(prescription=sheet, by=doctor)
    load_treatment_services()
    service = TreatmentService.objects.get(code="DR1")
    treatment = treatments.order(consultation=record, service=service, times=2, by=doctor)
    waiting = waiting_visit(session, frontdesk)
    care_file = open_file(patient=patient, kind=CareKind.HYPERTENSION, by=doctor)
    return {
        "care_file": care_file,
        "follow_up": care_file.follow_ups.get(),
        **charged(waiting, pharmacist),
        "treatment": treatment,
        "turn": treatment.turns.first(),
        "patient": patient,
        "merge": merging.merge(
            kept=PatientFactory(), merged=PatientFactory(), reason="同一人", by=frontdesk
        ),
        "allergy": AllergyFactory(patient=patient),
        "consent": agreed(patient, by=frontdesk),
        "record": record,
        "diagnosis": diagnosis,
        "template": template,
        "assistants": assistants_record(frontdesk),
        "assistants_sheet": submitted(User.objects.get(username="assistant"), drug),
        "copy": export_of(patient, doctor, exporting.make_copy, visits=[], asker="self"),
        "export": export_of(patient, doctor, exporting.make_book),
        "received": received(patient, doctor),
        "document": document(patient, doctor),
        "duty": ReportDuty.objects.create(
            consultation=record,
            facts={"disease": "诊断金丝雀", "grade": "丙", "hours": 24, "code": "x", "name": "x"},
            due_at=timezone.now(),
        ),
        "waiting": waiting,
        "booking": online_booking(session, datetime.time(9), PatientFactory()),
        "submitted": sheets[0],
        "approved": review.approve(prescription=sheets[1], by=pharmacist),
        "draft": sheet,
        "herbal": put(herbal_draft(doctor, record=record), piece("黄芪"), wish="备注金丝雀"),
        "item": item,
        "set": PrescriptionSet.objects.create(name="协定", live_key="clinic/协定", made_by=doctor),
        "drug_list": brought(pharmacist),
        "people_asked": brought(frontdesk, kind="patients"),
        "people_done": brought(frontdesk, kind="patients"),
        "pair_list": brought(pharmacist, b"number,effect\nX1,x\n", kind="interactions"),
        "fee_table": brought(pharmacist, b"code,name\nX1,x\n", kind="fee_items"),
        "paper": handwritten(pharmacist, session.clinician),
    }


def charged(visit, by) -> dict:
    """A receipt of this visit, and something added to its bill by hand."""
    bill = Bill.objects.create(registration=visit, patient=visit.patient)
    gauze = fee("material", "2.50")
    added = AddedLine.objects.create(bill=bill, fee_item=gauze, quantity=1, added_by=by)
    receipt = taken(bill, by=by, cash="5.00")
    charging()  # else the pages of the till are closed
    return {"receipt": receipt, "added": added}


def export_of(patient, by, verb, **more):
    if more:
        more["asker_name"] = ""
    return verb(patient=patient, purpose="patient", words="", by=by, **more)


def handwritten(pharmacist, clinician):
    today = timezone.localdate()
    return register_paper(
        day=today, clinician=clinician, kind="ordinary", drugs=1, codes=[], by=pharmacist
    )


def assistants_record(frontdesk) -> Consultation:
    """Of the same department as `doctor`, to be countersigned."""
    assistant = account("assistant", "何助理", Role.DOCTOR)
    clinician = ClinicianFactory(user=assistant, title=Clinician.Title.ASSISTANT)
    return finished_record(open_session(clinician.user), frontdesk, code="J98.9")
