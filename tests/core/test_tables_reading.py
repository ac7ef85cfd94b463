"""A file from outside becomes rows of clean cells, or a sentence that says what to do."""

import io
import struct
import zipfile
from pathlib import Path

import pytest

from clinic.core.errors import RuleBroken
from clinic.core.tables import plain, reading, worker, writing
from clinic.core.tables.plain import Unreadable

FILES = Path(__file__).parent / "data"
TEXT = "药品名称,规格,价格\n阿莫西林胶囊,0.25g×24粒/盒,9.60\n维生素C片,0.1g×100片/瓶,3.20\n"
HAN = "藥品名稱,規格\n阿莫西林膠囊,每盒二十四粒\n維生素片,每瓶一百片\n"


def rows(content: bytes, **options) -> list[list]:
    """Cells of each row, as the worker says them."""
    return [cells for _number, cells in list(worker.table(content, **options))[1:]]


def head(content: bytes) -> dict:
    return next(iter(worker.table(content)))


def xlsx(sheet: str, *, workbook: str = "", shared: str = "") -> bytes:
    """A workbook whose sheet is this XML: cells that our own writer never makes."""
    out = io.BytesIO()
    writing.write_xlsx(out, [])
    made = io.BytesIO()
    with zipfile.ZipFile(out) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            text = old.read(name).decode()
            if name.endswith("sheet1.xml"):
                text = text.replace("<sheetData></sheetData>", sheet)
            new.writestr(name, text)
    return made.getvalue()


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
        ("utf-16-be", "utf-16-be"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
    ],
)
def test_the_encoding_of_a_csv_is_found(encoding, told):
    content = TEXT.encode(encoding)

    assert head(content)["encoding"] == told
    assert rows(content)[1] == ["阿莫西林胶囊", "0.25g×24粒/盒", "9.60"]


def test_big5_is_told_from_gb18030():
    content = HAN.encode("big5")

    assert (head(content)["encoding"], head(content)["sure"]) == ("big5", True)
    assert rows(content)[1] == ["阿莫西林膠囊", "每盒二十四粒"]


def test_an_encoding_that_is_not_certain_is_said_to_be_so():
    rare = "龘靐齾,爨龗\n".encode("gb18030")

    assert head(rare)["sure"] is False


def test_a_chosen_encoding_that_does_not_fit_names_the_line():
    with pytest.raises(Unreadable) as refused:
        rows(TEXT.encode("gbk"), encoding="utf-8")

    assert (refused.value.code, refused.value.detail) == ("encoding", "1")


@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_the_separator_is_found(mark):
    content = mark.join(["名称", "规格"]) + "\n" + mark.join(["甲", '"一,二;三"']) + "\n"

    assert rows(content.encode())[1] == ["甲", "一,二;三"]


def test_control_characters_and_wide_spaces_go_and_empty_rows_are_left_out():
    content = "名称,价\n\x00\x07甲\u200b\u3000,1\n,,\n \u3000,\n乙\xa0,2\n".encode()

    assert rows(content) == [["名称", "价"], ["甲", "1"], ["乙", "2"]]


def test_a_line_break_inside_quotes_is_one_cell():
    assert rows('名称,注\n甲,"一\n二"\n'.encode())[1] == ["甲", "一 二"]


def test_quotes_that_never_end_are_refused():
    with pytest.raises(Unreadable) as refused:
        rows(b'a,b\n1,"' + b"x" * 200_000)

    assert refused.value.code == "quotes"


def test_numbers_of_a_workbook_lose_the_point_that_nobody_typed():
    content = xlsx(
        "<sheetData><row><c><v>12</v></c><c><v>6901234567892</v></c><c><v>9.6</v></c>"
        "<c><v>12345678901234567</v></c><c t='b'><v>1</v></c></row></sheetData>"
    )

    assert rows(content)[0] == [
        ["n", "12"],
        ["n", "6901234567892"],
        ["n", "9.6"],
        ["x", "12345678901234568"],  # the program keeps fifteen digits: this is not what was typed
        ["b", "1"],
    ]


def test_a_formula_counts_as_the_value_saved_with_it():
    content = xlsx(
        "<sheetData><row><c><f>1+1</f><v>7</v></c><c><f>HYPERLINK(A1)</f></c></row></sheetData>"
    )

    assert rows(content) == [[["n", "7"]]]


def test_a_cell_merged_downwards_holds_for_every_row_it_covers():
    content = xlsx(
        '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>阿莫西林</t></is></c>'
        '<c r="B1"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>'
        '<row r="3"><c r="B3"><v>3</v></c></row></sheetData>'
        '<mergeCells count="1"><mergeCell ref="A1:A2"/></mergeCells>'
    )

    assert [row[0] for row in rows(content)] == ["阿莫西林", "阿莫西林", ""]


def test_rows_keep_the_numbers_that_the_program_shows():
    content = xlsx('<sheetData><row r="3"><c r="B3"><v>5</v></c></row></sheetData>')

    assert list(worker.table(content))[1:] == [[3, [["n", "5"]]]]


def test_an_old_xls_is_read():
    # BIFF: one sheet with a text and a number, made by a spreadsheet program of 2003.
    content = (FILES / "tiny.xls").read_bytes()

    assert head(content)["kind"] == "xls"
    assert rows(content) == [["药品名称", "价格"], ["阿莫西林胶囊", ["n", "9.6"]]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \r\n\t\n", "empty"),
        (b"%PDF-1.7 x", "kind"),
        (b"\x89PNG\r\n\x1a\n\0\0", "kind"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF", "kind"),
        (b"<html><table><tr><td>1</td></tr></table>", "html"),
        (b"PK\x03\x04 broken", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "damaged"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
            + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (b"\xff\xfe\xff", "encoding"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused(content, code):
    with pytest.raises(Unreadable) as refused:
        rows(content)

    assert refused.value.code == code


def test_a_zip_that_is_no_workbook_is_refused():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("letter.txt", "x")

    with pytest.raises(Unreadable) as refused:
        rows(out.getvalue())

    assert refused.value.code == "kind"


def test_a_bomb_is_refused_before_a_library_unpacks_it(monkeypatch):
    monkeypatch.setattr(worker, "MAX_UNPACKED", 3 * 1024 * 1024)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(4 * 1024 * 1024))
    content = _with_lying_size(out.getvalue())

    with pytest.raises(Unreadable) as refused:
        rows(content)

    assert refused.value.code in ("size", "damaged")


def test_a_text_that_is_shown_again_and_again_is_refused_before_it_fills_the_memory(monkeypatch):
    """Said once, shown in every cell: a few kilobytes of file would be gigabytes of rows."""
    monkeypatch.setattr(worker, "MAX_TEXT", 100_000)
    row = f"<row><c t='inlineStr'><is><t>{'x' * 1500}</t></is></c></row>"
    content = xlsx(f"<sheetData>{row * 100}</sheetData>")

    with pytest.raises(Unreadable) as refused:
        rows(content)

    assert refused.value.code == "size"


def _with_lying_size(content: bytes) -> bytes:
    """The same archive, saying of its file that it is one byte."""
    honest = struct.pack("<L", 4 * 1024 * 1024)
    return content.replace(honest, struct.pack("<L", 1))


def test_too_many_rows_are_refused(monkeypatch):
    monkeypatch.setattr(worker, "MAX_ROWS", 3)

    with pytest.raises(Unreadable) as refused:
        rows(b"a,b\n" * 4)

    assert refused.value.code == "rows"


def test_too_many_columns_are_refused():
    with pytest.raises(Unreadable) as refused:
        rows(",".join(["x"] * 201).encode())

    assert refused.value.code == "columns"


def test_the_file_is_read_by_another_process_that_knows_no_secret(monkeypatch, tmp_path):
    monkeypatch.setenv("CLINIC_SECRET_KEY", "must-not-be-seen")

    source, lines = reading.open_table(TEXT.encode("gbk"))

    assert (source.kind, source.encoding) == ("csv", "gb18030")
    assert [cells[0] for _number, cells in lines] == ["药品名称", "阿莫西林胶囊", "维生素C片"]
    assert "CLINIC_SECRET_KEY" not in reading.environment()


def test_what_the_worker_refuses_is_said_in_words():
    with pytest.raises(RuleBroken, match="password|密码"):
        reading.open_table(
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
            + "EncryptedPackage".encode("utf-16-le")
        )  # fmt: skip


def test_a_file_over_ten_megabytes_is_not_even_opened():
    with pytest.raises(RuleBroken, match="10 MB"):
        reading.open_table(b"x" * (reading.MAX_BYTES + 1))


def test_a_worker_that_dies_is_no_riddle(monkeypatch):
    monkeypatch.setattr(reading, "MODULE", "clinic.no_such_module")

    with pytest.raises(RuleBroken):
        reading.open_table(TEXT.encode())


@pytest.mark.parametrize("separator", plain.SEPARATORS)
def test_a_table_of_one_column_is_a_table_too(separator):
    assert rows("名称\n甲\n乙\n".encode()) == [["名称"], ["甲"], ["乙"]]
