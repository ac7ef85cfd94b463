"""After the signature: versions, corrections, additions, countersigning (R-3, R-145, R-148)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from clinic.core.errors import RuleBroken
from clinic.core.models import Setting
from registration import printing, signing, versions
from registration.consultation import Conflict, diagnoses_of
from registration.correcting import correct
from registration.models import Clinician, Consultation, RecordVersion
from tests.factories.patients import AllergyFactory, PatientFactory
from tests.factories.registration import DepartmentFactory, finished_record, open_record

WRONG = "咳嗽 3 天"  # the complaint of the factory
RIGHT = "咳嗽 13 天"


@pytest.fixture
def record(session, frontdesk):
    return finished_record(session, frontdesk)


def later(record, *, hours: int) -> Consultation:
    """Let the signature be so many hours old."""
    ends = record.archives_at - timedelta(hours=hours)
    Consultation.objects.filter(pk=record.pk).update(archives_at=ends)
    return Consultation.objects.get(pk=record.pk)


def corrected(record, by, **fields) -> Consultation:
    fields = fields or {"complaint": RIGHT}
    return correct(consultation=record, version=record.version, by=by, **fields)


def genuine(record) -> bool:
    record = Consultation.objects.get(pk=record.pk)
    return versions.is_genuine(record, list(record.versions.all()), diagnoses_of(record))


# -- corrections --


def test_the_author_corrects_within_a_day_and_both_texts_are_kept_R145(record, doctor):
    corrected(record, doctor)

    first, second = record.versions.all()
    assert first.content["parts"]["complaint"] == WRONG
    assert second.content["parts"]["complaint"] == RIGHT
    assert Consultation.objects.get(pk=record.pk).complaint == RIGHT
    assert [(d.old, d.new) for d in versions.differences(first, second)] == [(WRONG, RIGHT)]


def test_after_a_day_nothing_is_corrected_only_added_R145(record, doctor):
    record = later(record, hours=24)

    with pytest.raises(RuleBroken) as refusal:
        corrected(record, doctor)
    signing.add_words(consultation=record, text="化验回报正常。", by=doctor)

    assert refusal.value.rule == "R-145"
    assert Consultation.objects.get(pk=record.pk).complaint == WRONG
    assert [a.text for a in record.additions.all()] == ["化验回报正常。"]


def test_the_hours_are_those_set_when_the_record_was_signed_R145(record, session, frontdesk):
    Setting.objects.create(key="record.archive_hours", value="0")

    soon = finished_record(session, frontdesk)

    assert signing.is_archived(soon)
    assert not signing.is_archived(Consultation.objects.get(pk=record.pk))


def test_nobody_else_corrects_or_adds_not_even_an_administrator(
    record, other_doctor, administrator
):
    for person in (other_doctor, administrator):
        with pytest.raises(RuleBroken):
            corrected(record, person)
        with pytest.raises(RuleBroken):
            signing.add_words(consultation=record, text="x", by=person)

    assert record.versions.count() == 1


def test_diagnoses_and_vital_signs_are_corrected_as_one_version(record, doctor, hypertension):
    wrong = diagnoses_of(record)[0]

    corrected(record, doctor, add="I10", remove=[str(wrong.pk)], vitals={"pulse": 76})

    content = record.versions.last().content
    assert content["diagnoses"] == [["I10", "高血压", False]]
    assert content["vitals"] == {"pulse": "76"}
    assert record.versions.count() == 2 and genuine(record)


def test_a_corrected_record_still_has_complaint_and_diagnosis_R70(record, doctor):
    with pytest.raises(RuleBroken):
        corrected(record, doctor, complaint="")
    with pytest.raises(RuleBroken):
        corrected(record, doctor, remove=[str(diagnoses_of(record)[0].pk)])

    assert record.versions.count() == 1 and genuine(record)


def test_two_windows_do_not_correct_over_each_other(record, doctor):
    corrected(record, doctor)

    with pytest.raises(Conflict):
        corrected(record, doctor, complaint="另一个窗口")

    assert Consultation.objects.get(pk=record.pk).complaint == RIGHT


def test_a_correction_that_changes_nothing_makes_no_version(record, doctor):
    with pytest.raises(RuleBroken):
        corrected(record, doctor, complaint=WRONG)

    assert record.versions.count() == 1


def test_a_record_that_is_not_signed_is_not_corrected_but_written(session, frontdesk, doctor):
    record = open_record(session, frontdesk)

    with pytest.raises(RuleBroken):
        corrected(record, doctor)
    with pytest.raises(RuleBroken):
        signing.add_words(consultation=record, text="x", by=doctor)


# -- what was signed stays what it was --


def test_versions_and_additions_are_never_changed_or_deleted(record, doctor):
    signing.add_words(consultation=record, text="补充", by=doctor)

    for row in (record.versions.get(), record.additions.get()):
        for road in (row.save, row.delete, type(row).objects.all().delete):
            with pytest.raises(PermissionDenied):
                road()


def test_a_version_of_another_record_in_its_place_is_seen_R148(record, session, frontdesk):
    other = finished_record(session, frontdesk)
    table = RecordVersion._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE consultation_id = %s", [_id(record)])  # noqa: S608
        cursor.execute(
            f"UPDATE {table} SET consultation_id = %s WHERE consultation_id = %s",  # noqa: S608
            [_id(record), _id(other)],
        )

    assert not genuine(record) and not genuine(other)


@pytest.mark.parametrize("change", ["written_at", "number", "complaint", "last"])
def test_whatever_is_altered_behind_the_program_is_seen_R148(record, doctor, change):
    corrected(record, doctor)
    assert genuine(record)

    if change == "complaint":
        changed = Consultation.objects.get(pk=record.pk)
        changed.complaint = "改过的主诉"
        changed.save(update_fields=["complaint"])
    else:
        _behind_the_back(change)

    assert not genuine(record)


def _behind_the_back(change: str) -> None:
    statements = {
        "written_at": "UPDATE {t} SET written_at = %s WHERE number = (SELECT n FROM (SELECT "
        "MAX(number) AS n FROM {t}) AS x)",
        "number": "UPDATE {t} SET number = number + 7",
        "last": "DELETE FROM {t} WHERE number = (SELECT n FROM (SELECT MAX(number) AS n FROM {t}) "
        "AS x)",
    }
    values = ["2026-01-01 00:00:00"] if change == "written_at" else None
    with connection.cursor() as cursor:
        cursor.execute(statements[change].format(t=RecordVersion._meta.db_table), values)


def _id(record) -> str:
    return Consultation._meta.pk.get_db_prep_value(record.pk, connection)


def test_the_paper_shows_the_allergies_known_when_it_was_signed(session, frontdesk, doctor):
    patient = PatientFactory(allergy_status="denied")
    record = finished_record(session, frontdesk, patient=patient)
    AllergyFactory(patient=patient, substance="阿莫西林")
    patient.allergy_status = "has"
    patient.save(update_fields=["allergy_status"])
    record = corrected(Consultation.objects.get(pk=record.pk), doctor)

    paper = printing.paper(record, printing.Kind.RECORD, is_fresh=False)

    assert "阿莫西林" not in paper["allergies"]
    assert "阿莫西林" in printing.allergy_words(patient)


# -- countersigning --


@pytest.fixture
def assistant(session, doctor) -> Clinician:
    clinician = session.clinician
    clinician.title = Clinician.Title.ASSISTANT
    clinician.save()
    return clinician


@pytest.fixture
def superior(assistant, other_session) -> Clinician:
    """A doctor of the same department."""
    return other_session.clinician


def countersign(record, by):
    record = Consultation.objects.get(pk=record.pk)
    return signing.countersign(consultation=record, version=record.version, by=by)


def test_an_assistants_record_waits_for_a_doctor_of_the_department_R3(
    superior, record, other_doctor, doctor
):
    assert list(signing.to_countersign(other_doctor)) == [record]
    assert not signing.to_countersign(doctor).exists()

    made = countersign(record, other_doctor)

    assert (made.signed_by, made.version) == (other_doctor, record.version)
    assert not signing.to_countersign(other_doctor).exists()
    assert signing.countersigned(record) == made


def test_a_correction_has_to_be_countersigned_anew_R3(superior, record, other_doctor, doctor):
    countersign(record, other_doctor)

    record = corrected(record, doctor)

    assert list(signing.to_countersign(other_doctor)) == [record]
    assert signing.countersigned(record) is None


def test_a_version_that_was_corrected_meanwhile_is_not_countersigned_R3(
    superior, record, other_doctor, doctor
):
    corrected(record, doctor)

    with pytest.raises(RuleBroken):
        signing.countersign(consultation=record, version=record.version, by=other_doctor)

    assert list(signing.to_countersign(other_doctor)) == [record]


def test_assistants_other_departments_and_the_author_do_not_countersign_R3(
    superior, record, doctor, other_doctor
):
    with pytest.raises(RuleBroken):
        countersign(record, doctor)
    Clinician.objects.filter(pk=superior.pk).update(department=DepartmentFactory(name="中医科"))
    with pytest.raises(RuleBroken):
        countersign(record, other_doctor)
    Clinician.objects.filter(pk=superior.pk).update(title=Clinician.Title.ASSISTANT)
    with pytest.raises(RuleBroken):
        countersign(record, other_doctor)

    assert not record.countersignatures.exists()


def test_independent_assistants_and_doctors_wait_for_nobody_R3(session, frontdesk, other_session):
    by_a_doctor = finished_record(other_session, frontdesk)
    Clinician.objects.filter(pk=session.clinician_id).update(title=Clinician.Title.ASSISTANT)
    Setting.objects.create(key="record.assistants_independent", value="yes")
    session.clinician.refresh_from_db()
    alone = finished_record(session, frontdesk)

    assert by_a_doctor.countersign_in is None and alone.countersign_in is None
