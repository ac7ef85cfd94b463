"""One question to patients and to the staff: anonymous, each once (DOMAIN 10)."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from clinic.core.models import Counter, Opinion
from clinic.statistics import opinions as staff
from registration import opinions
from registration.models import Registration
from registration.place import token_of
from security.models import User
from tests.factories import figures as scene
from tests.helpers import SecureClient

pytestmark = pytest.mark.django_db
WHOLE = ("8:00", "8:04", "8:05", "8:20")


@pytest.fixture
def visit(doctor) -> Registration:
    return scene.visit(doctor, timezone.localdate(), *WHOLE)


def address(visit) -> str:
    return reverse("display_opinion", args=[token_of(visit.pk)])


def test_the_slips_page_asks_when_the_visit_is_over_and_keeps_one_answer(visit):
    phone = SecureClient()
    place = phone.get(reverse("display_place", args=[token_of(visit.pk)])).content.decode()
    asked = phone.get(address(visit)).content.decode()

    first = phone.post(address(visit), {"score": "4"})
    again = phone.post(address(visit), {"score": "1"})

    assert address(visit) in place and asked.count('name="score"') == 5
    assert first.context["is_thanked"] and again.context["is_answered"]
    kept = Opinion.objects.get()
    assert (kept.asked, kept.score, kept.day) == ("patient", 4, timezone.localdate())
    assert 'name="score"' not in phone.get(address(visit)).content.decode()


@pytest.mark.parametrize("score", ["", "0", "6", "²", "-1", "9" * 5000, "x\0"])
def test_an_answer_that_is_none_of_the_five_is_not_kept(visit, score):
    answer = SecureClient().post(address(visit), {"score": score})

    assert answer.status_code == 200
    assert not Opinion.objects.exists()


def test_an_answer_leads_to_no_visit_without_the_key_ring(visit):
    opinions.answer(token=token_of(visit.pk), score=5, address="10.0.0.1")

    kept = Opinion.objects.get()
    assert {field.name for field in Opinion._meta.fields} == {"id", "asked", "score", "day", "once"}
    for known in (visit.pk.hex, str(visit.pk), token_of(visit.pk), visit.number):
        assert known not in kept.once
    assert kept.pk > 10**9  # not even the order of the answers is told


def test_only_a_finished_visit_of_the_last_seven_days_is_asked(doctor, visit):
    phone, today = SecureClient(), timezone.localdate()
    running = scene.visit(doctor, today, *WHOLE[:3])
    old = scene.visit(doctor, today - datetime.timedelta(days=7), *WHOLE)
    fresh = scene.visit(doctor, today - datetime.timedelta(days=6), *WHOLE)
    for one in (running, old):
        assert phone.get(address(one)).context["is_gone"]
        assert phone.post(address(one), {"score": "5"}).context["error"]
    for score in ("0", "6", "", "x", "²", "99999999999"):
        assert phone.post(address(visit), {"score": score}).context["error"]
    assert not Opinion.objects.exists()

    assert phone.post(address(fresh), {"score": "5"}).context["is_thanked"]


def test_answers_from_one_connection_are_limited(visit, monkeypatch):
    monkeypatch.setattr(opinions, "MOST_OF_ADDRESS", 2)
    phone = SecureClient()
    for _n in range(2):
        phone.post(address(visit), {"score": "0"})

    refused = phone.post(address(visit), {"score": "5"})

    assert refused.context["error"]
    assert not Opinion.objects.exists()


@pytest.fixture
def settled(frontdesk):
    """Somebody who has been here for a while."""
    long_ago = timezone.now() - datetime.timedelta(days=40)
    User.objects.filter(pk=frontdesk.pk).update(created_at=long_ago)
    frontdesk.refresh_from_db()
    return frontdesk


ASKED = 'class="message message-info staff-question'


def test_the_staff_are_asked_on_the_home_page_once_a_month(settled, nurse, as_):
    client = as_(settled)
    desk = client.get(reverse("desk")).content.decode()
    elsewhere = client.get(reverse("patient_search")).content.decode()

    client.post(reverse("staff_opinion"), {"score": "2"})
    client.post(reverse("staff_opinion"), {"score": "5"})  # from a page left open

    assert ASKED in desk and ASKED not in elsewhere
    assert ASKED not in as_(nurse).get(reverse("desk")).content.decode()  # has just begun
    assert ASKED not in client.get(reverse("desk")).content.decode()
    month = timezone.localdate().replace(day=1)  # who was here on which day stands in the logs
    assert list(Opinion.objects.values_list("asked", "score", "day")) == [("staff", 2, month)]


def test_who_put_it_off_is_not_asked_again_and_looks_like_who_answered(settled, nurse, as_):
    client = as_(settled)

    client.post(reverse("staff_opinion"), {"score": "later"})
    staff.answer(score=4, by=nurse)

    assert ASKED not in client.get(reverse("desk")).content.decode()
    marks = Counter.objects.filter(name__startswith="asked.")
    assert len({(len(mark.name), mark.value) for mark in marks}) == 1 and len(marks) == 2
    assert Opinion.objects.count() == 1
