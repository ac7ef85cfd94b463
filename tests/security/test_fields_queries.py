"""What the database can't do with ciphertext is refused in words; find() is the way."""

import json
import pickle

import pytest
from django.core.exceptions import FieldError
from django.db import DatabaseError, connection, transaction
from django.db.models import Case, Count, Exists, F, Max, Min, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Concat, Length, Lower

from security.crypto import CryptoError
from security.fields import Sealed, encrypted_update


@pytest.fixture
def person(trial):
    return trial.Person.objects.create(
        name="王小明", phone="13800138000", address="文三路", id_number="11010519491231002X"
    )


# --- refused --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "lookup",
    ["exact", "iexact", "in", "contains", "icontains", "startswith", "gt", "range", "regex"],
)
@pytest.mark.parametrize("field", ["phone", "address", "born", "weight", "facts"])
def test_lookups_are_refused_with_the_right_way(trial, field, lookup):
    for method in (trial.Person.objects.filter, trial.Person.objects.exclude):
        with pytest.raises(FieldError, match="isnull|find"):
            method(**{f"{field}__{lookup}": "x"})


def test_the_refusal_names_find(trial):
    with pytest.raises(FieldError, match=r"Person.objects.find\(phone=…\) or .*phone_last4=…"):
        trial.Person.objects.filter(phone="13800138000")


@pytest.mark.parametrize(
    "act",
    [
        lambda o: o.filter(phone=None),
        lambda o: o.filter(Q(name="x") | Q(phone="x")),
        lambda o: o.filter(phone=F("name")),
        lambda o: o.get(phone="x"),
        lambda o: o.get_or_create(phone="x"),
        lambda o: o.update_or_create(phone="x", defaults={"name": "x"}),
        lambda o: o.filter(born__year=1949),
        lambda o: o.filter(facts__a=1),
        lambda o: o.order_by("phone"),
        lambda o: o.order_by("-phone"),
        lambda o: o.order_by("name", F("phone").desc()),
        lambda o: o.order_by(Lower("phone")),
        lambda o: o.order_by("phone_index"),
        lambda o: o.latest("born"),
        lambda o: o.earliest("born"),
        lambda o: o.annotate(x=F("phone")),
        lambda o: o.annotate(x=Length("phone")),
        lambda o: o.annotate(x=Concat("name", "phone")),
        lambda o: o.annotate(x=Count("phone")),
        lambda o: (
            o.annotate(x=Case(When(name="x", then=F("phone")), default=Value("")))
            .values("x")
            .first()
        ),
        lambda o: o.alias(x=Lower("phone")),
        lambda o: o.aggregate(Max("born")),
        lambda o: o.aggregate(x=Min("weight")),
        lambda o: o.values(x=Lower("phone")),
        lambda o: o.values("born__year"),
        lambda o: o.values_list(Lower("phone")),
        lambda o: o.values("phone").distinct(),
        lambda o: o.distinct().values_list("name", "phone"),
        lambda o: o.values("phone").annotate(n=Count("id")),
        lambda o: o.dates("born", "year"),
        lambda o: o.in_bulk(["x"], field_name="phone"),
        lambda o: o.filter(phone_index="13800138000"),
        lambda o: o.filter(phone_index__startswith=b"x"),
        lambda o: o.filter(phone_index=b"x"),
    ],
)
def test_what_ciphertext_can_not_answer_is_refused(trial, person, act):
    with pytest.raises((FieldError, ValueError, AssertionError)):
        list(act(trial.Person.objects))


@pytest.mark.parametrize(
    "act",
    [
        lambda o: o.order_by("person__phone"),
        lambda o: o.annotate(x=Length("person__phone")),
        lambda o: o.aggregate(Max("person__born")),
    ],
)
def test_the_way_over_a_relation_is_refused_too(trial, person, act):
    with pytest.raises(FieldError):
        act(trial.Visit.objects)


@pytest.mark.parametrize(
    "act",
    [
        lambda o: o.order_by("person__phone"),
        lambda o: o.annotate(x=Length("person__phone")),
        lambda o: o.annotate(x=Max("person__born")),
        lambda o: o.filter(pk__gt=F("person__weight")),
        lambda o: o.annotate(x=Subquery(o.values(y=Lower("person__phone"))[:1])),
    ],
)
def test_a_model_without_encrypted_fields_can_not_compute_over_them_either(trial, person, act):
    trial.Slip.objects.create(person=person)

    with pytest.raises(DatabaseError), transaction.atomic():
        list(act(trial.Slip.objects))


def test_lookups_over_a_relation_are_refused(trial, person):
    with pytest.raises(FieldError):
        trial.Slip.objects.filter(person__phone="13800138000")


# --- allowed --------------------------------------------------------------------------------------


def test_null_can_be_asked(trial, person):
    other = trial.Person.objects.create(name="李四")
    objects = trial.Person.objects

    assert list(objects.filter(phone__isnull=True)) == [other]
    assert list(objects.filter(phone__isnull=False)) == [person]
    assert list(objects.exclude(phone__isnull=True)) == [person]
    assert list(trial.Slip.objects.filter(person__phone__isnull=True)) == []


def test_counting_and_grouping_of_whole_rows_works(trial_app, person):
    trial = trial_app
    trial.Visit.objects.create(person=person, complaint="咳嗽")
    trial.Visit.objects.create(person=person, complaint="发热")
    people = trial.Person.objects

    assert people.count() == 1
    assert people.filter(phone__isnull=False).distinct().count() == 1
    counted = people.annotate(n=Count("visit")).get()
    assert (counted.n, counted.phone) == (2, "13800138000")
    assert trial.Visit.objects.values("person").annotate(n=Count("id")).get()["n"] == 2
    has_visit = Exists(trial.Visit.objects.filter(person=OuterRef("pk")))
    assert people.filter(has_visit).get().address == "文三路"
    assert people.filter(pk__in=people.values("pk")).order_by("name").get() == person


def test_rows_can_be_combined_and_deleted(trial, person):
    people = trial.Person.objects

    assert people.filter(name="王小明").union(people.filter(name="x")).get().phone == person.phone
    assert list(people.raw("SELECT * FROM fieldsapp_person"))[0].phone == person.phone
    assert people.filter(phone__isnull=False).delete()[0] == 1


# --- values ---------------------------------------------------------------------------------------


def test_values_stay_sealed_and_show_nothing(trial, person):
    trial.Slip.objects.create(person=person)
    found = [
        trial.Person.objects.values("phone").get()["phone"],
        trial.Person.objects.values_list("phone", flat=True).get(),
        trial.Person.objects.values_list("name", "phone", named=True).get().phone,
        trial.Slip.objects.values_list("person__phone", flat=True).get(),
        trial.Slip.objects.annotate(x=Subquery(trial.Person.objects.values("phone")[:1])).get().x,
    ]

    for sealed in found:
        assert type(sealed) is Sealed
        assert {str(sealed), repr(sealed), f"{sealed}", f"{sealed:>20}"} == {"••••"}
        assert f"{[sealed]}" == "[••••]"


@pytest.mark.parametrize(
    "act",
    [
        lambda s: s == "13800138000",
        lambda s: s != "x",
        lambda s: s == s,  # noqa: PLR0124
        lambda s: s < s,
        lambda s: s in ["x"],
        lambda s: {s},
        bool,
        len,
        iter,
        pickle.dumps,
        json.dumps,
        lambda s: not s,
    ],
)
def test_a_sealed_value_refuses_to_be_used(trial, person, act):
    sealed = trial.Person.objects.values_list("phone", flat=True).get()

    with pytest.raises(TypeError):
        act(sealed)


def test_a_sealed_value_of_another_row_can_not_be_assigned(trial, person):
    other = trial.Person.objects.create(name="李四")
    other.phone = trial.Person.objects.filter(pk=person.pk).values_list("phone", flat=True).get()

    with pytest.raises(CryptoError), transaction.atomic():
        other.save()


# --- writing in bulk ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "act",
    [
        lambda o, p: o.update(phone="13900139000"),
        lambda o, p: o.update(phone=None),
        lambda o, p: o.update(phone=F("name")),
        lambda o, p: o.update(address=Concat("address", Value("x"))),
        lambda o, p: o.update(name="x", phone_index=None),
        lambda o, p: o.bulk_update([p], ["phone"]),
        lambda o, p: o.bulk_update([p], ["name", "address"]),
        lambda o, p: o.bulk_create(
            [p], update_conflicts=True, update_fields=["phone"], unique_fields=["id"]
        ),
        lambda o, p: o.filter(pk=p.pk)._update([(o.model._meta.get_field("phone"), None, "x")]),
    ],
)
def test_bulk_writing_is_refused_and_changes_nothing(trial, person, act):
    with pytest.raises(FieldError), transaction.atomic():
        act(trial.Person.objects, person)

    found = trial.Person.objects.get()
    assert (found.name, found.phone, found.address) == ("王小明", "13800138000", "文三路")


def test_plain_columns_may_be_updated_as_ever(trial, person):
    trial.Person.objects.update(name="改名")

    assert trial.Person.objects.get().phone == "13800138000"


def test_a_manager_of_another_kind_can_not_slip_an_expression_past_the_field(trial, person):
    from django.db.models import QuerySet

    bare = QuerySet(trial.Person)
    for value in ("x", F("name"), Concat("name", Value("x")), b"x"):
        with pytest.raises(FieldError), transaction.atomic():
            bare.update(phone=value)
    with pytest.raises(FieldError), transaction.atomic():
        bare.bulk_update([person], ["phone"])

    assert trial.Person.objects.get().phone == "13800138000"


def test_a_query_past_our_queryset_can_not_sort_by_ciphertext(trial, person):
    from django.db.models import QuerySet

    for act in (lambda q: q.order_by("phone"), lambda q: q.annotate(x=Length("phone"))):
        with pytest.raises(DatabaseError), transaction.atomic():
            list(act(QuerySet(trial.Person)))


def test_encrypted_update_saves_each_row_with_its_index(trial, person):
    other = trial.Person.objects.create(name="李四", phone="13700137000")

    count = encrypted_update(trial.Person.objects.all(), phone="13611112222", address="")

    assert count == 2
    assert set(trial.Person.objects.find(phone="13611112222")) == {person, other}
    assert {p.address for p in trial.Person.objects.all()} == {""}


def test_encrypted_update_is_all_or_none(trial, person):
    trial.Person.objects.create(name="李四")

    with pytest.raises(Exception), transaction.atomic():  # noqa: B017 - any refusal of the database
        encrypted_update(trial.Person.objects.order_by("name"), id_number="440524188001010014")

    assert trial.Person.objects.get(name="王小明").id_number == "11010519491231002X"
    assert trial.Person.objects.get(name="李四").id_number is None


def test_the_index_column_can_be_searched_by_the_database(trial):
    """An index that the planner can't use would make find() read the whole table."""
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "fieldsapp_person")
    indexed = {
        tuple(c["columns"]): c["unique"] for c in constraints.values() if c["index"] or c["unique"]
    }

    assert indexed[("id_number_index",)] is True
    assert indexed[("phone_index",)] is False
    assert indexed[("phone_last4_index",)] is False
