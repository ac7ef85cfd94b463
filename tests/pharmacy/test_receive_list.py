"""A supplier's own list, as a file, becomes lines of the delivery (R-110, R-115)."""

import datetime
import uuid
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from clinic.core.errors import RuleBroken
from pharmacy.lists import file
from pharmacy.models import StockDocument
from pharmacy.receiving import draft_of
from pharmacy.watch import keeping
from tests.factories import supplier_list as lists
from tests.factories.pharmacy import DrugFactory, SupplierFactory, stocked_drug
from tests.helpers import post_ok
from tests.pharmacy.test_receive_page import URL, cells, posted

pytestmark = pytest.mark.django_db
ROWS = {
    "csv": lambda rows: lists.as_csv(rows, "gbk"),
    "xlsx": lists.as_xlsx,
    "xls": lists.as_xls,
}


@pytest.fixture
def client(as_, storekeeper):
    return as_(storekeeper)


def brought(content: bytes, *rows, name="供货清单.xls", do="file", **head):
    file = SimpleUploadedFile(name, content)
    return posted(*rows, do=do, file=file, **head)


def lines_after(client, content: bytes, *rows, **head):
    response = client.post(URL, brought(content, *rows, **head))
    assert response.status_code == 302
    return client.get(URL).context["delivery"].lines


def read(*rows, headings=lists.HEADINGS):
    """The lines of rows under these headings, as the form would get them."""
    found, _source = file.read(lists.as_csv([headings, *rows], "utf-8"))
    names = ["drug", "drug_text", "lot", "expires_on", "packs", "pieces", "cost", "doubt"]
    return found.lines(names, 50)


def ticked(lines) -> dict:
    """The lines as the browser sends them back, each doubt ticked and each unknown drug removed."""
    kept = [line for line in lines if line.known]
    data = {}
    for n, line in enumerate(kept):
        row = {name: line.data.get(line.add_prefix(name), "") for name in line.fields}
        row |= {"seen": "1"} if row["doubt"] else {}
        data |= {f"line-{n}-{name}": value for name, value in row.items()}
    return {"lines": len(kept), **data}


@pytest.mark.parametrize("kind", ROWS)
def test_a_list_of_forty_lines_is_read_looked_at_and_taken_in(client, kind):
    drugs = lists.library()
    content = ROWS[kind](lists.table())
    supplier = SupplierFactory()

    lines = lines_after(client, content, supplier=supplier.pk, delivery_note="XS0032")[:40]

    waiting = [line.number for line in lines if not line.is_read]
    assert waiting == [3, 39, 40]
    assert [line.line.drug for line in lines[:2]] == drugs[:2]
    assert lines[1].line.expires_on == datetime.date(2029, 5, 31)  # "2029-05"
    assert (lines[0].line.lot, lines[0].line.quantity) == ("260001A", 48)
    assert lines[3].line.quantity == 3 * 24 + 6
    assert (lines[2]["packs"].value(), lines[2]["cost"].value()) == ("5", "7.20")  # of 120 pieces
    assert lines[38]["drug_text"].value().startswith("未订购的新药片")

    head = {"supplier": supplier.pk, "delivery_note": "XS0032", "do": "save"}
    post_ok(client, URL, ticked(lines) | head | {"once": uuid.uuid4()})

    document = StockDocument.objects.get()
    assert document.lines.count() == 38
    assert document.lines.get(drug=drugs[2]).quantity == 120
    assert document.delivery_note == "XS0032"


def test_what_was_typed_before_stays_and_the_page_says_what_was_read(client):
    drug = DrugFactory()
    content = lists.as_csv(lists.table())

    response = client.post(
        URL, brought(content, cells(drug, lot="GETIPPT"), delivery_note="KN1"), follow=True
    )

    text = response.content.decode()
    assert response.context["delivery"].lines[0].line.lot == "GETIPPT"
    assert len(response.context["delivery"].lines) == 42  # and a blank one
    assert 'value="KN1"' in text
    assert "序号" in " ".join(str(m) for m in response.context["messages"])  # not used


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"", "leer.csv"),
        (b"%PDF-1.7", "x.xls"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"x" * 600, "kaputt.xls"),
        (b"PK\x03\x04 no archive", "x.xlsx"),
        ("甲,乙\n1,2\n".encode(), "ohne.csv"),
        (",".join(lists.HEADINGS).encode(), "nur-kopf.csv"),
        (b"x" * (file.MAX_BYTES + 1), "gross.csv"),
        (lists.as_csv(lists.table([["1"] * 13] * 501)), "lang.csv"),
    ],
)
def test_a_file_that_is_no_list_is_said_at_its_field_and_nothing_is_lost(client, content, name):
    row = cells(DrugFactory(), lot="GETIPPT")

    response = client.post(URL, brought(content, row, name=name, pasted="甲\t乙"))

    assert response.status_code == 200
    assert response.context["list_form"].errors["file"]
    for page in (response, client.get(URL)):
        assert "GETIPPT" in page.content.decode()
        assert "甲\t乙" in page.content.decode()


def test_no_file_at_all_is_said_at_the_field(client):
    response = client.post(URL, posted(cells(DrugFactory()), do="file"))

    assert response.context["list_form"].errors["file"]


def test_a_chosen_file_is_never_passed_over_whatever_is_pressed(client, storekeeper):
    content = lists.as_csv(lists.table())

    client.post(URL, brought(content, supplier=SupplierFactory().pk, do="save"))

    assert len(draft_of(storekeeper)["lines"]) == 40
    assert not StockDocument.objects.exists()


def test_rows_that_do_not_fit_can_be_pasted_later(client, storekeeper):
    rows = [[str(n), "", f"药{n}", *[""] * 3, f"L{n}", *[""] * 6] for n in range(60)]
    content = lists.as_csv(lists.table(rows))

    client.post(URL, brought(content))
    draft = draft_of(storekeeper)
    again = client.post(URL, brought(content, pasted="甲\t乙"))

    assert len(draft["lines"]) == 50
    assert len(draft["pasted"].splitlines()) == 11
    assert again.context["list_form"].errors["file"]  # what is in the box is not written over


def test_a_doubt_waits_until_it_is_ticked_whatever_else_is_done(client, storekeeper):
    drug = DrugFactory(generic_name="头孢克肟分散片")
    row = ["1", "", drug.generic_name, "", "", "", "A1", "", "2029-05-15", "粒", "48", "0.30", ""]

    lines_after(client, lists.as_csv(lists.table([row])))
    kept = draft_of(storekeeper)["lines"][0]
    client.post(URL, {"lines": 1, "do": "add", **{f"line-0-{k}": v for k, v in kept.items()}})
    waits = client.get(URL).context["delivery"].lines[0]
    data = {"lines": 1, "do": "add", "line-0-seen": "1"}
    client.post(URL, data | {f"line-0-{k}": v for k, v in kept.items()})
    done = client.get(URL).context["delivery"].lines[0]

    assert (waits.is_read, list(waits.errors)) == (False, ["doubt"])
    assert (done.is_read, done.line.quantity) == (True, 48)


def test_a_month_that_the_spreadsheet_made_a_day_is_doubtful_R109(client):
    drug = DrugFactory()
    day = datetime.date(2029, 5, 1)
    table = [["品名", "批号", "有效期至", "数量"], [drug.generic_name, "A1", day, Decimal(5)]]

    (line, _blank) = lines_after(client, lists.xls.write(table))

    assert line["expires_on"].value() == "2029-05-01"
    assert "2029-05" in line.errors["doubt"][0]


@pytest.mark.parametrize(
    ("unit", "counted", "packs", "pieces", "is_doubtful"),
    [
        ("盒", "50", "50", "", False),
        ("", "50盒", "50", "", False),
        ("", "50.00", "50", "", False),
        ("粒", "120", "5", "", True),
        ("粒", "125", "5", "5", True),
        ("", "3盒6粒", "3", "6", False),
        ("件", "2", "2件", "", True),
        ("盒", "二十", "二十", "", False),  # the box says it
    ],
)
def test_quantities_in_packs_pieces_and_unknown_units_R115(
    unit, counted, packs, pieces, is_doubtful
):
    name = DrugFactory().generic_name

    (line,) = read(["1", "", name, *[""] * 3, "A1", "", "", unit, counted, "", ""])

    assert (line["packs"], line["pieces"]) == (packs, pieces)
    assert bool(line["doubt"]) is is_doubtful


def test_pieces_of_an_unknown_drug_are_not_taken_for_packs():
    (line,) = read(["1", "", "未知药", *[""] * 3, "A1", "", "", "粒", "120", "", ""])

    assert line["packs"] == "120粒"
    assert "未知药" in line["doubt"]


def test_another_strength_is_another_drug_and_the_suppliers_code_is_not_ours():
    drug = DrugFactory(generic_name="氨氯地平片", pack_spec="25mg×7片/盒", strength="25mg/片")
    other = DrugFactory(code="KN1")

    weak, strange, same = read(
        ["1", "", "氨氯地平片", "5mg*7片", *[""] * 9],
        ["2", "KN1", "碘伏消毒液", *[""] * 10],
        ["3", "KN1", f"{other.generic_name}(阿莫仙)", *[""] * 10],
    )

    assert (weak["drug"], strange["drug"]) == ("", "")
    assert "5mg*7片" in weak["doubt"]
    assert same["drug"] == str(other.pk)
    assert str(drug.pk) not in (weak["drug"], strange["drug"])


def test_another_pack_under_the_same_approval_number_is_compared():
    drug = DrugFactory(approval_number="国药准字H20260001")

    (line,) = read(["1", "", "x", "0.25g*36粒", "", "H20260001", *[""] * 7])

    assert line["drug"] == str(drug.pk)
    assert "0.25g*36粒" in line["doubt"]


def test_a_lot_without_its_last_digits_and_an_amount_that_is_not_the_product_are_doubtful():
    name = DrugFactory().generic_name

    lost, wrong = read(
        ["1", "", name, *[""] * 3, "2.60518E+15", "", "", "盒", "5", "7.20", "36.00"],
        ["2", "", name, *[""] * 3, "A1", "", "", "盒", "5", "72.00", "36.00"],
    )

    assert "2.60518E+15" in lost["doubt"]
    assert lost["lot"] == "2.60518E+15"
    assert "36.00" in wrong["doubt"]


def test_the_list_may_lie_behind_a_cover_sheet_and_totals_are_no_lines():
    cover, rows = [["随货同行单", "共2页"]], lists.table()

    found, _source = file.read(lists.xls.write(cover, rows))

    assert len(found.rows) == 40
    with pytest.raises(RuleBroken):
        file.read(lists.xls.write(cover, cover))


def test_reading_forty_rows_asks_the_database_as_often_as_reading_one(django_assert_num_queries):
    lists.library()
    found, _source = file.read(lists.as_csv(lists.table()))
    cells = ["drug", "drug_text", "packs"]

    for most in (1, 40):
        with django_assert_num_queries(3):  # by approval number, code and name
            assert len(found.lines(cells, most)) == most


def test_what_presses_now_stands_beside_the_delivery(client):
    stocked_drug(48, days=8, lot="2311204", generic_name="维生素C注射液")
    stocked_drug(12, generic_name="氨氯地平片", lower_limit=48, upper_limit=480)
    keeping.refresh()

    text = client.get(URL).content.decode()

    assert "2311204" in text
    assert "19盒+12粒" not in text
    assert "20盒" in text
