"""Visits and records go along when two files become one."""

import pytest

from clinic.core.errors import RuleBroken
from patients import records
from registration import merging, versions
from registration.booking import live_key_of
from registration.consultation import diagnoses_of
from registration.models import Consultation, Registration
from tests.factories.patients import PatientFactory
from tests.factories.registration import finished_record, waiting_visit


def merge(kept, merged, by) -> None:
    for move in records.merge_handlers():
        move(kept=kept, merged=merged, by=by)


def test_visits_and_signed_records_move_and_stay_genuine(session, frontdesk):
    kept, record = PatientFactory(), finished_record(session, frontdesk)
    waiting = waiting_visit(session, frontdesk, patient=record.patient)

    merge(kept, record.patient, frontdesk)

    record = Consultation.objects.get(pk=record.pk)
    assert record.patient == record.registration.patient == kept
    assert versions.is_genuine(record, list(record.versions.all()), diagnoses_of(record))
    assert Registration.objects.get(pk=waiting.pk).live_key == live_key_of(session, kept)


def test_two_numbers_of_one_session_are_not_merged_R102(session, frontdesk):
    first, second = (waiting_visit(session, frontdesk) for _number in range(2))

    with pytest.raises(RuleBroken):
        merge(first.patient, second.patient, frontdesk)

    assert {v.patient_id for v in Registration.objects.all()} == {
        first.patient_id,
        second.patient_id,
    }


def test_an_undone_merge_takes_back_what_it_moved_and_no_more(session, frontdesk):
    own, moved = (finished_record(session, frontdesk) for _file in range(2))
    kept, merged = own.patient, moved.patient
    told = merging.move(kept=kept, merged=merged, by=frontdesk)

    merging.move(kept=merged, merged=kept, only=told, by=frontdesk)

    assert Registration.objects.get(pk=moved.registration_id).patient == merged
    assert Consultation.objects.get(pk=moved.pk).patient == merged
    assert Consultation.objects.get(pk=own.pk).patient == kept
    assert Registration.objects.get(pk=own.registration_id).patient == kept
