"""Giving out numbers (R-89, R-92, R-99, R-102)."""

import datetime

import pytest
from django.utils import timezone

from clinic.core.errors import RuleBroken
from clinic.core.models import Setting
from patients.models import Patient
from registration.booking import cancel_visit, register_visit
from registration.models import Registration
from registration.states import VisitState
from security.models import AuditEntry
from tests.factories.patients import PatientFactory
from tests.factories.registration import finished_record, open_session, waiting_visit

Priority, Reason = Registration.Priority, Registration.Reason


@pytest.fixture
def session(doctor):
    return open_session(doctor, quota=3)


def born(years_ago: int) -> datetime.date:
    today = timezone.localdate()
    return today.replace(year=today.year - years_ago, day=min(today.day, 28))


def test_the_first_number_is_letter_and_001_R89(session, frontdesk):
    visit = register_visit(patient=PatientFactory(), session=session, by=frontdesk)

    assert visit.number == f"{session.clinician.letter}001"


def test_numbers_count_up_over_the_sessions_of_a_day_R89(session, doctor, frontdesk):
    afternoon = open_session(doctor, period="pm")
    waiting_visit(session, frontdesk)

    visit = register_visit(patient=PatientFactory(), session=afternoon, by=frontdesk)

    assert visit.number.endswith("002")


def test_a_cancelled_number_is_not_given_again_R89(session, frontdesk):
    first = waiting_visit(session, frontdesk)
    cancel_visit(registration=first, reason="left", by=frontdesk)

    visit = register_visit(patient=PatientFactory(), session=session, by=frontdesk)

    assert visit.number.endswith("002")


def test_the_desk_checks_in_at_once_by_default_R87(session, frontdesk):
    visit = register_visit(patient=PatientFactory(), session=session, by=frontdesk)

    assert visit.state == VisitState.WAITING
    assert visit.checked_in_at is not None


def test_a_site_may_have_patients_check_in_by_themselves_R91(session, frontdesk):
    Setting.objects.create(key="site.check_in_at_desk", value="no")

    visit = register_visit(patient=PatientFactory(), session=session, by=frontdesk)

    assert visit.state == VisitState.BOOKED
    assert visit.checked_in_at is None


@pytest.mark.parametrize("age, expected", [(64, ""), (65, "elderly"), (91, "elderly")])
def test_age_makes_priority_from_the_line_of_the_site_R92(session, frontdesk, age, expected):
    patient = PatientFactory(birth_date=born(age))

    visit = register_visit(patient=patient, session=session, by=frontdesk)

    assert visit.priority_reason == expected
    assert visit.priority == (Priority.PRIORITY if expected else Priority.NORMAL)


def test_a_reason_given_at_the_desk_makes_priority_R92(session, frontdesk):
    visit = register_visit(
        patient=PatientFactory(birth_date=born(31)),
        session=session,
        by=frontdesk,
        reason=Reason.PREGNANT,
    )

    assert (visit.priority, visit.priority_reason) == (Priority.PRIORITY, "pregnant")


def test_the_last_place_is_the_last_R99(session, frontdesk):
    for _ in range(3):
        waiting_visit(session, frontdesk)

    with pytest.raises(RuleBroken) as refused:
        register_visit(patient=PatientFactory(), session=session, by=frontdesk)

    assert refused.value.field == "session"
    assert Registration.objects.count() == 3


def test_an_emergency_is_registered_although_the_session_is_full_R92(session, frontdesk):
    for _ in range(3):
        waiting_visit(session, frontdesk)

    visit = register_visit(
        patient=PatientFactory(), session=session, by=frontdesk, reason=Reason.EMERGENCY
    )

    assert visit.priority == Priority.EMERGENCY


def test_a_patient_holds_one_number_per_session_R102(session, frontdesk):
    first = waiting_visit(session, frontdesk)

    with pytest.raises(RuleBroken, match=first.number):
        register_visit(patient=first.patient, session=session, by=frontdesk)


def test_after_the_visit_the_patient_may_come_again_R102(session, frontdesk):
    record = finished_record(session, frontdesk)

    visit = register_visit(patient=record.patient, session=session, by=frontdesk)

    assert visit.state == VisitState.WAITING


def test_a_stopped_session_takes_nobody_R100(session, frontdesk):
    session.open = False
    session.save()

    with pytest.raises(RuleBroken):
        register_visit(patient=PatientFactory(), session=session, by=frontdesk)


def test_a_session_of_yesterday_takes_nobody(session, frontdesk):
    session.date = timezone.localdate() - datetime.timedelta(days=1)
    session.save()

    with pytest.raises(RuleBroken):
        register_visit(patient=PatientFactory(), session=session, by=frontdesk)


def test_a_merged_file_is_not_registered(session, frontdesk):
    patient = PatientFactory(state=Patient.State.MERGED, merged_into=PatientFactory())

    with pytest.raises(RuleBroken):
        register_visit(patient=patient, session=session, by=frontdesk)


def test_a_refused_registration_uses_up_no_number(session, frontdesk):
    first = waiting_visit(session, frontdesk)
    with pytest.raises(RuleBroken):
        register_visit(patient=first.patient, session=session, by=frontdesk)

    visit = register_visit(patient=PatientFactory(), session=session, by=frontdesk)

    assert visit.number.endswith("002")


def test_the_slip_is_recorded_as_a_print_without_its_content(session, frontdesk):
    visit = register_visit(patient=PatientFactory(), session=session, by=frontdesk)

    entry = AuditEntry.objects.get(event="print")
    assert entry.subject == visit.patient_id
    assert visit.patient.name not in entry.payload
