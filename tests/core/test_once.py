"""A form that was carried out is not carried out again."""

import uuid

import pytest
from django.core.exceptions import SuspiciousOperation
from django.db import IntegrityError, transaction
from django.test import RequestFactory

from clinic.core.errors import RuleBroken
from clinic.core.models import Counter, OnceToken
from clinic.core.once import forget_old, run_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def request_of():
    def make(user, token):
        request = RequestFactory().post("/", {"once": str(token)})
        request.user = user
        return request

    return make


def test_the_second_click_runs_nothing_and_goes_where_the_first_went(request_of, nurse):
    done, token = [], uuid.uuid4()

    first = run_once(
        request_of(nurse, token), lambda by: done.append(by) or "a", to=lambda r: f"/{r}/"
    )
    second = run_once(request_of(nurse, token), lambda by: done.append(by), to=lambda r: "/b/")

    assert first == ("a", "/a/")
    assert second == (None, "/a/")
    assert done == [nurse]


def test_a_refused_form_may_be_sent_again(request_of, nurse):
    token = uuid.uuid4()

    def refuse(by):
        raise RuleBroken("no")

    with pytest.raises(RuleBroken):
        run_once(request_of(nurse, token), refuse, to=str)

    assert run_once(request_of(nurse, token), lambda by: "x", to=str) == ("x", "x")


def test_somebody_elses_token_is_refused_and_nothing_is_done(request_of, nurse, doctor):
    token = uuid.uuid4()
    run_once(request_of(nurse, token), lambda by: "a", to=str)
    done = []

    with pytest.raises(SuspiciousOperation):
        run_once(request_of(doctor, token), lambda by: done.append(by), to=str)

    assert not done


def test_a_place_too_long_to_be_kept_leads_the_second_click_to_the_start(request_of, nurse):
    token, far = uuid.uuid4(), "/" + "a" * 2000

    first = run_once(request_of(nurse, token), lambda by: "a", to=lambda _result: far)
    second = run_once(request_of(nurse, token), lambda by: "a", to=lambda _result: far)

    assert (first, second) == (("a", far), (None, "/"))


# The last one is a UUID for Python, and none for MariaDB.
@pytest.mark.parametrize("token", ["", "x", "0" * 5000, "4d19694a-9ad4-d0af-77f8-0c5721a68480"])
def test_a_form_without_a_proper_token_still_works(request_of, nurse, token):
    assert run_once(request_of(nurse, token), lambda by: "a", to=str) == ("a", "a")
    assert not OnceToken.objects.exists()


@pytest.fixture
def colliding():
    """A verb whose first `times` runs write a name that stands there already."""

    def make(times: int):
        runs, told = [], []

        def verb(by):
            runs.append(by)
            Counter.objects.create(name=f"run {len(runs)}")
            transaction.on_commit(lambda: told.append(len(runs)))
            if len(runs) <= times:
                Counter.objects.create(name=f"run {len(runs)}")
            return f"/{len(runs)}/"

        return verb, runs, told

    return make


@pytest.mark.parametrize("token", ["", "17f09408-237a-4850-a64a-229a7e76adec"])
def test_a_name_that_was_taken_meanwhile_is_looked_for_once_more_and_nothing_is_done_twice(
    request_of, nurse, token, colliding, django_capture_on_commit_callbacks
):
    verb, runs, told = colliding(1)

    with django_capture_on_commit_callbacks(execute=True):
        answer = run_once(request_of(nurse, token), verb, to=str)

    assert answer == ("/2/", "/2/")
    assert list(Counter.objects.filter(name__startswith="run ").values_list("name")) == [("run 2",)]
    assert told == [2]  # once, and only of what was kept
    assert OnceToken.objects.count() == bool(token)


def test_what_the_database_refuses_twice_is_a_fault_of_ours(request_of, nurse, colliding):
    verb, runs, _told = colliding(5)

    with pytest.raises(IntegrityError):
        run_once(request_of(nurse, uuid.uuid4()), verb, to=str)

    assert len(runs) == 2
    assert not Counter.objects.filter(name__startswith="run ").exists()
    assert not OnceToken.objects.exists()


def test_old_tokens_are_forgotten(request_of, nurse):
    run_once(request_of(nurse, uuid.uuid4()), lambda by: "a", to=str)

    assert forget_old(days=-1) == 1
    assert not OnceToken.objects.exists()
