"""What an answer cost is told in a practice clinic that is measured, and nowhere else."""

import pytest
from django.core.exceptions import MiddlewareNotUsed
from django.db import connection
from django.http import HttpResponse
from django.test import RequestFactory

from clinic.core.counting import QUERIES, CountMiddleware
from clinic.core.models import Setting


def ask_twice(request) -> HttpResponse:
    Setting.objects.exists()
    Setting.objects.count()
    return HttpResponse("x")


@pytest.mark.parametrize("practice, asked", [(False, True), (True, False), (False, False)])
def test_what_an_answer_cost_is_told_by_no_clinic_that_is_not_measured(settings, practice, asked):
    settings.CLINIC_PRACTICE, settings.CLINIC_COUNT_QUERIES = practice, asked

    with pytest.raises(MiddlewareNotUsed):
        CountMiddleware(ask_twice)


@pytest.mark.django_db
def test_each_answer_tells_its_own_queries_and_nothing_stays_on_the_connection(settings):
    settings.CLINIC_PRACTICE = settings.CLINIC_COUNT_QUERIES = True
    counting = CountMiddleware(ask_twice)

    answers = [counting(RequestFactory().get("/")) for _again in range(2)]

    assert [answer[QUERIES] for answer in answers] == ["2", "2"]
    assert connection.execute_wrappers == []
