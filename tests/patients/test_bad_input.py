"""Whatever is typed: a clear error, nothing lost, nothing half saved, never a 500."""

import html
import uuid
from datetime import date, timedelta
from urllib.parse import quote_plus

import pytest
from django.urls import reverse
from django.utils import timezone

from patients.models import Allergy, Patient
from tests.factories.patients import PatientFactory, id_number
from tests.helpers import undone

pytestmark = pytest.mark.django_db
BORN = date(1958, 3, 16)

BAD = {
    "empty": "",
    "spaces": "   ",
    "over-long": "长" * 5000,
    "emoji": "王😀",
    "nul": "a\x00b",
    "control": "a\x07b",
    "SQL": "'; DROP TABLE patients_patient; --",
    "HTML": "<script>alert(1)</script>",
    "template": "{{ 7*7 }}{% csrf_token %}",
    "replaced": "\ufffd\ufffd",
    "huge number": "9" * 400,
    "negative": "-1",
    "right to left": "\u202egnp.exe",
    "superscript": "¹²³",
}
HALF = "%ED%A0%80"  # half of a surrogate pair, as bytes that are no UTF-8

TEXT_FIELDS = [
    "id_type", "id_number", "no_id_reason", "name", "sex", "birth_date", "differs", "phone",
    "contact_name", "contact_relation", "contact_phone", "address", "payment", "notice_given",
    "allergy_status", "allergy0-substance", "allergy0-reaction", "allergy0-severity", "once",
    "then", "seen", "different",
]  # fmt: skip
SHOWN_AGAIN = {"id_number", "name", "phone", "contact_name", "birth_date"}


def good() -> dict:
    return {
        "once": str(uuid.uuid4()),
        "then": "save",
        "id_type": "01",
        "id_number": id_number(BORN),
        "name": "王秀英",
        "sex": "2",
        "birth_date": "1958-03-16",
        "phone": "13812345678",
        "address": "青溪镇",
        "payment": "resident",
        "allergy_status": "has",
        "allergy0-substance": "青霉素",
        "allergy0-reaction": "皮疹",
        "allergy0-severity": "severe",
    }


@pytest.mark.parametrize("field", TEXT_FIELDS)
def test_a_new_file_with_bad_input(frontdesk, as_, field):
    client = as_(frontdesk)
    for kind, value in BAD.items():
        with undone():
            response = client.post(reverse("patient_new"), {**good(), field: value})

            page = response.content.decode()
            assert response.status_code in (200, 302), kind
            assert Patient.objects.count() == (response.status_code == 302), kind
            assert Allergy.objects.count() <= Patient.objects.count(), kind
            if response.status_code == 200:
                assert any(word in page for word in ("field-error", "message-error")), kind
                assert 'value="青溪镇"' in page or field == "address", kind  # the rest is kept
                assert "<script>alert" not in page, kind
                if field in SHOWN_AGAIN:
                    assert html.escape(value.strip()) in page, kind


def test_half_a_surrogate_pair_is_refused_with_words(frontdesk, as_):
    client = as_(frontdesk)
    for field in [f for f in TEXT_FIELDS if f not in ("once", "then")]:
        form = {**good(), field: "\0"}
        body = "&".join(
            f"{quote_plus(name)}={HALF if value == chr(0) else quote_plus(str(value))}"
            for name, value in form.items()
        )

        with undone():
            response = client.post(
                reverse("patient_new"), body, content_type="application/x-www-form-urlencoded"
            )

            if field in ("notice_given", "seen", "different"):
                assert response.status_code in (200, 302), field
            else:
                assert response.status_code == 200, field
                assert not Patient.objects.exists(), field


def test_full_width_input_is_understood(frontdesk, as_):
    form, client = good(), as_(frontdesk)
    for field in ("id_number", "phone", "birth_date", "name"):
        wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in form[field])

        with undone():
            response = client.post(reverse("patient_new"), {**form, field: wide})

            assert response.status_code == 302, field
            assert Patient.objects.get().phone == "13812345678", field


def test_what_is_no_date_is_said_to_be_none(frontdesk, as_):
    client = as_(frontdesk)
    for text in (
        *("1958-02-30", "16/03/1958", "0000-00-00", "99999-01-01"),
        *("yesterday", "1958-13", "195803", "58", "1e3"),
    ):
        response = client.post(reverse("patient_new"), {**good(), "birth_date": text})

        assert "birth_date" in response.context["form"].errors, text
        assert f'value="{text}"' in response.content.decode()


def test_future_dates_are_refused_R77(frontdesk, as_):
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    form = {**good(), "id_type": "03", "id_number": "E12345678", "birth_date": tomorrow}

    response = as_(frontdesk).post(reverse("patient_new"), form)

    assert "birth_date" in response.context["form"].errors


def test_a_search_with_bad_input(frontdesk, as_):
    PatientFactory(name="王秀英")
    client = as_(frontdesk)
    for kind in (*BAD, "half"):
        body = f"q={HALF if kind == 'half' else quote_plus(BAD[kind])}"

        response = client.post(
            reverse("patient_search"), body, content_type="application/x-www-form-urlencoded"
        )

        assert response.status_code == 200, kind
        assert not response.context.get("rows"), kind
        assert "<script>alert" not in response.content.decode(), kind


@pytest.mark.parametrize("field", ["substance", "severity", "reaction", "do", "next"])
def test_an_allergy_with_bad_input(nurse, as_, field):
    patient = PatientFactory(allergy_status="not_asked")
    form = {"do": "add", "substance": "青霉素", "severity": "mild", "reaction": "皮疹"}
    client, address = as_(nurse), reverse("patient_allergies", args=[patient.pk])

    for kind, value in BAD.items():
        with undone():
            response = client.post(address, {**form, field: value, "once": str(uuid.uuid4())})

            assert response.status_code in (200, 302), kind
            patient.refresh_from_db()
            assert (patient.allergy_status == "has") == Allergy.objects.exists(), kind


@pytest.mark.parametrize("field", [*TEXT_FIELDS[:14], "version"])
def test_a_correction_with_bad_input(frontdesk, as_, field):
    patient = PatientFactory(name="李四", address="旧地址")
    client, address = as_(frontdesk), reverse("patient_edit", args=[patient.pk])

    for kind, value in BAD.items():
        with undone():
            form = {**good(), "version": "1", "name": "王五", field: value}
            response = client.post(address, form)

            stored = Patient.objects.get(pk=patient.pk)
            assert response.status_code in (200, 302), kind
            if response.status_code == 200:
                assert (stored.name, stored.address, stored.version) == ("李四", "旧地址", 1), kind


def test_beginning_with_bad_input(frontdesk, as_):
    client = as_(frontdesk)
    for begin in (*BAD.values(), "王秀英"):
        response = client.post(reverse("patient_new"), {"begin": begin})

        assert response.status_code == 200, begin[:50]
        assert "<script>alert" not in response.content.decode(), begin[:50]
