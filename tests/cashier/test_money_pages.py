"""The cashier's pages: list, bill, receipt, paper, refund; what is typed wrongly is kept."""

import uuid
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from clinic.cashier import bills, due
from clinic.cashier.models import Deferral, Payment, Receipt
from prescriptions import dispensing
from registration import booking
from tests.factories.cash import paid, seen, usual_fees
from tests.factories.patients import PatientFactory
from tests.factories.prescriptions import approved, tablets
from tests.factories.registration import open_session, waiting_visit
from tests.helpers import post_ok, undone

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]


@pytest.fixture
def english(settings):
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def visit(doctor, pharmacist):
    usual_fees()
    sheet = approved(doctor, pharmacist, tablets(price=Decimal("12.50")))
    return sheet.consultation.registration


@pytest.fixture
def client(cashier, as_):
    return as_(cashier)


def typed(visit, **amounts) -> dict:
    return {"once": uuid.uuid4(), "seen": seen(visit), "step": "pay", **amounts}


def page(response) -> str:
    return response.content.decode()


def test_the_list_says_who_waits_for_what_and_how_much(visit, client):
    text = page(client.get(reverse("cashier")))

    assert visit.patient.name in text and visit.number in text and "15.38" in text
    assert "Registration fee、Consultation fee、Western medicine" in text


def test_digits_and_enter_open_the_bill_and_so_do_initials_and_record_number(visit, client):
    for text in (visit.number[1:].lstrip("0"), visit.number, visit.patient.record_no):
        response = client.post(reverse("cashier"), {"q": text})

        assert response["Location"] == reverse("bill", args=[visit.pk]), text


def test_the_key_opens_the_first_found_before_the_first_that_waits(visit, doctor, client):
    other = waiting_visit(visit.session, doctor, patient=PatientFactory(name="王小明"))
    same = waiting_visit(visit.session, doctor, patient=PatientFactory(name="王小明"))

    waiting = page(client.get(reverse("cashier")))
    found = client.post(reverse("cashier"), {"q": "王小明"})

    first = found.context["found"][0].visit
    assert waiting.count('data-key="F9"') == page(found).count('data-key="F9"') == 1
    assert first in (other, same) and first != found.context["waiting"][0].visit
    assert f'href="{reverse("bill", args=[first.pk])}" accesskey="s" data-key="F9"' in page(found)
    assert page(found).count(" autofocus") == 1


def test_cash_with_change_before_and_after(visit, client):
    counted = client.post(reverse("bill", args=[visit.pk]), typed(visit, cash="２０", step="count"))
    assert "¥4.62" in page(counted) and Receipt.objects.count() == 0

    done = client.post(reverse("bill", args=[visit.pk]), typed(visit, cash="２０"), follow=True)

    assert "¥4.62" in page(done) and done.resolver_match.url_name == "receipt_show"
    assert Payment.objects.get().change == Decimal("4.62")


BAD = [
    {"cash": "abc"},
    {"cash": "-20"},
    {"cash": "15.381"},
    {"cash": "1e999"},
    {"cash": "NaN"},
    {"cash": "99999999999999999999"},
    {"cash": "15,50"},  # 15.50, not 1550
    {"cash": "10"},
    {"cash": "115.38"},
    {"cash": ""},
    {"wechat": "20"},
    {"wechat": "15.38", "cash": "5"},
    {"insurance": "15.38"},
    {"cash": "20", "seen": "0" * 24},
    {"cash": "20", "seen": ""},
]


def test_bad_input_is_refused_with_words_and_what_was_typed_stays(visit, client):
    for amounts in BAD:
        with undone():
            response = client.post(reverse("bill", args=[visit.pk]), {**typed(visit), **amounts})

            assert response.status_code == 200, amounts
            for name, value in amounts.items():
                assert name == "seen" or f'value="{value}"' in page(response) or not value, amounts
            assert "field-error" in page(response) or "message-error" in page(response), amounts
            assert Receipt.objects.count() == 0, amounts


def test_a_double_click_takes_the_money_once_and_leads_to_the_receipt(visit, client):
    form = typed(visit, cash="20")

    first = client.post(reverse("bill", args=[visit.pk]), form)
    second = client.post(reverse("bill", args=[visit.pk]), form)

    assert first["Location"] == second["Location"]
    assert Receipt.objects.count() == 1


def test_the_first_print_is_no_reprint_and_all_others_are_marked(visit, client, cashier):
    receipt = paid(visit, by=cashier)
    place = reverse("receipt_paper", args=[receipt.pk])

    first = client.post(place, {"once": uuid.uuid4(), "paper": "58"}, follow=True)
    again = client.post(place, {"once": uuid.uuid4(), "paper": "a5"}, follow=True)

    assert "Printed again" not in page(first) and receipt.number in page(first)
    assert "Printed again, copy 1" in page(again) and "print-a5.css" in page(again)
    assert list(receipt.prints.values_list("paper", flat=True)) == ["58", "a5"]


def test_a_receipt_names_no_department_that_is_not_named_in_public_R140(visit, client, cashier):
    place = reverse("receipt_paper", args=[paid(visit, by=cashier).pk])
    department = visit.session.clinician.department
    assert department.name in page(client.get(place))
    type(department).objects.update(discreet=True)

    text = page(client.get(place))

    assert department.name not in text


def test_the_refund_page_says_of_each_line_what_may_go_back_or_why_not(
    visit, client, cashier, frontdesk
):
    receipt = paid(visit, by=cashier)
    place = reverse("receipt_refund", args=[receipt.pk])
    drug = receipt.lines.get(kind="western")

    text = page(client.get(place))
    assert "The registration is not cancelled" in text and f"line_{drug.pk}" in text
    done = client.post(
        place, {"once": uuid.uuid4(), f"line_{drug.pk}": "15", "reason": "不要了"}, follow=True
    )

    assert "-9.38" in page(done)
    assert Receipt.objects.get(kind="refund").reason == "不要了"
    assert "9.38" in page(client.get(reverse("bill", args=[visit.pk])))


def test_put_off_by_the_page_needs_its_reason_and_shows_as_a_debt(visit, client):
    place = reverse("bill_put_off", args=[visit.pk])
    bad = client.post(place, {"once": uuid.uuid4(), "seen": seen(visit), "reason": "other"})
    assert bad.status_code == 200 and Deferral.objects.count() == 0

    waiting_visit(visit.session, visit.session.clinician.user)
    post_ok(client, place, {"seen": seen(visit), "reason": "emergency"})

    text = page(client.get(reverse("cashier")))
    assert "Put off, not paid yet" in text
    assert "<b>15.38</b>" in text and "<b>6.00</b>" in text  # the debt, and who waits beside it


def test_a_cancelled_visit_and_a_sheet_sent_back_are_money_to_give_back(
    visit, client, cashier, doctor, frontdesk, pharmacist
):
    other = waiting_visit(open_session(doctor, period="pm"), frontdesk, patient=PatientFactory())
    for one in (visit, other):
        paid(one, by=cashier)
    booking.cancel_visit(registration=other, reason="left", by=frontdesk)
    sheet = visit.consultation.prescriptions.get()

    dispensing.send_back(prescription=sheet, reason="缺货", by=pharmacist)

    text = page(client.get(reverse("cashier")))
    assert "Money to give back" in text and "¥6.00" in text and "¥9.38" in text


def test_no_cashiers_word_in_the_rail_where_nobody_pays(client):
    text = page(client.get(reverse("patient_search")))

    assert f'href="{reverse("cashier")}"' not in text
    assert client.get(reverse("cashier")).status_code == 404  # switched off, in words


def test_the_list_asks_as_often_for_many_as_for_few(
    visit, client, cashier, doctor, pharmacist, django_assert_max_num_queries
):
    session = visit.session
    bills.put_off(visit=visit, seen=seen(visit), reason="emergency", by=cashier)
    first = waiting_visit(session, doctor)
    paid(first, by=cashier)
    client.get(reverse("cashier_rows"))
    with django_assert_max_num_queries(60) as few:
        client.get(reverse("cashier_rows"))
    for _n in range(6):
        waiting_visit(session, doctor)
        paid(waiting_visit(session, doctor), by=cashier)
    assert len(due.owed([visit])) == 1

    with django_assert_max_num_queries(len(few.captured_queries) + 2):
        client.get(reverse("cashier_rows"))


def test_the_dispensing_list_says_not_paid_and_offers_nothing_to_do_R34(visit, pharmacist, as_):
    sheet = visit.consultation.prescriptions.get()

    text = page(as_(pharmacist).get(reverse("dispense_list")))

    assert "Awaiting payment" in text and visit.patient.name in text
    assert reverse("dispense", args=[sheet.pk]) not in text
