"""The usage in one line (R-163); in Chinese once the translations are there."""

from fractions import Fraction

import pytest
from django.utils import translation

from prescriptions.dictionary import find_route
from prescriptions.doses import parse_dose
from prescriptions.quantity import Pack
from prescriptions.sentence import dose_text, usage

CAPSULE = Pack(Fraction(1, 4), "g", "粒", "盒", 24, True, "胶囊")
TABLET = Pack(Fraction(5), "mg", "片", "盒", 28, True, "片剂")
SYRUP = Pack(Fraction(100), "ml", "瓶", "瓶", 1, False, "糖浆剂")
OINTMENT = Pack(None, "", "支", "支", 1, False, "软膏剂")


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def say(pack, dose, frequency, days, *, route="口服", remark=""):
    code = find_route(route).code
    return usage(pack, parse_dose(dose), route=code, frequency=frequency, days=days, remark=remark)


def test_content_and_pieces_stand_side_by_side_R163():
    assert say(CAPSULE, "0.5g", "tid", 7, remark="饭后") == (
        "口服 each time 0.5g (2粒) 每日3次 饭后 for 7 days"
    )


@pytest.mark.parametrize(
    ("pack", "dose", "text"),
    [(TABLET, "2.5mg", "2.5mg (半片)"), (TABLET, "1片", "1片"), (SYRUP, "10ml", "10ml")]
    + [(OINTMENT, "适量", "适量"), (CAPSULE, "125mg", "125mg (0.5粒)")],
)
def test_pieces_are_told_where_they_are_known_R163(pack, dose, text):
    assert dose_text(pack, parse_dose(dose)) == text


def test_one_dose_at_once_has_no_days_R168():
    assert say(CAPSULE, "0.5g", "st", 1) == "口服 each time 0.5g (2粒) 立即1次"


def test_an_ointment_is_used_as_needed_R172():
    assert say(OINTMENT, "适量", "bid", 7, route="外用") == (
        "外用 each time 适量 每日2次 for 7 days"
    )
