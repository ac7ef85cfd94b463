"""Bad input into every form: a clear word, what was typed kept, nothing half saved, never a 500."""

import uuid
from decimal import Decimal

import pytest
from django.urls import reverse

from prescriptions.models import PrescriptionItem
from tests.factories.prescriptions import (
    approved,
    as_json,
    row,
    shipped,
    submitted,
)

pytestmark = pytest.mark.django_db

BAD = {
    "empty": "",
    "blank": "   \u3000 ",
    "over-long": "长" * 5000,
    "words": "遵医嘱",
    "emoji": "😀🧪",
    "nul": "a\0b",
    "control": "a\x07b\x1b",
    "half surrogate": b"\xed\xa0\x80",
    "broken utf-8": b"\xff\xfe\x80",
    "sql": "1'; DROP TABLE prescriptions_prescription; --",
    "html": "<script>alert(1)</script>",
    "huge": "9" * 400,
    "huge number": "999999999999",
    "negative": "-5",
    "float": "1e309",
    "full-width letters": "ａｂｃ",
    "other digits": "١٢٣",
    "bidi": "\u202e\u200b3",
}
KINDS = list(BAD)


def post(client, url, data):
    """As a form, with raw bytes where they are no text."""
    if any(isinstance(value, bytes) for value in data.values()):
        from urllib.parse import quote_from_bytes

        body = "&".join(
            f"{name}={quote_from_bytes(v if isinstance(v, bytes) else str(v).encode())}"
            for name, v in data.items()
        )
        return client.post(url, body, content_type="application/x-www-form-urlencoded")
    return client.post(url, data)


def good_row(drug):
    return {
        "once": uuid.uuid4(),
        "drug": drug.pk,
        "drug_text": "盐酸氨溴索片",
        "dose": "30mg",
        "route": "口服",
        "frequency": "每日3次",
        "days": "5",
        "quantity": "",
        "remark": "",
    }


ROW_FIELDS = ["drug", "dose", "route", "frequency", "days", "quantity"]
MAY_BE_EMPTY = {"quantity"}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field", ROW_FIELDS)
def test_the_row_form(as_, doctor, sheet, ambroxol, field, kind):
    if field in MAY_BE_EMPTY and kind in ("empty", "blank"):
        return
    url = reverse("prescription_edit", args=[sheet.pk])

    page = post(as_(doctor), url, {**good_row(ambroxol), field: BAD[kind]})

    assert page.status_code == 200
    errors = page.context["form"].errors
    assert errors or page.context["choices"] is not None
    assert not PrescriptionItem.objects.exists()
    assert "<script>alert" not in page.content.decode()
    kept = page.context["form"]["days" if field != "days" else "dose"].value()
    assert kept == ("5" if field != "days" else "30mg")


@pytest.mark.parametrize("kind", KINDS)
def test_the_remark_is_text_or_refused(as_, doctor, sheet, ambroxol, kind):
    url = reverse("prescription_edit", args=[sheet.pk])

    page = post(as_(doctor), url, {**good_row(ambroxol), "remark": BAD[kind]})

    assert page.status_code in (200, 302)
    if page.status_code == 200:
        assert page.context["form"].errors["remark"]
        assert not PrescriptionItem.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", ["find", "choose", "item"])
def test_looking_for_a_drug(as_, doctor, sheet, ambroxol, name, kind):
    url = reverse("prescription_edit", args=[sheet.pk])
    data = {**good_row(ambroxol), "drug": "", "drug_text": BAD[kind], name: BAD[kind]}

    assert post(as_(doctor), url, data).status_code == 200
    assert not PrescriptionItem.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_the_suggestions(as_, doctor, ambroxol, kind):
    page = post(as_(doctor), reverse("drug_suggest"), {"q": BAD[kind]})

    assert page.status_code == 200
    assert "<script>" not in page.content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_the_address_of_the_writing_page(as_, doctor, sheet, item, kind):
    value = BAD[kind] if isinstance(BAD[kind], str) else "%ED%A0%80"
    url = reverse("prescription_edit", args=[sheet.pk])

    assert as_(doctor).get(url, {"item": value, "drug": value}).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field", ["fingerprint", "reason", "text", "password"])
def test_the_signature(as_, doctor, sheet, field, kind):
    row(sheet, days=28)
    before = as_json(sheet)
    data = {
        "once": uuid.uuid4(),
        "fingerprint": "0" * 32,
        "reason": "other",
        "text": "家属知情",
        "password": "wrong",
        field: BAD[kind],
    }

    page = post(as_(doctor), reverse("prescription_override", args=[sheet.pk]), data)

    assert page.status_code == 200
    assert page.context["sign_form"].errors
    assert not sheet.alerts.exists()
    sheet.refresh_from_db()
    assert as_json(sheet) == before or sheet.state == "draft"


REASON_FORMS = ["review_return", "prescription_send_back", "prescription_void"]


@pytest.mark.parametrize(
    "kind", ["empty", "blank", "over-long", "nul", "control", "half surrogate"]
)
@pytest.mark.parametrize("name", REASON_FORMS)
def test_a_reason_that_can_not_be_kept_decides_nothing(as_, doctor, pharmacist, name, kind):
    sheet = submitted(doctor) if name != "prescription_send_back" else approved(doctor, pharmacist)
    client = as_(doctor if name == "prescription_void" else pharmacist)
    before = sheet.state

    page = post(client, reverse(name, args=[sheet.pk]), {"once": uuid.uuid4(), "reason": BAD[kind]})

    assert page.status_code == (302 if name == "prescription_void" else 200)
    sheet.refresh_from_db()
    assert sheet.state == before


@pytest.mark.parametrize("kind", ["emoji", "sql", "html", "other digits"])
def test_a_reason_that_is_only_odd_is_kept_and_escaped(as_, doctor, pharmacist, kind):
    sheet = submitted(doctor)
    data = {"once": uuid.uuid4(), "reason": BAD[kind], "version": sheet.version}

    assert post(as_(pharmacist), reverse("review_return", args=[sheet.pk]), data).status_code == 302

    page = as_(doctor).get(reverse("prescription_edit", args=[sheet.pk]))
    assert page.status_code == 200
    assert "<script>alert" not in page.content.decode()


DECISIONS = ["prescription_submit", "review_approve", "dispense"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DECISIONS)
def test_a_version_that_is_no_number_decides_nothing(as_, doctor, pharmacist, sheet, name, kind):
    if name == "prescription_submit":
        row(sheet)
    elif name == "review_approve":
        sheet = submitted(doctor)
    else:
        sheet = approved(doctor, pharmacist)
    before = sheet.state
    client = as_(doctor if name == "prescription_submit" else pharmacist)

    page = post(
        client, reverse(name, args=[sheet.pk]), {"once": uuid.uuid4(), "version": BAD[kind]}
    )

    assert page.status_code == 302
    sheet.refresh_from_db()
    assert sheet.state == before


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("field", ["state", "lot", "next"])
def test_the_skin_test_form(as_, doctor, sheet, shipped_library, field, kind):
    item = row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g")
    data = {"once": uuid.uuid4(), "state": "pending", "lot": "", "next": "/", field: BAD[kind]}

    page = post(as_(doctor), reverse("skin_test", args=[item.pk]), data)

    assert page.status_code == 302
    assert page.url.startswith("/")
    item.refresh_from_db()
    assert item.skin_test in ("", "pending")
    if field == "state":
        assert item.skin_test == ""


@pytest.mark.parametrize("kind", KINDS)
def test_the_alternative_is_a_drug_or_not_found(as_, doctor, item, kind):
    url = reverse("prescription_item_replace", args=[item.pk])

    page = post(as_(doctor), url, {"once": uuid.uuid4(), "drug": BAD[kind]})

    assert page.status_code == 404
    item.refresh_from_db()
    assert item.drug_name == "盐酸氨溴索片"


@pytest.mark.parametrize("kind", KINDS)
def test_the_form_token_may_be_anything(as_, doctor, visit, kind):
    url = reverse("prescription_start", args=[visit.pk])

    assert post(as_(doctor), url, {"once": BAD[kind]}).status_code == 302


@pytest.mark.parametrize("query", ["?page=x", "?page=-1", "?page=999999", "?show=<b>", "?show=%00"])
def test_the_list_takes_any_address(as_, doctor, item, query):
    assert as_(doctor).get(reverse("prescription_list") + query).status_code == 200
