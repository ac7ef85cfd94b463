"""The ten figures over scenes whose answers are worked out by hand (DOMAIN 10, R-41, R-62, R-119)."""

import datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from clinic.statistics import shown
from clinic.statistics.asked import Asked, doctors
from clinic.statistics.spans import MONTH, Span, whole
from prescriptions.states import RxState
from registration.states import VisitState
from tests.factories import figures as scene
from tests.factories.patients import PatientFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 9, 30)
SEPTEMBER = whole(MONTH, DAY)


def cards(user, span: Span = SEPTEMBER, **whose) -> dict:
    """The cards by their keys."""
    asked = Asked(user=user, span=span, doctors=tuple(doctors()), **whose)
    return {card.figure.key: card for card in shown.picture(asked).cards}


def test_smoke(doctor, administrator, pharmacist, as_):
    for n in range(8):
        one = scene.visit(doctor, DAY, "8:00", "8:05", "8:06", "8:20")
        scene.sheet(one)
    for who in (doctor, administrator, pharmacist):
        page = as_(who).get(reverse("statistics") + "?period=month&since=2026-09-01")
        assert page.status_code == 200
        for key in cards(who):
            assert as_(who).get(reverse("statistics_figure", args=[key])).status_code == 200
        assert as_(who).post(reverse("statistics"), {"as": "xlsx"}).status_code == 200
        assert as_(who).post(reverse("statistics"), {"as": "print"}).status_code == 200
    found = as_(doctor).get(reverse("statistics_files") + "?period=month&since=2026-09-01")
    assert found.status_code == 200
