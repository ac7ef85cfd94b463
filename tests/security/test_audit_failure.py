"""When the log can't be written, nothing happens and nothing is shown."""

import uuid

import pytest
from django.db import connection
from django.urls import reverse

from patients.models import Patient
from registration.models import Registration
from security.models import BreakGlass, User
from security.roles import sync_roles
from tests.factories.patients import PatientFactory
from tests.factories.registration import open_session, waiting_visit
from tests.helpers import SecureClient
from tests.patients.pages import typed

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def roles(transactional_db):
    """The roles again: a test with real transactions before this one has emptied every table."""
    sync_roles()


@pytest.fixture
def no_log():
    """`no_log()`: from now on the database refuses every new entry, as on a full disk."""
    body = (
        "BEGIN SELECT RAISE(ABORT, 'no'); END"
        if connection.vendor == "sqlite"
        else "FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'"
    )

    def refuse():
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TRIGGER no_log BEFORE INSERT ON security_auditentry {body}")

    yield refuse
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER IF EXISTS no_log")


@pytest.fixture
def at(as_):
    """A browser that shows the page of a fault instead of raising it."""

    def sign_in(user) -> SecureClient:
        client = as_(user)
        client.raise_request_exception = False
        return client

    return sign_in


def once(**data) -> dict:
    return {"once": str(uuid.uuid4()), **data}


def test_no_file_is_shown(doctor, frontdesk, at, no_log):
    patient = PatientFactory(name="慕容显眼")
    waiting_visit(open_session(doctor), frontdesk, patient=patient)
    stranger = PatientFactory(name="令狐少见")
    client = at(doctor)
    no_log()

    answers = [
        client.get(reverse("patient_chart", args=[patient.pk])),
        client.get(reverse("break_glass", args=[stranger.pk])),
        client.post(reverse("break_glass", args=[stranger.pk]), once(reason="emergency")),
        client.get(reverse("patient_edit", args=[patient.pk])),
        client.post(reverse("patient_reveal", args=[patient.pk])),
        client.post(reverse("patient_search"), {"q": patient.name}),
    ]

    for answer in answers:
        assert answer.status_code == 500
        assert patient.name not in answer.content.decode()
    assert not BreakGlass.objects.exists()


def test_no_visit_is_registered_and_none_cancelled(frontdesk, doctor, at, no_log):
    session = open_session(doctor)
    visit = waiting_visit(session, frontdesk)
    patient = PatientFactory()
    client = at(frontdesk)
    no_log()

    answers = [
        client.post(reverse("registration_new", args=[patient.pk]), once(session=session.pk)),
        client.post(
            reverse("registration_cancel", args=[visit.pk]),
            once(reason=Registration.CancelReason.values[0]),
        ),
        client.post(reverse("slip", args=[visit.pk]), once()),
    ]

    assert [answer.status_code for answer in answers] == [500] * 3
    stored = Registration.objects.get()
    assert (stored.state, stored.slip_prints) == (visit.state, visit.slip_prints)


def test_no_file_is_opened_or_corrected(frontdesk, at, no_log):
    patient = PatientFactory()
    client = at(frontdesk)
    person = typed(name="王不存")
    person.pop("once")
    no_log()

    answers = [
        client.post(reverse("patient_new"), once(**person)),
        client.post(reverse("patient_edit", args=[patient.pk]), once(**person, version=1)),
    ]

    assert [answer.status_code for answer in answers] == [500, 500]
    assert list(Patient.objects.values_list("name", "version")) == [(patient.name, 1)]


def test_nobody_signs_in(doctor, no_log):
    client = SecureClient(raise_request_exception=False)
    no_log()

    right = {"username": "doctor", "password": "correct-horse-7"}
    answer = client.post(reverse("login"), right)

    assert answer.status_code == 500
    assert client.get(reverse("queue")).status_code == 302


def test_no_person_is_made(administrator, at, no_log):
    client = at(administrator)
    no_log()

    answer = client.post("/admin/security/user/add/", {"username": "neu", "full_name": "新人"})

    assert answer.status_code == 500
    assert not User.objects.filter(username="neu").exists()


def test_a_refusal_shows_nothing_either(cashier, at, no_log):
    client = at(cashier)
    no_log()

    assert client.get(reverse("audit_list")).status_code == 500
