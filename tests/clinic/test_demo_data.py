"""The demo clinic: made through the verbs, the same for the same seed, safe to make twice."""

import pytest
from django.core.management import call_command

from clinic.cashier.models import Receipt
from patients.models import Allergy, Patient
from pharmacy.models import Batch
from prescriptions.models import Prescription
from registration.models import Registration
from security.models import User
from security.permissions import Role
from tests.factories.sums import figures

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(monkeypatch):
    """A small demo clinic, in which patients pay."""
    monkeypatch.setenv("CLINIC_DEMO_PASSWORD", "qingxi-demo-2026")
    call_command("load_reference_data")
    call_command("demo_data", patients=125, days=1, seed=3, charges=True)


def counts():
    models = (Patient, Allergy, User, Batch, Registration, Prescription)
    return [model.objects.count() for model in models]


def test_the_demo_clinic_has_a_day_in_all_its_stages_and_a_second_run_changes_nothing(demo):
    before = counts()
    states = set(Prescription.objects.values_list("state", flat=True))
    roles = {role for user in User.objects.all() for role in user.roles}

    call_command("demo_data", patients=125, days=1, seed=3, charges=True)

    assert counts() == before
    assert Patient.objects.count() == 125
    assert {"dispensed", "unpaid", "submitted"} <= states
    assert roles == {role.value for role in Role}
    assert not User.objects.filter(must_change_password=True).exists()
    assert Registration.objects.filter(state="waiting").exists()
    call_command("check_stock")
    call_command("check_cash")
    assert figures()["agree"]
    assert Receipt.objects.filter(kind="payment").count() > 5
    call_command("verify_encryption")
