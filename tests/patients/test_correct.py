"""Correcting a file (R-60, R-77, R-81)."""

from datetime import date

import pytest

from clinic.core.errors import RuleBroken
from patients.models import Change, Patient
from patients.services import ChangedMeanwhile, NumberTaken, correct
from security.models import AuditEntry
from tests.factories.patients import PatientFactory, id_number

pytestmark = pytest.mark.django_db


def test_what_is_not_named_stays_and_search_follows_the_name(frontdesk):
    patient = PatientFactory(name="王秀英")

    correct(patient=patient, by=frontdesk, version=1, name="曾秀英", phone="13900001111")

    stored = Patient.objects.get(pk=patient.pk)
    assert (stored.name, stored.initials, stored.version) == ("曾秀英", "ZXY", 2)
    assert stored.address == patient.address
    assert list(Patient.objects.find(phone="13900001111")) == [stored]
    assert stored.record_no == patient.record_no


def test_a_colleagues_change_is_not_overwritten(frontdesk, nurse):
    patient = PatientFactory()
    correct(patient=patient, by=nurse, version=1, phone="13900001111")

    with pytest.raises(ChangedMeanwhile) as refusal:
        correct(patient=patient, by=frontdesk, version=1, phone="13900002222")

    assert refusal.value.patient.phone == "13900001111"
    assert Patient.objects.get(pk=patient.pk).phone == "13900001111"


def test_nothing_changed_writes_nothing(frontdesk):
    patient = PatientFactory()
    before = AuditEntry.objects.count()

    correct(patient=patient, by=frontdesk, version=1, phone=f" {patient.phone} ")

    assert Patient.objects.get(pk=patient.pk).version == 1
    assert AuditEntry.objects.count() == before


def test_the_number_of_another_file_is_refused_R81(frontdesk):
    patient, other = PatientFactory(), PatientFactory()

    with pytest.raises(NumberTaken) as refusal:
        correct(
            patient=patient,
            by=frontdesk,
            version=1,
            id_number=other.id_number,
            birth_date=other.birth_date,
        )

    assert other.record_no in refusal.value.message


def test_ones_own_number_may_be_typed_again(frontdesk):
    patient = PatientFactory()

    saved = correct(
        patient=patient, by=frontdesk, version=1, id_number=patient.id_number.lower(), name="李四"
    )

    assert saved.name == "李四"


def test_a_difference_that_was_answered_is_not_asked_again_R77(frontdesk):
    patient = PatientFactory(birth_date=date(1960, 3, 16), id_number=id_number(date(1960, 3, 15)))

    saved = correct(patient=patient, by=frontdesk, version=1, phone="13900001111")

    assert saved.birth_date == date(1960, 3, 16)


def test_a_new_difference_is_asked_R77(frontdesk):
    patient = PatientFactory()

    with pytest.raises(RuleBroken) as refusal:
        correct(patient=patient, by=frontdesk, version=1, birth_date=date(1961, 1, 1))

    assert refusal.value.rule == "R-77"


def test_an_odd_number_from_an_old_file_does_not_stop_other_corrections(frontdesk):
    patient = PatientFactory(id_number="320582195803160000")

    saved = correct(patient=patient, by=frontdesk, version=1, phone="13900001111")

    assert saved.phone == "13900001111"


def test_a_baby_gets_its_own_document_and_keeps_the_file_R80(frontdesk):
    born = date(2020, 5, 5)
    patient = PatientFactory(
        birth_date=born,
        id_type="98",
        id_number=None,
        no_id_reason="新生儿",
        contact_name="王强",
        contact_relation="父亲",
        contact_phone="13912340086",
    )

    saved = correct(
        patient=patient, by=frontdesk, version=1, id_type="01", id_number=id_number(born)
    )

    assert (saved.pk, saved.record_no) == (patient.pk, patient.record_no)
    assert saved.no_id_reason == ""


def test_a_correction_keeps_what_stood_there_R60_R147(frontdesk, nurse):
    patient = PatientFactory(name="王秀英", address="青溪镇北桥村")

    correct(patient=patient, by=frontdesk, version=1, name="王秀瑛", reason="身份证上是瑛")
    correct(patient=patient, by=nurse, version=2, address="", birth_date=patient.birth_date)

    second, first = Change.objects.filter(patient=patient)
    assert (first.version, first.made_by, first.reason) == (2, frontdesk, "身份证上是瑛")
    assert first.fields == {"name": ["王秀英", "王秀瑛"]}
    assert (second.version, second.made_by) == (3, nurse)
    assert second.fields == {"address": ["青溪镇北桥村", ""]}
