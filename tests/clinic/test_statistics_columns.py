"""What the database works out for the figures is what Python would."""

import datetime
import random

import pytest
from django.db.models.functions import Coalesce
from django.utils import timezone

from clinic.core.days import moment
from clinic.statistics import gathering
from clinic.statistics.columns import Seconds, number_of_day, number_of_moment
from clinic.statistics.spans import MONTH, WEEK, span_of, whole
from prescriptions.models import Prescription
from registration.models import Registration
from tests.factories import figures as scene
from tests.factories.patients import PatientFactory
from tests.patients.plans import whole_reads

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 9, 30)
# Fractions that decide: none, the smallest, one longer and one shorter than the other as text.
FRACTIONS = (0, 1, 10, 100_000, 123_456, 500_000, 999_999)


def some_visits(doctor, many: int = 60) -> list:
    chance, made = random.Random(11), []
    for _n in range(many):
        visit = scene.visit(doctor, DAY - datetime.timedelta(days=chance.randrange(70)))
        came = scene.at(visit.day, "8:00").replace(microsecond=chance.choice(FRACTIONS))
        called = came.replace(microsecond=chance.choice(FRACTIONS))
        called += datetime.timedelta(seconds=chance.choice((-1, 0, 0, 1, 59, 86_399, 86_400)))
        checked = chance.choice((None, came))
        Registration.objects.filter(pk=visit.pk).update(
            registered_at=came, checked_in_at=checked, first_called_at=called
        )
        made.append((visit.pk, came, called))
    return made


def test_seconds_are_rounded_down_to_the_microsecond_as_python_does(doctor):
    made = some_visits(doctor)
    expression = Seconds(Coalesce("checked_in_at", "registered_at"), "first_called_at")

    told = dict(Registration.objects.values_list("pk", expression))

    wanted = {pk: (called - came) // datetime.timedelta(seconds=1) for pk, came, called in made}
    assert {pk: int(seconds) for pk, seconds in told.items()} == wanted
    assert {-1, 0, 86_400} <= set(wanted.values())


def test_without_one_of_the_moments_there_are_no_seconds(doctor):
    scene.visit(doctor, DAY, registered_at=scene.at(DAY, "8:00"))

    expression = Seconds(Coalesce("checked_in_at", "registered_at"), "first_called_at")

    assert list(Registration.objects.values_list(expression, flat=True)) == [None]


@pytest.mark.parametrize("kind", [MONTH, WEEK])
def test_rows_fall_into_the_spans_of_their_local_days(doctor, kind):
    spans = [whole(kind, DAY).before.before, whole(kind, DAY).before, whole(kind, DAY)]
    for edge in (spans[0].since, spans[1].since, spans[2].since):
        for hours in (-1, 1):
            at = moment(edge) + datetime.timedelta(hours=hours)
            visit = scene.visit(doctor, timezone.localdate(at), "8:00", "8:01", "8:05", "8:20")
            sheet = scene.sheet(visit)
            Prescription.objects.filter(pk=sheet.pk).update(submitted_at=at)

    def number_of(day):
        span = span_of(day, spans)
        return None if span is None else spans.index(span)

    days = Registration.objects.values_list("day", number_of_day("day", spans))
    moments = Prescription.objects.values_list(
        "submitted_at", number_of_moment("submitted_at", spans)
    )
    assert all(number == number_of(day) for day, number in days)
    assert all(number == number_of(timezone.localdate(at)) for at, number in moments)
    assert {number for _day, number in days} == {None, 0, 1, 2}


def test_a_month_is_found_in_an_index_whatever_lies_behind_it(doctor):
    PatientFactory.create_batch(80)
    visit = scene.visit(doctor, DAY, "8:00", "8:01", "8:05", "8:20")
    scene.sheet(visit, result="reasonable")
    spans = [whole(MONTH, DAY).before, whole(MONTH, DAY)]

    def run():
        gathering.gather(spans, ["waiting", "electronic", "patients"])
        gathering.files(spans[1])

    read = [line.split(" in SELECT")[0] for line in whole_reads(run)]
    growing = ("registration_", "prescriptions_", "patients_patient")
    assert not [line for line in read if any(table in line for table in growing)]
