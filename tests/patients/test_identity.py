"""Document numbers (R-76 to R-79, R-173)."""

from datetime import date

import pytest
from django.utils.translation import override

from clinic.core.errors import RuleBroken
from patients.identity import check_digit, read_number
from patients.models import IdType, Sex

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("number", "born", "sex"),
    [
        ("11010519491231002X", date(1949, 12, 31), Sex.FEMALE),
        ("440524188001010014", None, None),  # the published example is over 120 years old
        ("32058219580312594X", date(1958, 3, 12), Sex.FEMALE),
        ("320582196110016534", date(1961, 10, 1), Sex.MALE),
    ],
)
def test_published_numbers_tell_birth_and_sex_R76(number, born, sex):
    assert check_digit(number[:17]) == number[17]
    if born is None:
        with pytest.raises(RuleBroken) as refusal:
            read_number(IdType.RESIDENT, number, TODAY)
        assert refusal.value.rule == "R-77"
    else:
        identity = read_number(IdType.RESIDENT, number, TODAY)
        assert (identity.birth_date, identity.sex) == (born, sex)


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105-19491231-002X",
        "\u200b11010519491231002X\ufeff",
    ],
)
def test_spelling_does_not_matter_R76_R173(typed):
    assert read_number(IdType.RESIDENT, typed, TODAY).number == "11010519491231002X"


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("110105194912310021", "last character"),
        ("11010519491231002", "17"),
        ("1101051949123100200", "19"),
        ("1101051949X231002X", "only the last may be X"),
        ("", "letters and digits only"),
        ("<b>1</b>", "letters and digits only"),
        ("' OR 1=1 --", "letters and digits only"),
        ("😀😀😀", "letters and digits only"),
        ("1" * 500, "letters and digits only"),
        ("\x00", "letters and digits only"),
        ("\ud800", "letters and digits only"),
    ],
)
def test_wrong_numbers_are_refused_with_the_reason_R155(typed, word):
    with override("en"), pytest.raises(RuleBroken) as refusal:
        read_number(IdType.RESIDENT, typed, TODAY)

    assert refusal.value.field == "id_number"
    assert word in refusal.value.message


@pytest.mark.parametrize("born", ["20270101", "20261123", "19051121", "19500231", "00000101"])
def test_birth_dates_that_cannot_be_are_refused_R77(born):
    first = f"110105{born}002"

    with pytest.raises(RuleBroken) as refusal:
        read_number(IdType.RESIDENT, first + check_digit(first), TODAY)

    assert refusal.value.rule == "R-77"


def test_born_today_and_120_years_ago_are_accepted_R77():
    for born in ("20261122", "19061122"):
        first = f"110105{born}001"

        assert read_number(IdType.RESIDENT, first + check_digit(first), TODAY).sex == Sex.MALE


def test_fifteen_digits_are_kept_as_old_number_and_fill_nothing_R173():
    identity = read_number(IdType.RESIDENT, "110105491231002", TODAY)

    assert identity.id_type == IdType.OLD
    assert identity.birth_date is identity.sex is None


def test_first_digits_correct_the_kind_of_document_R79():
    hong_kong, foreign = (f"{area}000019900101001" for area in ("81", "91"))

    permit = read_number(IdType.RESIDENT, hong_kong + check_digit(hong_kong), TODAY)
    card = read_number(IdType.RESIDENT, foreign + check_digit(foreign), TODAY)

    assert permit.id_type == IdType.HMT_RESIDENT
    assert permit.birth_date == date(1990, 1, 1)
    assert card.id_type == IdType.FOREIGN_RESIDENT
    assert card.birth_date is None


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (IdType.PASSPORT, "e12345678", "E1"),
        (IdType.PASSPORT, "G1234567890123456789", "PASSPORT"),
        (IdType.HONG_KONG_MACAU, "h12345678", "A12345678"),
        (IdType.HONG_KONG_MACAU, "M1234567890", "M123456789"),
        (IdType.TAIWAN, "12345678", "1234567"),
        (IdType.FOREIGN_RESIDENT, "USA123456789012", "US123456789012"),
        (IdType.BIRTH, "A123456789", "1234567890"),
        (IdType.OLD, "110105491231002", "11010549123100"),
        (IdType.MILITARY, "军字第123456号", "军"),
        (IdType.HMT_RESIDENT, "810000199001010010", "110105199001010019"),
    ],
)
def test_other_documents_have_shapes_of_their_own_R79(kind, right, wrong):
    if kind == IdType.HMT_RESIDENT:
        right = right[:17] + check_digit(right[:17])
        wrong = wrong[:17] + check_digit(wrong[:17])

    assert read_number(kind, right, TODAY).number == right.upper()
    with pytest.raises(RuleBroken) as refusal:
        read_number(kind, wrong, TODAY)
    assert refusal.value.rule == "R-79"
