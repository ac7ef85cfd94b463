"""Bills and treatments go along when two files become one, and back again."""

import pytest
from django.db import transaction

from clinic.cashier.books import check
from clinic.cashier.models import Bill
from patients import records
from prescriptions.models import Treatment
from tests.factories.cash import paid, usual_fees
from tests.factories.prescriptions import charges, patient_with
from tests.factories.treatments import injections

pytestmark = pytest.mark.django_db


def merge(kept, merged, by, only: list | None = None) -> list[dict]:
    handlers = records.merge_handlers()
    before = only or [None] * len(handlers)
    with transaction.atomic():
        return [
            move(kept=kept, merged=merged, by=by, only=told)
            for move, told in zip(handlers, before, strict=True)
        ]


def test_bill_and_treatment_follow_the_visit_both_ways(doctor, pharmacist, cashier):
    charges()
    usual_fees()
    treatment = injections(doctor, pharmacist, hand_out=False)
    merged, kept = treatment.patient, patient_with(name="王芳")
    paid(treatment.consultation.registration, by=cashier)

    told = merge(kept, merged, cashier)
    with_kept = Treatment.objects.get().patient, Bill.objects.get().patient
    merge(merged, kept, cashier, only=told)

    assert with_kept == (kept, kept)
    assert (Treatment.objects.get().patient, Bill.objects.get().patient) == (merged, merged)
    assert list(check()) == []
