"""While others hold the database, people see the busy page and keep what they typed."""

import time
import uuid

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import connection
from django.urls import reverse

from patients.models import Patient
from patients.reference import load_consent_texts
from security.again import SEEN, SEEN_STEP
from security.roles import sync_roles
from tests.helpers import SecureClient
from tests.patients.pages import typed

pytestmark = pytest.mark.django_db(transaction=True)
IS_SQLITE = connection.vendor == "sqlite"
WAIT_LESS = (
    ["PRAGMA busy_timeout=50"]
    if IS_SQLITE
    else ["SET SESSION lock_wait_timeout=1", "SET SESSION innodb_lock_wait_timeout=1"]
)
HOLD = "BEGIN IMMEDIATE" if IS_SQLITE else "LOCK TABLES {} READ"
WRITTEN = ["django_session", "security_auditentry", "patients_patient", "core_oncetoken"]


@pytest.fixture(autouse=True)
def roles(transactional_db):
    """The roles again: a test with real transactions before this one has emptied every table."""
    sync_roles()


@pytest.fixture
def held():
    """`held()`: from now on another connection keeps everybody from writing."""
    other = connection.copy()

    def hold():
        with connection.cursor() as cursor:
            for statement in WAIT_LESS:
                cursor.execute(statement)
        with other.cursor() as cursor:
            cursor.execute(HOLD.format(" READ, ".join(WRITTEN)))

    yield hold
    other.close()
    connection.close()


def last_seen_a_while_ago(client):
    """A browser whose next request has to note in the session that it is in use."""
    session = client.session
    session[SEEN] = int(time.time()) - 2 * SEEN_STEP
    session.save()
    return client


def test_a_form_comes_back_with_what_was_typed_though_the_session_is_due(frontdesk, as_, held):
    load_consent_texts()  # every clinic has them from its first day
    client = last_seen_a_while_ago(as_(frontdesk))
    held()

    answer = client.post(reverse("patient_new"), typed(name="王留住", address="留住的地址"))

    page = answer.content.decode()
    assert answer.status_code == 200
    assert "王留住" in page
    assert "留住的地址" in page
    assert not Patient.objects.exists()


def test_a_page_without_patients_opens(storekeeper, as_, held):
    client = last_seen_a_while_ago(as_(storekeeper))
    held()

    assert client.get(reverse("drug_list")).status_code == 200


def test_a_refusal_that_cannot_be_recorded_is_a_busy_page(cashier, as_, held):
    client = as_(cashier)
    held()

    assert client.get(reverse("audit_list")).status_code == 503


def test_nobody_signs_in_and_nobody_signs_out_by_half(cashier, as_, held):
    signed_in = as_(cashier)
    held()

    out = signed_in.post(reverse("logout"), {"once": uuid.uuid4()})

    assert out.status_code == 503
    assert Session.objects.count() == 1


@pytest.fixture
def read_only():
    """`read_only()`: from now on the database refuses to be written, as on a full disk."""

    def refuse():
        statement = "PRAGMA query_only=ON" if IS_SQLITE else "SET SESSION TRANSACTION READ ONLY"
        with connection.cursor() as cursor:
            cursor.execute(statement)

    yield refuse
    connection.close()


def test_a_full_disk_is_said_in_plain_words_and_what_was_typed_is_kept(frontdesk, as_, read_only):
    client = as_(frontdesk)
    client.raise_request_exception = False
    read_only()

    answer = client.post(reverse("patient_new"), typed(name="王留住", address="留住的地址"))

    page = answer.content.decode()
    assert answer.status_code == 503
    assert "诊所的电脑现在无法写入" in page
    assert 'name="name" value="王留住"' in page
    assert 'value="留住的地址"' in page
    assert not Patient.objects.exists()


def test_on_a_full_disk_nobody_reads_unrecorded_and_no_password_is_kept(cashier, read_only):
    client = SecureClient(raise_request_exception=False)
    read_only()

    right = {"username": "cashier", "password": "correct-horse-7"}
    answer = client.post(reverse("login"), right)

    assert answer.status_code == 503
    assert "correct-horse-7" not in answer.content.decode()


def test_a_session_that_is_gone_is_not_made_again(cashier, as_):
    client = as_(cashier)
    session = client.session
    Session.objects.all().delete()

    with pytest.raises(UpdateError):
        session.save()
