"""Most used diagnoses first: the doctor's own, then the clinic's (R-74)."""

import pytest
from django.db import connection

from registration import favourites, icd10
from registration.consultation import add_diagnosis, save_record
from registration.models import DiagnosisUse
from tests.factories.registration import Icd10CodeFactory, open_record

ROWS = [
    ("J20.9", "急性支气管炎", "JXZQGY"),
    ("J02.9", "急性咽炎", "JXYY"),
    ("J03.9", "急性扁桃体炎", "JXBTTY"),
    ("I10", "高血压", "GXY"),
    ("K29.5", "慢性胃炎", "MXWY"),
]


@pytest.fixture(autouse=True)
def table(db):
    for code, name, initials in ROWS:
        Icd10CodeFactory(code=code, name=name, initials=initials)


def used(user, **times):
    for code, number in times.items():
        for _ in range(number):
            favourites.count(code=code.replace("_", "."), by=user)


def codes(text, user, **more):
    return [row.code for row in favourites.search(text, user=user, **more)]


def test_a_diagnosis_counts_for_the_doctor_who_makes_it(session, frontdesk, doctor):
    record = open_record(session, frontdesk)

    save_record(
        consultation=record,
        version=record.version,
        by=doctor,
        then=lambda consultation, by: add_diagnosis(consultation=consultation, code="I10", by=by),
    )

    assert DiagnosisUse.objects.get(user=doctor).counts == {"I10": 1}


def test_own_use_comes_before_the_clinics_and_both_before_the_table_R74(doctor, other_doctor):
    used(other_doctor, J20_9=5, J03_9=1)
    used(doctor, J03_9=1, I10=9)

    assert codes("JX", doctor) == ["J03.9", "J20.9", "J02.9"]
    assert codes("JX", other_doctor) == ["J20.9", "J03.9", "J02.9"]


@pytest.mark.parametrize("text", ["J0", "j0", "Ｊ０", "jxb", "扁桃"])
def test_the_used_one_is_found_by_code_initials_and_name_R74(doctor, text):
    used(doctor, J03_9=3)

    assert codes(text, doctor)[0] == "J03.9"


def test_without_words_the_most_used_are_offered_R74(doctor, other_doctor):
    used(doctor, I10=2, K29_5=3)
    used(other_doctor, J20_9=50)

    assert codes("", doctor) == ["K29.5", "I10", "J20.9"]
    assert codes("", doctor, limit=2) == ["K29.5", "I10"]


def test_a_code_out_of_use_is_offered_no_more(doctor):
    used(doctor, I10=2)
    code = icd10.get("I10")
    code.active = False
    code.save()

    assert codes("", doctor) == [] and codes("gxy", doctor) == []


def test_the_rarest_make_room_and_the_newest_stays(doctor, monkeypatch):
    monkeypatch.setattr(favourites, "MOST_KEPT", 2)

    used(doctor, J20_9=3, J02_9=2, I10=1)

    assert set(DiagnosisUse.objects.get().counts) == {"J20.9", "J02.9", "I10"}


def test_no_count_lies_readable_in_the_database(doctor):
    used(doctor, K29_5=3)

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM registration_diagnosisuse")
        cells = [c if isinstance(c, bytes) else str(c).encode() for c in cursor.fetchone()]
    assert not [cell for cell in cells if b"K29" in cell]
