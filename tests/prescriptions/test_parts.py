"""Handing out in parts: never more than was prescribed, the rest kept or given up (R-22, R-123)."""

import random
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import stock
from pharmacy.books import check
from pharmacy.models import Batch, Drug
from prescriptions import dispensing
from prescriptions.lapsing import lapse_expired
from prescriptions.models import DispenseLine, Shortage
from tests.factories.pharmacy import put_on_shelf
from tests.factories.prescriptions import approved, tablets, yesterday
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


def part(sheet, units, by, **more):
    item = sheet.items.get()
    return dispensing.dispense(prescription=sheet, parts={item.pk: units}, by=by, **more)


def test_a_part_goes_now_and_the_rest_later_from_what_was_kept_for_it_R123(doctor, pharmacist):
    drug = tablets(stock=20)
    sheet = part(approved(doctor, pharmacist, drug), 6, pharmacist)
    kept = stock.available([drug.pk])[drug.pk]

    later = dispensing.dispense(prescription=sheet, by=pharmacist)

    assert (sheet.state, kept, later.state) == ("part_dispensed", 5, "dispensed")
    assert [line.quantity for line in DispenseLine.objects.order_by("pk")] == [6, 9]
    assert (Batch.objects.get().on_hand, check()) == (5, [])


def test_no_sequence_of_parts_hands_out_more_than_was_prescribed_R116(doctor, pharmacist):
    chance = random.Random(7)
    for _sheet in range(6):
        sheet, done = approved(doctor, pharmacist, tablets(stock=40)), 0
        for _part in range(8):
            units = chance.choice([-1, 0, 1, 4, 7, 15, 16, 900])

            try:
                sheet = part(sheet, units, pharmacist)
                done += units
            except RuleBroken:
                pass

            item = sheet.items.get()
            lines = sum(line.quantity for line in item.lines.all())
            assert item.dispensed == lines == done <= item.quantity
            sheet.refresh_from_db()
            assert (sheet.state == "dispensed") == (done == 15)
    assert check() == []


def test_the_database_itself_refuses_more_than_was_prescribed(doctor, pharmacist):
    item = approved(doctor, pharmacist).items.get()
    item.dispensed = item.quantity + 1

    with pytest.raises(IntegrityError), transaction.atomic():
        item.save()


def test_the_rest_of_an_expired_sheet_is_free_again_and_what_went_stays_dispensed_R22(
    doctor, pharmacist
):
    drug = tablets(stock=20)
    sheet = yesterday(part(approved(doctor, pharmacist, drug), 6, pharmacist))

    with pytest.raises(RuleBroken) as refusal:
        dispensing.dispense(prescription=sheet, by=pharmacist)
    assert lapse_expired() == 1

    sheet.refresh_from_db()
    assert (refusal.value.rule, sheet.state) == ("R-22", "dispensed")
    assert stock.available([drug.pk]) == {drug.pk: 14}
    assert sheet.events.last().made_by is None
    assert check() == []


def test_only_its_doctor_gives_up_the_rest_R123(as_, doctor, pharmacist):
    drug = tablets(stock=20)
    sheet = part(approved(doctor, pharmacist, drug), 6, pharmacist)
    with pytest.raises(RuleBroken) as refusal:
        dispensing.give_up_rest(prescription=sheet, by=pharmacist)
    page = as_(doctor).get(reverse("prescription_show", args=[sheet.pk])).content.decode()

    url = reverse("prescription_give_up_rest", args=[sheet.pk])
    post_ok(as_(doctor), url, {"version": sheet.version})

    sheet.refresh_from_db()
    assert (refusal.value.rule, url in page, sheet.state) == ("R-123", True, "dispensed")
    assert stock.available([drug.pk]) == {drug.pk: 14}
    with pytest.raises(AlreadyDone):
        dispensing.give_up_rest(prescription=sheet, by=doctor)


def test_what_was_handed_out_in_part_never_goes_back_to_its_doctor_or_is_voided(doctor, pharmacist):
    sheet = part(approved(doctor, pharmacist), 6, pharmacist)

    with pytest.raises(AlreadyDone):
        dispensing.send_back(prescription=sheet, reason="缺", by=pharmacist)


def test_the_second_click_of_a_part_leads_where_the_first_did_R123(as_, doctor, pharmacist):
    sheet = approved(doctor, pharmacist, tablets(stock=20))
    url = reverse("dispense", args=[sheet.pk])
    form = {"version": sheet.version, "part1-now": "9", "once": str(uuid4())}
    post_ok(as_(pharmacist), url, form)

    second = as_(pharmacist).post(url, form)

    assert (second.status_code, second.headers["Location"]) == (302, reverse("dispense_list"))
    assert sheet.items.get().dispensed == 9


def test_the_window_hands_out_what_the_shelf_holds_and_keeps_the_rest_R123(as_, doctor, pharmacist):
    sheet = approved(doctor, pharmacist, tablets(stock=20))
    frozen = Batch.objects.get()
    frozen.frozen = True
    frozen.save()
    put_on_shelf(sheet.items.get().drug, 6, lot="NEW")
    client, url = as_(pharmacist), reverse("dispense", args=[sheet.pk])

    page = client.get(url)
    refused = client.post(url, {"version": sheet.version, "part1-now": "16"})
    post_ok(client, url, {"version": sheet.version, "part1-now": "6片"})

    sheet.refresh_from_db()
    assert page.context["rows"][0]["lacks"] == 9
    assert "part1-now" in refused.content.decode() and 'value="16"' in refused.content.decode()
    assert (sheet.state, sheet.items.get().dispensed) == ("part_dispensed", 6)
    assert "9片" in client.get(url).content.decode()


def test_what_is_short_goes_to_the_doctor_row_by_row_with_what_could_go_instead_R123(
    as_, doctor, pharmacist
):
    sheet = approved(doctor, pharmacist, tablets(stock=20))
    other = tablets(generic_name="盐酸氨溴索胶囊", pack_spec="30mg×10粒/盒", stock=50)
    item, client = sheet.items.get(), as_(pharmacist)

    post_ok(
        client,
        reverse("prescription_send_back", args=[sheet.pk]),
        {
            "version": sheet.version,
            "reason": "",
            "short1-missing": "9",
            "short1-substitute": other.pk,
        },
    )
    page = as_(doctor).get(reverse("prescription_edit", args=[sheet.pk])).content.decode()

    sheet.refresh_from_db()
    shortage = Shortage.objects.get()
    assert (sheet.state, shortage.item, shortage.missing) == ("returned", item, 9)
    assert shortage.substitute == other
    assert "盐酸氨溴索胶囊" in sheet.events.last().reason
    assert f"?item={item.pk}&amp;drug={other.pk}" in page


def test_what_is_said_to_be_missing_does_not_go_out_all_the_same_R123(as_, doctor, pharmacist):
    sheet = approved(doctor, pharmacist, tablets(stock=20))
    client, url = as_(pharmacist), reverse("dispense", args=[sheet.pk])
    typed = {"version": sheet.version, "short1-missing": "9"}

    refused = client.post(url, typed | {"reason": "周三到货"}).content.decode()
    post_ok(client, url, typed | {"part1-now": "6"})

    assert 'aria-describedby="id_short1-missing' in refused and 'value="周三到货"' in refused
    sheet.refresh_from_db()
    assert (sheet.state, sheet.items.get().dispensed) == ("part_dispensed", 6)


def test_a_sheet_goes_not_back_while_a_part_is_said_to_go_out_R123(as_, doctor, pharmacist):
    sheet = approved(doctor, pharmacist)
    url = reverse("prescription_send_back", args=[sheet.pk])

    page = as_(pharmacist).post(url, {"version": sheet.version, "reason": "缺货", "part1-now": "6"})

    sheet.refresh_from_db()
    assert (page.status_code, sheet.state) == (200, "paid")
    assert 'value="6"' in page.content.decode() and 'value="缺货"' in page.content.decode()


# --- a scanned box, and what looks like it (R-39, R-55) ---


@pytest.fixture
def coded(doctor, pharmacist):
    """A sheet of a drug with a barcode, and the other strength of it on the shelf."""
    sheet = approved(doctor, pharmacist, tablets(barcode="6901234567892"))
    tablets(strength="15mg/片", pack_spec="15mg×20片/盒", barcode="6909876543210")
    return sheet


@pytest.mark.parametrize(
    ("code", "rank", "words"),
    [
        ("6901234567892", 1, "30mg×20片/盒"),
        ("６９０１２３４５６７８９２", 1, "30mg×20片/盒"),
        ("6909876543210", None, "15mg×20片/盒"),
        ("1111111111111", None, "1111111111111"),
    ],
)
def test_the_right_box_is_marked_and_another_is_refused_R39(
    as_, coded, pharmacist, code, rank, words
):
    url = reverse("dispense", args=[coded.pk])

    page = as_(pharmacist).post(url, {"version": coded.version, "code": code, "part1-now": "7"})

    coded.refresh_from_db()
    assert (page.status_code, coded.state) == (200, "paid")
    assert page.context["scan"].rank == rank
    assert words in page.context["scan"].text
    assert page.context["rows"][0]["is_scanned"] == bool(rank)
    assert 'value="7"' in page.content.decode()  # nothing that was typed is lost


def test_enter_in_an_empty_field_hands_nothing_out(as_, coded, pharmacist):
    url = reverse("dispense", args=[coded.pk])

    as_(pharmacist).post(url, {"version": coded.version, "code": "", "step": "scan"})

    coded.refresh_from_db()
    assert coded.state == "paid"


def test_the_other_strength_on_the_shelf_stands_beside_its_row_R39(as_, coded, pharmacist):
    page = as_(pharmacist).get(reverse("dispense", args=[coded.pk]))

    (alike,) = page.context["rows"][0]["alike"]
    assert alike["drug"] == Drug.objects.get(barcode="6909876543210")
    assert (alike["strength_differs"], alike["name_differs"]) == (True, False)
    assert "<mark>15mg/片</mark>" in page.content.decode()
