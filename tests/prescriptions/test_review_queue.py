"""The order of the queue, and a whole batch without going back to the list (R-32)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from prescriptions import review_queue
from prescriptions.models import Prescription
from tests.factories.prescriptions import submitted, tablets, visit_of
from tests.helpers import post_ok

pytestmark = pytest.mark.django_db


def waited(sheet, minutes: int, **more):
    since = timezone.now() - timezone.timedelta(minutes=minutes)
    Prescription.objects.filter(pk=sheet.pk).update(submitted_at=since, **more)
    sheet.refresh_from_db()
    return sheet


@pytest.fixture
def three(doctor):
    """An hour, half an hour, and an emergency of just now."""
    drug = tablets(stock=5000)
    record = visit_of(doctor)
    sheets = [submitted(doctor, drug, record=record) for _n in range(3)]
    kinds = [{}, {}, {"kind": Prescription.Kind.EMERGENCY}]
    return [waited(s, m, **k) for s, m, k in zip(sheets, (60, 30, 1), kinds, strict=True)]


def test_emergencies_stand_first_then_who_waits_longest(three):
    long, short, emergency = three

    assert list(review_queue.waiting()) == [emergency, long, short]


def test_next_goes_through_the_whole_queue_and_round(three, pharmacist):
    long, short, emergency = three

    assert review_queue.next_after(emergency, pharmacist) == long.pk
    Prescription.objects.filter(pk=emergency.pk).update(state="voided")
    assert review_queue.next_after(long, pharmacist) == short.pk
    assert review_queue.next_after(short, pharmacist) == long.pk


def test_an_emergency_that_came_meanwhile_is_the_next(three, pharmacist):
    long, _short, emergency = three

    assert review_queue.next_after(long, pharmacist) == emergency.pk


def test_after_each_decision_the_next_sheet_is_there_until_the_queue_is_empty(
    three, pharmacist, as_
):
    client, url, seen = as_(pharmacist), reverse("review", args=[three[2].pk]), []

    while "/prescriptions/review/" != url:
        page = client.get(url)
        sheet = page.context["prescription"]
        seen.append(sheet)
        name, data = "review_approve", {"version": sheet.version}
        if sheet == three[0]:
            name, data = "review_return", {**data, "codes": ["2-7"]}
        url = post_ok(client, reverse(name, args=[sheet.pk]), data)["Location"]

    assert seen == [three[2], three[0], three[1]]


def test_the_poll_answers_nothing_while_nobody_came(three, doctor, pharmacist, as_):
    client, url = as_(pharmacist), reverse("review_queue_rows")
    mark = client.get(url)["ETag"]

    same = client.get(url, HTTP_IF_NONE_MATCH=mark)
    more = submitted(doctor)
    changed = client.get(url, HTTP_IF_NONE_MATCH=mark)

    assert same.status_code == 304
    assert changed.status_code == 200 and str(more.pk) in changed.content.decode()
