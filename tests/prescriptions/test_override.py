"""Insisting on an alert: reason, signature, and what ends it (R-20, R-43)."""

from decimal import Decimal

import pytest

from clinic.core.errors import AlreadyDone, RuleBroken
from prescriptions import alerts, services, signing
from tests.factories.prescriptions import MILD_PENICILLIN, draft, patient_with, row, shipped

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(doctor, shipped_library):
    """A sheet on which one alert waits: amoxicillin after a mild reaction to penicillin."""
    sheet = draft(doctor, patient=patient_with(MILD_PENICILLIN))
    row(sheet, shipped("D001"), dose=Decimal("0.5"), dose_unit="g", skin_test="negative")
    return sheet


def waiting(sheet):
    (finding,) = alerts.opinion(sheet).open
    return finding


def sign(sheet, by=None, reason="monitored", **more):
    return signing.override(
        prescription=sheet,
        fingerprint=waiting(sheet).fingerprint,
        reason=reason,
        by=by or sheet.prescriber,
        **more,
    )


def test_a_signed_alert_lets_the_sheet_pass_R43(asked, doctor):
    record = sign(asked)

    assert (record.rule, record.outcome, record.reason) == (
        "allergy.recorded",
        "overridden",
        "monitored",
    )
    assert services.submit(prescription=asked, by=doctor).state == "submitted"


def test_without_a_signature_it_does_not_pass_R43(asked, doctor):
    with pytest.raises(RuleBroken):
        services.submit(prescription=asked, by=doctor)


@pytest.mark.parametrize("reason", ["", "chronic", "because"])
def test_the_reason_comes_from_the_list_R43(asked, reason):
    with pytest.raises(RuleBroken) as refusal:
        sign(asked, reason=reason)

    assert refusal.value.field == "reason"


def test_another_reason_needs_words(asked):
    with pytest.raises(RuleBroken) as refusal:
        sign(asked, reason="other")

    assert refusal.value.field == "text"
    assert sign(asked, reason="other", text="家属知情").reason == "other:家属知情"


def test_a_changed_dose_asks_again_only_where_the_dose_was_the_matter(asked, doctor):
    sign(asked)
    item = asked.items.get()
    services.change_item(
        item=item,
        drug=item.drug,
        dose=Decimal("0.25"),
        dose_unit="g",
        route="1",
        frequency="tid",
        days=5,
        by=doctor,
    )

    assert alerts.opinion(asked).open == []


def test_an_overdose_that_grows_asks_again_R20(doctor, shipped_library):
    sheet = draft(doctor)
    item = row(sheet, shipped("D033"), dose=Decimal(60))
    sign(sheet)
    usage = {"route": "1", "frequency": "tid", "days": 5, "by": doctor}
    services.change_item(item=item, drug=item.drug, dose=Decimal(90), dose_unit="mg", **usage)

    assert waiting(sheet).rule.key == "dose.maximum"


def test_nobody_signs_for_the_doctor_R142(asked, other_doctor):
    with pytest.raises(RuleBroken):
        sign(asked, by=other_doctor)


def test_signing_twice_does_nothing(asked):
    fingerprint = waiting(asked).fingerprint
    sign(asked)

    with pytest.raises(AlreadyDone):
        signing.override(
            prescription=asked, fingerprint=fingerprint, reason="monitored", by=asked.prescriber
        )


def test_what_blocks_can_not_be_signed_away_R43(doctor, sheet):
    row(sheet, days=85)
    block = next(f for f in alerts.opinion(sheet).findings if f.level == 1)

    with pytest.raises(AlreadyDone):
        signing.override(
            prescription=sheet, fingerprint=block.fingerprint, reason="chronic", by=doctor
        )
