"""How much to hand out, case by case (R-115, R-116, R-157, R-168)."""

from fractions import Fraction

import pytest

from prescriptions.dictionary import frequency_of
from prescriptions.doses import parse_dose
from prescriptions.quantity import Ask, Pack, compute, doses_in, formula, parse_quantity

F = Fraction
CAPSULE = Pack(F(1, 4), "g", "粒", "盒", 24, True, "胶囊")
TABLET = Pack(F(30), "mg", "片", "盒", 20, True, "片剂")
DIGOXIN = Pack(F(1, 4), "mg", "片", "瓶", 100, True, "片剂")
THIRD = Pack(F(3), "g", "袋", "盒", 10, True, "散剂")
PILLS = Pack(None, "", "丸", "瓶", 200, False, "浓缩丸")
DRIP_PILLS = Pack(F(27), "mg", "丸", "盒", 180, False, "滴丸剂")
PENICILLIN = Pack(F(80), "万单位", "支", "盒", 50, True, "注射剂")
CEFTRIAXONE = Pack(F(1), "g", "支", "支", 1, True, "注射剂")
NEBULES = Pack(F(1), "mg", "支", "盒", 5, True, "吸入制剂")
VIALS = Pack(F(10), "ml", "支", "盒", 10, True, "合剂")
SYRUP = Pack(F(100), "ml", "瓶", "瓶", 1, False, "糖浆剂")
SOLUTION = Pack(None, "", "瓶", "瓶", 1, False, "口服溶液剂")
INHALER = Pack(F(100), "μg", "揿", "瓶", 200, False, "气雾剂")
OINTMENT = Pack(None, "", "支", "支", 1, False, "软膏剂")
INSULIN = Pack(F(300), "单位", "支", "支", 1, False, "注射剂")
INFUSION = Pack(None, "", "瓶", "瓶", 1, False, "注射剂")
COMPOUND = Pack(None, "", "片", "盒", 12, True, "片剂")
HERB = Pack(None, "", "g", "袋", 500, True, "饮片")
THYROXINE = Pack(F(50), "μg", "片", "盒", 100, True, "片剂")


def units(pack, dose, frequency, days):
    return compute(pack, parse_dose(dose), frequency_of(frequency), days).units


@pytest.mark.parametrize(
    ("pack", "dose", "frequency", "days", "expected"),
    [
        (CAPSULE, "0.5g", "tid", 5, 30),
        (CAPSULE, "500mg", "tid", 5, 30),
        (CAPSULE, "2粒", "tid", 5, 30),
        (CAPSULE, "0.5g", "q8h", 7, 42),
        (CAPSULE, "0.5g", "q6h", 3, 24),
        (TABLET, "30mg", "tid", 5, 15),
        (TABLET, "15mg", "qn", 7, 4),  # half a tablet seven times: 3.5, rounded up once
        (TABLET, "15mg", "bid", 7, 7),
        (TABLET, "10mg", "tid", 7, 7),  # a third each time: exactly seven, never 0.3333 × 21
        (TABLET, "10mg", "qd", 3, 1),
        (TABLET, "10mg", "qd", 4, 2),
        (DIGOXIN, "0.125mg", "qd", 7, 4),
        (THIRD, "1g", "tid", 3, 3),
        (THYROXINE, "25μg", "qd", 28, 14),
        (THYROXINE, "0.025mg", "qd", 28, 14),
        (CAPSULE, "0.25g", "qd", 1, 1),
        (CAPSULE, "0.25g", "5x/d", 7, 35),
        # whole doses where a day holds no whole number of them
        (CAPSULE, "0.25g", "qod", 7, 4),
        (CAPSULE, "0.25g", "qod", 6, 3),
        (CAPSULE, "0.25g", "qod", 1, 1),
        (CAPSULE, "0.25g", "qw", 28, 4),
        (CAPSULE, "0.25g", "qw", 29, 5),
        (CAPSULE, "0.25g", "qw", 7, 1),
        (CAPSULE, "0.25g", "biw", 28, 8),
        (CAPSULE, "0.25g", "biw", 10, 3),
        (TABLET, "15mg", "qw", 28, 2),
        # one dose at once, whatever the days
        (CAPSULE, "0.5g", "st", 1, 2),
        (CAPSULE, "0.5g", "st", 5, 2),
        # a pack that is not opened
        (PILLS, "8丸", "tid", 7, 200),
        (PILLS, "8丸", "tid", 9, 400),
        (DRIP_PILLS, "10丸", "tid", 7, 360),
        (DRIP_PILLS, "270mg", "tid", 6, 180),
        # ampoules are used up with each dose
        (PENICILLIN, "80万单位", "bid", 3, 6),
        (PENICILLIN, "40万单位", "bid", 3, 6),
        (PENICILLIN, "120万单位", "bid", 3, 12),
        (PENICILLIN, "800000单位", "bid", 3, 6),
        (CEFTRIAXONE, "1.5g", "qd", 3, 6),
        (CEFTRIAXONE, "1g", "qd", 3, 3),
        (NEBULES, "0.5mg", "bid", 3, 6),
        # vials that are drunk are not ampoules
        (VIALS, "5ml", "bid", 3, 3),
        (VIALS, "20ml", "tid", 3, 18),
        (COMPOUND, "1片", "bid", 3, 6),
        (HERB, "9g", "qd", 3, 27),
    ],
)
def test_the_quantity_of_a_course_R116_R168(pack, dose, frequency, days, expected):
    assert units(pack, dose, frequency, days) == expected


@pytest.mark.parametrize(
    ("pack", "dose", "frequency", "days", "why", "proposal"),
    [
        (TABLET, "30mg", "prn", 3, Ask.AS_NEEDED, 20),
        (CAPSULE, "0.5g", "prn", 3, Ask.AS_NEEDED, 24),
        (SYRUP, "10ml", "tid", 5, Ask.CONTAINER, 2),
        (SYRUP, "10ml", "tid", 3, Ask.CONTAINER, 1),
        (SOLUTION, "10ml", "tid", 5, Ask.CONTAINER, 1),
        (INHALER, "200μg", "bid", 7, Ask.CONTAINER, 200),
        (INHALER, "200μg", "prn", 7, Ask.AS_NEEDED, 200),
        (OINTMENT, "适量", "bid", 7, Ask.CONTAINER, 1),
        (INSULIN, "20单位", "bid", 14, Ask.CONTAINER, 2),
        (INFUSION, "250ml", "qd", 3, Ask.CONTAINER, 3),
        (INFUSION, "1瓶", "qd", 3, Ask.CONTAINER, 3),
        (COMPOUND, "600mg", "qd", 7, Ask.NO_CONTENT, 12),
        (TABLET, "10ml", "tid", 3, Ask.UNIT, 20),
        (CAPSULE, "1滴", "tid", 3, Ask.UNIT, 24),
    ],
)
def test_what_can_not_be_computed_is_asked_with_a_proposal_R168(
    pack, dose, frequency, days, why, proposal
):
    answer = compute(pack, parse_dose(dose), frequency_of(frequency), days)

    assert (answer.units, answer.ask, answer.proposal) == (None, why, proposal)


def test_a_seventh_of_a_dose_never_becomes_a_decimal_R168():
    pack = Pack(F(1), "mg", "片", "盒", 10, True, "片剂")

    assert units(pack, "1mg", "qw", 28) == 4


@pytest.mark.parametrize(
    ("frequency", "days", "expected"),
    [("tid", 5, 15), ("qod", 7, 4), ("qw", 1, 1), ("biw", 7, 2), ("st", 9, 1), ("prn", 3, None)],
)
def test_doses_are_whole_R168(frequency, days, expected):
    assert doses_in(frequency_of(frequency), days) == expected


@pytest.mark.parametrize(
    ("pack", "typed", "expected"),
    [
        (CAPSULE, "30", 30),
        (CAPSULE, "３０", 30),
        (CAPSULE, "30粒", 30),
        (CAPSULE, "1盒", 24),
        (CAPSULE, "1盒+6粒", 30),
        (CAPSULE, " 1 盒 + 6 粒 ", 30),
        (SYRUP, "2", 2),
        (SYRUP, "2瓶", 2),
        (INHALER, "1", 200),  # packs, where a pack may not be opened
        (INHALER, "200揿", 200),
        (CAPSULE, "0", 0),
    ],
)
def test_a_typed_quantity_in_pieces_or_packs_R115(pack, typed, expected):
    assert parse_quantity(pack, typed) == expected


@pytest.mark.parametrize(
    "typed", ["", "abc", "-1", "1.5", "1袋", "1盒+", "+", "9999999", "1e3", "<1>", "😀", "1;2"]
)
def test_what_is_no_quantity_is_refused(typed):
    assert parse_quantity(CAPSULE, typed) is None


def test_the_formula_shows_how_the_number_came_about_R116():
    assert formula(CAPSULE, parse_dose("0.5g"), frequency_of("tid"), 5) == "2粒×3×5"
    assert formula(CAPSULE, parse_dose("0.5g"), frequency_of("qod"), 7) == "2粒×4"
    assert formula(CAPSULE, parse_dose("0.5g"), frequency_of("prn"), 7) == ""
