"""The rules about herbal pieces, case by case (R-19 to R-21, R-23, R-28, R-37, R-157, R-166)."""

from fractions import Fraction

import pytest

from prescriptions.quantity import Pack
from prescriptions.rules.items import ITEMS
from tests.prescriptions.plain import drug, keys, line, on_file, one, sheet

GRAMS = Pack(None, "", "g", "袋", 500, True, "饮片")


def piece(name, number=1, *, tags=(), **facts):
    usual = {"pack": GRAMS, "form": "饮片", "tags": frozenset({"饮片", *tags})}
    return drug(name, number, **{**usual, **facts})


def herb(name, grams="9g", key="a", note="", days=5, of=None, **facts):
    return line(
        of or piece(name, ord(key)), key=key, dose=grams, frequency="qd", days=days,
        herb_note=note, route="20", **facts,
    )  # fmt: skip


def herbal(*lines, **facts):
    usual = {"is_herbal": True, "herb_doses": 5, "herb_kind": "decoct", "has_syndrome": True}
    return sheet(*lines, **{**usual, **facts})


def test_an_ordinary_herbal_sheet_is_silent():
    assert keys(herbal(herb("黄芪", "15g"), herb("陈皮", "6g", key="b"))) == []


def test_a_sheet_without_doses_is_refused_R8_R21():
    assert keys(herbal(herb("黄芪"), herb_doses=None)) == ["herb.doses"]


def test_more_than_seven_days_of_doses_need_a_reason_R23():
    assert keys(herbal(herb("黄芪", days=8))) == ["days.long"]
    assert keys(herbal(herb("黄芪", days=4), is_emergency=True)) == ["days.long"]


def test_a_syndrome_is_expected_and_only_told_R37():
    finding = one(herbal(herb("黄芪"), has_syndrome=False), "diagnosis.syndrome")

    assert finding.level == 3
    assert keys(sheet(herb("黄芪"))) == []


NOTES = [
    ("附子", "先煎", "herb.note_must", 2),
    ("黑顺片", "先煎", "herb.note_must", 2),
    ("制川乌", "先煎", "herb.note_must", 2),
    ("薄荷", "后下", "herb.note", 3),
    ("砂仁", "后下", "herb.note", 3),
    ("车前子", "包煎", "herb.note", 3),
    ("旋覆花", "包煎", "herb.note", 3),
    ("辛夷", "包煎", "herb.note", 3),
    ("阿胶", "烊化", "herb.note", 3),
    ("人参", "另煎", "herb.note", 3),
    ("三七粉", "冲服", "herb.note", 3),
    ("生石膏", "先煎", "herb.note", 3),
]


@pytest.mark.parametrize(("name", "note", "key", "level"), NOTES)
def test_what_is_boiled_in_its_own_way_says_so_R21(name, note, key, level):
    silent = herbal(herb(name, "3g", note=note))
    finding = one(herbal(herb(name, "3g")), key)

    assert keys(silent) == []
    assert finding.level == level
    assert note in finding.title


def test_longer_boiling_is_as_good_as_boiling_first_R21():
    assert keys(herbal(herb("附子", note="先煎久煎"))) == []


@pytest.mark.parametrize("kind", ["granule", "powder", "external"])
def test_what_is_not_boiled_to_drink_needs_no_note_R21(kind):
    assert keys(herbal(herb("薄荷", "6g"), herb_kind=kind)) == []


MOST = [
    ("附子", "15g", "15.1g"),
    ("细辛", "3g", "3.5g"),
    ("制川乌", "3g", "4g"),
    ("制草乌", "3g", "4g"),
    ("法半夏", "9g", "12g"),
    ("朱砂", "0.5g", "0.6g"),
    ("马钱子", "0.6g", "0.7g"),
    ("甘遂", "1.5g", "2g"),
    ("全蝎", "6g", "7g"),
    ("蜈蚣", "5g", "6g"),
    ("麻黄", "10g", "12g"),
    ("生大黄", "15g", "16g"),
]
NOTED = {"附子": "先煎", "制川乌": "先煎", "制草乌": "先煎", "生大黄": "后下", "朱砂": "冲服"}


@pytest.mark.parametrize(("name", "most", "more"), MOST)
def test_a_strong_piece_above_its_usual_maximum_asks_R20(name, most, more):
    note = NOTED.get(name, "")

    assert keys(herbal(herb(name, most, note=note))) == []
    assert keys(herbal(herb(name, more, note=note))) == ["dose.piece"]


def test_the_maximum_of_the_library_goes_first_R157():
    own = piece("细辛", max_single=Fraction(6), max_single_unit="g")

    assert keys(herbal(herb("", "5g", of=own))) == []
    assert keys(herbal(herb("", "7g", of=own))) == ["dose.single"]


def test_a_bath_has_no_maximum_but_a_toxic_piece_its_days_R28():
    library = piece("艾叶", max_single=Fraction(9), max_single_unit="g")

    assert keys(herbal(herb("细辛", "30g"), herb_kind="external")) == []
    assert keys(herbal(herb("", "50g", of=library), herb_kind="external")) == []
    assert keys(herbal(herb("生川乌", "5g"), herb_kind="external")) == ["days.toxic_piece"]


@pytest.mark.parametrize("name", ["生半夏", "生马钱子", "雄黄", "斑蝥", "洋金花", "闹羊花"])
def test_toxic_pieces_two_days_at_most_R28(name):
    assert keys(herbal(herb(name, "0.01g", days=2))) == []
    assert keys(herbal(herb(name, "0.01g", days=3))) == ["days.toxic_piece"]


PREGNANT = {"sex": "2", "age": 28, "conditions": (on_file("O26"),)}
PREGNANCY = [
    *((name, "contra.pregnancy.banned") for name in "三棱 醋莪术 水蛭 麝香 牵牛子 甘遂".split()),
    *((name, "contra.pregnancy.banned") for name in "大戟 芫花 商陆 土鳖虫 全蝎 蜈蚣".split()),
    *((name, "contra.pregnancy.caution") for name in "益母草 红花 桃仁 牛膝 牡丹皮".split()),
]


@pytest.mark.parametrize(("name", "key"), PREGNANCY)
def test_in_pregnancy_forbidden_pieces_are_refused_and_others_told_R166(name, key):
    assert keys(herbal(herb(name, "0.1g", note="冲服"), **PREGNANT)) == [key]
    assert keys(herbal(herb(name, "0.1g", note="冲服"), sex="1")) == []


def test_a_fertile_woman_is_asked_before_a_forbidden_piece_R37():
    assert keys(herbal(herb("水蛭", "3g"), sex="2", age=28)) == ["contra.pregnancy.ask"]


def test_the_same_piece_under_two_names_asks_R170():
    raw, baked = (
        piece(name, n, ingredients=frozenset({"甘草"})) for n, name in [(1, "甘草"), (2, "炙甘草")]
    )

    assert keys(herbal(herb("", "3g", of=raw), herb("", "6g", key="b", of=baked))) == [
        "duplicate.ingredient"
    ]


@pytest.mark.parametrize(
    ("one_name", "other"),
    [("制川乌", "法半夏"), ("甘草", "甘遂"), ("藜芦", "党参"), ("公丁香", "郁金")],
)
def test_opposed_pieces_of_one_sheet_ask_R166(one_name, other):
    lines = herb(one_name, "1g", note="先煎"), herb(other, "1g", key="b")

    assert keys(herbal(*lines)) == ["interaction.herbs"]


def test_twenty_pieces_are_one_sheet_R14():
    lines = [herb("", key=chr(97 + n), of=piece(f"某药{n}", n)) for n in range(20)]

    assert keys(herbal(*lines)) == []


def test_item_1_15_looks_at_the_notes():
    (item,) = [item for item in ITEMS if item.number == "1-15"]

    assert {rule.key for rule in item.rules} == {"herb.note", "herb.note_must"}
