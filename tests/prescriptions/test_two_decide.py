"""Two people decide about one sheet: the later one is told, whatever was typed (R-34)."""

import uuid

import pytest
from django.urls import reverse

from prescriptions import dispensing, review
from prescriptions.states import RxState
from tests.factories.prescriptions import (
    approved,
    colleague,
    dispensed,
    draft,
    row,
    submitted,
)

pytestmark = pytest.mark.django_db


def told(client, url, **typed) -> str:
    answer = client.post(url, {"once": uuid.uuid4(), "version": 1, **typed}, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("typed", [{"reason": "疗程偏长，建议 3 天"}, {"reason": ""}])
def test_who_returns_a_sheet_that_is_back_already_is_told_R34(typed, as_, doctor, pharmacist):
    sheet = submitted(doctor)
    review.return_(prescription=sheet, reason="剂量偏大", by=colleague(pharmacist))

    page = told(as_(pharmacist), reverse("review_return", args=[sheet.pk]), **typed)

    assert sheet.number in page and "message-error" in page and "没有执行" in page


def test_who_hands_out_what_is_out_already_is_told_even_with_a_wrong_password_R33_R34(
    as_, doctor, pharmacist
):
    sheet = review.approve(prescription=submitted(doctor), by=pharmacist)
    client, url = as_(pharmacist), reverse("dispense", args=[sheet.pk])
    assert 'name="password"' in client.get(url).content.decode()
    dispensing.dispense(prescription=sheet, by=colleague(pharmacist))

    page = told(client, url, password="not this one")

    assert sheet.number in page and "message-error" in page and "没有执行" in page


@pytest.mark.parametrize("reason", ["库存不足", ""])
def test_who_sends_back_what_is_out_already_is_told_R123(reason, as_, doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)

    page = told(
        as_(colleague(pharmacist)),
        reverse("prescription_send_back", args=[sheet.pk]),
        reason=reason,
        version=2,
    )

    assert "message-error" in page and "没有执行" in page


def test_who_names_the_collector_of_what_is_out_already_is_told_R7(as_, doctor, pharmacist):
    sheet = dispensed(doctor, pharmacist)

    page = told(as_(pharmacist), reverse("dispense_collector", args=[sheet.pk]), name="")

    assert "message-error" in page and "没有执行" in page


@pytest.mark.parametrize("reason", ["病情需要", ""])
def test_a_doctor_who_insists_on_a_sheet_that_is_gone_on_is_told_R38(reason, as_, doctor):
    sheet = submitted(doctor)

    page = told(as_(doctor), reverse("prescription_insist", args=[sheet.pk]), insist=reason)

    assert "message-error" in page and "没有执行" in page


@pytest.mark.parametrize(
    "view", ["prescription_edit", "prescription_override", "prescription_copy_last"]
)
def test_a_doctor_who_writes_on_a_sheet_that_was_sent_from_another_window_is_told(
    view, as_, doctor
):
    sheet = submitted(doctor)

    page = told(as_(doctor), reverse(view, args=[sheet.pk]), drug="1", days="3")

    assert "message-error" in page and "没有执行" in page


def test_who_takes_back_drugs_of_a_sheet_that_never_went_out_is_told(as_, doctor, pharmacist):
    sheet = approved(doctor, pharmacist)

    page = told(as_(pharmacist), reverse("prescription_return", args=[sheet.pk]), reason="x")

    assert "message-error" in page and "没有执行" in page


def test_a_press_that_comes_twice_is_led_on_and_told_of_no_refusal(as_, doctor):
    sheet = draft(doctor)
    row(sheet)
    sheet.refresh_from_db()
    client, once = as_(doctor), uuid.uuid4()
    press = {"once": once, "version": sheet.version}

    first = client.post(reverse("prescription_submit", args=[sheet.pk]), press)
    again = client.post(reverse("prescription_submit", args=[sheet.pk]), press, follow=True)
    other = client.post(reverse("prescription_edit", args=[sheet.pk]), press, follow=True)

    sheet.refresh_from_db()
    assert (first.status_code, sheet.state) == (302, RxState.SUBMITTED)
    for page in (again, other):
        assert "message-error" not in page.content.decode()


def test_looking_is_no_refusal(as_, doctor):
    sheet = submitted(doctor)

    page = as_(doctor).get(reverse("prescription_edit", args=[sheet.pk]), follow=True)

    assert "message-error" not in page.content.decode()
