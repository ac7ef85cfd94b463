import datetime

import pytest
from django.utils import translation

from patients.models import Patient
from registration.models import Registration
from tests.factories.patients import AllergicPatientFactory, AllergyGroupFactory
from tests.factories.registration import finished_record, open_session, waiting_visit


@pytest.fixture
def english(settings):
    """What is asked of the words on a page is asked of the source texts."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def canary(doctor, frontdesk) -> Patient:
    """Seen and finished by `doctor`; everything that the file can say is said."""
    AllergyGroupFactory()
    patient = AllergicPatientFactory(
        name="金丝雀",
        health_no="32058310020100001",
        paper_no="旧-1987",
        reading="jin si que",
        birth_time=datetime.time(4, 5),
        no_id_reason="遗失",
        contact_name="金大山",
        contact_relation="父亲",
        contact_phone="13900001111",
        mother_id_number="320582196003160024",
    )
    finished_record(open_session(doctor), frontdesk, patient=patient, code="J20.9")
    return patient


@pytest.fixture
def visit_on(doctor):
    """Lets a patient have come on a day; the place in the queue is no matter."""
    session = open_session(doctor)

    def make(patient, day):
        visit = waiting_visit(session, doctor, patient=patient)
        Registration.objects.filter(pk=visit.pk).update(day=day)

    return make
