"""The demo clinic: made through the verbs, the same for the same seed, safe to make twice."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from clinic.cashier.models import Receipt
from clinic.core.models import Opinion
from patients.models import Allergy, Patient
from pharmacy.models import Batch, Drug, StockMovement
from prescriptions import register
from prescriptions.models import Prescription
from registration import versions
from registration.consultation import diagnoses_of
from registration.models import Consultation, Registration
from security.models import AuditEntry, User
from security.permissions import Role
from tests.factories.sums import figures

pytestmark = pytest.mark.django_db
ARGUMENTS = {"patients": 125, "days": 3, "seed": 3, "charges": True, "verbosity": 0}


@pytest.fixture
def demo(monkeypatch, settings, tmp_path):
    """A small demo clinic, in which patients pay."""
    settings.CLINIC_CHECKPOINT_DIR = str(tmp_path)  # others write to the usual one
    monkeypatch.setenv("CLINIC_DEMO_PASSWORD", "qingxi-demo-2026")
    call_command("load_reference_data")
    call_command("demo_data", **ARGUMENTS)


def _day(sheet: Prescription) -> str:
    return timezone.localdate(sheet.submitted_at).isoformat()


def counts():
    models = (Patient, Allergy, User, Batch, Registration, Prescription, StockMovement, Opinion)
    return [model.objects.count() for model in models]


def test_the_demo_clinic_has_a_day_in_all_its_stages_and_a_second_run_changes_nothing(demo):
    before = counts()
    states = set(Prescription.objects.values_list("state", flat=True))
    roles = {role for user in User.objects.all() for role in user.roles}

    call_command("demo_data", **ARGUMENTS)

    assert counts() == before
    assert Patient.objects.count() == 125
    assert {"dispensed", "unpaid", "submitted"} <= states
    assert register.open_lines().count() == 1  # an ampoule of a narcotic
    assert roles == {role.value for role in Role}
    assert not User.objects.filter(must_change_password=True).exists()
    assert Registration.objects.filter(state="waiting").exists()
    signed = Prescription.objects.filter(submitted_at__isnull=False)
    days = {(sheet.head["date"], sheet.number[2:10], _day(sheet)) for sheet in signed}
    assert all(told == of == no[:4] + "-" + no[4:6] + "-" + no[6:] for told, no, of in days)
    assert len(days) == 4  # today's, and those of the past
    pieces = {"白术", "防风", "茯苓", "甘草", "黄芪", "当归"}
    assert pieces <= set(Drug.objects.values_list("generic_name", flat=True))
    call_command("check_stock")
    call_command("check_cash")
    assert figures()["agree"]
    assert Receipt.objects.filter(kind="payment").count() > 5
    call_command("verify_encryption")
    check_past()


def check_past():
    """The days before: by the rules, at the hours of a clinic, and proved by every check."""
    today = timezone.localdate()
    past = Prescription.objects.filter(valid_until__lt=today)
    assert past.count() > 8 and not past.exclude(state="archived").exists()
    assert all(sheet.reviewer_id not in (None, sheet.prescriber_id) for sheet in past)
    visits = Registration.objects.filter(day__lt=today)
    assert {timezone.localtime(visit.registered_at).hour for visit in visits} <= set(range(7, 19))
    records = Consultation.objects.filter(registration__in=visits)
    assert all(
        versions.is_genuine(row, list(row.versions.order_by("number")), diagnoses_of(row))
        for row in records
    )
    # The head is put together in one step; it says all that the verb's head says.
    heads = {frozenset(sheet.head) for sheet in Prescription.objects.filter(form="western")
             if sheet.head and sheet.kind != "narcotic"}  # fmt: skip
    assert len(heads) == 1
    told = AuditEntry.objects.filter(event="demo_visit").values_list("timestamp", flat=True)
    assert len(told) == visits.count() and min(told).date() >= today - timedelta(days=1)
    for check in ("verify_archive", "seal_audit", "verify_audit"):
        call_command(check)
