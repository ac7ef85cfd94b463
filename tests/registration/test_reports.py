"""The day's papers (R-165): what they count, who reads them, and that reading leaves a trace."""

import datetime
import io
import zipfile
from datetime import timedelta
from decimal import Decimal

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import gettext as _

from registration import booking
from registration.models import Booking, Registration
from registration.queue import pass_over
from registration.reports import times
from registration.states import BookingState, VisitState
from security.models import AuditEntry
from security.permissions import P
from tests.factories.patients import PatientFactory
from tests.factories.registration import (
    called_visit,
    finished_record,
    online_booking,
    open_session,
    waiting_visit,
)

pytestmark = pytest.mark.django_db
HOME = "/registration/reports/"
LOG, ABSENT, WAITING = f"{HOME}log/", f"{HOME}no-shows/", f"{HOME}waiting/"
ALL = [HOME, LOG, ABSENT, WAITING]
NINE = datetime.time(9)


@pytest.fixture
def reader(other_doctor):
    """A doctor of a group that reads everybody's log."""
    group = Group.objects.create(name="门诊日志")
    group.permissions.add(Permission.objects.get(codename=P.READ_DAY_LOG.codename))
    other_doctor.groups.add(group)
    return other_doctor


def table(client, url):
    response = client.get(url)
    assert response.status_code == 200
    return response.context["table"]


def rows(client, url):
    return [row.cells for row in table(client, url).rows]


def sheet_of(response) -> str:
    return zipfile.ZipFile(io.BytesIO(response.content)).read("xl/worksheets/sheet1.xml").decode()


def set_times(visit, **minutes):
    """Moments of a visit, in minutes after ten o'clock of its day."""
    ten = timezone.make_aware(datetime.datetime.combine(visit.day, datetime.time(10)))
    moments = {name: ten + timedelta(minutes=number) for name, number in minutes.items()}
    Registration.objects.filter(pk=visit.pk).update(**moments)


def absent(session, by, patient=None, *, day=None, state=VisitState.LAPSED):
    """Somebody to whom the desk promised a time, and who did not come."""
    visit = waiting_visit(session, by, patient)
    known = Registration.objects.filter(pk=visit.pk)
    known.update(slot=NINE, checked_in_at=None, state=state, day=day or visit.day, live_key=None)
    return visit


def missed_booking(session):
    missed = online_booking(session, NINE)
    Booking.objects.filter(pk=missed.pk).update(state=BookingState.MISSED, live_key=None)
    return missed


# -- the outpatient log --


def test_the_log_says_what_paper_asks_for_R165(session, doctor, frontdesk, as_):
    patient = PatientFactory(
        name="沈玉珍", birth_date=datetime.date(1970, 1, 1), address="青溪镇北桥村12组36号"
    )
    record = finished_record(session, frontdesk, patient=patient)

    (cells,) = rows(as_(doctor), LOG)

    started = timezone.localtime(record.started_at)
    assert cells[:3] == [f"{started:%H:%M}", record.registration.number, "沈玉珍"]
    assert cells[5:7] == ["青溪镇北桥村****", "咳嗽 3 天"]
    assert cells[7:9] == ["急性支气管炎", "初诊"]
    assert cells[10] == doctor.full_name


def test_on_paper_the_address_is_whole_and_the_occupation_is_written_by_hand(
    session, doctor, frontdesk, as_
):
    patient = PatientFactory(address="青溪镇北桥村12组36号")
    finished_record(session, frontdesk, patient=patient)

    page = as_(doctor).post(LOG, {"as": "print"})

    assert page.status_code == 200 and page.context["autoprint"]
    assert page.context["table"].rows[0].cells[5:7] == ["", "青溪镇北桥村12组36号"]


def test_a_doctor_reads_only_the_own_log_R142(session, other_session, frontdesk, as_):
    mine = finished_record(session, frontdesk)
    finished_record(other_session, frontdesk)
    client = as_(session.clinician.user)

    found = table(client, LOG)
    asked = table(client, f"{LOG}?doctor={other_session.clinician.pk}")

    assert found.patients == asked.patients == [mine.patient_id]


def test_whoever_may_reads_everybodys_log_or_that_of_one(
    session, other_session, frontdesk, reader, as_
):
    first = finished_record(session, frontdesk)
    second = finished_record(other_session, frontdesk)
    client = as_(reader)

    everybody = table(client, LOG).patients
    one = table(client, f"{LOG}?doctor={session.clinician.pk}").patients

    assert everybody == [first.patient_id, second.patient_id]
    assert one == [first.patient_id]


@pytest.mark.parametrize("who", ["frontdesk", "nurse", "pharmacist", "administrator", "auditor"])
def test_nobody_else_reads_the_log(who, request, as_):
    client = as_(request.getfixturevalue(who))

    assert client.get(LOG).status_code == 403
    assert client.post(LOG, {"as": "xlsx"}).status_code == 403


def test_a_guarded_diagnosis_stands_in_the_own_log_only_R140(
    session, doctor, frontdesk, reader, as_
):
    finished_record(session, frontdesk, code="B20.9")

    own = rows(as_(doctor), LOG)[0]
    others = rows(as_(reader), LOG)[0]

    assert "咳嗽" in own[6]
    assert others[6:8] == ["", _("Kept private")] and others[9] == ""


@pytest.mark.parametrize("kind", ["print", "xlsx"])
def test_on_paper_a_guarded_diagnosis_is_in_nobodys_log_R140(session, doctor, frontdesk, as_, kind):
    finished_record(session, frontdesk, code="B20.9")

    response = as_(doctor).post(LOG, {"as": kind})

    text = response.content.decode() if kind == "print" else sheet_of(response)
    assert _("Kept private") in text and "咳嗽" not in text


def test_reading_printing_and_saving_the_log_are_recorded(session, doctor, frontdesk, as_):
    record = finished_record(session, frontdesk)
    client = as_(doctor)

    client.get(LOG)
    client.post(LOG, {"as": "print"})
    client.post(LOG, {"as": "xlsx"})

    entries = AuditEntry.objects.filter(screen="outpatient_log").order_by("pk")
    assert [entry.event for entry in entries] == ["read", "print", "export"]
    assert entries[0].subject == record.patient_id
    assert all(bytes(entry.subjects) == record.patient_id.bytes for entry in entries[1:])


def test_the_log_is_read_a_month_at_most(session, doctor, frontdesk, as_):
    finished_record(session, frontdesk)
    client, today = as_(doctor), timezone.localdate()
    long = f"{LOG}?since={today - timedelta(days=40)}&until={today}"

    page = client.get(long)
    file = client.post(long, {"as": "xlsx"})

    assert page.context["form"].non_field_errors()
    assert (file.status_code, file["Location"]) == (302, long)


# -- the registration report --


def test_the_registration_report_counts_by_doctor_part_of_the_day_and_fate(
    session, doctor, frontdesk, as_
):
    finished_record(session, frontdesk)
    gone = waiting_visit(session, frontdesk)
    booking.cancel_visit(registration=gone, reason="left", by=frontdesk)
    waiting_visit(session, frontdesk)
    lapsed = waiting_visit(session, frontdesk)
    Registration.objects.filter(pk=lapsed.pk).update(
        state=VisitState.LAPSED, source="online", added=True
    )

    page = as_(frontdesk).get(HOME).context["table"]

    assert page.rows[0].cells == [doctor.full_name, "上午", 4, 3, 1, 0, 1, 1, 1, 1, 1]
    assert page.total[2:] == page.rows[0].cells[2:]
    assert page.notes == [_("Cancelled because: %(reasons)s") % {"reasons": "患者离开 1"}]


def test_the_registration_report_by_day_has_a_plot_over_several_days(session, frontdesk, as_):
    visits = [waiting_visit(session, frontdesk) for _number in range(3)]
    today = timezone.localdate()
    Registration.objects.filter(pk=visits[0].pk).update(day=today - timedelta(days=1))

    page = table(as_(frontdesk), f"{HOME}?group=day&since={today - timedelta(days=6)}")

    assert [row.cells[1] for row in page.rows] == [1, 2]
    assert [bar.value for bar in page.plot.bars] == ["1", "2"]


# -- no-shows --


def test_who_did_not_come_is_listed_and_counted_over_ninety_days_R103(session, frontdesk, as_):
    today = timezone.localdate()
    person = PatientFactory(name="卢明芳", phone="13900000088")
    for age in (95, 60, 30, 1):
        absent(session, frontdesk, person, day=today - timedelta(days=age))
    missed = missed_booking(session)
    waiting_visit(session, frontdesk)

    found = rows(as_(frontdesk), f"{ABSENT}?since={today - timedelta(days=7)}&until={today}")

    assert [cells[3] for cells in found] == [missed.name, "卢明芳"]
    assert found[0][5:] == [_("Online"), "1"]
    assert found[1][4] == "139****0088" and found[1][6].startswith("3")


def test_a_booking_of_today_is_no_absence_yet(session, frontdesk, as_):
    online_booking(session, NINE)
    absent(session, frontdesk, state=VisitState.BOOKED)

    assert rows(as_(frontdesk), ABSENT) == []


def test_reading_who_did_not_come_is_recorded(session, frontdesk, as_):
    visit = absent(session, frontdesk)
    missed = missed_booking(session)
    client = as_(frontdesk)

    client.get(ABSENT)
    client.post(ABSENT, {"as": "xlsx"})

    entries = AuditEntry.objects.filter(screen="no_shows").order_by("pk")
    assert [entry.event for entry in entries] == ["read", "read", "export"]
    assert entries[0].subject == visit.patient_id
    assert missed.pk.hex in str(entries[1].additional_data)
    assert missed.pk.hex in str(entries[2].additional_data)


# -- waiting and consultation --


def test_median_and_ninetieth_percentile_by_doctor_and_hour_R105(session, frontdesk, as_):
    for waited, inside in [(4, 10), (6, 12), (20, 50)]:
        visit = finished_record(session, frontdesk).registration
        set_times(
            visit,
            checked_in_at=30,
            first_called_at=30 + waited,
            started_at=60,
            finished_at=60 + inside,
        )
    late = called_visit(session, frontdesk)
    set_times(late, checked_in_at=90, first_called_at=91)
    client = as_(frontdesk)

    (one,) = rows(client, WAITING)
    ten, eleven = rows(client, f"{WAITING}?group=hour")
    both = rows(client, f"{WAITING}?group=both")

    assert one[1:] == [4, Decimal("5.0"), Decimal("20.0"), 3, Decimal("12.0"), Decimal("50.0")]
    assert ten == ["10:00–11:00", 3, Decimal("6.0"), Decimal("20.0"), *one[4:]]
    assert eleven == ["11:00–12:00", 1, Decimal("1.0"), Decimal("1.0"), 0, "–", "–"]
    assert [cells[1] for cells in both] == ["10:00–11:00", "11:00–12:00"]


def test_without_a_check_in_waiting_is_from_the_registration_R105(session, frontdesk, as_):
    visit = called_visit(session, frontdesk)
    set_times(visit, registered_at=0, first_called_at=7)
    Registration.objects.filter(pk=visit.pk).update(checked_in_at=None)

    assert rows(as_(frontdesk), WAITING)[0][2] == Decimal("7.0")


def test_a_quiet_hour_is_drawn_as_quiet(session, frontdesk, as_):
    for hour in (0, 120):
        set_times(called_visit(session, frontdesk), checked_in_at=hour, first_called_at=hour + 5)
        pass_over(
            registration=Registration.objects.get(state=VisitState.CALLED),
            by=session.clinician.user,
        )

    plot = table(as_(frontdesk), WAITING).plot

    assert [(bar.label, bar.value) for bar in plot.bars] == [
        ("10:00", "5"),
        ("11:00", "0"),
        ("12:00", "5"),
    ]


@pytest.mark.parametrize(
    ("count", "rank"), [(1, 1), (2, 2), (9, 9), (10, 9), (11, 10), (20, 18), (120, 108)]
)
def test_nine_in_ten_waited_no_longer_than_the_ninetieth_percentile(count, rank):
    assert times.p90(list(range(count, 0, -1))) == rank


# -- all of them --


@pytest.mark.parametrize("url", ALL)
def test_an_empty_day_is_said_to_be_empty(url, frontdesk, doctor, as_):
    page = as_(doctor if url == LOG else frontdesk).get(url)

    assert page.context["table"].rows == [] and page.context["table"].empty


@pytest.mark.parametrize(
    "query",
    ["?since=x", "?since=2026-05-01&until=2026-01-01", "?since=2001-01-01", "?page=x&group=x"]
    + ["?since=0001-01-01&until=0001-01-02", "?since=9999-12-01&until=9999-12-31", "?doctor=x"],
)
def test_nonsense_is_told_and_the_paper_shown(query, session, frontdesk, doctor, as_):
    log, others = as_(doctor), as_(frontdesk)

    for url in ALL:
        client = log if url == LOG else others
        assert client.get(url + query).status_code == 200, url
        assert client.post(url + query, {"as": "x"}).status_code == 302, url


@pytest.mark.parametrize("url", ALL)
def test_every_paper_is_also_a_sheet_and_a_file(url, session, doctor, frontdesk, as_):
    finished_record(session, frontdesk)
    absent(session, frontdesk)
    client = as_(doctor if url == LOG else frontdesk)

    preview = client.get(f"{url}?as=print")
    sheet = client.post(url, {"as": "print"})
    file = client.post(url, {"as": "xlsx"})

    assert "autoprint" not in preview.context and sheet.context["autoprint"]
    assert sheet_of(file).count("<row") >= 2
    assert "filename*=UTF-8''" in file["Content-Disposition"]


def test_a_paper_costs_the_same_for_one_visit_and_for_many(doctor, frontdesk, as_):
    session = open_session(doctor, quota=1000)
    log, others = as_(doctor), as_(frontdesk)

    def some():
        finished_record(session, frontdesk, code="F32.9")
        missed_booking(session)
        absent(session, frontdesk)

    def counts():
        found = {}
        for url in [*ALL, f"{WAITING}?group=both", f"{HOME}?group=day"]:
            client = log if url == LOG else others
            for how, ask in [("page", client.get), ("paper", client.post)]:
                ask(url, {"as": "print"} if how == "paper" else None)
                with CaptureQueriesContext(connection) as queries:
                    ask(url, {"as": "print"} if how == "paper" else None)
                found[url, how] = len(queries)
        return found

    some()
    few = counts()
    for _number in range(9):
        some()

    many = counts()

    assert few == many
    assert max(many.values()) <= 24, many
