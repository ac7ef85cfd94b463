"""Which doctor the desk is offered first: by age."""

import datetime

import pytest
from django.utils import timezone

from registration.models import Department
from tests.factories.patients import PatientFactory
from tests.factories.registration import waiting_visit

pytestmark = pytest.mark.django_db


@pytest.fixture
def children(other_session):
    clinician = other_session.clinician
    clinician.department = Department.objects.create(name="儿科", paediatric=True)
    clinician.save()
    return other_session


def born(years: int):
    today = timezone.localdate()
    return PatientFactory(birth_date=today - datetime.timedelta(days=years * 366))


def offered(client, patient) -> str:
    return client.get(f"/registration/new/{patient.pk}/").context["form"].initial["session"]


def test_an_adult_is_not_sent_to_the_childrens_doctor_for_a_shorter_queue(
    session, children, frontdesk, as_
):
    waiting_visit(session, frontdesk)

    chosen = offered(as_(frontdesk), born(36))

    assert chosen == str(session.pk)


def test_a_child_is_offered_the_childrens_doctor_first(session, children, frontdesk, as_):
    waiting_visit(children, frontdesk)

    chosen = offered(as_(frontdesk), born(2))

    assert chosen == str(children.pk)


def test_the_desk_chooses_from_each_doctors_next_hours_and_can_open_later_ones(
    session, other_session, frontdesk, as_
):
    client, patient = as_(frontdesk), born(40)

    soon = client.get(f"/registration/new/{patient.pk}/").context["form"].fields["session"]
    page = client.get(f"/registration/new/{patient.pk}/?later=1").context

    doctors = len({session.clinician_id, other_session.clinician_id})
    assert len(soon.choices) == doctors
    assert len(page["form"].fields["session"].choices) >= doctors
    assert page["more"] == 0
