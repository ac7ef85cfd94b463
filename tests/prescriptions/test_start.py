"""Starting a prescription (R-2, R-5, R-12, R-44)."""

import pytest
from django.utils import timezone

from clinic.core.errors import RuleBroken
from prescriptions.models import Prescription
from prescriptions.services import start
from registration import consultation
from tests.factories.prescriptions import draft, patient_with, row, visit_of

pytestmark = pytest.mark.django_db


def test_a_sheet_is_numbered_by_day_and_never_twice_R12(doctor):
    day = timezone.localdate()

    numbers = [start(consultation=visit_of(doctor), by=doctor).number for _n in range(3)]

    assert numbers == [f"RX{day:%Y%m%d}-000{n}" for n in (1, 2, 3)]


def test_a_sheet_belongs_to_visit_patient_and_doctor_R13(doctor, visit):
    sheet = start(consultation=visit, by=doctor)

    assert (sheet.consultation, sheet.patient, sheet.prescriber) == (visit, visit.patient, doctor)
    assert sheet.state == "draft"
    assert sheet.kind == "ordinary"


def test_a_second_press_takes_up_the_empty_draft(doctor, visit):
    first = start(consultation=visit, by=doctor)

    assert start(consultation=visit, by=doctor) == first
    assert Prescription.objects.count() == 1


def test_a_draft_with_rows_is_left_alone_and_another_begins(doctor, visit):
    first = draft(doctor, record=visit)
    row(first)

    assert start(consultation=visit, by=doctor) != first


def test_another_doctor_writes_no_prescription_for_this_visit_R5(other_doctor, visit):
    with pytest.raises(RuleBroken) as refusal:
        start(consultation=visit, by=other_doctor)

    assert refusal.value.rule == "R-5"


def test_a_finished_visit_gets_no_new_prescription_R5(doctor, visit):
    consultation.save_record(
        consultation=visit, version=visit.version, by=doctor, complaint="咳嗽 3 天"
    )
    consultation.finish(consultation=visit, by=doctor)

    with pytest.raises(RuleBroken) as refusal:
        start(consultation=visit, by=doctor)

    assert refusal.value.rule == "R-5"


def test_prescribing_is_impossible_while_allergies_were_not_asked_R44(doctor):
    visit = visit_of(doctor, patient=patient_with(allergy_status="not_asked"))

    with pytest.raises(RuleBroken) as refusal:
        start(consultation=visit, by=doctor)

    assert refusal.value.rule == "R-44"
    assert not Prescription.objects.exists()


@pytest.mark.parametrize("right", ["may_prescribe", "active"])
def test_somebody_without_the_right_starts_nothing_R2(doctor, right):
    visit = visit_of(doctor, **{right: False})

    with pytest.raises(RuleBroken) as refusal:
        start(consultation=visit, by=doctor)

    assert refusal.value.rule == "R-2"


@pytest.mark.parametrize(("years", "kind"), [(13, "paediatric"), (14, "ordinary")])
def test_a_child_gets_the_childrens_paper_R10(doctor, years, kind):
    born = timezone.localdate().replace(day=1)
    born = born.replace(year=born.year - years)

    assert draft(doctor, patient=patient_with(birth_date=born)).kind == kind


@pytest.mark.parametrize(
    ("flag", "kind"), [("emergency", "emergency"), ("paediatric", "paediatric")]
)
def test_the_department_decides_the_paper_R10(doctor, flag, kind):
    visit = visit_of(doctor)
    department = visit.clinician.department
    setattr(department, flag, True)
    department.save()

    assert draft(doctor, record=visit).kind == kind
