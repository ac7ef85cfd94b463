"""The database goes away: before COMMIT a verb is repeated, at COMMIT only where it is known."""

import uuid

import pytest
from django.db import OperationalError, connection
from django.test import RequestFactory
from django.urls import reverse

from clinic.core.errors import Busy, Unanswered
from clinic.core.models import Counter, OnceToken
from clinic.core.once import run_once
from clinic.core.transactions import TRIES, atomic_retry
from patients.models import Patient
from patients.reference import load_consent_texts
from security.roles import sync_roles
from tests.patients.pages import typed

pytestmark = pytest.mark.django_db(transaction=True)
LOST = OperationalError(2013, "Lost connection to server during query")
CONFLICT = OperationalError(1213, "Deadlock found when trying to get lock")
LOCKED = OperationalError("database is locked") if connection.vendor == "sqlite" else CONFLICT
COMMIT = connection._commit


def breaking(error, *, saved: bool, times: int = 1):
    """COMMIT as the server does it, or not; either way `error` comes instead of its answer."""
    left = [times]

    def commit():
        if not left[0]:
            return COMMIT()
        left[0] -= 1
        (COMMIT if saved else connection._rollback)()
        raise error

    return commit


@pytest.fixture
def at_commit(monkeypatch):
    """`at_commit(LOST, saved=True)`: from now on, once."""
    yield lambda *args, **told: monkeypatch.setattr(connection, "_commit", breaking(*args, **told))
    monkeypatch.undo()
    connection.close()


@pytest.fixture
def runs():
    return []


@pytest.fixture
def write(runs):
    @atomic_retry
    def verb(*, by=None):
        runs.append(by)
        Counter.objects.create(name=f"run {len(runs)}")
        return "done"

    return verb


@pytest.fixture
def form(nurse):
    request = RequestFactory().post("/", {"once": str(uuid.uuid4())})
    request.user = nurse
    return request


def written() -> int:
    return Counter.objects.filter(name__startswith="run ").count()


@pytest.mark.parametrize("saved", [True, False])
def test_a_lost_answer_to_commit_is_never_blindly_repeated(saved, write, runs, at_commit):
    at_commit(LOST, saved=saved)

    with pytest.raises(Unanswered):
        write()

    assert len(runs) == 1
    assert written() == saved


@pytest.mark.parametrize("saved", [True, False])
def test_a_form_is_carried_out_once_though_the_answer_to_its_commit_is_lost(
    saved, write, runs, form, at_commit
):
    at_commit(LOST, saved=saved)

    _result, location = run_once(form, write, to=lambda result: f"/{result}/")

    assert location == "/done/"
    assert written() == 1
    assert len(runs) == (1 if saved else 2)


def test_a_click_too_busy_to_wait_leads_where_the_other_click_has_led(write, form, monkeypatch):
    token = form.POST["once"]

    def commit():
        """The other click commits; this one has waited too long for it."""
        connection._rollback()
        OnceToken.objects.create(token=token, user=form.user, location="/other/")
        COMMIT()
        raise LOCKED

    monkeypatch.setattr(connection, "_commit", commit)

    assert run_once(form, write, to=lambda result: f"/{result}/") == (None, "/other/")

    assert written() == 0


def test_a_conflict_found_at_commit_is_repeated(write, runs, at_commit):
    at_commit(CONFLICT, saved=False)

    assert write() == "done"

    assert (len(runs), written()) == (2, 1)


def test_a_conflict_that_never_ends_is_busy_and_nothing_is_written(write, runs, at_commit):
    at_commit(CONFLICT, saved=False, times=TRIES)

    with pytest.raises(Busy):
        write()

    assert (len(runs), written()) == (TRIES, 0)


def test_a_server_that_goes_away_before_commit_is_asked_again_over_a_new_connection(runs):
    @atomic_retry
    def verb():
        runs.append(connection.connection)
        Counter.objects.create(name=f"run {len(runs)}")
        if len(runs) == 1:
            raise LOST

    verb()

    assert written() == 1
    assert runs[0] is not runs[1]


def test_the_page_says_so_and_offers_to_send_it_again(frontdesk, as_, at_commit):
    sync_roles()
    load_consent_texts()
    client, once = as_(frontdesk), str(uuid.uuid4())
    at_commit(LOST, saved=False, times=50)

    answer = client.post(reverse("patient_new"), typed(name="王留住", once=once))

    page = answer.content.decode()
    assert answer.status_code == 503
    assert f'name="once" value="{once}"' in page
    assert 'name="name" value="王留住"' in page
    assert not Patient.objects.exists()


def test_a_page_whose_database_goes_away_while_it_is_read_is_read_once_more(frontdesk, as_):
    sync_roles()
    client, left = as_(frontdesk), [1]

    def gone(execute, sql, params, many, context):
        if left and "registration_registration" in sql:
            left.pop()
            raise LOST
        return execute(sql, params, many, context)

    with connection.execute_wrapper(gone):
        answer = client.get(reverse("desk"))

    assert answer.status_code == 200
    assert not left


def test_a_press_whose_database_goes_away_beside_its_verb_is_not_told_that_nothing_was_saved(
    frontdesk, as_
):
    sync_roles()
    load_consent_texts()
    client, once, left = as_(frontdesk), str(uuid.uuid4()), [1]

    def gone(execute, sql, params, many, context):
        if left and not connection.in_atomic_block and "core_oncetoken" in sql:
            left.pop()
            raise LOST
        return execute(sql, params, many, context)

    with connection.execute_wrapper(gone):
        first = client.post(reverse("patient_new"), typed(name="王留住", once=once))
    again = client.post(reverse("patient_new"), typed(name="王留住", once=once))

    assert (first.status_code, left) == (503, [])
    assert "不知道这一步是否已经保存" in first.content.decode()
    assert again.status_code == 302
    assert Patient.objects.count() == 1


def test_a_press_that_is_done_leads_on_though_forgetting_its_draft_stays_without_answer(
    frontdesk, as_, monkeypatch
):
    sync_roles()
    load_consent_texts()
    client, forgetting = as_(frontdesk), []

    def note(execute, sql, params, many, context):
        if sql.startswith("DELETE") and "core_draft" in sql:
            forgetting.append(sql)
        return execute(sql, params, many, context)

    def commit():
        COMMIT()
        if forgetting:
            raise LOST

    monkeypatch.setattr(connection, "_commit", commit)
    with connection.execute_wrapper(note):
        answer = client.post(reverse("patient_new"), typed(name="王留住", once=str(uuid.uuid4())))
    monkeypatch.undo()
    connection.close()

    assert (answer.status_code, len(forgetting)) == (302, 1)
    assert Patient.objects.count() == 1
