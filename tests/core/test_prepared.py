"""A prepared question answers what its queryset would, or asks the queryset itself."""

import datetime
import inspect
import uuid
from importlib import import_module

import pytest
from django.db import connection, transaction
from django.db.models import Max, Q
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clinic.core.prepared import held, known, prepared
from clinic.core.transactions import lock
from patients.models import Allergy, NamePart, Patient
from security.fields.values import Sealed
from security.models import User
from tests.factories.patients import AllergicPatientFactory, PatientFactory, somebody

pytestmark = pytest.mark.django_db
FILES = Patient.objects

QUESTIONS = {
    "one id": (lambda v: FILES.filter(pk=v), "first.pk"),
    "an id of another table": (lambda v: Allergy.objects.filter(patient=v), "allergic"),
    "a list of ids": (lambda v: FILES.filter(pk__in=v).order_by("name"), "ids"),
    "two lists": (lambda v: FILES.filter(pk__in=v).exclude(merged_into__in=v), "ids"),
    "a list of texts": (lambda v: FILES.filter(record_no__in=v).order_by("pk"), "numbers"),
    "a moment": (lambda v: FILES.filter(created_at__lte=v).order_by("pk"), "moment"),
    "a day": (lambda v: FILES.filter(birth_date__gt=v).order_by("pk"), "day"),
    "some columns": (lambda v: FILES.filter(pk=v).only("name"), "first.pk"),
    "values": (lambda v: FILES.filter(pk=v).values_list("updated_at", "name", "pk"), "first.pk"),
    "one value": (lambda v: FILES.filter(pk=v).values_list("birth_date", flat=True), "first.pk"),
    "computed": (
        lambda v: FILES.filter(pk__in=v).values_list("sex").annotate(Max("updated_at")),
        "ids",
    ),
    "joined": (
        lambda v: FILES.filter(pk=v).select_related("created_by", "merged_into"),
        "first.pk",
    ),
    "fetched beside": (
        lambda v: FILES.filter(pk__in=v).prefetch_related("allergies").order_by("pk"),
        "ids",
    ),
    "the first": (lambda v: FILES.filter(pk__in=v).order_by("-record_no")[:1], "ids"),
    "a small number": (lambda v: NamePart.objects.filter(rank=v).order_by("pk"), "rank"),
    "a number": (lambda v: FILES.filter(created_by=v).order_by("pk"), "first.created_by_id"),
}


@pytest.fixture
def values():
    by = somebody()
    files = [PatientFactory(created_by=by), PatientFactory(created_by=by)]
    return {
        "first.pk": files[0].pk,
        "first.created_by_id": by.pk,
        "allergic": AllergicPatientFactory().pk,
        "ids": [one.pk for one in files],
        "numbers": tuple(one.record_no for one in files),
        "moment": timezone.now() + datetime.timedelta(days=1),
        "day": datetime.date(1900, 1, 1),
        "rank": int(NamePart.WHOLE),
    }


def said(rows) -> list:
    """Everything that stands in a row, and in what was read with it."""
    return [everything(row) if hasattr(row, "_state") else row for row in rows]


def everything(row) -> tuple:
    fetched = getattr(row, "_prefetched_objects_cache", {})
    return (
        type(row),
        {name: plain(value) for name, value in row.__dict__.items() if name[0] != "_"},
        {name: one and one.pk for name, one in row._state.fields_cache.items()},
        {name: list(rows) for name, rows in fetched.items()},
        (row._state.adding, row._state.db, row.get_deferred_fields()),
    )


def plain(value):
    """What is sealed refuses to be compared as it is."""
    if isinstance(value, tuple):
        return tuple(map(plain, value))
    return (value.envelope, value.row) if type(value) is Sealed else value


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_prepared_question_answers_as_its_queryset(name, values):
    make, given = QUESTIONS[name]
    ask, value = prepared(make), values[given]

    first, again = ask(value), ask(value)

    assert list(ask.plans.values()) != [None]
    assert again
    assert said(first) == said(again) == said(make(value))


def test_other_values_give_other_rows(values):
    ask = prepared(lambda v: FILES.filter(pk__in=v).order_by("pk"))
    one, both = values["ids"][:1], values["ids"]

    lengths = [len(ask(v)) for v in (both, one, both, [], [uuid.uuid4()], [*both, uuid.uuid4()])]

    assert lengths == [2, 1, 2, 0, 0, 2]


def test_later_questions_are_one_statement_with_their_own_values(values):
    ask = prepared(lambda v, w: FILES.filter(Q(pk=v) | Q(pk=w)).exclude(state="merged"))
    ask(*values["ids"])

    with CaptureQueriesContext(connection) as asked:
        found = ask(values["ids"][1], uuid.uuid4())

    assert [one.pk for one in found] == values["ids"][1:]
    assert len(asked) == 1


NOT_CERTAIN = {
    "a beginning, which is changed on its way": lambda v: FILES.filter(name__startswith=v),
    "a number of rows": lambda v: FILES.order_by("pk")[: len(v)],
    "a moment of its own": lambda v: FILES.filter(name=v, created_at__lt=timezone.now()),
    "dictionaries": lambda v: FILES.filter(name=v).values("pk"),
    "an argument that is not asked for": lambda v: FILES.order_by("pk"),
    "a lock": lambda v: FILES.filter(name=v).select_for_update(),
}


@pytest.mark.parametrize("name", NOT_CERTAIN)
def test_what_is_not_certain_is_left_to_django(name):
    make = NOT_CERTAIN[name]
    ask = prepared(make)
    PatientFactory(name="王秀英")

    assert said(ask("王秀英")) == said(ask("王秀英")) == said(make("王秀英"))
    assert set(ask.plans.values()) == {None}


def test_what_no_column_holds_is_found_nowhere(values):
    number = prepared(lambda v: User.objects.filter(pk=v))
    outside = prepared(lambda v: FILES.exclude(pk__in=v).order_by("pk"))
    number(values["first.created_by_id"])
    outside(values["ids"])

    assert number(2**63) == number(-(2**70)) == []
    left = FILES.exclude(pk=values["ids"][0]).order_by("pk")
    assert outside([None, values["ids"][0]]) == list(left)


def test_what_is_left_out_is_another_question(values):
    def born(ids, since):
        rows = FILES.filter(pk__in=ids)
        return (rows if since is None else rows.filter(birth_date__gt=since)).order_by("pk")

    ask, never = prepared(born), datetime.date(2200, 1, 1)

    found = [len(ask(values["ids"], since)) for since in (None, never, values["day"]) * 2]

    assert found == [2, 0, 2] * 2
    assert len(ask.plans) == 2 and None not in ask.plans.values()


def test_an_object_stands_for_its_key(values):
    ask = prepared(lambda v: Allergy.objects.filter(patient=v))
    patient = Patient.objects.get(pk=values["allergic"])

    assert ask(patient) == ask(patient) == ask(patient.pk) == list(patient.allergies.all())
    assert len(ask.plans) == 1


def test_an_empty_list_is_a_question_of_its_own_and_spoils_nothing(values):
    inside = prepared(lambda v: FILES.filter(pk__in=v).order_by("pk"))
    outside = prepared(lambda v: FILES.exclude(pk__in=v).order_by("pk"))

    for _again in range(2):
        assert inside([]) == []
        assert set(outside([])) == set(FILES.all())
        assert {one.pk for one in inside(values["ids"])} == {*values["ids"]}
        assert [one.pk for one in outside(values["ids"])] == [values["allergic"]]
    assert None not in [*inside.plans.values(), *outside.plans.values()]


def test_what_an_empty_list_answers_is_found_out_once(values, django_assert_num_queries):
    made = []
    inside = prepared(lambda v: (made.append(v), FILES.filter(pk__in=v))[1])
    beside = prepared(lambda v, day: FILES.filter(pk__in=v, birth_date__gt=day))
    inside([]), beside([], values["day"])
    asked = len(made)

    with django_assert_num_queries(0):
        assert inside([]) == inside(()) == beside([], values["day"]) == []
    assert len(made) == asked
    assert {one.pk for one in beside(values["ids"], values["day"])} == {*values["ids"]}


def test_none_is_a_question_of_its_own():
    ask = prepared(lambda v: FILES.filter(merged_into=v))
    kept = PatientFactory()
    ask(kept.pk)

    assert ask(None) == [kept]


def test_rows_that_are_held_are_locked_where_the_database_locks_rows():
    ask = held(lambda patient: lock(Patient.objects.filter(pk=patient)))
    patient = PatientFactory()

    for _ in range(3):
        with transaction.atomic(), CaptureQueriesContext(connection) as captured:
            assert ask(patient) == [patient]

        (select,) = [one["sql"] for one in captured if one["sql"].startswith("SELECT")]
        assert ("FOR UPDATE" in select) == connection.features.has_select_for_update
    assert list(map(bool, ask.plans.values())) == [True]


OF_A_MOMENT = ("localdate", "timezone.now", "localtime", "setting(", "settings.", "is_on(", "_(")


def test_no_question_depends_on_what_is_no_argument():
    """What the function asks by itself would stay what it was when it was prepared."""
    import_module("clinic.urls")
    ours = [one for one in known if not one.make.__module__.startswith("tests.")]

    asking = {
        one.make.__qualname__: word
        for one in ours
        for word in OF_A_MOMENT
        if word in inspect.getsource(one.make)
    }

    assert len(ours) > 30
    assert asking == {}
