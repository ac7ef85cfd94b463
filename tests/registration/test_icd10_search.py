"""The table of diagnoses: loading and finding (R-74, R-158)."""

import csv

import pytest

from registration import icd10
from registration.icd10 import FILE, get, load_icd10, search
from registration.models import Icd10Code


@pytest.fixture
def table(db):
    """The whole file in one statement; how it is loaded is another test's matter."""
    with open(FILE, encoding="utf-8", newline="") as file:
        icd10.write([Icd10Code(**row) for row in csv.DictReader(file)])


def names(text: str, limit: int = 12) -> list[str]:
    return [code.name for code in search(text, limit)]


def test_the_whole_file_is_loaded_and_a_second_run_changes_nothing(db):
    with open(FILE, encoding="utf-8", newline="") as file:
        rows = len(list(csv.DictReader(file)))

    assert [load_icd10(), load_icd10()] == [rows, 0]
    assert Icd10Code.objects.count() == rows


def test_what_the_clinic_changed_stays(table):
    code = Icd10Code.objects.get(code="I10")
    code.name = "旧名"
    code.save()
    Icd10Code.objects.create(code="Z99.9", name="本站自编", initials="BZZB")

    assert load_icd10() == 0
    assert Icd10Code.objects.get(code="I10").name == "旧名"
    assert names("站自") == ["本站自编"] and "I10" in [c.code for c in search("旧名")]


@pytest.mark.parametrize("text", ["J20.9", "j20.9", " J20.9 ", "Ｊ２０．９"])
def test_by_code_in_any_spelling(table, text):
    assert search(text)[0].code == "J20.9"


@pytest.mark.parametrize("text", ["JXZQGY", "jxzqgy", "ｊｘｚｑ", "JXZQ"])
def test_by_the_beginning_of_the_initials_R74(table, text):
    assert "急性支气管炎" in names(text)


def test_by_initials_from_the_middle_of_the_name(table):
    assert "急性支气管炎" in names("ZQGY")


def test_by_a_part_of_the_name(table):
    assert "急性支气管炎" in names("支气管炎")


def test_short_names_come_first(table):
    found = names("支气管炎")

    assert [len(name) for name in found] == sorted(len(name) for name in found)


def test_never_more_than_asked_for_and_nothing_twice(table):
    found = search("J", 7)

    assert len(found) == len({code.pk for code in found}) == 7


@pytest.mark.parametrize(
    "text", ["", "   ", "%", "_", "'", "啊" * 51, "\x00", "🙂", "%%%", "zzzzzz"]
)
def test_what_is_not_there_finds_nothing(table, text):
    assert search(text) == []


def test_codes_out_of_use_are_not_offered(table):
    Icd10Code.objects.filter(code="J20.9").update(active=False)

    assert "J20.9" not in [code.code for code in search("J20")]
    assert get("J20.9") is None


def test_the_type_ahead_answers_options(table, doctor, as_):
    page = as_(doctor).post("/registration/diagnoses/", {"q": "jxzqgy"}).content.decode()

    assert 'role="option"' in page and 'data-value="J20.9"' in page
    assert 'data-label="急性支气管炎"' in page


def test_the_type_ahead_says_when_nothing_fits_and_that_can_not_be_chosen(table, doctor, as_):
    page = as_(doctor).post("/registration/diagnoses/", {"q": "qqqq"}).content.decode()

    assert page.count('role="option"') == 1 and 'aria-disabled="true"' in page
    assert "data-value" not in page
