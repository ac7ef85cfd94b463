import pytest
from django.utils import translation

from registration.models import Registration
from tests.factories.registration import open_session, waiting_visit


@pytest.fixture
def english(settings):
    """What is asked of the words on a page is asked of the source texts."""
    settings.LANGUAGE_CODE = "en"
    with translation.override("en"):
        yield


@pytest.fixture
def visit_on(doctor):
    """Lets a patient have come on a day; the place in the queue is no matter."""
    session = open_session(doctor)

    def make(patient, day):
        visit = waiting_visit(session, doctor, patient=patient)
        Registration.objects.filter(pk=visit.pk).update(day=day)

    return make
