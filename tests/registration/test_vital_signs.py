"""Plausible ranges, what stands out, and who records (R-159)."""

from decimal import Decimal

import pytest

from clinic.core.errors import RuleBroken
from registration.consultation import record_vitals, save_record, start
from registration.forms import VitalsForm
from registration.models import Consultation
from registration.vitals import VITALS, as_text, implausible, shown, standing_out
from security.models import AuditEntry
from tests.factories.registration import (
    called_visit,
    finished_record,
    open_record,
    waiting_visit,
)

RANGES = {
    "temperature": ("34.0", "42.0", "0.1"),
    "pulse": ("30", "220", "1"),
    "respiration": ("8", "60", "1"),
    "systolic": ("60", "260", "1"),
    "diastolic": ("30", "160", "1"),
    "spo2": ("50", "100", "1"),
    "weight": ("0.5", "250", "0.01"),
    "height": ("30", "230", "0.1"),
    "glucose": ("1.0", "40.0", "0.1"),
}


def test_the_list_is_that_of_the_reference_R159():
    assert set(VITALS) == set(RANGES)


@pytest.mark.parametrize("key", RANGES)
def test_the_ends_of_the_range_are_plausible_and_the_next_step_is_not_R159(key):
    low, high, step = (Decimal(text) for text in RANGES[key])

    assert not implausible({key: low}) and not implausible({key: high})
    assert implausible({key: low - step}) and implausible({key: high + step})


@pytest.mark.parametrize("systolic, diastolic, fine", [(120, 80, 1), (80, 80, 0), (80, 120, 0)])
def test_the_upper_pressure_is_above_the_lower_R159(systolic, diastolic, fine):
    found = implausible({"systolic": Decimal(systolic), "diastolic": Decimal(diastolic)})

    assert not found == bool(fine)


@pytest.mark.parametrize(
    "key, value, mark",
    [
        ("temperature", "38.5", "high"),
        ("temperature", "38.4", ""),
        ("systolic", "180", "high"),
        ("systolic", "179", ""),
        ("diastolic", "110", "high"),
        ("diastolic", "109", ""),
        ("spo2", "92", "low"),
        ("spo2", "93", ""),
        ("glucose", "16.7", "high"),
        ("glucose", "16.6", ""),
        ("glucose", "3.9", "low"),
        ("glucose", "4.0", ""),
    ],
)
def test_what_stands_out_R159(key, value, mark):
    assert standing_out(key, Decimal(value)) == mark


def test_both_pressures_are_shown_as_one_and_stand_out_by_either_R159():
    (pressure,) = shown({"systolic": "150", "diastolic": "112"})

    assert (pressure["value"], pressure["mark"]) == ("150/112", "high")


@pytest.mark.parametrize("number, text", [("37.50", "37.5"), ("80.0", "80"), ("100", "100")])
def test_numbers_are_written_as_people_do(number, text):
    assert as_text(Decimal(number)) == text


def test_a_nurse_measures_before_the_doctor_begins(session, nurse, doctor, frontdesk):
    visit = waiting_visit(session, frontdesk)

    record = record_vitals(registration=visit, vitals={"temperature": Decimal("38.6")}, by=nurse)

    assert record.vitals == {"temperature": "38.6"}
    assert record.started_at is None


def test_the_doctor_finds_what_the_nurse_measured(session, nurse, doctor, frontdesk):
    visit = called_visit(session, frontdesk)
    record_vitals(registration=visit, vitals={"pulse": Decimal(92)}, by=nurse)

    record = start(registration=visit, by=doctor)

    assert record.vitals == {"pulse": "92"}
    assert Consultation.objects.count() == 1


def test_values_are_put_beside_each_other_and_none_takes_one_away(session, nurse, frontdesk):
    visit = waiting_visit(session, frontdesk)
    record_vitals(registration=visit, vitals={"pulse": Decimal(92), "spo2": Decimal(97)}, by=nurse)

    record = record_vitals(
        registration=visit, vitals={"spo2": None, "weight": Decimal(61)}, by=nurse
    )

    assert record.vitals == {"pulse": "92", "weight": "61"}


def test_measuring_does_not_disturb_a_doctor_who_is_writing(session, nurse, doctor, frontdesk):
    record = open_record(session, frontdesk)
    record_vitals(registration=record.registration, vitals={"pulse": Decimal(92)}, by=nurse)

    saved = save_record(consultation=record, version=record.version, by=doctor, complaint="咳嗽")

    assert (saved.complaint, saved.vitals) == ("咳嗽", {"pulse": "92"})


def test_after_the_visit_nothing_is_added_R71(session, nurse, frontdesk):
    visit = finished_record(session, frontdesk).registration

    with pytest.raises(RuleBroken, match=visit.number):
        record_vitals(registration=visit, vitals={"pulse": Decimal(92)}, by=nurse)


def test_no_value_stands_in_the_audit_log(session, nurse, frontdesk):
    visit = waiting_visit(session, frontdesk)

    record_vitals(registration=visit, vitals={"weight": Decimal("61.57")}, by=nurse)

    assert not AuditEntry.objects.filter(payload__contains="61.57").exists()


def test_a_doubtful_value_is_asked_about_and_then_stands_R159(session, nurse, frontdesk, as_):
    visit = waiting_visit(session, frontdesk)
    client, url = as_(nurse), f"/registration/{visit.pk}/vitals/"

    asked = client.post(url, {"temperature": "43"})
    twice = client.post(url, {"temperature": "43", "asked": "temperature=43"})
    other = client.post(url, {"temperature": "44", "confirmed": "temperature=43"})
    right = {"asked": "temperature=43", "save": "right"}
    changed = client.post(url, {"temperature": "44", **right})
    saved = client.post(url, {"temperature": "43", **right})
    again = client.post(url, {"temperature": "43", "pulse": "80"})

    text = asked.content.decode()
    assert "checked" not in text[text.index("confirmed") :].partition(">")[0]
    assert {page.status_code for page in (asked, twice, other, changed)} == {200}
    assert 'value="temperature=43"' in text and "autofocus" in text[text.index("confirmed") :]
    assert [saved.status_code, again.status_code] == [302, 302]  # what is known is not asked again
    assert Consultation.objects.get().vitals == {"temperature": "43", "pulse": "80"}


def test_without_doubt_nothing_has_to_be_ticked(session, nurse, frontdesk, as_):
    visit = waiting_visit(session, frontdesk)

    page = as_(nurse).get(f"/registration/{visit.pk}/vitals/").content.decode()

    assert 'name="confirmed"' not in page


def test_full_width_digits_are_read(db):
    form = VitalsForm({"temperature": "３６．５", "pulse": "８０"})

    assert form.is_valid(), form.errors
    assert form.filled == {"temperature": Decimal("36.5"), "pulse": Decimal(80)}


def test_the_front_desk_measures_nothing(session, frontdesk, as_):
    visit = waiting_visit(session, frontdesk)

    assert as_(frontdesk).get(f"/registration/{visit.pk}/vitals/").status_code == 403


def test_another_doctor_does_not_find_the_visit(session, other_session, frontdesk, as_):
    visit = waiting_visit(session, frontdesk)
    other = other_session.clinician.user

    assert as_(other).get(f"/registration/{visit.pk}/vitals/").status_code == 404
