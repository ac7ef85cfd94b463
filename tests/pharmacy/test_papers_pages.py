"""The pages of the documents: list, one document, writing, posting, taking back, paper."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from pharmacy import papers, stock
from pharmacy.models import Batch, Place, StockDocument
from tests.factories.pharmacy import (
    DrugFactory,
    SupplierFactory,
    in_days,
    put_on_shelf,
    stocked_drug,
)
from tests.helpers import post_ok
from tests.pharmacy.papers import drafted, moved, posted, store
from tests.pharmacy.test_receive_page import cells

pytestmark = pytest.mark.django_db
LIST = "/pharmacy/documents/"


@pytest.fixture
def client(as_, storekeeper):
    return as_(storekeeper)


@pytest.fixture
def batch(db):
    return stocked_drug(240).batches.get()


def url(name, document):
    return reverse(name, args=[document.number])


def post(client, name, document, **data):
    data = {"once": uuid.uuid4(), "version": document.version, **data}
    return client.post(url(name, document), data)


def write(client, document, *, do="add", **data):
    document.refresh_from_db()
    return post(client, "stock_paper_edit", document, do=do, **data)


def test_a_write_off_goes_from_the_list_to_the_shelf_through_two_people_R118(
    client, as_, pharmacist, batch
):
    new = reverse("stock_paper_new", args=["write_off"])
    assert new in client.get(LIST).content.decode()

    answer = post_ok(client, new, {"cause": "broken", "note": "摔碎"})
    document = StockDocument.objects.get(kind="write_off")
    assert answer["Location"] == url("stock_paper_edit", document)
    page = client.get(answer["Location"] + "?q=" + batch.drug.initials_short)
    assert f"take-{batch.pk}-packs" in page.content.decode()
    take = {"shown": str(batch.pk), f"take-{batch.pk}-packs": "1", "note": "摔碎"}
    answer = write(client, document, do="keep", cause="broken", **take)
    assert answer["Location"] == url("stock_document", document)

    own = client.get(answer["Location"]).content.decode()
    assert url("stock_paper_post", document) not in own
    colleague = as_(pharmacist)
    document.refresh_from_db()
    answer = post(colleague, "stock_paper_post", document)

    assert answer.status_code == 302
    assert moved(document) == [("write_off", -24)]


def test_what_is_typed_beside_a_batch_stands_on_the_document_and_nothing_takes_it_off(
    client, storekeeper, batch
):
    other = put_on_shelf(batch.drug, 48, lot="B")
    document = drafted("use", (batch, 24), by=storekeeper)
    shown = {"shown": f"{batch.pk},{other.pk}", "recipient": "治疗室"}

    write(
        client,
        document,
        **shown,
        **{f"take-{batch.pk}-packs": "", f"take-{other.pk}-packs": "1"},
        **{f"take-{other.pk}-pieces": "３"},
    )

    assert [(line.batch, line.quantity) for line in document.lines.all()] == [(other, 27)]


def test_find_keeps_what_was_typed_and_shows_the_batches_of_the_words(client, storekeeper, batch):
    document = drafted("use", (batch, 24), by=storekeeper)
    take = {"shown": str(batch.pk), f"take-{batch.pk}-packs": "2", "recipient": "换药室"}

    answer = write(client, document, do="find", q="AMXL", **take)

    assert answer["Location"].endswith("?q=AMXL")
    document.refresh_from_db()
    assert (document.recipient, document.lines.get().quantity) == ("换药室", 48)
    assert client.get(answer["Location"]).context["page"].takes[0].batch == batch


def test_a_refused_quantity_comes_back_with_everything_that_was_typed(client, storekeeper, batch):
    document = drafted("use", (batch, 24), by=storekeeper)
    take = {"shown": str(batch.pk), "recipient": "治疗室"}

    for packs in ("999", "三盒"):
        page = write(client, document, **take, **{f"take-{batch.pk}-packs": packs})

        assert page.status_code == 200
        assert f'value="{packs}"' in page.content.decode()
    assert document.lines.get().quantity == 24


def test_a_line_is_removed_by_its_button(client, storekeeper, batch):
    document = drafted("use", (batch, 24), by=storekeeper)

    write(client, document, do="remove:1", recipient="治疗室")

    assert not document.lines.exists()


def test_batches_are_found_by_lot_barcode_and_name_at_the_documents_place_only(
    client, storekeeper, batch
):
    batch.drug.barcode = "6901234567892"
    batch.drug.save()
    line = {"drug": batch.drug, "lot": "260518", "expires_on": in_days(300), "quantity": 24}
    stock.receive(supplier=SupplierFactory(), lines=[line], place=store(), by=storekeeper)
    document = drafted("use", (batch, 24), by=storekeeper)

    for words in ("260518", "6901234567892", batch.drug.generic_name, "amxl"):
        page = client.get(url("stock_paper_edit", document), {"q": words})

        assert [take.batch for take in page.context["page"].takes] == [batch], words
    assert not client.get(url("stock_paper_edit", document), {"q": "没有"}).context["page"].takes


def test_all_expired_goods_are_put_on_a_write_off_at_once_R118(client, storekeeper, batch):
    expired = put_on_shelf(batch.drug, 48, days=-1, lot="OLD")
    document = drafted("write_off", (batch, 1), by=storekeeper)

    page = client.get(url("stock_paper_edit", document), {"only": "expired"}).context["page"]

    assert [(take.batch, take.initial) for take in page.takes] == [
        (expired, {"packs": 2, "pieces": None})
    ]


def test_a_batchs_page_leads_to_its_write_off_at_its_place_R118(client, storekeeper, batch):
    line = {"drug": batch.drug, "lot": "S", "expires_on": in_days(300), "quantity": 24}
    stock.receive(supplier=SupplierFactory(), lines=[line], place=store(), by=storekeeper)
    there = Batch.objects.get(lot="S")
    new = reverse("stock_paper_new", args=["write_off"]) + f"?batch={there.pk}"
    assert new in client.get(reverse("stock_ledger", args=[there.pk])).content.decode()

    page = client.get(new)
    place = page.context["form"]["place"].value()
    answer = client.post(new, {"once": uuid.uuid4(), "cause": "broken", "place": place})

    page = client.get(answer["Location"]).context["page"]
    assert [take.batch for take in page.takes] == [there]


def test_a_transfer_shows_each_line_once(client, storekeeper, batch):
    document = posted("move", (batch, 24), to_place=store(), by=storekeeper)

    assert len(client.get(url("stock_document", document)).context["rows"]) == 1
    printed = client.get(url("stock_document_print", document)).content.decode()
    assert printed.count(batch.lot) == 1
    assert "药库" in printed


def test_opening_stock_is_typed_line_by_line_and_pasted_and_doubtful_lines_wait(
    client, storekeeper
):
    drug = DrugFactory(generic_name="布洛芬缓释胶囊")
    document = papers.start(kind="opening", head={}, by=storekeeper)
    write(client, document, lines=1, **cells(drug, packs="2"))

    good = f"布洛芬缓释胶囊\tA1\t\t{in_days(700)}\t5\t7.20"
    page = write(
        client, document, do="paste", lines=0, pasted=f"{good}\n不认识\tA2\t\t{in_days(9)}\t1"
    )

    assert [line.lot for line in document.lines.all()] == ["260518", "A1"]
    assert page.status_code == 200
    (waiting,) = page.context["page"].blanks
    assert waiting["drug_text"].value() == "不认识"
    assert waiting["lot"].value() == "A2"
    write(client, document, do="add", lines=1, **cells(drug, lot="A2", packs="1"))
    document.refresh_from_db()
    post(client, "stock_paper_post", document)
    assert {b.lot: b.on_hand for b in Batch.objects.all()} == {"260518": 48, "A1": 120, "A2": 24}


def test_a_draft_that_a_colleague_changed_is_not_overwritten(
    client, storekeeper, pharmacist, batch
):
    document = drafted("use", (batch, 24), by=storekeeper)
    papers.save(document=document, head={"recipient": "换药室"}, by=pharmacist)

    page = post(client, "stock_paper_edit", document, do="add", recipient="治疗室")

    document.refresh_from_db()
    assert page.status_code == 200
    assert page.context["form"].errors
    assert (document.recipient, document.version) == ("换药室", 2)


def test_a_draft_is_discarded_and_then_only_looked_at(client, storekeeper, batch):
    document = drafted("use", (batch, 24), by=storekeeper)

    post(client, "stock_paper_discard", document)

    document.refresh_from_db()
    assert document.state == "discarded"
    assert client.get(url("stock_paper_edit", document)).status_code == 302
    page = client.get(url("stock_document", document))
    assert page.status_code == 200 and "message-error" not in page.content.decode()
    told = client.get(write(client, document, note="再写一句")["Location"]).content.decode()
    assert "message-error" in told and "已作废" in told
    assert document.number in client.get(LIST).content.decode()


def test_a_document_is_taken_back_on_its_page_with_a_reason(client, storekeeper, batch):
    document = posted("use", (batch, 24), by=storekeeper)

    without = post(client, "stock_document_reverse", document)
    answer = post(client, "stock_document_reverse", document, reason="录入错误")

    assert without.status_code == 200
    assert without.context["form"].errors
    counter = StockDocument.objects.get(kind="reversal")
    assert answer["Location"] == url("stock_document", counter)
    assert counter.number in client.get(url("stock_document", document)).content.decode()
    assert document.number in client.get(url("stock_document", counter)).content.decode()


def test_drugs_come_back_from_the_page_of_their_dispensing_R117(as_, pharmacist, batch):
    stock.reserve(drug=batch.drug, quantity=54, reference="RX1/1", by=pharmacist)
    (issued,) = stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")
    client = as_(pharmacist)
    page = client.get(url("stock_document", issued.document)).content.decode()
    assert url("stock_return", issued.document) in page
    data = {f"back-{issued.pk}-packs": "1", "reason": "不良反应"}

    post(client, "stock_return", issued.document, **data)

    assert moved(StockDocument.objects.get(kind="return")) == [("give_back", 24)]


def test_what_comes_back_harmed_is_posted_from_its_page_by_a_colleague_R118(
    as_, pharmacist, storekeeper, batch
):
    stock.reserve(drug=batch.drug, quantity=54, reference="RX1/1", by=pharmacist)
    (issued,) = stock.issue(reference="RX1/1", by=pharmacist, document_reference="RX1")
    client, colleague = as_(pharmacist), as_(storekeeper)
    data = {f"back-{issued.pk}-packs": "1", f"back-{issued.pk}-harmed": "on", "reason": "破损"}

    answer = post(client, "stock_return", issued.document, **data)

    draft = StockDocument.objects.get(kind="return")
    assert answer["Location"] == url("stock_document", draft)
    post_here = f'action="{url("stock_paper_post", draft)}"'
    assert post_here not in client.get(url("stock_document", draft)).content.decode()
    assert post_here in colleague.get(url("stock_document", draft)).content.decode()
    post(colleague, "stock_paper_post", draft, version=draft.version)
    assert moved(draft) == [("give_back", 24), ("write_off", -24)]


def test_a_transfer_is_offered_where_goods_lie_in_several_places_only_R114(client):
    move = reverse("stock_paper_new", args=["move"])
    Place.objects.create(code="YF", name="药房")
    assert move not in client.get(LIST).content.decode()

    store()

    assert move in client.get(LIST).content.decode()


@pytest.mark.parametrize("kind", ["receipt", "dispensing", "reversal", "return", "x"])
def test_other_kinds_have_no_page_to_begin(client, kind):
    assert client.get(reverse("stock_paper_new", args=[kind])).status_code == 404


def test_a_doctor_reads_documents_and_changes_none(as_, doctor, storekeeper, batch):
    document = drafted("use", (batch, 24), by=storekeeper)
    client = as_(doctor)

    page = client.get(url("stock_document", document)).content.decode()

    assert url("stock_paper_post", document) not in page
    assert post(client, "stock_paper_post", document).status_code == 403


def test_the_list_is_narrowed_by_each_filter_and_shows_drafts_first(
    client, storekeeper, pharmacist, batch
):
    other = stocked_drug(48, generic_name="布洛芬", by=pharmacist).batches.get()
    use = posted("use", (batch, 24), by=storekeeper)
    off = posted("write_off", (other, 24), by=storekeeper, confirmed_by=pharmacist)
    draft = drafted("use", (batch, 24), by=storekeeper)

    def numbers(**asked):
        return {row.number for row in client.get(LIST, asked).context["page"]}

    page = client.get(LIST)
    assert [row.number for row in page.context["drafts"]] == [draft.number]
    assert draft.number not in numbers()
    assert numbers(kind="use") == {use.number}
    assert use.number not in numbers(drug="布洛芬")
    assert off.number in numbers(drug="布洛芬")
    assert numbers(number=use.number[:6].lower()) == {use.number}
    assert off.number in numbers(who=pharmacist.full_name)
    assert use.number not in numbers(who=pharmacist.full_name)
    assert numbers(since=in_days(1).isoformat()) == set()
    assert use.number in numbers(since=in_days(0).isoformat(), until=in_days(0).isoformat())
    assert client.get(LIST, {"since": "gestern"}).status_code == 200


@pytest.mark.parametrize("kind", StockDocument.Kind.values)
@pytest.mark.parametrize("paper", ["a4", "a5"])
def test_every_kind_of_document_is_printed_on_both_papers(client, storekeeper, batch, kind, paper):
    document = posted("use", (batch, 30), by=storekeeper, note="每周领用")
    document.kind = kind
    document.save()

    answer = client.get(url("stock_document_print", document), {"paper": paper})

    text = answer.content.decode()
    assert f"print-stock-{paper}.css" in text
    for words in (document.number, batch.lot, "1盒+6粒", "郑库管", "每周领用"):
        # The lines of these two are read from what only such a document has.
        assert words in text or kind in ("receipt", "move")


def test_the_printed_acceptance_record_names_everything_that_R110_asks(client, storekeeper):
    drug = DrugFactory(approval_number="国药准字H20000001", maker="华北制药")
    line = {"drug": drug, "lot": "A77", "made_on": in_days(-30), "expires_on": in_days(700)}
    supplier = SupplierFactory()
    document = stock.receive(
        supplier=supplier, lines=[line | {"quantity": 48}], delivery_note="KN9", by=storekeeper
    )

    text = client.get(url("stock_document_print", document)).content.decode()

    for words in (drug.generic_name, drug.dosage_form, drug.pack_spec, drug.maker, "KN9"):
        assert words in text
    for words in ("A77", drug.approval_number, supplier.name, "2盒", storekeeper.full_name):
        assert words in text
    assert in_days(-30).isoformat() in text


def queries(client, address):
    with CaptureQueriesContext(connection) as log:
        assert client.get(address).status_code == 200
    return len(log)


def test_no_page_asks_the_database_more_often_for_more_rows(client, storekeeper, pharmacist):
    drug = DrugFactory()
    batches = [put_on_shelf(drug, 48, lot=f"L{n}") for n in range(30)]
    few = [drafted("use", (batches[0], 1), by=storekeeper)]
    few.append(posted("use", (batches[0], 1), by=storekeeper))
    lines = [(batch, 1) for batch in batches]
    many = [drafted("use", *lines, by=storekeeper), posted("use", *lines, by=storekeeper)]
    client.get(LIST)  # what is read once per process is not counted

    for name, n in [
        ("stock_document", 0),
        ("stock_document", 1),
        ("stock_paper_edit", 0),
        ("stock_document_print", 1),
    ]:
        assert queries(client, url(name, few[n])) == queries(client, url(name, many[n])), name
    found = url("stock_paper_edit", many[0])
    assert queries(client, found + "?q=L0") == queries(client, found + "?q=AMXL")

    before = queries(client, LIST)
    for batch in batches:
        posted("use", (batch, 1), by=pharmacist)
        drafted("use", (batch, 1), by=pharmacist)
    assert queries(client, LIST) == before


@pytest.mark.parametrize("query", ["?since=0001-01-01", "?until=9999-12-31", "?since=9999-12-31"])
def test_a_day_beyond_all_moments_breaks_no_list(as_, storekeeper, query):
    assert as_(storekeeper).get(reverse("stock_documents") + query).status_code == 200
