"""What the cells of other people's lists mean, and what is hidden of them on a screen."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from clinic.core.tables.parsers import Cell, Doubtful
from patients.exchange import answers, cells
from patients.exchange.hiding import hide_numbers

DAY = date(1980, 1, 5)


@pytest.mark.parametrize(
    "cell",
    [
        Cell("1980.1.5"), Cell("1980年1月5日"), Cell("19800105"), Cell("1980/01/05"),
        Cell("１９８０-１-５"), Cell("1980-01-05", "d"), Cell("29225", "n"), Cell("29225.0", "n"),
        Cell("1980-01-05 00:00:00"), Cell("'1980-01-05"),
    ],
)  # fmt: skip
def test_a_date_of_birth_is_read_in_every_way_it_is_written(cell):
    assert cells.birth(cell) == cells.Born(DAY)


@pytest.mark.parametrize("text", ["80.1.5", "800105", "80年1月5日", "29225"])
def test_a_guessed_date_is_said_to_be_one(text):
    with pytest.raises(Doubtful) as doubt:
        cells.birth(Cell(text))

    assert doubt.value.value == cells.Born(DAY)


@pytest.mark.parametrize("text", ["5/1/1980", "15.1.5", "198001", "1980.13.1", "一九八〇年", "无"])
def test_a_date_that_can_be_two_is_refused(text):
    with pytest.raises(ValidationError):
        cells.birth(Cell(text))


def test_a_year_is_no_count_of_days():
    assert cells.birth(Cell("1980", "n")) == cells.Born(date(1980, 1, 1), "year")
    assert cells.birth(Cell("1980年5月")) == cells.Born(date(1980, 5, 1), "month")


@pytest.mark.parametrize(
    ("text", "status", "named"),
    [
        ("无", "denied", []),
        ("否认药物过敏史。", "denied", []),
        ("不详", "not_asked", []),
        ("有", "has", [("", "")]),
        ("青霉素、磺胺；海鲜", "has", [("青霉素", ""), ("磺胺", ""), ("海鲜", "")]),
        ("青霉素(休克)", "has", [("青霉素", "休克")]),
    ],
)
def test_the_answer_about_allergies_R44(text, status, named):
    assert cells.allergies(Cell(text)) == cells.Allergies(status, named)


@pytest.mark.parametrize("text", ["2", "无青霉素过敏", "药" * 101])
def test_an_answer_about_allergies_that_is_unclear_is_refused(text):
    with pytest.raises(ValidationError):
        cells.allergies(Cell(text))


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ("11010519491231002X", "110105********002X"),
        ("13812345678", "138****5678"),
        ("0512-58123456", "0512-****3456"),
        ("身份证“110105 19491231 002x”不对", "身份证“110105********002x”不对"),
        ("E12345678", "E1*****78"),
        ("1980.1.5", "1980.1.5"),
        ("19800105", "19800105"),
        ("1980-01-05", "1980-01-05"),
        ("1.10105E+17", "1.10105E+17"),
        ("P00000012", "P00000012"),
    ],
)
def test_no_whole_number_is_shown_in_passing_R141(cell, shown):
    assert hide_numbers(cell) == shown


@pytest.mark.parametrize(
    ("code_set", "text", "code"),
    [
        ("ethnic", "汉", "01"), ("ethnic", "汉族", "01"), ("marital_form", "初婚", "2"),
        ("occupation", "农民", "4"), ("abo", "ab", "4"), ("abo", "O型", "3"), ("rh", "RH+", "2"),
        ("education", "本科", "2"),
    ],
)  # fmt: skip
def test_values_of_the_form_are_known_by_their_meaning_R61(code_set, text, code):
    assert answers.one_code(code_set)(Cell(text)) == code


def test_earlier_illness_is_told_apart_by_name_and_year():
    status, named = answers.illness(Cell("高血压(2015)、慢阻肺2018-03；胃溃疡"))

    assert status == "has"
    assert [(e.code, e.text, e.since) for e in named] == [
        ("2", "", "2015"), ("5", "", "2018-03"), ("13", "胃溃疡", ""),
    ]  # fmt: skip
    assert answers.illness(Cell("既往体健")) == ("denied", [])
