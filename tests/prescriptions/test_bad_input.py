"""Bad input into every form: a clear word, what was typed kept, nothing half saved, never a 500."""

import uuid
from decimal import Decimal
from urllib.parse import quote_from_bytes

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
from tests.helpers import undone

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


def post(client, url, data):
    """As a form, with raw bytes where they are no text."""
    if any(isinstance(value, bytes) for value in data.values()):
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


@pytest.mark.parametrize("field", ROW_FIELDS)
def test_the_row_form(as_, doctor, sheet, ambroxol, field):
    client, url = as_(doctor), reverse("prescription_edit", args=[sheet.pk])
    for kind, value in BAD.items():
        if field in MAY_BE_EMPTY and kind in ("empty", "blank"):
            continue

        page = post(client, url, {**good_row(ambroxol), field: value})

        assert page.status_code == 200, kind
        errors = page.context["form"].errors
        assert errors or page.context["choices"] is not None, kind
        assert not PrescriptionItem.objects.exists(), kind
        assert "<script>alert" not in page.content.decode(), kind
        kept = page.context["form"]["days" if field != "days" else "dose"].value()
        assert kept == ("5" if field != "days" else "30mg"), kind


def test_the_remark_is_text_or_refused(as_, doctor, sheet, ambroxol):
    client, url = as_(doctor), reverse("prescription_edit", args=[sheet.pk])
    for kind, value in BAD.items():
        with undone():
            page = post(client, url, {**good_row(ambroxol), "remark": value})

            assert page.status_code in (200, 302), kind
            if page.status_code == 200:
                assert page.context["form"].errors["remark"], kind
                assert not PrescriptionItem.objects.exists(), kind


@pytest.mark.parametrize("name", ["find", "choose", "item"])
def test_looking_for_a_drug(as_, doctor, sheet, ambroxol, name):
    client, url = as_(doctor), reverse("prescription_edit", args=[sheet.pk])
    for kind, value in BAD.items():
        data = {**good_row(ambroxol), "drug": "", "drug_text": value, name: value}

        assert post(client, url, data).status_code == 200, kind
        assert not PrescriptionItem.objects.exists(), kind


def test_the_suggestions(as_, doctor, ambroxol):
    client = as_(doctor)
    for kind, value in BAD.items():
        page = post(client, reverse("drug_suggest"), {"q": value})

        assert page.status_code == 200, kind
        assert "<script>" not in page.content.decode(), kind


def test_the_address_of_the_writing_page(as_, doctor, sheet, item):
    client, url = as_(doctor), reverse("prescription_edit", args=[sheet.pk])
    for kind, bad in BAD.items():
        value = bad if isinstance(bad, str) else "%ED%A0%80"

        assert client.get(url, {"item": value, "drug": value}).status_code == 200, kind


@pytest.mark.parametrize("field", ["fingerprint", "reason", "text", "password"])
def test_the_signature(as_, doctor, sheet, field):
    row(sheet, days=28)
    before = as_json(sheet)
    client, url = as_(doctor), reverse("prescription_override", args=[sheet.pk])
    for kind, value in BAD.items():
        data = {
            "once": uuid.uuid4(),
            "fingerprint": "0" * 32,
            "reason": "other",
            "text": "家属知情",
            "password": "wrong",
            field: value,
        }

        with undone():
            page = post(client, url, data)

            assert page.status_code == 200, kind
            assert page.context["sign_form"].errors, kind
            assert not sheet.alerts.filter(outcome="overridden").exists(), kind
            sheet.refresh_from_db()
            assert as_json(sheet) == before or sheet.state == "draft", kind


REASON_FORMS = ["review_return", "prescription_send_back", "prescription_void"]
NO_REASON = ["empty", "blank", "over-long", "nul", "control", "half surrogate"]


@pytest.mark.parametrize("name", REASON_FORMS)
def test_a_reason_that_can_not_be_kept_decides_nothing(as_, doctor, pharmacist, name):
    sheet = submitted(doctor) if name != "prescription_send_back" else approved(doctor, pharmacist)
    client = as_(doctor if name == "prescription_void" else pharmacist)
    before, url = sheet.state, reverse(name, args=[sheet.pk])
    for kind in NO_REASON:
        page = post(client, url, {"once": uuid.uuid4(), "reason": BAD[kind]})

        assert page.status_code == (302 if name == "prescription_void" else 200), kind
        sheet.refresh_from_db()
        assert sheet.state == before, kind


def test_a_reason_that_is_only_odd_is_kept_and_escaped(as_, doctor, pharmacist):
    sheet = submitted(doctor)
    writer, reviewer = as_(doctor), as_(pharmacist)
    for kind in ("emoji", "sql", "html", "other digits"):
        data = {"once": uuid.uuid4(), "reason": BAD[kind], "version": sheet.version}

        with undone():
            answer = post(reviewer, reverse("review_return", args=[sheet.pk]), data)

            assert answer.status_code == 302, kind
            page = writer.get(reverse("prescription_edit", args=[sheet.pk]))
            assert page.status_code == 200, kind
            assert "<script>alert" not in page.content.decode(), kind


DECISIONS = ["prescription_submit", "review_approve", "dispense"]


@pytest.mark.parametrize("name", DECISIONS)
def test_a_version_that_is_no_number_decides_nothing(as_, doctor, pharmacist, sheet, name):
    if name == "prescription_submit":
        row(sheet)
    elif name == "review_approve":
        sheet = submitted(doctor)
    else:
        sheet = approved(doctor, pharmacist)
    before = sheet.state
    client = as_(doctor if name == "prescription_submit" else pharmacist)
    for kind, value in BAD.items():
        data = {"once": uuid.uuid4(), "version": value}

        page = post(client, reverse(name, args=[sheet.pk]), data)

        assert page.status_code == 302, kind
        sheet.refresh_from_db()
        assert sheet.state == before, kind


@pytest.mark.parametrize("field", ["state", "lot", "next"])
def test_the_skin_test_form(as_, doctor, sheet, shipped_library, field):
    item = row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g")
    client, url = as_(doctor), reverse("skin_test", args=[item.pk])
    for kind, value in BAD.items():
        data = {"once": uuid.uuid4(), "state": "pending", "lot": "", "next": "/", field: value}

        with undone():
            page = post(client, url, data)

            assert page.status_code == 302, kind
            assert page.url.startswith("/"), kind
            item.refresh_from_db()
            assert item.skin_test in ("", "pending"), kind
            if field == "state":
                assert item.skin_test == "", kind


def test_the_alternative_is_a_drug_or_not_found(as_, doctor, item):
    client, url = as_(doctor), reverse("prescription_item_replace", args=[item.pk])
    for kind, value in BAD.items():
        page = post(client, url, {"once": uuid.uuid4(), "drug": value})

        assert page.status_code == 404, kind
        item.refresh_from_db()
        assert item.drug_name == "盐酸氨溴索片", kind


def test_the_form_token_may_be_anything(as_, doctor, visit):
    client, url = as_(doctor), reverse("prescription_start", args=[visit.pk])
    for kind, value in BAD.items():
        with undone():
            assert post(client, url, {"once": value}).status_code == 302, kind


def test_the_list_takes_any_address(as_, doctor, item):
    client = as_(doctor)
    for query in ("?page=x", "?page=-1", "?page=999999", "?show=<b>", "?show=%00"):
        assert client.get(reverse("prescription_list") + query).status_code == 200, query


def test_a_number_in_an_address_or_a_button_that_no_row_can_have(as_, doctor, frontdesk, sheet):
    answer, printed = reverse("evaluation_answer", args=[sheet.pk]), reverse("paper_print")
    planned = reverse("schedule_cell")
    for value in ("1" * 5000, "9" * 40, "²", "-1", ""):
        asked = {"clinician": value, "day": "2026-01-05", "period": "am"}

        answers = [
            post(as_(doctor), answer, {"finding": value, "words": "x"}),
            as_(frontdesk).get(printed, {"sheet": value}),
            as_(frontdesk).get(planned, asked),
        ]

        assert [page.status_code for page in answers] == [302, 404, 404], value
