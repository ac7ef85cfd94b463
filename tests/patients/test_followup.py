"""Files of long care and their dates: opened, recorded, corrected, moved, closed (R-60 to R-68)."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from clinic.core.errors import RuleBroken
from patients.followup import verbs
from patients.models import CareFile, CareKind, FollowUp
from security.models import AuditEntry
from tests.factories.patients import PatientFactory

State = FollowUp.State
GOOD = {"mode": "1", "systolic": "132", "diastolic": "84"}
HIGH = {"mode": "1", "systolic": "152", "diastolic": "84"}


@pytest.fixture
def patient(db):
    return PatientFactory(birth_date=date(1980, 3, 16))


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def care(patient, nurse, doctor, today):
    opened_on = today - timedelta(days=100)
    return verbs.open_file(
        patient=patient, kind=CareKind.HYPERTENSION, doctor=doctor, opened_on=opened_on, by=nurse
    )


def due(care) -> FollowUp:
    return care.follow_ups.get(state=State.PLANNED)


def keep(row, by, findings=GOOD, **more):
    day = more.pop("done_on", timezone.localdate())
    return verbs.record(
        follow_up=row, version=row.version, done_on=day, findings=findings, by=by, **more
    )


def test_one_open_file_of_each_kind(care, nurse, patient):
    with pytest.raises(RuleBroken, match="."):
        verbs.open_file(patient=patient, kind=CareKind.HYPERTENSION, by=nurse)

    verbs.open_file(patient=patient, kind=CareKind.DIABETES, by=nurse)
    assert CareFile.objects.filter(patient=patient).count() == 2


def test_recording_plans_the_next_R68(care, nurse, today):
    row = keep(due(care), nurse)

    assert (row.state, row.done_by, row.findings["grade"]) == (State.DONE, nurse, "1")
    assert (due(care).due_on - today).days in range(89, 93)

    keep(due(care), nurse, HIGH)
    assert due(care).due_on == today + timedelta(days=14)


def test_twice_uncontrolled_asks_for_a_referral_and_its_check_R63(care, nurse, today):
    keep(due(care), nurse, HIGH, done_on=today - timedelta(days=14))

    with pytest.raises(RuleBroken) as refused:
        keep(due(care), nurse, HIGH)
    row = keep(due(care), nurse, {**HIGH, "referral_to": "市第一人民医院"})

    assert refused.value.field == "referral_to"
    assert row.findings["referral_reason"]
    assert (due(care).step, due(care).due_on) == ("referral", today + timedelta(days=14))


def test_a_correction_keeps_what_stood_there_and_moves_the_next_date(care, nurse, doctor, today):
    row = keep(due(care), nurse)

    again = keep(row, doctor, HIGH)

    assert again.findings["systolic"] == "152"
    assert again.earlier[0]["findings"]["systolic"] == "132"
    assert again.earlier[0]["by"] == doctor.full_name
    assert due(care).due_on == today + timedelta(days=14)


def test_what_a_colleague_wrote_is_not_overwritten(care, nurse, doctor):
    row = due(care)
    keep(row, doctor)

    with pytest.raises(verbs.ChangedMeanwhile):
        keep(row, nurse, HIGH)

    assert FollowUp.objects.get(pk=row.pk).findings["systolic"] == "132"


def test_wrong_entries_are_refused_with_their_field(care, nurse, today):
    row = due(care)
    wrong = [
        (GOOD, {"done_on": today + timedelta(days=1)}, "done_on"),
        (GOOD, {"done_on": care.opened_on - timedelta(days=1)}, "done_on"),
        (GOOD, {"next_on": today + timedelta(days=120)}, "next_on"),
        (HIGH, {"next_on": today + timedelta(days=30)}, "next_on"),
        (GOOD, {"next_on": today}, "next_on"),
        ({**HIGH, "grade": "1"}, {}, "grade"),
        ({**GOOD, "systolic": "182"}, {}, "referral_to"),
    ]
    for findings, more, field in wrong:
        with pytest.raises(RuleBroken) as refused:
            keep(row, nurse, findings, **more)

        assert refused.value.field == field, (findings, more)
    with pytest.raises(TypeError):
        keep(row, nurse, {"shoe_size": "42"})


def test_a_moved_day_says_why_and_stays_within_a_quarter(care, nurse, today):
    row, later = due(care), today + timedelta(days=5)
    for day, reason in [(today - timedelta(days=1), "外出"), (later, " "),
                        (today + timedelta(days=200), "外出")]:  # fmt: skip
        with pytest.raises(RuleBroken):
            verbs.reschedule(
                follow_up=row, version=row.version, due_on=day, reason=reason, by=nurse
            )

    moved = verbs.reschedule(
        follow_up=row, version=row.version, due_on=later, reason="外出打工", by=nurse
    )

    assert (moved.due_on, moved.earlier[0]["reason"]) == (later, "外出打工")


def test_not_reached_is_tried_again_in_two_weeks_R63(care, nurse, today):
    row = due(care)

    verbs.missed(follow_up=row, version=row.version, reason="电话停机", by=nurse)

    assert FollowUp.objects.get(pk=row.pk).state == State.MISSED
    assert (due(care).step, due(care).due_on) == ("again", today + timedelta(days=14))


def test_a_closed_file_has_nothing_due_and_may_be_opened_anew_R60(care, nurse, patient):
    row = keep(due(care), nurse)
    with pytest.raises(RuleBroken):
        verbs.close_file(care_file=care, version=care.version, reason="", by=nurse)

    verbs.close_file(care_file=care, version=care.version, reason="迁出", by=nurse)

    assert not care.follow_ups.filter(state=State.PLANNED).exists()
    assert keep(row, nurse, HIGH).findings["systolic"] == "152"  # what was found may be corrected
    assert not care.follow_ups.filter(state=State.PLANNED).exists()
    verbs.open_file(patient=patient, kind=CareKind.HYPERTENSION, by=nurse)


def test_a_birth_plans_the_visits_afterwards_R67(nurse, today):
    mother = PatientFactory(birth_date=date(1996, 3, 16))
    begun = today - timedelta(days=270)
    care = verbs.open_file(
        patient=mother, kind=CareKind.PREGNANCY, facts={"last_period": begun.isoformat()},
        opened_on=begun + timedelta(days=60), by=nurse,
    )  # fmt: skip
    with pytest.raises(RuleBroken):
        verbs.note_delivery(care_file=care, version=care.version, delivered_on=begun, by=nurse)

    verbs.note_delivery(
        care_file=care, version=care.version, delivered_on=today - timedelta(days=3), by=nurse
    )

    planned = care.follow_ups.filter(state=State.PLANNED).order_by("due_on")
    assert [row.step for row in planned] == ["pp7", "pp42"]


def test_every_change_is_in_the_log_without_values(care, nurse):
    before = AuditEntry.objects.count()

    keep(due(care), nurse, {**GOOD, "symptoms_other": "头晕头晕"})

    entries = list(AuditEntry.objects.order_by("-pk")[: AuditEntry.objects.count() - before])
    assert {entry.content_type.model for entry in entries} == {"followup"}
    assert all("头晕头晕" not in str(entry.changes) for entry in entries)
