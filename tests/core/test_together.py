"""What is going to be asked travels to a server in one go; SQLite is asked as always."""

import pytest
from django.db import OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from clinic.core import together
from clinic.core.errors import RuleBroken
from clinic.core.prepared import held, prepared
from clinic.core.transactions import atomic_retry, lock
from patients.models import Patient
from tests.factories.patients import PatientFactory

pytestmark = pytest.mark.django_db
IS_FAR = connection.vendor == "mysql"


@prepared
def _by_key(patient):
    return Patient.objects.filter(pk=patient)


@prepared
def _merged_into(patient):
    return Patient.objects.filter(merged_into=patient)


@prepared
def _of_these(patients):
    return Patient.objects.filter(pk__in=patients)


@prepared
def _everybody():
    return Patient.objects.order_by("pk").values_list("pk", flat=True)


@pytest.fixture
def patient():
    patient = PatientFactory()
    for _once in range(2):  # only what is known is asked ahead
        _by_key(patient)
        _merged_into(patient)
        _of_these([patient.pk])
        _everybody()
    return patient


def both(patient):
    return together.ask_ahead((_by_key, (patient.pk,)), (_merged_into, (patient.pk,)))


def test_two_questions_are_one_statement_and_each_answer_is_told_once(patient):
    with together.answers_kept():
        with CaptureQueriesContext(connection) as ahead:
            both(patient)
        with CaptureQueriesContext(connection) as asked:
            assert _by_key(patient) == [patient]
            assert _merged_into(patient) == []
        with CaptureQueriesContext(connection) as again:
            assert _by_key(patient) == [patient]

    assert (len(ahead), len(asked), len(again)) == ((1, 0, 1) if IS_FAR else (0, 2, 1))


def test_another_s_answer_is_never_taken(patient):
    other = PatientFactory()
    with together.answers_kept():
        both(patient)

        assert _by_key(other) == [other]
        assert _by_key(patient) == [patient]


def test_nothing_outlives_the_block_or_what_makes_it_forget(patient):
    with together.answers_kept():
        both(patient)
    with CaptureQueriesContext(connection) as outside:
        _by_key(patient)
    with together.answers_kept():
        both(patient)
        together.forget()
        with CaptureQueriesContext(connection) as forgotten:
            _by_key(patient)

    assert (len(outside), len(forgotten)) == (1, 1)


def test_nobody_who_keeps_answers_nothing_asked_ahead(patient):
    with CaptureQueriesContext(connection) as queries:
        assert both(patient) == []

    assert not queries


def test_what_a_page_asks_about_its_patient_is_learnt_and_asked_together(patient):
    def page(patient):
        with CaptureQueriesContext(connection) as queries:
            with together.usual_questions("a page", patient.pk):
                assert _by_key(patient) == [patient]
                assert _merged_into(patient) == []
                assert patient.pk in _everybody()
                assert _of_these([patient.pk]) == [patient]
        return len(queries)

    with together.answers_kept():
        counts = [page(one) for one in (patient, PatientFactory(), PatientFactory())]

    assert counts == ([4, 2, 2] if IS_FAR else [4, 4, 4])


def test_what_was_asked_in_vain_is_not_asked_again(patient):
    def page(*questions):
        with CaptureQueriesContext(connection) as queries:
            with together.usual_questions("another page", patient.pk):
                for question in questions:
                    question(patient)
        return [len(one["sql"].split(";SELECT")) for one in queries]

    with together.answers_kept():
        page(_by_key, _merged_into)
        in_vain = page(_by_key)
        after = page(_by_key)
        left = together._kept.get()

    assert (in_vain, after) == (([2], [1]) if IS_FAR else ([1], [1]))
    assert left == {}


def test_a_server_that_fails_is_heard(patient, monkeypatch):
    if IS_FAR:
        plan, _arguments = _merged_into.ahead((patient.pk,))
        monkeypatch.setattr(plan, "sql", plan.sql.replace("patients_patient", "no_such_table"))
        with together.answers_kept(), pytest.raises(Exception, match="no_such_table"):
            both(patient)
        monkeypatch.undo()

    assert _by_key(patient) == [patient]


def test_nobody_asks_ahead_for_nothing(patient):
    _of_these([])  # what nobody has to ask, is known as that

    with together.asked_together((_of_these, ([],)), (_by_key, (patient.pk,)), (_everybody, ())):
        assert _of_these([]) == []
        assert _by_key(patient) == [patient]


def test_a_lock_is_never_asked_for_ahead(patient):
    @held
    def locked(patient):
        return lock(Patient.objects.filter(pk=patient))

    def page():
        with CaptureQueriesContext(connection) as queries:
            with together.usual_questions("a page that locks", patient.pk):
                _by_key(patient)
                _merged_into(patient)
                with transaction.atomic():
                    assert locked(patient) == [patient]
        return [one["sql"] for one in queries if "FOR UPDATE" in one["sql"]]

    with together.answers_kept():
        locks = [page() for _time in range(4)]

    assert all(len(one) == IS_FAR and all(";" not in sql for sql in one) for one in locks)


def test_an_answer_that_came_before_a_failure_is_no_answer(patient, monkeypatch):
    def lost(_self):
        raise OperationalError(2013, "Lost connection during query")

    with together.answers_kept():
        if IS_FAR:
            monkeypatch.setattr(connection.connection.cursorclass, "nextset", lost)
            with pytest.raises(OperationalError):
                both(patient)
            monkeypatch.undo()
        else:
            assert both(patient) == []

        assert together._kept.get() == {}


def test_a_verb_that_is_taken_back_leaves_no_answers(patient):
    @atomic_retry
    def refused():
        both(patient)
        raise RuleBroken("no")

    with together.answers_kept():
        with pytest.raises(RuleBroken):
            refused()

        assert together._kept.get() == {}


def test_a_number_is_not_taken_for_yes(patient):
    lesson = together._Lesson((1, patient.pk))

    assert [lesson._place(one) for one in (1, patient.pk, True, 2)] == [0, 1, None, None]
