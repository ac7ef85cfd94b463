"""The chart as a whole: order, masking, who may see what, and a file with 300 visits."""

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from patients import records
from patients.models import Merge
from prescriptions import in_use
from security.access import FileClosed, require_file
from security.glass import break_glass
from security.models import AuditEntry
from tests.factories.long_file import fill
from tests.factories.patients import AllergicPatientFactory, PatientFactory
from tests.factories.prescriptions import SEVERE_PENICILLIN, patient_with, tablets, visit_of
from tests.factories.registration import Icd10CodeFactory, open_session
from registration.consultation import add_diagnosis

pytestmark = pytest.mark.django_db
MOST_QUERIES = 30


@pytest.fixture(autouse=True)
def english(settings):
    settings.LANGUAGE_CODE = "en"


def chart(patient) -> str:
    return reverse("patient_chart", args=[patient.pk])


def seen(client, url: str) -> tuple[str, int]:
    with CaptureQueriesContext(connection) as captured:
        page = client.get(url)
    assert page.status_code == 200
    return page.content.decode(), len(captured)


def test_a_file_with_300_visits_asks_as_often_as_one_with_3(as_, doctor):
    drug, client = tablets(), as_(doctor)
    short, long = patient_with(SEVERE_PENICILLIN), patient_with(SEVERE_PENICILLIN)
    open_session(doctor)
    fill(short, doctor, visits=3, drug=drug)
    fill(long, doctor, visits=300, drug=drug)
    for patient in (short, long):
        client.get(chart(patient))  # the look is recorded once in five minutes

    (_few, few), (page, many), (last, late) = (
        seen(client, url)
        for url in (chart(short), chart(long), f"{chart(long)}?visits=30")
    )

    assert few == many <= MOST_QUERIES
    assert late <= many
    assert page.count('<span class="when">') < 40 and "1 / 30" in page
    oldest = timezone.localdate() - timedelta(days=1 + 7 * 299)
    assert oldest.isoformat() in last and oldest.isoformat() not in re.sub(
        r"<span class=\"muted nowrap\">.*?</span>", "", page, flags=re.DOTALL
    )
