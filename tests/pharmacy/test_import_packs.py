"""Specifications as lists write them: only what stands there is taken over."""

from decimal import Decimal

import pytest

from pharmacy.importing import packs


@pytest.mark.parametrize(
    ("spec", "unit", "strength", "units", "base", "pack"),
    [
        ("0.25g×24粒/盒", "盒", "0.25g", 24, "粒", "盒"),
        ("0.25g*12粒*2板/盒", "", "0.25g", 24, "粒", "盒"),
        ("０．２５ｇ＊２４粒／盒", "盒", "0.25g", 24, "粒", "盒"),
        ("0.300g*48粒/盒", "盒", "0.3g", 48, "粒", "盒"),
        ("10ml:0.1g×5支/盒", "盒", "10ml:0.1g", 5, "支", "盒"),
        ("500ml×1瓶", "瓶", "500ml", 1, "瓶", "瓶"),
        ("250ml/瓶", "瓶", "250ml", 1, "瓶", "瓶"),
        ("0.5g/10g*1袋", "袋", "0.5g/10g", 1, "袋", "袋"),
        ("1000mg/g", "克", "1000mg/g", 1, "g", "g"),
        ("75iu×1支(附2ml氯化钠注射液)", "支", "75iu(附2ml氯化钠注射液)", 1, "支", "支"),
        ("10g×20袋", "包", "10g", 20, "袋", "包"),
        ("50.000ug*60揿/支", "支", "50ug", 60, "揿", "支"),
        ("24片", "盒", "", 24, "片", "盒"),
    ],
)
def test_strength_pieces_and_pack(spec, unit, strength, units, base, pack):
    read = packs.read(spec, unit=unit)

    assert (read.strength, read.units, read.base_unit, read.pack_unit) == (
        strength,
        units,
        base,
        pack,
    )
    assert read.known


def test_where_nothing_tells_the_pack_the_drug_is_not_for_use():
    read = packs.read("2.5mg", form="片剂")

    assert (read.known, read.base_unit, read.units) == (False, "片", 1)
    assert read.doubts


def test_a_box_of_unknown_content_is_not_split_and_that_is_said():
    read = packs.read("9g", unit="盒", form="丸剂")

    assert (read.units, read.divisible) == (1, False)
    assert len(read.doubts) == 1


def test_a_bottle_of_tablets_without_a_number_is_doubtful_and_a_bottle_of_syrup_is_not():
    assert packs.read("0.1g", unit="瓶", form="片剂").doubts
    assert not packs.read("100ml", unit="瓶", form="糖浆剂").doubts


def test_a_unit_smaller_than_the_pack_is_counted_singly_and_said():
    read = packs.read("1ml×10支", unit="支")

    assert (read.units, read.pack_unit) == (1, "支")
    assert read.doubts


def test_the_column_wins_over_the_specification_and_that_is_said():
    read = packs.read("0.1g×100片/瓶", unit="瓶", units=60)

    assert read.units == 60
    assert read.doubts


@pytest.mark.parametrize(
    ("spec", "several"),
    [
        ("片剂：2.5mg、5mg", True),
        ("2.5mg、5mg", True),
        ("0.25g×24粒/盒", False),
        ("2ml:5mg", False),
        ("复方(含甲、乙)×10片/盒", False),
    ],
)
def test_a_line_of_several_strengths_is_known(spec, several):
    assert packs.names_several(spec) is several


@pytest.mark.parametrize(
    ("strength", "content"),
    [
        ("0.25g", (Decimal("0.25"), "g")),
        ("5ug", (Decimal("5"), "μg")),
        ("2ml:5mg", None),
        ("10ml", None),
        ("每片含2mg", None),
    ],
)
def test_content_is_computed_only_from_one_plain_amount_R157(strength, content):
    assert packs.content_of(strength) == content
