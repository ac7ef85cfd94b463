"""What stays in the house: guarded visits, other doctors' patients (R-140, R-143, R-152)."""

import io

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from clinic.core.errors import RuleBroken
from patients.exchange import exporting
from registration.consultation import add_diagnosis, finish
from security.models import AuditEntry
from tests.factories.patients import PatientFactory
from tests.factories.prescriptions import visit_of
from tests.factories.registration import Icd10CodeFactory
from tests.patients.exported import content, made, of, said, sheets, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def guarded(doctor, frontdesk, canary):
    """A second visit, with a diagnosis that is for its doctor alone."""
    Icd10CodeFactory(code="A51.0", name="早期梅毒", initials="ZQMD")
    record = visit_of(doctor, patient=canary, diagnosed=False)
    record.complaint = "早期梅毒复查"
    record.save()
    record = add_diagnosis(consultation=record, code="A51.0", by=doctor)
    return finish(consultation=record, by=doctor)


def test_of_a_guarded_visit_nothing_medical_goes_out_but_by_its_doctor_R140(
    guarded, doctor, other_doctor, as_
):
    visit_of(other_doctor, patient=guarded.patient)
    day = timezone.localdate()
    period = {"since": day, "until": day, "sets": ["outpatient", "prescription", "persons"]}

    own = sheets(content(made(exporting.make_book, doctor, patient=guarded.patient)))
    theirs = sheets(content(made(exporting.make_book, other_doctor, patient=guarded.patient)))
    table = sheets(content(made(exporting.make_data_sets, other_doctor, **period)))

    assert any("早期梅毒" in word for word in words(own[of("visits")]))
    for rows in (*theirs.values(), *table.values()):
        assert not [word for word in words(rows) if "梅毒" in word or "A51" in word]
    assert said("Kept private") in "".join(words(theirs[of("visits")]))
    with pytest.raises(RuleBroken):
        exporting.make_copy(
            patient=guarded.patient, visits=[guarded.pk], asker="self", asker_name="",
            purpose="patient", words="", by=other_doctor,
        )  # fmt: skip


def test_data_sets_hold_ones_own_visits_or_everybodys_by_right_R143_R152(
    doctor, other_doctor, canary, monkeypatch
):
    day = timezone.localdate()
    period = {"since": day, "until": day, "sets": ["persons", "outpatient"]}

    own = sheets(content(made(exporting.make_data_sets, doctor, **period)))
    theirs = sheets(content(made(exporting.make_data_sets, other_doctor, **period)))

    assert canary.name in words(own[said("Health records")])
    assert "J20.9" in words(own[said("Outpatient records")])
    assert canary.name not in words(theirs[said("Health records")])
    assert "DE02.01.039.00" in words(own[said("Description of columns")])


def test_the_command_writes_every_file_for_somebody_who_may_and_notes_each_R151(
    guarded, doctor, nurse, tmp_path
):
    PatientFactory()
    out, usual = tmp_path / "out", {"by": "doctor", "purpose": "other", "words": "系统迁移"}

    call_command("export_patients", out, **usual, stdout=io.StringIO())

    assert len(list(out.iterdir())) == 2
    (rows,) = [
        sheets(file.read_bytes())
        for file in out.iterdir()
        if guarded.patient.record_no in file.name
    ]
    assert guarded.patient.phone in words(rows[of("person")])
    log = AuditEntry.objects.filter(event="export", subject=guarded.patient_id)
    assert [entry.additional_data["reason"] for entry in log] == ["other"]
    for more in ({}, {"by": "nurse"}, {"words": ""}, {"record": ["P1"]}):
        directory = out if not more else tmp_path / "new"
        with pytest.raises(CommandError):
            call_command("export_patients", directory, **{**usual, **more})


def test_the_command_gives_guarded_visits_only_when_told_to_R140(
    guarded, doctor, other_doctor, tmp_path
):
    usual = {"by": "doctor2", "purpose": "court", "format": "csv", "stdout": io.StringIO()}

    call_command("export_patients", tmp_path / "a", **usual)
    call_command("export_patients", tmp_path / "b", guarded=True, **usual)

    (without,), (with_it,) = [list((tmp_path / name).iterdir()) for name in "ab"]
    assert "梅毒" not in without.read_text("utf-8")
    assert "梅毒" in with_it.read_text("utf-8")
