"""A chart learns what it asks about a patient; the next patient may have nothing of it."""

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.core.site import settings_remembered
from security.models import User
from security.permissions import Role
from tests.factories.long_file import fill
from tests.factories.patients import PatientFactory
from tests.factories.prescriptions import SEVERE_PENICILLIN, patient_with, tablets
from tests.factories.registration import called_visit, open_session

pytestmark = pytest.mark.django_db


def chart(patient):
    return reverse("patient_chart", args=[patient.pk])


def test_after_a_long_file_comes_one_without_a_visit(as_, doctor, frontdesk):
    session, client = open_session(doctor), as_(doctor)
    known, new = patient_with(SEVERE_PENICILLIN), PatientFactory()
    fill(known, doctor, visits=3, drug=tablets())
    called_visit(session, frontdesk, patient=new)
    counts = []

    for patient in (known, known, known, new, known, new):
        with CaptureQueriesContext(connection) as queries:
            page = client.get(chart(patient))
        counts.append(len(queries))
        assert page.status_code == 200
        assert (SEVERE_PENICILLIN["substance"] in page.content.decode()) == (patient is known)

    if connection.vendor == "mysql":  # the first one learns
        assert max(counts[2:]) <= 12 < counts[0]


@pytest.mark.django_db(transaction=True)
def test_a_role_given_in_the_same_request_is_seen_by_whoever_asks_anew(doctor):
    for _time in range(3):
        with settings_remembered():
            before = User.objects.get(pk=doctor.pk)
            before.groups.add(Group.objects.get(name=Role.PHARMACIST))
            assert Role.PHARMACIST in User.objects.get(pk=doctor.pk).roles
            before.groups.remove(Group.objects.get(name=Role.PHARMACIST))
            assert Role.PHARMACIST not in User.objects.get(pk=doctor.pk).roles
