"""A file that is not in one's care opens with a reason, for a while, and is told on (R-143)."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from clinic.core.errors import RuleBroken
from clinic.core.models import Setting
from security.access import may_read_file
from security.glass import break_glass
from security.models import AuditEntry, BreakGlass
from tests.factories.patients import AllergyFactory
from tests.factories.prescriptions import submitted
from tests.factories.registration import finished_record, open_session, waiting_visit
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db
WORDS = "家属电话询问停药的事"


@pytest.fixture
def record(doctor, frontdesk):
    """A visit that another doctor than the one who asks has finished."""
    return finished_record(open_session(doctor), frontdesk)


@pytest.fixture
def patient(record):
    return record.patient


def asking(patient):
    return reverse("break_glass", args=[patient.pk])


def chart(patient):
    return reverse("patient_chart", args=[patient.pk])


def open_it(user, patient, **more):
    return break_glass(patient=patient.pk, by=user, **{"reason": "emergency", **more})


def test_the_doctor_of_the_visit_is_asked_nothing(as_, doctor, patient):
    page = as_(doctor).get(chart(patient))

    assert "咳嗽 3 天" in page.content.decode()


def test_a_visit_that_waits_for_the_doctor_opens_the_file(as_, other_doctor, frontdesk, patient):
    waiting_visit(open_session(other_doctor), frontdesk, patient)

    assert "咳嗽 3 天" in as_(other_doctor).get(chart(patient)).content.decode()


def test_another_doctor_is_asked_why_and_sees_only_the_least(as_, other_doctor, patient):
    AllergyFactory(patient=patient, substance="头孢曲松")
    patient.allergy_status = "has"
    patient.save()
    page = as_(other_doctor).get(chart(patient), follow=True)

    text = page.content.decode()
    assert page.redirect_chain[-1][0].startswith(asking(patient))
    assert "头孢曲松" in text  # no question stands between a doctor and an allergy
    for secret in ("咳嗽 3 天", "急性支气管炎", patient.name, patient.phone, patient.id_number):
        assert secret not in text


def test_the_reason_opens_the_page_that_was_asked_for(as_, doctor, other_doctor):
    sheet = submitted(doctor)
    client = as_(other_doctor)
    wanted = reverse("prescription_show", args=[sheet.pk])
    question = client.get(wanted).url

    answer = post_ok(client, question, {"reason": "colleague", "next": wanted})

    assert answer.url == wanted
    assert sheet.number in client.get(wanted).content.decode()


def test_an_opened_file_is_closed_for_everybody_else(doctor, other_doctor, pharmacist, patient):
    open_it(other_doctor, patient)

    assert may_read_file(other_doctor, patient.pk)
    assert not may_read_file(pharmacist, patient.pk)


def test_an_opened_file_says_nothing_about_another_patient(other_doctor, doctor, frontdesk, record):
    open_it(other_doctor, record.patient)
    stranger = finished_record(record.clinician.sessions.first(), frontdesk).patient

    assert not may_read_file(other_doctor, stranger.pk)


def test_the_file_closes_again_by_itself(other_doctor, patient):
    Setting.objects.create(key="security.open_file_hours", value="2")
    row = open_it(other_doctor, patient)
    assert abs(row.until - timezone.now() - datetime.timedelta(hours=2)).total_seconds() < 60

    later = timezone.now() + datetime.timedelta(hours=2, minutes=1)
    with pytest.MonkeyPatch.context() as clock:
        clock.setattr("security.glass.timezone.now", lambda: later)
        assert not may_read_file(other_doctor, patient.pk)


@pytest.mark.parametrize("answer", [{}, {"reason": "curious"}, {"reason": "other", "words": " "}])
def test_no_reason_no_file(as_, other_doctor, patient, answer):
    page = as_(other_doctor).post(asking(patient), {"once": "", **answer})

    assert page.status_code == 200
    assert not may_read_file(other_doctor, patient.pk)
    assert not AuditEntry.objects.filter(event="break_glass").exists()


@pytest.mark.parametrize("who", ["nurse", "frontdesk", "pharmacist", "cashier", "administrator"])
def test_only_doctors_open_files(as_, request, who, patient):
    user = request.getfixturevalue(who)

    assert as_(user).get(asking(patient)).status_code == 403
    with pytest.raises(RuleBroken):
        open_it(user, patient)


def test_the_auditor_reads_reason_and_words_and_the_log_holds_the_reason_alone(
    as_, other_doctor, auditor, patient
):
    open_it(other_doctor, patient, reason="other", words=WORDS)

    entry = AuditEntry.objects.get(event="break_glass")
    assert (entry.subject, entry.actor_name) == (patient.pk, "")
    assert entry.additional_data["reason"] == "other"
    payloads = "".join(AuditEntry.objects.values_list("payload", flat=True))
    assert WORDS not in payloads
    assert WORDS in as_(auditor).get(reverse("audit_list")).content.decode()


def test_through_the_page_the_entry_names_the_doctor(as_, other_doctor, patient):
    post_ok(as_(other_doctor), asking(patient), {"reason": "emergency"})

    entry = AuditEntry.objects.get(event="break_glass")
    assert (entry.actor, entry.subject) == (other_doctor, patient.pk)


def test_the_words_lie_encrypted(other_doctor, patient):
    open_it(other_doctor, patient, reason="other", words=WORDS)

    with connection.cursor() as cursor:
        cursor.execute("SELECT words FROM security_breakglass")
        (stored,) = cursor.fetchone()
    assert WORDS.encode() not in bytes(stored)


def test_a_reason_is_never_changed_or_deleted(other_doctor, patient):
    row = open_it(other_doctor, patient)

    for change in (row.save, row.delete, BreakGlass.objects.all().delete):
        with pytest.raises(PermissionDenied):
            change()
    with pytest.raises(PermissionDenied):
        BreakGlass.objects.update(reason="other")


@pytest.mark.parametrize("evil", ["//evil.example/", "https://evil.example/", "/" + "a" * 300])
def test_the_page_leads_nowhere_else(as_, other_doctor, patient, evil):
    answer = post_ok(as_(other_doctor), asking(patient), {"reason": "patient", "next": evil})

    assert answer.url == chart(patient)


def test_who_has_the_file_open_is_not_asked_again(as_, other_doctor, patient):
    open_it(other_doctor, patient)

    assert as_(other_doctor).get(asking(patient)).url == chart(patient)
