"""Validity stated by the doctor, and what a long-term prescription needs (R-22, R-29, R-169)."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.core.errors import RuleBroken
from prescriptions import services, signing
from prescriptions.alerts import opinion
from prescriptions.terms import state_terms
from tests.factories.prescriptions import row, tablets
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


def signed(sheet, doctor):
    """The reason for more than seven days."""
    (finding,) = opinion(sheet).open
    signing.override(
        prescription=sheet, fingerprint=finding.fingerprint, reason="chronic", by=doctor
    )


@pytest.mark.parametrize("extra", [0, 3])
def test_a_sheet_is_valid_as_long_as_its_doctor_states_R22(sheet, item, doctor, extra):
    state_terms(prescription=sheet, extra_days=extra, by=doctor)

    sent = services.submit(prescription=sheet, by=doctor)

    assert (sent.valid_until - timezone.localdate()).days == extra


@pytest.mark.parametrize("extra", [-1, 4])
def test_four_days_longer_are_refused_R169(sheet, item, doctor, extra):
    with pytest.raises(RuleBroken) as refused:
        state_terms(prescription=sheet, extra_days=extra, by=doctor)

    assert refused.value.rule == "R-22"


@pytest.mark.parametrize(("assessment", "agreed"), [("", True), ("血压平稳", False), ("", False)])
def test_more_than_four_weeks_wait_for_the_assessment_and_the_patients_yes_R29(
    sheet, doctor, assessment, agreed
):
    row(sheet, days=29)
    signed(sheet, doctor)
    state_terms(prescription=sheet, assessment=assessment, patient_agreed=agreed, by=doctor)

    with pytest.raises(RuleBroken):
        services.submit(prescription=sheet, by=doctor)


def test_the_page_marks_it_and_takes_the_assessment_R29(sheet, doctor, pharmacist, as_):
    row(sheet, tablets(stock=1000), days=56)
    signed(sheet, doctor)
    client, url = as_(doctor), reverse("prescription_edit", args=[sheet.pk])
    before = client.get(url)

    post_ok(
        client,
        reverse("prescription_terms", args=[sheet.pk]),
        {"extra_days": "2", "assessment": "血压平稳，已评估", "patient_agreed": "on"},
    )
    services.submit(prescription=sheet, by=doctor)

    assert before.context["needs_assessment"] and before.context["is_long_term"]
    page = as_(pharmacist).get(reverse("review", args=[sheet.pk])).content.decode()
    assert "血压平稳，已评估" in page


def test_an_assessment_goes_with_the_supply_it_was_made_for_R29(sheet, item, doctor):
    state_terms(prescription=sheet, assessment="血压平稳", patient_agreed=True, by=doctor)

    sent = services.submit(prescription=sheet, by=doctor)

    assert (sent.assessment, sent.patient_agreed) == (None, False)


def test_a_validity_chosen_but_not_saved_goes_with_the_submitted_sheet_R22(sheet, doctor, as_):
    row(sheet)
    sheet.refresh_from_db()
    url = reverse("prescription_submit", args=[sheet.pk])

    post_ok(as_(doctor), url, {"version": sheet.version, "extra_days": "3", "assessment": ""})

    sheet.refresh_from_db()
    assert (sheet.state, sheet.extra_days) == ("submitted", 3)
    assert sheet.valid_until == timezone.localdate() + timedelta(3)
