"""Finding patients (R-83, R-141)."""

from datetime import date

import pytest

from patients.models import Patient
from patients.search import find_patients, queries
from tests.factories.patients import PatientFactory, id_number

pytestmark = pytest.mark.django_db


@pytest.fixture
def wang():
    return PatientFactory(
        record_no="P00001372",
        name="王秀英",
        phone="13812345678",
        birth_date=date(1958, 3, 16),
        id_number=id_number(date(1958, 3, 16), 7),
    )


@pytest.fixture
def others():
    return [PatientFactory(name="李四"), PatientFactory(name="赵六")]


@pytest.mark.parametrize(
    "typed",
    [
        "王秀英", "秀英", " 王 秀英 ", "wxy", "WX", "ｗｘｙ", "wangxiu", "Wang Xiu Ying",
        "P00001372", "p1372", "1372", "５６７８", "5678", "13812345678", "138 1234 5678",
        "+86 138-1234-5678", "１３８１２３４５６７８",
    ],
)  # fmt: skip
def test_every_way_of_asking_finds_the_patient(wang, others, typed):
    assert find_patients(typed) == [wang]


def test_the_whole_document_number_finds_and_a_part_does_not(wang, others):
    number = wang.id_number

    assert find_patients(f" {number.lower()} ") == [wang]
    assert find_patients(number[:-1]) == []
    assert find_patients(number[-6:]) == []


def test_a_contacts_phone_finds_too(others):
    child = PatientFactory(phone=None, contact_name="王强", contact_phone="0512-58123456")

    assert find_patients("3456") == [child]
    assert find_patients("051258123456") == [child]


def test_passports_and_rare_and_dotted_names_are_found(others):
    foreigner = PatientFactory(name="John Smith", id_type="03", id_number="E12345678")
    rare = PatientFactory(name="\U00020bb7田")
    dotted = PatientFactory(name="阿依古丽·买买提")

    assert find_patients("e1234 5678") == [foreigner]
    assert find_patients("john") == [foreigner]
    assert find_patients("\U00020bb7") == [rare]
    assert find_patients("古丽•买") == [dotted]
    assert find_patients("aygl") == [dotted]


@pytest.mark.parametrize(
    "typed",
    [
        "", "  ", "%", "_", "王%", "😀", "\x00", "王\x00", "\ud800", "' OR 1=1 --", "<b>", "*",
        "0", "00000000", "9" * 500, "王" * 500, "-", "·", "٣٤٥٦", "1e9", "²",
    ],
)  # fmt: skip
def test_odd_questions_find_nobody_and_break_nothing(wang, others, typed):
    assert find_patients(typed) == []


def test_merged_files_are_not_offered(wang):
    PatientFactory(name="王秀英", state="merged", merged_into=wang)

    assert find_patients("王秀英") == [wang]


def test_the_latest_come_first_and_the_limit_holds():
    made = [PatientFactory(name="王伟") for _ in range(5)]
    made[1].save()  # touched last

    found = find_patients("ww", limit=3)

    assert found == [made[1], made[4], made[3]]


def test_pinyin_is_found_by_the_beginning_of_an_index(wang):
    by_initials, by_pinyin = queries("wangx")

    assert "patients_patient_initials" in by_initials.explain()
    assert "patients_patient_pinyin" in by_pinyin.explain()


@pytest.mark.parametrize("typed", ["wxy", "王", "5678", "1372", "13812345678"])
def test_the_number_of_queries_does_not_grow(django_assert_max_num_queries, typed):
    for number in range(30):
        PatientFactory(name="王秀英", phone=f"138{number:04d}5678")

    with django_assert_max_num_queries(7):
        assert Patient.objects.count() == 30
        find_patients(typed)
