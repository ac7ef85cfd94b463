"""A doctor's page costs the same after years: neither list reads the visits of other days."""

import datetime

from django.urls import reverse
from django.utils import timezone

from registration.lines import of_today_or_open
from registration.models import Registration
from registration.states import VisitState
from tests.factories.registration import SessionFactory, open_record, waiting_visit


def earlier(session, visit, days: int) -> Registration:
    """The same visit in a session of the same doctor so many days ago."""
    day = timezone.localdate() - datetime.timedelta(days=days)
    old = SessionFactory(clinician=session.clinician, date=day)
    Registration.objects.filter(pk=visit.pk).update(day=day, session=old, live_key=None)
    return visit


def test_today_and_who_was_left_open_are_the_doctors_and_nothing_else(session, frontdesk):
    left_open = earlier(session, open_record(session, frontdesk).registration, 1)
    finished = earlier(session, waiting_visit(session, frontdesk), 2)
    Registration.objects.filter(pk=finished.pk).update(state=VisitState.FINISHED)
    today = waiting_visit(session, frontdesk)

    found = set(of_today_or_open(session.clinician))

    assert found == {left_open, today}


def test_the_page_asks_for_no_visits_by_all_sessions_of_a_doctor(
    as_, session, frontdesk, django_assert_max_num_queries, doctor
):
    waiting_visit(session, frontdesk)
    client = as_(doctor)

    with django_assert_max_num_queries(60) as asked:
        assert client.get(reverse("queue")).status_code == 200

    texts = [query["sql"] for query in asked.captured_queries]
    visits = [text for text in texts if "registration_registration" in text]
    wide = [text for text in visits if '"day" = ' in text and " OR " in text]
    assert visits
    assert wide == []
