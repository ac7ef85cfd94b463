"""Two pharmacists decide about one sheet: the later one is told, whatever was typed (R-34)."""

import uuid

import pytest
from django.urls import reverse

from prescriptions import dispensing, review
from tests.factories.prescriptions import colleague, submitted

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
