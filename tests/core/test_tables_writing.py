"""What we write, a spreadsheet program shows and never computes."""

import io
from decimal import Decimal

import pytest

from clinic.core.tables import worker, writing


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "＝1+1", "|x", "%0A"]
)
def test_a_formula_in_a_csv_is_disarmed(text):
    assert writing.harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["-5", "+3.2", "12", "阿莫西林", "", "0.25g×24粒/盒", "-5%"])
def test_numbers_and_words_stay_as_they_are(text):
    assert writing.harmless(text) == text


def test_a_csv_says_that_it_is_utf8_and_is_read_back():
    content = "".join(writing.csv_lines([["名称", "价"], ["甲,乙", "=1"]])).encode()

    read = list(worker.table(content))

    assert read[0]["sure"]
    assert [cells for _n, cells in read[1:]] == [["名称", "价"], ["甲,乙", "'=1"]]


def test_a_workbook_holds_text_as_text_and_numbers_as_numbers():
    out = io.BytesIO()

    writing.write_xlsx(out, [["=1+1", "<&>\x07", 12, Decimal("9.60"), None]], sheet='a"<b')

    assert [cells for _n, cells in list(worker.table(out.getvalue()))[1:]] == [
        ["=1+1", "<&>", ["n", "12"], ["n", "9.6"]]
    ]
