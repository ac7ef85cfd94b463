"""The paper with the number (R-160)."""

import pytest

from patients.masking import mask_name
from registration.models import Registration
from security.models import AuditEntry
from tests.factories.patients import PatientFactory
from tests.factories.registration import waiting_visit
from tests.helpers import post_ok


@pytest.fixture
def visit(session, frontdesk):
    waiting_visit(session, frontdesk)
    return waiting_visit(session, frontdesk, PatientFactory(name="欧阳文静"))


def test_the_slip_says_what_the_patient_needs_R160(visit, frontdesk, as_):
    page = as_(frontdesk).get(f"/registration/{visit.pk}/slip/")

    text = page.content.decode()
    session = visit.session
    for words in (
        visit.number,
        mask_name("欧阳文静"),
        session.room.name,
        session.clinician.user.full_name,
        session.clinician.department.name,
    ):
        assert words in text
    assert page.context["ahead"] == 0  # an elderly patient goes before the other


def test_the_slip_carries_no_document_number_no_phone_and_no_full_name_R160(visit, frontdesk, as_):
    text = as_(frontdesk).get(f"/registration/{visit.pk}/slip/").content.decode()

    for secret in (visit.patient.id_number, visit.patient.phone, "欧阳文静", "320582"):
        assert secret not in text


def test_the_first_print_is_no_copy(visit, frontdesk, as_):
    page = as_(frontdesk).get(f"/registration/{visit.pk}/slip/?print=1")

    assert page.context["copy"] == 0
    assert "data-autoprint" in page.content.decode()


def test_a_reload_is_no_print(visit, frontdesk, as_):
    client = as_(frontdesk)
    for _ in range(3):
        client.get(f"/registration/{visit.pk}/slip/")

    assert Registration.objects.get(pk=visit.pk).slip_prints == 1


def test_printing_again_is_counted_said_and_recorded_R160(visit, frontdesk, as_):
    client, url = as_(frontdesk), f"/registration/{visit.pk}/slip/"

    response = post_ok(client, url)

    assert client.get(response["Location"]).context["copy"] == 1
    assert AuditEntry.objects.filter(event="print", subject=visit.patient_id).count() == 2


def test_a_double_click_prints_once(visit, frontdesk, as_):
    client, url = as_(frontdesk), f"/registration/{visit.pk}/slip/"
    for _ in range(2):
        client.post(url, {"once": "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"})

    assert Registration.objects.get(pk=visit.pk).slip_prints == 2


def test_reading_the_slip_is_recorded(visit, frontdesk, as_):
    as_(frontdesk).get(f"/registration/{visit.pk}/slip/")

    assert AuditEntry.objects.get(event="read", screen="slip").subject == visit.patient_id


def test_doctors_open_no_slips(visit, doctor, as_):
    assert as_(doctor).get(f"/registration/{visit.pk}/slip/").status_code == 403


def test_the_nurse_prints_it_again_from_the_vital_signs(visit, nurse, as_):
    client = as_(nurse)
    address = f"/registration/{visit.pk}/slip/"

    assert (
        f'formaction="{address}"'
        in client.get(f"/registration/{visit.pk}/vitals/").content.decode()
    )
    post_ok(client, address, {"temperature": "36.5"})

    assert Registration.objects.get(pk=visit.pk).slip_prints == 2
