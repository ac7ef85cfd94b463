"""Giving a number back (R-102)."""

import pytest

from clinic.core.errors import RuleBroken
from registration.booking import cancel_visit, places_taken
from registration.models import Registration
from registration.queue import pass_over
from registration.states import VisitState
from tests.factories.registration import called_visit, finished_record, open_record, waiting_visit


def test_a_waiting_number_is_cancelled_with_who_when_and_why_R102(session, frontdesk):
    visit = waiting_visit(session, frontdesk)

    cancelled = cancel_visit(registration=visit, reason="left", by=frontdesk)

    assert cancelled.state == VisitState.CANCELLED
    assert cancelled.cancelled_by == frontdesk
    assert cancelled.cancelled_at is not None
    assert cancelled.get_cancel_reason_display()


def test_the_place_goes_back_to_the_pool_R102(session, frontdesk):
    visit = waiting_visit(session, frontdesk)
    assert places_taken(session) == 1

    cancel_visit(registration=visit, reason="twice", by=frontdesk)

    assert places_taken(session) == 0
    assert waiting_visit(session, frontdesk, visit.patient).state == VisitState.WAITING


def test_called_and_passed_over_numbers_can_still_be_cancelled(session, doctor, frontdesk):
    called = called_visit(session, frontdesk)
    missed = pass_over(registration=called, by=doctor)

    assert cancel_visit(registration=missed, reason="left", by=frontdesk).state == "cancelled"


@pytest.mark.parametrize("begin", [open_record, finished_record])
def test_after_the_doctor_has_begun_the_desk_cancels_nothing_R102(session, frontdesk, begin):
    visit = begin(session, frontdesk).registration

    with pytest.raises(RuleBroken, match=visit.number):
        cancel_visit(registration=visit, reason="left", by=frontdesk)

    assert Registration.objects.get(pk=visit.pk).cancelled_at is None


def test_cancelling_twice_is_refused_and_changes_nothing(session, frontdesk, nurse):
    visit = waiting_visit(session, frontdesk)
    cancel_visit(registration=visit, reason="left", by=frontdesk)

    with pytest.raises(RuleBroken):
        cancel_visit(registration=visit, reason="other", by=nurse)

    assert Registration.objects.get(pk=visit.pk).cancelled_by == frontdesk


def test_a_reason_that_is_none_is_refused(session, frontdesk):
    with pytest.raises(ValueError, match="nonsense"):
        cancel_visit(
            registration=waiting_visit(session, frontdesk), reason="nonsense", by=frontdesk
        )


def test_the_page_asks_for_a_reason_and_cancels_once(session, frontdesk, as_):
    visit = waiting_visit(session, frontdesk)
    client, url = as_(frontdesk), f"/registration/{visit.pk}/cancel/"

    empty = client.post(url, {"reason": ""})
    token = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff"
    answers = [client.post(url, {"reason": "left", "once": token}) for _ in range(2)]

    assert empty.status_code == 200 and empty.context["form"].errors["reason"]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Registration.objects.get(pk=visit.pk).state == VisitState.CANCELLED


def test_the_page_of_a_begun_visit_offers_nothing(session, frontdesk, as_):
    visit = open_record(session, frontdesk).registration

    page = as_(frontdesk).get(f"/registration/{visit.pk}/cancel/")

    assert "btn-primary" not in page.content.decode()


def test_doctors_do_not_cancel_at_the_desk(session, doctor, frontdesk, as_):
    visit = waiting_visit(session, frontdesk)

    assert as_(doctor).post(f"/registration/{visit.pk}/cancel/").status_code == 403
