"""No character of a sheet is lost on paper: what Chromium prints is read back (R-162, R-130)."""

import random
from collections import Counter
from dataclasses import replace
from decimal import Decimal

import pytest

from prescriptions import printing
from prescriptions.layout import Layout
from prescriptions.models import Prescription
from prescriptions.states import RxState
from tests import paper

pytestmark = pytest.mark.django_db
NAMES = "注射用头孢哌酮钠舒巴坦复方甘草酸苷异甘草酸镁氯化钠葡萄糖阿莫西林克拉维酸钾分散片"
USAGES = "饭后半小时温水送服不可与牛奶同服晨起空腹整片吞服勿嚼碎服药期间忌酒避免驾车"


def words(chance: random.Random, letters: str, least: int, most: int) -> str:
    return "".join(chance.choices(letters, k=chance.randint(least, most)))


def made_up(chance: random.Random, rows: int, layout: Layout, *, long: bool) -> dict:
    """A sheet with texts of any length up to the longest that a row can hold."""
    kinds = Prescription.Kind
    head = {
        "institution": words(chance, NAMES, 6, 22),
        "name": words(chance, NAMES, 2, 12),
        "sex": "女",
        "age": "68岁",
        "record_no": "P00001372",
        "payment": "城乡居民基本医疗保险",
        "department": "全科医疗科",
        "date": "2026-11-28",
        "time": "08:47",
        "weight": "61.5",
        "phone": "13900000000",
        "address": words(chance, NAMES, 10, 40),
        "allergies": {"status": "has", "entries": [[words(chance, NAMES, 4, 60), "皮疹", ""]]},
        "doctor": "林海生",
        "extra": [["代办人证件号码", "32058319710603002X"], ["当日编号", "7"]] if long else [],
    }
    sheet = Prescription(
        number="RX20261128-0017", kind=chance.choice(kinds.values), state=RxState.PAID, head=head
    )
    least, most = (30, 60) if long else (4, 30)
    items = [
        {
            "place": place,
            "title": f"{words(chance, NAMES, least, most)} 粉针剂 0.25g×{place}支/盒",
            "quantity": f"{place}23 支",
            "usage": f"静脉滴注 每次0.5g（2支） 每日3次 {words(chance, USAGES, 0, most)} 共5天",
            "group": chance.choice(["", "组1"]),
            "remarks": [words(chance, USAGES, 5, most)] if chance.random() < 0.4 else [],
            "is_signed": False,
        }
        for place in range(1, rows + 1)
    ]
    for item in items:
        item["is_signed"] = bool(item["remarks"])
    return printing.composed(sheet, layout, items, words(chance, NAMES, 4, 50), Decimal("1234.56"))


def letters_of(sheet: dict, page: dict) -> Counter:
    """Every character that must stand on this page."""
    said = [sheet["institution_name"], sheet["number"], sheet["diagnosis"], sheet["allergy_text"]]
    said += [sheet["doctor"], sheet["time"], sheet["total"], sheet["label"], page["foot"]]
    said += [part for label, text, _wide in sheet["cells"] for part in (label, text)]
    for row in page["rows"]:
        said += [row["title"], row["usage"], row["quantity"], row["group"], *row["remarks"]]
    word = "blank" if page["is_last"] else "continued"
    return Counter("".join("".join([*said, sheet["words"][word]]).split()))


@pytest.mark.parametrize("paper_kind", ["a5", "a4_two"])
def test_no_character_is_lost_whatever_is_written_R162(paper_kind, tmp_path):
    chance = random.Random(2026)
    usual = replace(Layout(), paper=paper_kind, shown=("weight", "phone", "address", "allergies"))
    sheets = [
        made_up(
            chance,
            rows,
            replace(usual, points=points),
            long=long,
        )
        for long in (False, True)
        for points in ("12.0", "10.5", "9.0")
        for rows in (1, 3, 5)
    ]
    page = "".join(paper.of_sheet(sheet) for sheet in sheets)

    printed = paper.texts(paper.pdf(page, tmp_path))

    leaves = [(sheet, leaf) for sheet in sheets for leaf in sheet["leaves"]]
    assert len(printed) == len(leaves)
    for (sheet, leaf), text in zip(leaves, printed, strict=True):
        wanted = sum((letters_of(sheet, page) for page in leaf), Counter())
        assert not wanted - Counter(text), sheet["number"]
    assert max(page["number"] for _sheet, leaf in leaves for page in leaf) >= 2


def test_five_items_with_names_of_thirty_characters_R162(tmp_path):
    chance = random.Random(5)
    sheet = made_up(chance, 5, Layout(), long=False)
    for row in [row for leaf in sheet["leaves"] for page in leaf for row in page["rows"]]:
        row["title"] = "长" * 30

    printed = paper.texts(paper.pdf(paper.of_sheet(sheet), tmp_path))

    assert sum(text.count("长") for text in printed) == 150
    assert sum(text.count("以下空白") for text in printed) == 1


def test_two_copies_stand_beside_each_other_on_one_a4(tmp_path):
    sheet = made_up(random.Random(1), 2, replace(Layout(), paper="a4_copies"), long=False)

    printed = paper.texts(paper.pdf(paper.of_sheet(sheet), tmp_path))

    assert [text.count(sheet["number"]) for text in printed] == [2]
