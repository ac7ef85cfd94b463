"""A search is a look-up in an index for each kind of question, whatever the database (R-83)."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.utils import timezone

from patients import names
from patients.models import NamePart, Patient
from patients.search import find_patients
from tests.factories.patients import PatientFactory, name_number, somebody
from tests.patients.plans import whole_reads

KINDS = [
    "张秀英", "秀英", "张", "zhangxiuying", "xiuying", "zxy", "z", "zhangxy", "z秀英", "张xiu",
    "danxy", "P00000777", "777", "13800000123", "0123", "0512-58123456", "32058219600316022X",
    "北桥-12", "32058200000000777", "1960-03-16", "600316", "张 1960-03-16", "zx 0123",
    "zx 13800000123",
]  # fmt: skip


@pytest.fixture
def many(db):
    """Enough for the database to prefer an index to reading the whole table."""
    by, born = somebody(), date(1940, 1, 1)
    patients = [
        PatientFactory.build(
            created_by=by, name=name_number(n * 13 % 8000), phone=f"138{n:08d}", health_no=None,
            birth_date=born + timedelta(days=n * 37),
        )
        for n in range(400)
    ]  # fmt: skip
    Patient.objects.bulk_create(patients)
    names.index(patients, new=True)
    return patients


def test_no_question_reads_a_whole_table_or_index(many, visit_on):
    visit_on(many[0], timezone.localdate())

    found = {typed: whole_reads(partial(find_patients, typed)) for typed in KINDS}

    assert {typed: plans for typed, plans in found.items() if plans} == {}


def test_the_control_of_the_test_above_a_name_without_its_parts_is_a_whole_read(many):
    asked = [Patient.objects.filter(name__contains="秀"), NamePart.objects.filter(text__gt="秀")]

    found = [whole_reads(partial(list, query)) for query in asked]

    assert all(found)
