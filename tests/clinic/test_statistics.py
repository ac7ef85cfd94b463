"""The ten figures over scenes whose answers are worked out by hand (DOMAIN 10)."""

import datetime
import random
from decimal import Decimal

import pytest
from django.utils import timezone

from clinic.statistics import gathering, shown
from clinic.statistics.asked import Asked, doctors
from clinic.statistics.figures import BY_KEY, FIGURES
from clinic.statistics.hiding import LEAST
from clinic.statistics.spans import DAY as ONE_DAY
from clinic.statistics.spans import MONTH, OWN, WEEK, YEAR, Span, so_far, whole
from clinic.statistics.tallies import together
from patients.models import Basics
from prescriptions.states import RxState
from registration import consultation, queue
from registration.models import Registration
from registration.states import VisitState
from tests.factories import figures as scene
from tests.factories.patients import PatientFactory
from tests.factories.registration import called_visit, open_session

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 9, 30)
FIRST = datetime.date(2026, 9, 1)
SEPTEMBER = whole(MONTH, DAY)
CANCELLED = {"state": VisitState.CANCELLED}


def cell(user, key: str, span: Span = SEPTEMBER, **whose):
    """One figure as this person sees it now."""
    asked = Asked(user=user, span=span, doctors=tuple(doctors()), **whose)
    cards = {card.figure.key: card for card in shown.picture(asked).cards}
    return cards[key].now


def value(user, key: str, span: Span = SEPTEMBER, **whose) -> str:
    return cell(user, key, span, **whose).text


def test_waiting_is_from_check_in_to_first_call(doctor):
    for called in ("8:02", "8:04", "8:12"):
        scene.visit(doctor, DAY, "8:00", called)
    scene.visit(doctor, DAY, "23:50", "24:10")  # called after midnight: the day of its number
    scene.visit(doctor, DAY, "8:00", "9:00", **CANCELLED)
    scene.visit(doctor, DAY, "9:00", "8:00")  # typed in from paper, the wrong way round
    scene.visit(doctor, DAY, registered_at=scene.at(DAY, "8:00"))  # never called
    early = scene.visit(doctor, DAY, "8:00", "8:06", registered_at=scene.at(DAY, "7:50"))
    Registration.objects.filter(pk=early.pk).update(checked_in_at=None)  # 16 minutes

    found = cell(doctor, "waiting")

    assert (found.text, found.p90, found.n) == ("12", Decimal("20.0"), 5)  # 2 4 12 16 20


def test_consultation_leaves_the_time_at_examinations_out(doctor):
    scene.visit(doctor, DAY, "8:00", "8:01", "8:05", "8:15")
    scene.visit(doctor, DAY, "8:00", "8:01", "8:05", "8:47", away_seconds=12 * 60)
    scene.visit(doctor, DAY, "8:00", "8:01", "8:05", "9:55", **CANCELLED)
    scene.visit(doctor, DAY, "8:00", "8:01", "8:05")  # still with the doctor

    found = cell(doctor, "consultation")

    assert (found.text, found.p90, found.n) == ("20", Decimal("30.0"), 2)  # 10 and 30


def test_every_examination_is_counted_until_back_with_the_doctor(doctor):
    visit = called_visit(open_session(doctor), doctor)
    consultation.start(registration=visit, by=doctor)
    for minutes, called in ((10, True), (5, False)):
        queue.send_for_examination(registration=visit, by=doctor)
        sent = timezone.now() - timezone.timedelta(minutes=minutes)
        Registration.objects.filter(pk=visit.pk).update(exam_at=sent)
        if called:
            queue.recall(registration=visit, by=doctor)
            queue.call_next(clinician=visit.session.clinician, by=doctor)

        consultation.start(registration=visit, by=doctor)

    visit.refresh_from_db()
    assert 15 * 60 <= visit.away_seconds <= 15 * 60 + 30


def test_daily_visits_are_finished_ones_by_doctor_days(doctor, other_doctor):
    whole_visit = ("8:00", "8:01", "8:05", "8:15")
    for day in (FIRST, FIRST, DAY):
        scene.visit(doctor, day, *whole_visit)
    for _n in range(5):
        scene.visit(other_doctor, DAY, *whole_visit)
    scene.visit(other_doctor, FIRST, *whole_visit, **CANCELLED)
    scene.visit(other_doctor, DAY + datetime.timedelta(days=1), *whole_visit)

    found = cell(doctor, "daily")

    assert (found.text, found.n) == ("2.7", 8)  # by 3 doctor-days
    own = cell(doctor, "daily", doctor=scene.clinician_of(doctor).pk)
    assert (own.text, own.n) == ("1.5", 3)


def test_files_of_those_seen_are_counted_once_each_R62(doctor):
    full = PatientFactory()
    Basics.objects.create(patient=full, answers={}, histories="denied", written_by=doctor)
    lacking = PatientFactory()  # nobody asked for earlier illness
    for patient in (full, full, lacking):
        scene.visit(doctor, DAY, "8:00", "8:01", "8:05", patient=patient)
    scene.visit(doctor, DAY, "8:00", "8:01")  # not seen
    scene.visit(doctor, DAY, "8:00", "8:01", "8:05", **CANCELLED)

    found = cell(doctor, "files")

    assert (found.text, found.n, found.part) == ("50", 2, 1)


def test_electronic_sheets_are_a_share_of_all_that_were_dispensed(doctor):
    visit = scene.visit(doctor, DAY, "8:00", "8:01", "8:05", "24:20")
    for state in (RxState.DISPENSED, RxState.ARCHIVED, RxState.ALL_RETURNED):
        scene.sheet(visit, state=state)
    for state in (RxState.VOIDED, RxState.LAPSED, RxState.APPROVED):
        scene.sheet(visit, state=state)
    scene.sheet(visit, "24:10")  # handed in after midnight: October's
    scene.handwritten(doctor, DAY)
    scene.handwritten(doctor, DAY, withdrawn_at=timezone.now(), withdrawn_by=doctor)

    found = cell(doctor, "electronic")

    assert (found.text, found.n) == ("75", 4)
    assert cell(doctor, "electronic", whole(MONTH, datetime.date(2026, 10, 1))).n == 1


def test_compliance_is_the_share_without_any_of_the_28_items_R41(doctor):
    visit = scene.visit(doctor, DAY, "8:00", "8:01", "8:05", "8:20")
    for result in ("reasonable", "reasonable", "irregular", None):
        scene.sheet(visit, result=result)
    scene.sheet(visit, result="reasonable", state=RxState.LAPSED)
    scene.sheet(visit, result="irregular", state=RxState.VOIDED)
    scene.handwritten(doctor, DAY)
    scene.handwritten(doctor, DAY, codes="1-1;2-5")

    found = cell(doctor, "compliance")

    assert (found.text, found.n, found.part) == ("66.7", 6, 4)


def test_stock_accuracy_adds_the_posted_takes_of_the_period_R119(doctor, storekeeper):
    scene.take(storekeeper, FIRST, counted=10, right=9)
    scene.take(storekeeper, DAY, counted=30, right=30)
    scene.take(storekeeper, DAY + datetime.timedelta(days=1), counted=5, right=0)

    assert value(doctor, "stock") == "97.5"


def test_missed_allergy_history_is_by_visit_and_not_by_sheet_R44(doctor):
    missed, asked = (scene.visit(doctor, DAY, "8:00", "8:01", "8:05", "8:20") for _n in range(2))
    scene.sheet(missed)
    scene.sheet(missed, asked=False)
    scene.sheet(asked)
    scene.visit(doctor, DAY, "8:00", "8:01", "8:05", "8:20")  # no prescription
    scene.sheet(asked, asked=False, state=RxState.VOIDED)

    found = cell(doctor, "allergies")

    assert (found.text, found.n) == ("50", 2)


def test_satisfaction_is_the_share_of_the_upper_two_and_few_answers_are_shown_to_nobody(doctor):
    scene.answers("patient", DAY, 5, 4, 4, 3)
    scene.answers("staff", FIRST, 5, 4, 2, 1)
    few = [cell(doctor, key).is_hidden for key in ("patients", "staff")]

    scene.answers("patient", DAY, 1)
    scene.answers("staff", FIRST, 5)

    assert few == [True, True]
    assert [value(doctor, key) for key in ("patients", "staff")] == ["60", "60"]
    # The staff's is of whole months, so that a day more or less tells of nobody.
    assert value(doctor, "staff", whole(ONE_DAY, DAY)) == "60"
    assert cell(doctor, "patients", whole(ONE_DAY, FIRST)).is_empty


def test_no_two_spans_differ_by_fewer_than_five_answers(doctor):
    """Who knows the sum to the ninth and the sum to the tenth would know the tenth's one answer."""
    days = [FIRST + datetime.timedelta(days=n) for n in range(9)]
    for day, count in zip(days, (5, 1, 6, 3, 1, 2, 0, 4, 2), strict=True):
        scene.answers("patient", day, *[5] * count)

    spans = [Span(OWN, since, until) for since in days for until in days if since <= until]
    counted = {span: cell(doctor, "patients", span).n or 0 for span in spans}

    assert max(counted.values()) == 5 + 6 + (1 + 3 + 1) + (2 + 4)  # the last two wait for company
    pairs = [(big, small) for big in spans for small in spans if big.since <= small.since]
    for big, small in pairs:
        if small.until <= big.until:
            assert not 0 < counted[big] - counted[small] < LEAST


def test_whoever_watches_the_page_sees_no_answer_come(doctor):
    today = timezone.localdate()
    scene.answers("patient", today, 5, 5, 5, 5, 5)
    scene.answers("staff", today, 5, 5, 5, 5, 5)

    seen = [cell(doctor, key, whole(MONTH, today)) for key in ("patients", "staff")]

    assert all(one.is_empty for one in seen)


def test_without_records_nothing_is_told_and_nothing_is_zero(doctor, administrator):
    for user in (doctor, administrator):
        asked = Asked(user=user, span=SEPTEMBER, doctors=tuple(doctors()))
        picture = shown.picture(asked)

        assert picture.is_empty
        assert all(card.now.is_empty and not card.is_met for card in picture.cards)


def test_figures_by_doctor_sum_to_the_departments_and_to_the_whole(doctor, other_doctor):
    scene.clinician_of(other_doctor, "中医科")
    chance = random.Random(7)
    for _n in range(40):
        user, day = chance.choice([doctor, other_doctor]), chance.choice([FIRST, DAY])
        end = f"8:{chance.randrange(10, 59)}"
        visit = scene.visit(user, day, "8:00", "8:03", "8:05", end)
        for _sheet in range(chance.randrange(3)):
            scene.sheet(visit, result=chance.choice(["reasonable", "irregular"]))
    halves = [Span("", FIRST, FIRST), Span("", FIRST + datetime.timedelta(days=1), DAY)]
    keys = [figure.key for figure in FIGURES if figure.by_doctor]

    found, parts = gathering.gather([SEPTEMBER], keys), gathering.gather(halves, keys)

    finished = Registration.objects.filter(state=VisitState.FINISHED).count()
    assert together(found.of(SEPTEMBER, "daily").values()).n == finished == 40
    for key in keys:
        whole_found = together(found.of(SEPTEMBER, key).values())
        both = together(t for half in halves for t in parts.of(half, key).values())
        single = [cell(doctor, key, doctor=one.pk) for one in doctors()]
        assert sorted(whole_found.seconds) == sorted(both.seconds), key
        assert (whole_found.n, whole_found.part) == (both.n, both.part), key
        assert sum(one.n for one in single) == whole_found.n, key
        assert sum(one.part for one in single) == whole_found.part, key


def test_a_department_and_a_doctor_are_told_apart(doctor, other_doctor):
    scene.clinician_of(other_doctor, "中医科")
    scene.visit(doctor, DAY, "8:00", "8:02")
    other = scene.visit(other_doctor, DAY, "8:00", "8:20")
    department = other.session.clinician.department_id

    assert value(doctor, "waiting", department=department) == "20"
    assert value(doctor, "waiting", doctor=scene.clinician_of(doctor).pk) == "2"
    assert value(doctor, "waiting") == "11"


@pytest.mark.parametrize(
    ("span", "before", "trail"),
    [
        (whole(ONE_DAY, FIRST), (datetime.date(2026, 8, 31),) * 2, 14),
        (whole(WEEK, DAY), (datetime.date(2026, 9, 21), datetime.date(2026, 9, 27)), 8),
        (so_far(MONTH, DAY, FIRST), (datetime.date(2026, 8, 1), datetime.date(2026, 8, 31)), 6),
        (whole(YEAR, DAY), (datetime.date(2025, 1, 1), datetime.date(2025, 12, 31)), 12),
        (Span("", FIRST, DAY), (datetime.date(2026, 8, 2), datetime.date(2026, 8, 31)), 6),
    ],
    ids=["day", "week", "running month", "year", "own days"],
)
def test_the_span_before_ends_where_this_one_begins(span, before, trail):
    assert (span.before.since, span.before.until) == before
    assert len(span.trail()) == trail
    assert all(
        one.until + datetime.timedelta(days=1) == two.since
        for one, two in zip(span.trail(), span.trail()[1:], strict=False)
    )


def test_the_target_is_met_as_the_pilot_says_it():
    met = {
        ("waiting", "5"): True, ("waiting", "5.01"): False,
        ("stock", "99.5"): True, ("stock", "99.499"): False,
        ("allergies", "1.9"): True, ("allergies", "2"): False,
        ("daily", "27"): True, ("daily", "26.9"): False,
    }  # fmt: skip

    for (key, number), is_met in met.items():
        assert BY_KEY[key].meets(Decimal(number)) == is_met, (key, number)
    assert BY_KEY["stock"].gap(Decimal("99.499")) == Decimal("0.1")
