"""The doctor's page never puts older vital signs over the nurse's newer ones (R-71, R-159)."""

import uuid

import pytest

from registration.consultation import record_vitals
from registration.models import Consultation
from registration.typed import draft_of, keep_typed
from registration.views.consultation import _typed_numbers
from tests.factories.registration import open_record

NURSE = {"temperature": 37, "systolic": 120, "diastolic": 80, "pulse": 76}
OPENED = "temperature=37 systolic=120 diastolic=80 pulse=76"
SHOWN = {"temperature": "37", "systolic": "120", "diastolic": "80", "pulse": "76"}


@pytest.fixture
def record(session, frontdesk, nurse):
    record = open_record(session, frontdesk)
    return record_vitals(registration=record.registration, vitals=NURSE, by=nurse)


@pytest.fixture
def room(doctor, as_):
    return as_(doctor)


def measured_again(record, nurse, **vitals) -> None:
    record_vitals(registration=record.registration, vitals=vitals, by=nurse)


def send(room, record, **typed):
    data = {"once": uuid.uuid4(), "version": record.version, "kind": "first", "save": "1"}
    data |= {"complaint": "咳嗽 3 天", "shown": OPENED, **SHOWN, **typed}
    return room.post(f"/registration/consultations/{record.pk}/", data)


def stored(record) -> dict:
    return Consultation.objects.get(pk=record.pk).vitals


def test_the_page_says_what_stood_there_when_it_was_opened(record, room):
    page = room.get(f"/registration/consultations/{record.pk}/?at=vitals").content.decode()

    assert f'name="shown" value="{OPENED}"' in page


def test_what_was_left_as_shown_takes_back_nothing_newer(record, room, nurse):
    measured_again(record, nurse, temperature=39, pulse=110)

    answer = send(room, record, systolic="136")

    assert answer.status_code == 302
    kept = {"temperature": "39", "systolic": "136", "diastolic": "80", "pulse": "110"}
    assert stored(record) == kept


@pytest.mark.parametrize("choice, expected", [("mine", "38.2"), ("theirs", "39")])
def test_where_both_measured_nothing_is_written_until_somebody_chooses(
    record, room, nurse, choice, expected
):
    measured_again(record, nurse, temperature=39, pulse=110)

    page = send(room, record, temperature="38.2")

    assert page.status_code == 200 and stored(record)["temperature"] == "39"
    numbers = page.context["numbers"]
    assert [(one.key, one.mine, one.theirs) for one in numbers.conflicts] == [
        ("temperature", "38.2", "39")
    ]
    again = {"shown": numbers["shown"].value(), "pulse": numbers["pulse"].value()}
    again |= {"temperature": "38.2", "measured_twice": "temperature"}
    unchosen = send(room, record, **again)  # F9 pressed twice decides nothing
    assert unchosen.status_code == 200 and stored(record)["temperature"] == "39"
    assert unchosen.context["numbers"].conflicts
    answer = send(room, record, **again, choose_temperature=choice)
    assert answer.status_code == 302
    assert stored(record)["temperature"] == expected and stored(record)["pulse"] == "110"


def test_a_draft_keeps_only_the_numbers_typed_and_what_they_were_based_on(record, doctor, nurse):
    post = _Post({"version": str(record.version), "shown": OPENED, **SHOWN, "pulse": "90"})
    keep_typed(record, post, by=doctor)
    measured_again(record, nurse, temperature=39, pulse=110)
    record = Consultation.objects.get(pk=record.pk)

    draft, _at = draft_of(record, doctor)

    opened = _typed_numbers(record, draft)
    assert draft["vitals"] == {"pulse": "90"}
    assert opened["temperature"] == "39" and opened["pulse"] == "90"
    assert "pulse=76" in opened["shown"] and "temperature=39" in opened["shown"]


def test_the_page_of_all_vital_signs_takes_back_and_clears_nothing_newer(record, room, nurse):
    measured_again(record, nurse, temperature=39, weight=61)
    url = f"/registration/{record.registration_id}/vitals/"

    answer = room.post(url, {"once": uuid.uuid4(), "shown": OPENED, **SHOWN, "pulse": ""})

    assert answer.status_code == 302
    kept = {"temperature": "39", "systolic": "120", "diastolic": "80", "weight": "61"}
    assert stored(record) == kept


class _Post(dict):
    """A posted form, as a view gives it on."""

    def getlist(self, name):
        return [self[name]] if name in self else []
