"""Another batch than the list proposes, at the window: how much, from which, and why (R-112)."""

import pytest
from django.urls import reverse
from django.utils.text import format_lazy

from pharmacy.books import check
from pharmacy.models import Place, StockMovement
from prescriptions import review, services
from prescriptions.models import DispenseLine
from prescriptions.other_batch import REASONS
from security.models import AuditEntry
from tests.factories.pharmacy import put_on_shelf, stocked_drug
from tests.factories.prescriptions import approved, colleague, draft, row, tablets
from tests.helpers import post_ok
from tests.prescriptions.test_query_counts import asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def drug():
    """10 expire soon, 100 later; a sheet asks for 15."""
    drug = tablets(stock=0)
    put_on_shelf(drug, 100, days=700, lot="LATE")
    put_on_shelf(drug, 10, days=300, lot="SOON")
    return drug


@pytest.fixture
def sheet(doctor, pharmacist, drug):
    return approved(doctor, pharmacist, drug)


@pytest.fixture
def client(as_, pharmacist):
    return as_(pharmacist)


def url(sheet):
    return reverse("dispense", args=[sheet.pk])


def typed(sheet, reason="", words="", **quantities):
    """A post of the page with these quantities beside these lots, all other boxes empty."""
    item = sheet.items.get()
    data = {f"line1-b{batch.pk}": "" for batch in item.drug.batches.all()}
    for lot, text in quantities.items():
        data[f"line1-b{item.drug.batches.get(lot=lot).pk}"] = text
    return {"version": sheet.version, "line1-reason": reason, "line1-words": words, **data}


def taken():
    rows = StockMovement.objects.filter(kind="issue").order_by("pk")
    return [(row.batch.lot, -row.quantity, row.reason) for row in rows]


def test_the_page_shows_what_goes_out_and_what_could_go_instead_R112(client, sheet, drug):
    frozen = put_on_shelf(drug, 50, days=400, lot="COLD")
    frozen.frozen = True
    frozen.save()
    put_on_shelf(drug, 50, days=-1, lot="OLD")

    page = client.get(url(sheet))

    (row,) = page.context["rows"]
    offers = [(offer["batch"].lot, offer["proposed"]) for offer in row["choice"].offers]
    assert [(pick["lot"], pick["quantity"]) for pick in row["picks"]] == [
        ("SOON", "10片"),
        ("LATE", "5片"),
    ]
    assert offers == [("SOON", 10), ("LATE", 5)]
    assert not row["choice"].is_open


def test_where_there_is_one_batch_nothing_can_be_chosen(client, doctor, pharmacist):
    sheet = approved(doctor, pharmacist)

    page = client.get(url(sheet))

    assert page.context["rows"][0]["choice"] is None


def test_empty_boxes_are_no_choice_R112(client, sheet):
    post_ok(client, url(sheet), typed(sheet))

    assert taken() == [("SOON", 10, ""), ("LATE", 5, "")]
    assert not AuditEntry.objects.filter(event="other_batch").exists()


@pytest.mark.parametrize(
    ("reason", "words", "kept"),
    [
        ("one_lot", "", REASONS["one_lot"]),
        ("missing", "货架B", format_lazy("{}：货架B", REASONS["missing"])),
        ("other", "外盒受潮", "外盒受潮"),
    ],
)
def test_the_chosen_lot_goes_out_with_its_reason_in_ledger_record_and_audit_R112(
    client, sheet, pharmacist, reason, words, kept
):
    post_ok(client, url(sheet), typed(sheet, reason, words, LATE="１５片"))

    shown = client.get(reverse("prescription_show", args=[sheet.pk])).content.decode()
    entry = AuditEntry.objects.get(event="other_batch")
    assert taken() == [("LATE", 15, str(kept))]
    assert DispenseLine.objects.get().movement.batch.lot == "LATE"
    assert str(kept) in shown
    assert (entry.actor, entry.subject) == (pharmacist, sheet.patient_id)
    assert entry.additional_data == {"lines": [f"{sheet.number}/1"]}
    assert check() == []


@pytest.mark.parametrize(
    ("reason", "words", "quantities", "field"),
    [
        ("", "", {"LATE": "15"}, "reason"),
        ("other", "", {"LATE": "15"}, "words"),
        ("made-up", "", {"LATE": "15"}, "reason"),
        ("one_lot", "", {}, "SOON"),
        ("one_lot", "", {"LATE": "14"}, "LATE"),
        ("one_lot", "", {"LATE": "0", "SOON": "5"}, "SOON"),
        ("one_lot", "", {"LATE": "-15"}, "LATE"),
        ("one_lot", "", {"LATE": "3箱"}, "LATE"),
        ("one_lot", "", {"LATE": "٣"}, "LATE"),
        ("one_lot", "", {"LATE": "999999"}, "LATE"),
        ("one_lot", "", {"SOON": "15"}, "SOON"),
    ],
)
def test_what_cannot_stand_comes_back_as_it_was_typed_R112(
    client, sheet, drug, reason, words, quantities, field
):
    page = client.post(url(sheet), typed(sheet, reason, words, **quantities))

    form = page.context["rows"][0]["choice"]
    name = field if field in form.fields else f"b{drug.batches.get(lot=field).pk}"
    html = page.content.decode()
    assert (page.status_code, list(form.errors)) == (200, [name])
    assert form.is_open
    assert all(f'value="{text}"' in html for text in quantities.values())
    assert taken() == []


def test_a_batch_that_was_frozen_meanwhile_is_told_and_the_reason_stays_R109(client, sheet, drug):
    data = typed(sheet, "damaged", LATE="5", SOON="10")
    drug.batches.filter(lot="SOON").update(frozen=True)

    page = client.post(url(sheet), data)

    form = page.context["rows"][0]["choice"]
    assert form.non_field_errors()
    assert form["reason"].value() == "damaged"
    assert taken() == []


def test_another_drugs_batch_put_into_the_form_is_refused_R112(client, sheet):
    stranger = stocked_drug(100).batches.get()

    page = client.post(url(sheet), {**typed(sheet, "one_lot"), f"line1-b{stranger.pk}": "15"})

    assert page.context["rows"][0]["choice"].non_field_errors()
    assert taken() == []


def test_whoever_is_slower_is_told_and_nothing_goes_out_twice(client, sheet, as_, other_pharmacist):
    data = typed(sheet, "one_lot", LATE="15")
    post_ok(as_(other_pharmacist), url(sheet), typed(sheet))

    answer = client.post(url(sheet), data, follow=True)

    assert answer.redirect_chain[-1][0] == reverse("prescription_show", args=[sheet.pk])
    assert len(taken()) == 2


def test_a_choice_in_one_row_leaves_the_others_to_the_list_R112(client, doctor, pharmacist, drug):
    sheet = draft(doctor)
    for one in (drug, tablets(generic_name="药2", ingredients="成分2")):
        row(sheet, one)
    services.submit(prescription=sheet, by=doctor)
    review.approve(prescription=sheet, by=colleague(pharmacist))
    sheet.refresh_from_db()
    late = drug.batches.get(lot="LATE")

    post_ok(
        client,
        url(sheet),
        {"version": sheet.version, f"line1-b{late.pk}": "15", "line1-reason": "one_lot"},
    )

    assert [reason for _lot, _units, reason in taken()] == [str(REASONS["one_lot"]), ""]


def test_where_two_places_hand_out_each_batch_names_its_own_R112(client, sheet, drug):
    window = Place.objects.create(code="W2", name="二楼药房", dispenses=True)
    drug.batches.filter(lot="SOON").update(place=window)

    (row,) = client.get(url(sheet)).context["rows"]

    places = [pick["place"] for pick in row["picks"]]
    assert places == [offer["place"] for offer in row["choice"].offers]
    assert places[0] == "二楼药房"


def test_a_lot_other_than_the_skin_tests_is_told_R45(client, sheet):
    sheet.items.update(skin_test="negative", skin_test_lot="LATE")

    page = client.get(url(sheet))

    assert page.context["rows"][0]["other_lot"] == "LATE"


def test_a_drug_with_many_batches_asks_as_often_as_one_with_two(client, sheet, drug):
    before = asked(client, url(sheet))

    for n in range(40):
        put_on_shelf(drug, 5, days=800 + n, lot=f"M{n}")

    assert asked(client, url(sheet)) == before
    assert client.get(url(sheet)).context["rows"][0]["choice"].more == 12
