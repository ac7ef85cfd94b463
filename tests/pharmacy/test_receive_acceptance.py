"""The acceptance record of a delivery, scanned codes and pasted rows (R-110, R-55)."""

import pytest
from django.urls import reverse

from clinic.core.models import Setting
from pharmacy.models import Batch, Place, StockDocument, Supplier
from pharmacy.receiving import draft_of
from tests.factories.pharmacy import DrugFactory, SupplierFactory, in_days
from tests.helpers import post_ok
from tests.pharmacy.test_receive_page import URL, cells, posted

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(as_, storekeeper):
    return as_(storekeeper)


def refusal(response):
    return " ".join(
        str(text) for texts in response.context["form"].errors.values() for text in texts
    )


def test_the_record_names_day_person_conclusion_and_the_line_as_it_came_R110(client, pharmacist):
    drug = DrugFactory(approval_number="国药准字H20000001", maker="华北制药")
    head = {"purchased_on": in_days(-2).isoformat(), "accepted_by": pharmacist.pk}
    head |= {"conclusion": "remark", "note": "外箱破损一角，内包装完好"}

    post_ok(
        client,
        URL,
        posted(cells(drug, shelf="B2-02"), supplier=SupplierFactory().pk, **head),
    )

    document = StockDocument.objects.get()
    assert (document.purchased_on, document.accepted_by) == (in_days(-2), pharmacist)
    assert (document.conclusion, document.note) == ("remark", "外箱破损一角，内包装完好")
    line = document.lines.get()
    assert (line.lot, line.quantity, line.shelf) == ("260518", 1200, "B2-02")


def test_a_remark_without_words_and_a_purchase_in_the_future_are_refused_R110(client):
    supplier = SupplierFactory()

    for head in ({"conclusion": "remark"}, {"purchased_on": in_days(2).isoformat()}):
        response = client.post(URL, posted(cells(DrugFactory()), supplier=supplier.pk, **head))

        assert response.context["form"].errors
    assert not StockDocument.objects.exists()


@pytest.mark.parametrize(("licence", "until"), [("", None), ("苏AA1", -1)])
def test_goods_of_a_supplier_without_a_licence_in_force_are_refused_R110(client, licence, until):
    until = until and in_days(until)
    supplier = SupplierFactory(licence=licence, licence_until=until)

    response = client.post(URL, posted(cells(DrugFactory()), supplier=supplier.pk))

    assert list(response.context["form"].errors) == ["licence"]
    assert not Batch.objects.exists()


def test_the_licence_written_beside_the_delivery_is_filed_with_the_supplier_R110(client):
    supplier = SupplierFactory(licence="")
    licence = {"licence": "苏AA5120007", "licence_until": in_days(300).isoformat()}

    post_ok(client, URL, posted(cells(DrugFactory()), supplier=supplier.pk, **licence))

    supplier.refresh_from_db()
    assert (supplier.licence, supplier.licence_until) == ("苏AA5120007", in_days(300))


def test_a_clinic_may_switch_the_licence_off(client):
    Setting.objects.create(key="stock.supplier_licence", value="no")

    post_ok(client, URL, posted(cells(DrugFactory()), new_supplier="邻居"))

    assert Supplier.objects.get().licence == ""


def test_a_clinic_with_one_place_never_hears_of_places_R114(client):
    assert "id_place" not in client.get(URL).content.decode()

    Place.objects.create(code="YF", name="药房")
    store = Place.objects.create(code="YK", name="药库", dispenses=False)

    assert "id_place" in client.get(URL).content.decode()
    post_ok(
        client, URL, posted(cells(DrugFactory()), supplier=SupplierFactory().pk, place=store.pk)
    )
    assert Batch.objects.get().place == store


def test_maker_and_approval_number_of_the_drug_stand_at_the_line_R110(client):
    drug = DrugFactory(approval_number="国药准字H20000001", maker="华北制药")

    page = client.post(URL, posted(cells(drug, lot=""), supplier=SupplierFactory().pk))

    text = page.content.decode()
    assert "国药准字H20000001" in text
    assert "华北制药" in text


def test_a_scanned_barcode_is_the_drug(client):
    drug = DrugFactory(barcode="6901234567892")
    DrugFactory(barcode="6901234567893")

    row = cells(drug, drug="", drug_text="6901234567892")
    post_ok(client, URL, posted(row, supplier=SupplierFactory().pk))

    assert Batch.objects.get().drug == drug


def test_a_trace_code_is_kept_and_known_by_its_product_the_next_time_R55(client):
    drug, supplier = DrugFactory(barcode="8123456"), SupplierFactory()
    row = cells(drug, drug="", drug_text="81234560000000000001")
    post_ok(client, URL, posted(row, supplier=supplier.pk))
    drug.barcode = ""
    drug.save()

    row = cells(drug, drug="", drug_text="81234560000000000002")
    post_ok(client, URL, posted(row, supplier=supplier.pk))

    codes = [line.trace_code for line in drug.batches.get().movements.first().document.lines.all()]
    assert codes == ["81234560000000000001"]
    assert Batch.objects.get().on_hand == 2400


def test_the_list_under_the_drug_field_knows_scanned_codes(client):
    drug = DrugFactory(barcode="8123456")

    text = client.post(reverse("drug_choices"), {"q": "81234560000000000001"}).content.decode()

    assert f'data-value="{drug.pk}"' in text
    assert 'data-fill-trace_code="81234560000000000001"' in text


def paste(client, text, *rows, **head):
    return client.post(URL, posted(*rows, do="paste", pasted=text, **head))


def test_pasted_rows_with_headings_in_any_order_become_lines(client, storekeeper):
    drug = DrugFactory(approval_number="国药准字H20000001")
    text = (
        "序号\t批准文号\t通用名\t规格\t数量\t单位\t含税单价\t批号\t有效期至\t生产日期\n"
        f"1\t国药准字H20000001\t别名\t0.25g*24粒\t50盒\t盒\t￥7.20\tA1\t{in_days(700)}\t\n"
    )

    paste(client, text)

    page = client.get(URL)
    (line,) = [line for line in page.context["delivery"].lines if line.is_read]
    assert (line.line.drug, line.line.lot, line.line.quantity) == (drug, "A1", 1200)
    assert str(line.line.cost) == "7.20"


def test_of_several_drugs_of_one_name_the_pack_decides(client):
    small = DrugFactory(generic_name="阿莫西林胶囊", pack_spec="0.25g×24粒/盒")
    DrugFactory(generic_name="阿莫西林胶囊", pack_spec="0.5g×24粒/盒")
    head = "名称\t规格\t批号\t效期\t数量\t单价\n"

    paste(client, head + f"阿莫西林胶囊\t0.25g*24粒\tA1\t{in_days(700)}\t10\t7.2")

    page = client.get(URL)
    assert [line.drug for line in page.context["delivery"].ready] == [small]


def test_pasted_rows_without_headings_are_read_in_order_and_doubtful_cells_wait(client):
    drug = DrugFactory(generic_name="布洛芬缓释胶囊", initials="BLF")
    good = f"布洛芬缓释胶囊\tA1\t{in_days(-30)}\t{in_days(700)}\t50\t7.20\tB1"
    bad = f"布洛芬缓释胶囊\tA2\t\t明年\t半箱\t面议\tB1\n未知药品\tA3\t\t{in_days(700)}\t1"

    paste(client, good + "\n" + bad, cells(DrugFactory(), lot="TYPED"))

    lines = client.get(URL).context["delivery"].lines
    assert [line["lot"].value() for line in lines][:4] == ["TYPED", "A1", "A2", "A3"]
    assert [line.is_read for line in lines][:4] == [True, True, False, False]
    assert set(lines[2].errors) == {"expires_on", "packs", "cost"}
    assert lines[2]["packs"].value() == "半箱"
    assert lines[3]["drug_text"].value() == "未知药品"
    assert lines[1].line.drug == drug


def test_rows_that_no_longer_fit_into_one_delivery_stay_in_the_box(client, storekeeper):
    drug = DrugFactory(generic_name="布洛芬缓释胶囊")
    row = f"布洛芬缓释胶囊\tL%s\t\t{in_days(700)}\t5\t7.20"
    text = "\n".join(["品名\t批号\t生产日期\t有效期\t数量\t单价", *(row % n for n in range(60))])

    paste(client, text)

    draft = draft_of(storekeeper)
    assert len(draft["lines"]) == 50
    assert draft["pasted"].splitlines()[0].startswith("品名")
    assert len(draft["pasted"].splitlines()) == 11
    assert f'value="{drug.label}"' in client.get(URL).content.decode()


def test_forty_pasted_lines_cost_no_more_queries_than_one(client, django_assert_max_num_queries):
    for n in range(40):
        DrugFactory(generic_name=f"药品{n}")
    rows = [f"药品{n}\tL{n}\t\t{in_days(700)}\t5\t7.20" for n in range(40)]
    paste(client, "\n".join(rows))

    with django_assert_max_num_queries(40):
        page = client.get(URL)

    assert len(page.context["delivery"].ready) == 40
