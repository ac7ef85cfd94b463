"""A query whose SQL was kept asks exactly what Django would have asked, whatever the values."""

import datetime
import uuid

import pytest
from django.db import connection, models
from django.db.models import Exists, F, Max, OuterRef, Q
from django.db.models.sql import compiler as django_compiler
from django.utils.module_loading import import_string

from clinic.databases import plans
from patients.models import Patient
from registration.models import Clinician, Consultation, Registration
from security.models import AuditEntry, User
from tests.factories.patients import PatientFactory

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 11, 29)
ONE, TWO = uuid.UUID(int=1), uuid.UUID(int=2)

VISITS = Registration.objects
QUERIES = {
    "one row": lambda v: VISITS.filter(pk=v),
    "a list": lambda v: VISITS.filter(pk__in=[v, TWO, *([ONE] if v == TWO else [])]),
    "two lists": lambda v: VISITS.filter(state__in=["a", "b"], patient__in=[v, ONE, TWO]),
    "lists of other lengths": lambda v: VISITS.filter(
        pk__in=[v], state__in=["a"] if v == ONE else ["a", "b", "c"]
    ),
    "an empty list": lambda v: VISITS.filter(pk__in=[] if v == ONE else [v]),
    "a list with nothing in it": lambda v: VISITS.filter(pk__in=[None, v]),
    "joined": lambda v: VISITS.filter(session__clinician__user=5).select_related("patient"),
    "joined outwards": lambda v: VISITS.filter(consultation__isnull=True, patient=v),
    "not": lambda v: VISITS.exclude(patient=v).filter(~Q(state="a") | Q(day=DAY)),
    "or": lambda v: VISITS.filter(Q(patient=v) | Q(day__gte=DAY, state="b")),
    "null or not": lambda v: VISITS.filter(first_called_at__isnull=v == ONE),
    "true or false": lambda v: Clinician.objects.filter(active=v == ONE),
    "not true": lambda v: Clinician.objects.exclude(active=v == ONE),
    "ordered": lambda v: VISITS.filter(patient=v).order_by("-day", "number"),
    "ordered by an expression": lambda v: VISITS.filter(patient=v).order_by(F("day").desc()),
    "a slice": lambda v: VISITS.filter(patient=v).order_by("pk")[2 if v == ONE else 3 : 7],
    "some columns": lambda v: VISITS.filter(patient=v).only("day", "number"),
    "values": lambda v: VISITS.filter(patient=v).values_list("number", "day"),
    "values of another table": lambda v: VISITS.filter(patient=v).values("patient__name"),
    "distinct": lambda v: VISITS.filter(patient=v).values("day").distinct(),
    "a range": lambda v: VISITS.filter(patient=v, day__range=(DAY, DAY)),
    "a beginning": lambda v: Patient.objects.filter(name__startswith="王%_" if v == ONE else "李"),
    "in any case": lambda v: Patient.objects.filter(name__icontains="a%" if v == ONE else "李"),
    "a number too large": lambda v: User.objects.filter(pk=2**70 if v == ONE else 3),
    "grouped": lambda v: VISITS.filter(patient=v).values("patient").annotate(Max("day")),
    "a part of a day": lambda v: VISITS.filter(registered_at__date=DAY, patient=v),
    "another query": lambda v: VISITS.filter(patient__in=Patient.objects.filter(pk=v)),
    "is there any": lambda v: VISITS.filter(Exists(Consultation.objects.filter(pk=OuterRef("pk")))),
    "a column": lambda v: VISITS.filter(patient=v, day=F("session__date")),
    "two queries": lambda v: VISITS.filter(patient=v).union(VISITS.filter(pk=v)),
    "the log": lambda v: AuditEntry.objects.filter(
        read_key=v.hex, timestamp__gte=datetime.datetime(2026, 11, 29, tzinfo=datetime.timezone.utc)
    ),
}


def asked(queryset: models.QuerySet, kind):
    """SQL, values and columns; or that nothing can be found."""
    made = kind(queryset.query.clone(), connection, "default")
    try:
        sql, params = made.as_sql()
    except django_compiler.EmptyResultSet:
        return "nothing"
    columns = [(column, alias) for column, _sql, alias in made.select]
    return sql, list(params), columns, made.annotation_col_map, made.col_count


@pytest.mark.parametrize("name", QUERIES)
def test_kept_sql_is_what_django_writes(name, monkeypatch):
    monkeypatch.setattr(plans, "_plans", {})
    ours = import_string(f"{connection.ops.compiler_module}.SQLCompiler")
    django = next(kind for kind in ours.__mro__ if kind.__module__.startswith("django."))

    for value in (ONE, TWO, ONE, uuid.uuid4()):
        query = QUERIES[name](value)

        assert asked(query, ours) == asked(query, django), value


def test_plain_queries_are_written_once(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(plans, "_plans", {})
    people = [PatientFactory() for _one in range(3)]
    written = []
    monkeypatch.setattr(
        plans.PlannedSQL,
        "_plan",
        lambda self, *args, plan=plans.PlannedSQL._plan: written.append(1) or plan(self, *args),
    )

    with django_assert_num_queries(6):
        found = [Patient.objects.get(pk=one.pk) for one in people]
        there = [Patient.objects.filter(record_no=one.record_no).exists() for one in people]

    assert [one.name for one in found] == [one.name for one in people] and all(there)
    assert len(written) == 2 and all(plans._plans.values())


def test_the_kept_are_bounded(monkeypatch):
    monkeypatch.setattr(plans, "_plans", {})
    monkeypatch.setattr(plans, "MOST", 3)

    for count in range(1, 9):
        list(VISITS.order_by("pk")[:count])

    assert len(plans._plans) == 3
