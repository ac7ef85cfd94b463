"""Narcotics and class-I psychotropics are handed out by two, both named on the sheet (R-120)."""

from datetime import date

import pytest
from django.urls import reverse

from clinic.core.errors import RuleBroken
from pharmacy.models import ControlClass, StockDocument
from prescriptions import dispensing
from prescriptions.models import DispenseLine
from security.models import AuditEntry, WrongTries
from tests.factories.prescriptions import approved, tablets
from tests.helpers import SecureClient, post_ok

pytestmark = pytest.mark.django_db
PASSWORD = "correct-horse-7"
PIN = "507183"


@pytest.fixture
def sheet(doctor, pharmacist):
    """Approved as an ordinary drug, which is under control since then."""
    drug = tablets()
    prescription = approved(doctor, pharmacist, drug)
    ControlClass.objects.create(drug=drug, name="麻醉药品", since=date(2020, 1, 1))
    return prescription


def typed(sheet, name="pharmacist2", secret=PASSWORD):
    return {"version": sheet.version, "witness_name": name, "witness_password": secret}


def test_the_verb_refuses_one_person(sheet, pharmacist):
    with pytest.raises(RuleBroken) as refusal:
        dispensing.dispense(prescription=sheet, by=pharmacist)

    assert refusal.value.rule == "R-120"
    assert not DispenseLine.objects.exists()


def test_the_colleague_confirms_at_the_window_and_is_named_as_checker(
    as_, sheet, pharmacist, other_pharmacist
):
    client, url = as_(pharmacist), reverse("dispense", args=[sheet.pk])

    asked = client.get(url).content.decode()
    post_ok(client, url, typed(sheet))

    sheet.refresh_from_db()
    assert "witness_password" in asked
    assert (sheet.state, sheet.dispenser, sheet.checker) == (
        "dispensed",
        pharmacist,
        other_pharmacist,
    )
    assert StockDocument.objects.get(kind="dispensing").witness == other_pharmacist
    entry = AuditEntry.objects.get(event="second_person")
    assert (entry.outcome, entry.object_pk) == ("ok", str(other_pharmacist.pk))
    assert client.session["_auth_user_id"] == str(pharmacist.pk)  # nobody was signed out


@pytest.mark.parametrize(
    ("name", "secret"),
    [
        ("pharmacist2", "wrong-horse-7"),
        ("pharmacist", PASSWORD),
        ("doctor", PASSWORD),
        ("nobody", PASSWORD),
        ("", ""),
    ],
)
def test_nothing_goes_out_without_a_second_pharmacist(
    as_, sheet, pharmacist, other_pharmacist, name, secret
):
    client = as_(pharmacist)

    page = client.post(reverse("dispense", args=[sheet.pk]), typed(sheet, name, secret))

    sheet.refresh_from_db()
    assert (page.status_code, sheet.state) == (200, "paid")
    assert page.context["second"].errors
    assert not secret or f'value="{secret}"' not in page.content.decode()


def test_wrong_passwords_of_the_colleague_count_for_the_lock_out(
    as_, sheet, pharmacist, other_pharmacist
):
    client = as_(pharmacist)

    client.post(reverse("dispense", args=[sheet.pk]), typed(sheet, secret="wrong-horse-7"))

    assert WrongTries.objects.get(account="pharmacist2").failures == 1
    assert AuditEntry.objects.get(event="second_person").outcome == "failed"


def test_a_one_time_password_confirms_nothing(as_, sheet, pharmacist, other_pharmacist):
    other_pharmacist.must_change_password = True
    other_pharmacist.save()

    page = as_(pharmacist).post(reverse("dispense", args=[sheet.pk]), typed(sheet))

    assert "witness_name" in page.context["second"].errors
    assert not DispenseLine.objects.exists()


def sign_in(pc, user):
    answer = pc.post(reverse("login"), {"username": user.username, "password": PASSWORD})
    assert answer.status_code == 302


def test_the_pin_is_enough_at_this_pc_and_nowhere_else(as_, sheet, pharmacist, other_pharmacist):
    pc, elsewhere, url = SecureClient(), as_(pharmacist), reverse("dispense", args=[sheet.pk])
    sign_in(pc, other_pharmacist)
    pc.post(reverse("pin_set"), {"password": PASSWORD, "pin": PIN, "pin_again": PIN})
    pc.post(reverse("logout"))
    sign_in(pc, pharmacist)

    refused = elsewhere.post(url, typed(sheet, secret=PIN))
    wrong = pc.post(url, typed(sheet, secret="507184"))
    post_ok(pc, url, typed(sheet, secret="５０７１８３"))

    assert (refused.status_code, wrong.status_code) == (200, 200)
    sheet.refresh_from_db()
    assert sheet.checker == other_pharmacist


def test_ordinary_drugs_ask_nobody(as_, doctor, pharmacist):
    sheet = approved(doctor, pharmacist)
    client, url = as_(pharmacist), reverse("dispense", args=[sheet.pk])

    page = client.get(url).content.decode()
    post_ok(client, url, {"version": sheet.version})

    assert "witness_password" not in page
    sheet.refresh_from_db()
    assert sheet.checker == pharmacist
