"""Drugs that patients bring back: the sheet's state follows the goods (R-34, R-117)."""

from datetime import date

import pytest
from django.urls import reverse

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import papers
from pharmacy.books import check
from pharmacy.models import Batch, ControlClass, StockDocument
from prescriptions import dispensing, returning, review, services
from tests.factories.prescriptions import approved, colleague, dispensed, draft, row, tablets
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


def two_packs(doctor, pharmacist, **drug):
    """A sheet with two packs of 20 tablets, handed out."""
    sheet = draft(doctor)
    row(sheet, tablets(stock=100, **drug), quantity=40)
    services.submit(prescription=sheet, by=doctor)
    review.approve(prescription=sheet, by=colleague(pharmacist))
    return dispensing.dispense(prescription=sheet, by=pharmacist)


def back(sheet, units, by, *, intact=True, reason="adverse"):
    out = returning.out_of(sheet)[0]
    rows = [(out.movement, units, intact)]
    made = returning.take_back(prescription=sheet, rows=rows, reason=reason, by=by)
    sheet.refresh_from_db()
    return made


def test_a_part_and_then_all_comes_back_to_its_batch_R117(doctor, pharmacist):
    sheet = two_packs(doctor, pharmacist)

    back(sheet, 20, pharmacist)
    first = sheet.state
    back(sheet, 20, pharmacist)

    assert (first, sheet.state) == ("part_returned", "all_returned")
    assert (Batch.objects.get().on_hand, check()) == (100, [])
    with pytest.raises(AlreadyDone):
        returning.take_back(
            prescription=sheet,
            rows=[(returning.out_of(sheet)[0].movement, 20, True)],
            reason="adverse",
            by=pharmacist,
        )


def test_a_return_that_is_taken_back_moves_the_sheet_back_as_well_R34(doctor, pharmacist):
    sheet = two_packs(doctor, pharmacist)
    papers_made = [back(sheet, 20, pharmacist)[0] for _pack in range(2)]
    states = []

    for paper in reversed(papers_made):
        papers.reverse(document=paper, reason="点错行", by=pharmacist)
        sheet.refresh_from_db()
        states.append(sheet.state)

    assert states == ["part_returned", "dispensed"]
    assert (Batch.objects.get().on_hand, check()) == (60, [])
    assert papers_made[0].number in sheet.events.last().reason


def test_a_discarded_draft_of_a_return_moves_the_sheet_back_as_well_R34(doctor, pharmacist):
    sheet = two_packs(doctor, pharmacist)
    (draft_of_it,) = back(sheet, 40, pharmacist, intact=False)
    assert sheet.state == "all_returned"

    papers.discard(document=draft_of_it, by=pharmacist)

    sheet.refresh_from_db()
    assert sheet.state == "dispensed"


@pytest.mark.parametrize(
    ("units", "reason"),
    [(5, "adverse"), (60, "adverse"), (20, "changed my mind"), (20, ""), (20, "quality")],
)
def test_what_R117_does_not_take_changes_neither_sheet_nor_shelf(doctor, pharmacist, units, reason):
    sheet = two_packs(doctor, pharmacist)

    with pytest.raises(RuleBroken):
        back(sheet, units, pharmacist, reason=reason)

    sheet.refresh_from_db()
    assert (sheet.state, Batch.objects.get().on_hand) == ("dispensed", 60)
    assert not StockDocument.objects.filter(kind="return").exists()


@pytest.mark.parametrize("facts", [{"storage": "冷藏2~8℃"}, {"control": "第二类精神药品"}])
def test_cold_and_controlled_drugs_never_go_back_on_the_shelf_R117(doctor, pharmacist, facts):
    control = facts.pop("control", "")
    sheet = two_packs(doctor, pharmacist, **facts)
    if control:
        drug = sheet.items.get().drug
        ControlClass.objects.create(drug=drug, name=control, since=date(2020, 1, 1))

    with pytest.raises(RuleBroken) as refusal:
        back(sheet, 20, pharmacist)
    (paper,) = back(sheet, 20, pharmacist, intact=False)

    assert refusal.value.rule == "R-117"
    assert (sheet.state, paper.state) == ("part_returned", "draft")
    assert Batch.objects.get().on_hand == 60  # written off by two people, sold to nobody


def test_parts_of_one_batch_come_back_once_each(doctor, pharmacist):
    sheet = draft(doctor)
    item = row(sheet, tablets(stock=100), quantity=40)
    services.submit(prescription=sheet, by=doctor)
    review.approve(prescription=sheet, by=colleague(pharmacist))
    for _part in range(2):
        sheet = dispensing.dispense(prescription=sheet, parts={item.pk: 20}, by=pharmacist)

    left = [out.left for out in returning.out_of(sheet)]
    back(sheet, 20, pharmacist)

    assert left == [20, 20]
    assert sheet.state == "part_returned"
    assert sum(out.left for out in returning.out_of(sheet)) == 20


def test_the_pharmacist_takes_back_from_the_sheets_page_R117(as_, doctor, pharmacist):
    sheet = two_packs(doctor, pharmacist)
    client, url = as_(pharmacist), reverse("prescription_return", args=[sheet.pk])
    prefix = f"back-{returning.out_of(sheet)[0].movement.pk}"

    shown = client.get(reverse("prescription_show", args=[sheet.pk])).content.decode()
    unsaid = client.post(url, {f"{prefix}-packs": "1", "reason": ""})
    post_ok(client, url, {f"{prefix}-packs": "1", "reason": "error", "words": "受潮"})

    sheet.refresh_from_db()
    assert url in shown
    after = client.get(reverse("prescription_show", args=[sheet.pk])).context["lines"]
    assert [line.back for line in after] == ["1盒"]
    assert unsaid.status_code == 200 and 'value="1"' in unsaid.content.decode()
    assert sheet.state == "part_returned"
    assert "受潮" in sheet.events.last().reason


def test_the_pharmacys_own_page_moves_the_sheet_too_R34(as_, doctor, pharmacist):
    sheet = two_packs(doctor, pharmacist)
    out = returning.out_of(sheet)[0]
    url = reverse("stock_return", args=[out.movement.document.number])

    post_ok(as_(pharmacist), url, {f"back-{out.movement.pk}-packs": "2", "reason": "不良反应"})

    sheet.refresh_from_db()
    assert sheet.state == "all_returned"


def test_nothing_comes_back_before_it_went_out(as_, doctor, pharmacist):
    sheet = approved(doctor, pharmacist)

    page = as_(pharmacist).get(reverse("prescription_return", args=[sheet.pk]))

    assert page.status_code == 302
    assert dispensed(doctor, pharmacist).state == "dispensed"
