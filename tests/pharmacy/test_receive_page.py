"""The delivery page: lines that post and come back, a draft, all or nothing."""

import uuid

import pytest
from django.urls import reverse

from pharmacy.models import Batch, StockDocument, StockMovement, Supplier
from pharmacy.receiving import draft_of
from tests.factories.pharmacy import (
    DrugFactory,
    InhalerFactory,
    SupplierFactory,
    in_days,
    put_on_shelf,
)
from tests.helpers import post_ok, undone

pytestmark = pytest.mark.django_db
URL = "/pharmacy/receive/"


@pytest.fixture
def client(as_, storekeeper):
    return as_(storekeeper)


@pytest.fixture
def supplier(db):
    return SupplierFactory()


def cells(chosen, n=0, /, **changes):
    """One line as the browser sends it, number n (the first is 0)."""
    row = {
        "drug": chosen.pk,
        "drug_text": chosen.label,
        "lot": "260518",
        "expires_on": in_days(700).isoformat(),
        "packs": "50",
        "pieces": "",
        "cost": "7.20",
        **changes,
    }
    return {f"line-{n}-{name}": value for name, value in row.items()}


def posted(*rows, **head):
    data = {"lines": len(rows), "do": "save", "once": uuid.uuid4(), **head}
    for row in rows:
        data |= row
    return data


def faults(response):
    return {
        (line.number, name): texts[0]
        for line in response.context["delivery"].lines
        for name, texts in line.errors.items()
    }


def test_a_delivery_goes_onto_the_shelf_and_leads_to_its_document(client, supplier):
    drug, other = DrugFactory(), DrugFactory()
    rows = cells(drug, 0, pieces="5"), cells(other, 1, packs="２", expires_on="2029-05")

    response = post_ok(client, URL, posted(*rows, supplier=supplier.pk, delivery_note="KN１"))

    document = StockDocument.objects.get()
    assert response["Location"] == reverse("stock_document", args=[document.number])
    assert (document.supplier, document.delivery_note) == (supplier, "KN1")
    assert [m.quantity for m in document.movements.order_by("pk")] == [50 * 24 + 5, 48]
    assert other.batches.get().expires_on.isoformat() == "2029-05-31"


def test_a_new_supplier_is_made_with_the_delivery(client):
    new = {"new_supplier": "江苏新康医药", "licence": "苏AA5120009", "licence_until": "2031-05"}

    post_ok(client, URL, posted(cells(DrugFactory()), **new))

    supplier = Supplier.objects.get()
    assert (supplier.name, supplier.licence) == ("江苏新康医药", "苏AA5120009")
    assert supplier.licence_until.isoformat() == "2031-05-31"


def test_a_double_click_takes_the_delivery_in_once(client, supplier):
    data = posted(cells(DrugFactory()), supplier=supplier.pk)

    first, second = client.post(URL, data), client.post(URL, data)

    assert first["Location"] == second["Location"]
    assert StockDocument.objects.count() == 1


def test_a_blank_line_is_no_line(client, supplier):
    drug = DrugFactory()
    blank = {f"line-0-{name}": "" for name in ("drug", "drug_text", "lot", "packs")}

    post_ok(client, URL, posted(blank, cells(drug, 1), supplier=supplier.pk))

    assert StockMovement.objects.count() == 1


def test_add_line_keeps_what_was_typed_and_opens_a_new_line(client, supplier):
    drug = DrugFactory()

    response = client.post(URL, posted(cells(drug), supplier=supplier.pk, do="add"))
    page = client.get(response["Location"])

    lines = page.context["delivery"].lines
    assert [line.is_read for line in lines] == [True, False]
    assert f'<option value="{supplier.pk}" selected>' in page.content.decode()
    assert not StockDocument.objects.exists()


def test_the_draft_survives_a_reload_and_belongs_to_one_person(client, as_, pharmacist):
    client.post(URL, posted(cells(DrugFactory(), lot="XY77"), do="keep"))

    for _twice in range(2):
        assert "XY77" in client.get(URL).content.decode()
    assert "XY77" not in as_(pharmacist).get(URL).content.decode()


def test_what_could_not_be_saved_is_kept_as_a_draft(client, supplier):
    client.post(URL, posted(cells(DrugFactory(), lot="XY77", packs="x"), supplier=supplier.pk))

    assert "XY77" in client.get(URL).content.decode()


def test_the_draft_is_gone_once_the_delivery_is_in(client, supplier, storekeeper):
    rows = cells(DrugFactory())
    client.post(URL, posted(rows, supplier=supplier.pk, do="keep"))
    post_ok(client, URL, posted(rows, supplier=supplier.pk))

    assert draft_of(storekeeper) is None
    assert len(client.get(URL).context["delivery"].lines) == 1


def test_a_draft_can_be_discarded_and_is_brought_back_by_the_message(client, storekeeper):
    client.post(URL, posted(cells(DrugFactory()), do="keep"))

    page = client.post(URL, posted(cells(DrugFactory()), do="discard"), follow=True)
    gone = draft_of(storekeeper) is None
    client.post(next(m.extra_tags.removeprefix("undo=") for m in page.context["messages"]))

    assert gone and draft_of(storekeeper)


def test_change_opens_one_line_and_remove_takes_one_out(client):
    rows = cells(DrugFactory(), 0, lot="EINS"), cells(DrugFactory(), 1, lot="ZWEI")

    client.post(URL, posted(*rows, do="edit:2"))
    opened = [line.is_read for line in client.get(URL).context["delivery"].lines]
    client.post(URL, posted(*rows, do="drop:1"))
    left = client.get(URL).content.decode()

    assert opened == [True, False, False]
    assert "EINS" not in left
    assert "ZWEI" in left


def test_without_javascript_unique_words_choose_the_drug(client, supplier):
    drug = DrugFactory(generic_name="布洛芬缓释胶囊", initials="BLFHSJN", initials_short="BLF")
    DrugFactory()

    post_ok(client, URL, posted(cells(drug, drug="", drug_text="blf"), supplier=supplier.pk))

    assert drug.batches.exists()


def test_without_javascript_several_hits_are_offered_and_one_is_picked(client, supplier):
    drug, other = DrugFactory(), DrugFactory()
    row = cells(drug, drug="", drug_text="AMXL")

    response = client.post(URL, posted(row, supplier=supplier.pk))
    offered = response.context["delivery"].lines[0].candidates
    post_ok(client, URL, posted(row | {"line-0-pick": other.pk}, supplier=supplier.pk))

    assert set(offered) == {drug, other}
    assert other.batches.exists()


def test_words_changed_after_the_choice_do_not_bring_in_the_old_drug(client, supplier):
    chosen, meant = DrugFactory(), DrugFactory(generic_name="布洛芬缓释胶囊", initials="BLF")

    post_ok(
        client,
        URL,
        posted(cells(chosen, drug_text="布洛芬缓释胶囊"), supplier=supplier.pk),
    )

    assert meant.batches.exists()
    assert not chosen.batches.exists()


def test_goods_near_their_expiry_ask_for_a_reason_and_are_taken_with_one_R174(client, supplier):
    drug = DrugFactory()
    near = cells(drug, expires_on=in_days(38).isoformat())

    refused = client.post(URL, posted(near, supplier=supplier.pk))
    post_ok(client, URL, posted(near | {"line-0-reason": "厂家断货"}, supplier=supplier.pk))

    assert "38" in faults(refused)[1, "reason"]
    assert 'name="line-0-reason"' in refused.content.decode()
    assert StockMovement.objects.get().reason == "厂家断货"


def test_a_date_that_no_drug_reaches_asks_for_a_reason_R109(client, supplier):
    far = cells(DrugFactory(), expires_on="2099-12")

    refused = client.post(URL, posted(far, supplier=supplier.pk))
    post_ok(
        client, URL, posted(far | {"line-0-reason": "饮片，包装无有效期"}, supplier=supplier.pk)
    )

    assert (1, "reason") in faults(refused)


def test_expired_goods_are_refused_whatever_the_reason_R109(client, supplier):
    row = cells(DrugFactory(), expires_on=in_days(-1).isoformat(), reason="急用")

    response = client.post(URL, posted(row, supplier=supplier.pk))

    assert (1, "expires_on") in faults(response)


def test_one_wrong_line_keeps_the_others_out_and_all_that_was_typed(client, supplier):
    rows = cells(DrugFactory(), 0, lot="GUT1"), cells(DrugFactory(), 1, lot="")

    response = client.post(URL, posted(*rows, supplier=supplier.pk, delivery_note="KN9"))

    text = response.content.decode()
    assert faults(response).keys() == {(2, "lot")}
    assert "GUT1" in text
    assert 'value="KN9"' in text
    assert not Batch.objects.exists()


def test_what_can_not_be_split_is_refused_in_pieces_R115(client, supplier):
    row = cells(InhalerFactory(), packs="1", pieces="3")

    assert (1, "packs") in faults(client.post(URL, posted(row, supplier=supplier.pk)))


@pytest.mark.parametrize(
    "head", [{}, {"supplier": 999999}, {"supplier": "x"}, {"new_supplier": "康" * 101}]
)
def test_a_delivery_names_its_supplier(client, head):
    response = client.post(URL, posted(cells(DrugFactory()), **head))

    assert response.status_code == 200
    assert response.context["form"].errors
    assert not StockDocument.objects.exists()


def test_two_suppliers_are_one_too_many(client, supplier):
    response = client.post(
        URL, posted(cells(DrugFactory()), supplier=supplier.pk, new_supplier="另一家")
    )

    assert "new_supplier" in response.context["form"].errors


def test_the_same_delivery_note_is_refused_on_the_form_R107(client, supplier):
    drug = DrugFactory()
    post_ok(client, URL, posted(cells(drug), supplier=supplier.pk, delivery_note="KN1"))

    again = client.post(URL, posted(cells(drug), supplier=supplier.pk, delivery_note="KN1"))

    assert "delivery_note" in again.context["form"].errors
    assert StockDocument.objects.count() == 1


def test_a_delivery_without_any_line_says_so(client, supplier):
    response = client.post(URL, posted(supplier=supplier.pk))

    assert response.context["form"].non_field_errors()
    assert 'name="line-0-drug_text"' in response.content.decode()  # something to write on


BAD = {
    "drug": ["x", "9" * 50, "-1", "\x00", "１", "999999", "😀"],
    "drug_text": ["", "\x00", "阿" * 201, "😀", "' OR 1=1 --", "<b>x</b>"],
    "pick": ["x", "9" * 50, "-1"],
    "lot": ["", "  ", "A" * 41, "\x00"],
    "made_on": ["x", "2026-13", "9" * 50, "\x00", "😀", "2099-01-01"],
    "expires_on": ["", "x", "2026-02-30", "2020-01", "\x00", "😀", "' OR 1=1 --", "0000-00"],
    "packs": ["x", "-5", "1.5", "1e9", "100000", "9" * 400, "\x00", "😀", "1_0", "0"],
    "pieces": ["x", "-5", "9" * 9, "<b>", "½"],
    "cost": ["", "x", "-1", "1.23456", "1e400", "NaN", "Infinity", "9" * 9, "\x00", "1_0"],
    "reason": ["\x00", "因" * 201],
}


@pytest.mark.parametrize("cell", BAD)
def test_bad_input_is_answered_on_its_line_and_saves_nothing(client, supplier, cell):
    drug = DrugFactory()
    for value in BAD[cell]:
        row = cells(drug, **{cell: value})
        if cell in ("drug", "pick"):
            row["line-0-drug_text"] = "没有这种药"

        with undone():
            response = client.post(URL, posted(row, supplier=supplier.pk))

            assert response.status_code == 200, value[:50]
            assert faults(response), value[:50]
            assert not Batch.objects.exists(), value[:50]
            assert not StockDocument.objects.exists(), value[:50]


@pytest.mark.parametrize(
    "step", ["save", "add", "edit:1", "edit:9", "drop:9", "refuse:x", "nonsense"]
)
def test_strange_words_come_back_as_they_were_typed(client, step):
    drug = DrugFactory()
    for value in ("😀", "<script>alert(1)</script>", "'; DROP TABLE--", "\x00"):
        row = cells(drug, drug="", drug_text="没有这种药", lot=value)

        with undone():
            response = client.post(URL, posted(row, do=step), follow=True)

            assert response.status_code == 200, value
            assert b"<script>alert" not in response.content
            assert response.context["delivery"].lines[0]["lot"].value() == value


def test_a_broken_number_of_lines_breaks_nothing(client):
    for value in ("²", "９９９９９９９９９", "-1", "x", "", "1" * 99):
        with undone():
            answer = client.post(URL, {"lines": value, "do": "save"})

            assert answer.status_code == 200, value


def test_half_of_a_surrogate_pair_arrives_as_a_replacement_and_breaks_nothing(client, supplier):
    body = f"lines=1&do=save&supplier={supplier.pk}&line-0-drug_text=%ED%A0%80&line-0-lot=%ED%A0%80"

    response = client.post(URL, body, content_type="application/x-www-form-urlencoded")

    assert response.status_code == 200
    assert not StockDocument.objects.exists()


def test_full_width_digits_are_digits(client, supplier):
    row = cells(DrugFactory(), packs="５０", pieces="３", cost="７．２０", lot="２６０５１８")

    post_ok(client, URL, posted(row, supplier=supplier.pk))

    batch = Batch.objects.get()
    assert (batch.on_hand, batch.lot, str(batch.cost)) == (1203, "260518", "7.2000")


def test_no_more_than_fifty_lines_are_read(client):
    drug = DrugFactory()
    rows = [cells(drug, n) for n in range(60)]

    response = client.post(URL, posted(*rows))

    assert len(response.context["delivery"].lines) == 50


def test_the_drug_list_is_asked_for_by_post_and_shows_stock_and_prices(client):
    drug = DrugFactory(generic_name="阿莫西林胶囊", initials="AMXLJN")
    for cost in ("6.80", "7.205", "0"):  # the last one was a gift
        put_on_shelf(drug, 10, lot=f"L{cost}", cost=cost)

    page = client.post(reverse("drug_choices"), {"q": "amx"}).content.decode()

    assert "阿莫西林胶囊" in page
    assert "¥9.60" in page and 'data-fill-cost="7.205"' in page
    assert client.get(reverse("drug_choices")).status_code == 405


def test_the_drug_list_answers_nonsense_with_no_drug(client):
    for q in ("", "\x00", "😀", "<b>", "阿" * 999):
        response = client.post(reverse("drug_choices"), {"q": q})

        assert response.status_code == 200, q[:50]
        assert b"data-value" not in response.content, q[:50]


@pytest.mark.parametrize("who", ["doctor", "nurse", "frontdesk", "no_role"])
def test_others_do_not_receive(as_, request, who):
    client = as_(request.getfixturevalue(who))

    assert client.get(URL).status_code == 403
    assert client.post(URL, posted(cells(DrugFactory()))).status_code == 403
    assert client.post(reverse("drug_choices"), {"q": "a"}).status_code == 403
