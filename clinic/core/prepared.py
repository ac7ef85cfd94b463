"""A query that is asked on every page is put together once; later only its values change.

Django makes a queryset anew for each question: cloning, resolving names, checking values and
composing take many times what the database needs to answer. `@prepared` stands over a function that
makes a queryset of its arguments; called, it answers the rows as a list. The queryset is made with
invented arguments until it is known at which places of the SQL each of them stands, and how rows
become objects; from then on the arguments go to these places. Where that can't be told for certain
(an argument that is changed on its way, SQL that depends on it, an unusual queryset), the function
is called as if nothing stood over it.

Whatever the rows depend on has to be an argument: a day or a setting that the function asks for by
itself would stay what it was. True, False, None and an empty list are part of the question's shape.
Nothing of the data is kept.
"""

from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from functools import partial, update_wrapper
from itertools import cycle
from secrets import randbelow
from types import SimpleNamespace
from uuid import UUID, uuid4

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model, prefetch_related_objects
from django.db.models.query import (
    FlatValuesListIterable,
    ModelIterable,
    ValuesListIterable,
    get_related_populators,
)

from clinic.core import fences, together
from clinic.core.made import made

known: list["Prepared"] = []
LEAST, MOST = -(2**63), 2**63 - 1  # what a column of whole numbers can hold
# Invented ones: the smallest column can hold them, or MariaDB would not be asked at all.
_numbers = cycle(range(20_000, 30_000))


def prepared(make: Callable) -> "Prepared":
    return Prepared(make)


class NotCertain(Exception):
    """This one stays Django's."""


class Prepared:
    """`rows = of_patient(patient)`: the arguments are objects or their ids, numbers, texts, days,
    moments, or lists of ids, numbers and texts."""

    def __init__(self, make: Callable):
        update_wrapper(self, make)
        self.make = make
        self.plans: dict[tuple, Plan | Nothing | None] = {}
        known.append(self)

    def __call__(self, *arguments) -> list:
        arguments = tuple(map(_key, arguments))
        if not all(map(_is_usual, arguments)):
            return list(self.make(*arguments))
        shape = _shape(arguments)
        plan = self.plans.get(shape)
        if plan is None:
            if shape not in self.plans:
                self.plans[shape] = _plan(self, arguments)
            return list(self.make(*arguments))
        return plan.rows(arguments)

    def ahead(self, arguments: tuple) -> tuple | None:
        """(plan, arguments) as they would be asked, where it is known: for clinic.core.together."""
        arguments = tuple(map(_key, arguments))
        plan = self.plans.get(_shape(arguments)) if all(map(_is_usual, arguments)) else None
        return (plan, arguments) if isinstance(plan, Plan) else None

    def first(self, *arguments):
        """For a queryset of one row at most."""
        rows = self(*arguments)
        return rows[0] if rows else None


def held(make: Callable) -> "Held":
    return Held(make)


class Held(Prepared):
    """The same of rows that are locked (clinic.core.transactions.lock), within a transaction. On a
    cluster Django asks: there each lock is written down as well (fences)."""

    def __call__(self, *arguments) -> list:
        connection = connections[DEFAULT_DB_ALIAS]
        if fences.are_needed() or not connection.in_atomic_block:  # where Django refuses a lock
            return list(self.make(*map(_key, arguments)))
        return super().__call__(*arguments)

    def ahead(self, arguments: tuple) -> None:
        """Never: a lock is taken where the verb stands."""


def _key(argument):
    if type(argument) is list and not argument:
        return ()  # can be a key of `plans`
    return argument.pk if isinstance(argument, Model) else argument


def _shape(arguments: tuple) -> tuple:
    return tuple(one if _is_shape(one) else type(one) for one in arguments)


def _is_shape(argument) -> bool:
    """Decides what is asked, and stands in no place of the SQL."""
    return argument is None or argument is True or argument is False or argument == ()


def _is_usual(argument) -> bool:
    """Not what Django answers without asking, or asks about otherwise."""
    if type(argument) is int:
        return LEAST <= argument <= MOST
    return type(argument) not in (list, tuple) or None not in argument


class Nothing:
    """The plan of a shape that Django answers without asking: one of an empty list."""

    def rows(self, arguments: tuple) -> list:
        return []


class Plan:
    """The SQL of one shape, and how its rows become what the queryset would give."""

    def __init__(self, of: "Prepared", composed: tuple, places: dict[int, int], lists: set[int]):
        queryset, compiler, sql, params = composed
        self.of, self.pieces, self.params = of, sql.split("%s"), params
        self.may_come_ahead = not isinstance(of, Held)
        self.sql, self.places, self.lists = sql, places, lists
        self.prefetch = queryset._prefetch_related_lookups
        select = compiler.select
        self.width = compiler.col_count
        self.converters = _converters(compiler)
        self.kind = queryset._iterable_class
        self.model = None
        if self.kind is ModelIterable:
            info = compiler.klass_info
            self.model, fields = info["model"], info["select_fields"]
            self.begin, self.end = fields[0], fields[-1] + 1
            self.make = _maker(self.model)
            self.names = [one[0].target.attname for one in select[self.begin : self.end]]
            self.related = get_related_populators(info, select, DEFAULT_DB_ALIAS)
            _make_quickly(self.related)
            self.more = list((compiler.annotation_col_map or {}).items())

    def rows(self, arguments: tuple) -> list:
        connection = connections[DEFAULT_DB_ALIAS]
        found = together.answer(self, arguments) if self.may_come_ahead else None
        if found is None:
            with connection.cursor() as cursor:
                cursor.execute(*self.question(arguments, connection.ops))
                found = cursor.fetchall()
        if found and self.converters:
            found = self._converted(found, connection)
        if self.kind is ValuesListIterable:
            return [tuple(row) for row in found]
        if self.kind is FlatValuesListIterable:
            return [row[0] for row in found]
        objects = [self._object(row) for row in found]
        if self.prefetch and objects:
            prefetch_related_objects(objects, *self.prefetch)
        return objects

    def question(self, arguments: tuple, ops) -> tuple[str, list]:
        """The SQL with its parameters."""
        if not self.lists:
            params = self.params.copy()
            for place, number in self.places.items():
                params[place] = _stored(arguments[number], ops)
            return self.sql, params
        sql, params = [self.pieces[0]], []
        for place, value in enumerate(self.params):
            number = self.places.get(place)
            if number in self.lists:
                values = _all_stored(arguments[number], ops)
                params += values
                sql.append(", ".join(["%s"] * len(values)))
            else:
                params.append(value if number is None else _stored(arguments[number], ops))
                sql.append("%s")
            sql.append(self.pieces[place + 1])
        return "".join(sql), params

    def _converted(self, rows: list[tuple], connection) -> list[list]:
        """Column by column: the same id or day stands in many rows of one."""
        rows = [list(row) for row in rows]
        for at, converters, expression, is_plain in self.converters:
            known: dict = {None: None} if is_plain else {}
            for row in rows:
                value = row[at]
                if is_plain and value in known:
                    row[at] = known[value]
                    continue
                made_of = value
                for convert in converters:
                    value = convert(value, expression, connection)
                row[at] = value
                if is_plain:
                    known[made_of] = value
        return rows

    def _object(self, row):
        new = self.make(DEFAULT_DB_ALIAS, self.names, row[self.begin : self.end])
        for one in self.related:
            one.populate(row, new)
        for name, at in self.more:
            setattr(new, name, row[at])
        return new


def _maker(model) -> Callable:
    is_usual = model.from_db.__func__ is Model.from_db.__func__
    return partial(made, model) if is_usual else model.from_db


def _make_quickly(populators) -> None:
    """What stands beside the rows is made the same way."""
    for one in populators:
        one.model_cls = SimpleNamespace(from_db=_maker(one.model_cls))
        _make_quickly(one.related_populators)


def _converters(compiler) -> list[tuple]:
    """Django's own leave NULL as it is, and make the same of the same; what they make never
    changes."""
    expressions = [one[0] for one in compiler.select[: compiler.col_count]]
    ops, found = compiler.connection.ops, []
    for at, (converters, expression) in compiler.get_converters(expressions).items():
        is_plain = all(getattr(one, "__self__", None) is ops for one in converters)
        found.append((at, converters, expression, is_plain))
    return found


# -- finding out --


def _plan(asked: Prepared, arguments: tuple) -> Plan | Nothing | None:
    try:
        return _found_out(asked, arguments)
    except EmptyResultSet:
        # Also an invented value may be one that no row can have: that tells nothing about others.
        return Nothing() if all(map(_is_shape, arguments)) else None
    except Exception:  # noqa: BLE001 - asked the usual way it answers, or says what is wrong
        return None


def _found_out(asked: Prepared, arguments: tuple) -> Plan:
    make, may_lock = asked.make, isinstance(asked, Held)
    first = [_invented(one) for one in arguments]
    queryset, compiler, sql, params = _composed(make, first, may_lock)
    again = _composed(make, first, may_lock)
    if again[2:] != (sql, params):
        raise NotCertain
    ops, places = compiler.connection.ops, {}
    for number, one in enumerate(arguments):
        if _is_shape(one):
            continue
        other = [*first]
        other[number] = _invented(one)
        _queryset, _compiler, other_sql, changed = _composed(make, other, may_lock)
        if other_sql != sql or len(changed) != len(params):
            raise NotCertain
        for place, (before, after) in enumerate(zip(params, changed, strict=True)):
            if before == after:
                continue
            if place in places or not _is(before, first[number], ops):
                raise NotCertain
            if not _is(after, other[number], ops):
                raise NotCertain
            places[place] = number
        if number not in places.values():
            raise NotCertain
    lists = {n for n, one in enumerate(arguments) if isinstance(one, (list, tuple)) and one}
    return Plan(asked, (queryset, compiler, sql, params), places, lists)


def _composed(make: Callable, arguments: list, may_lock: bool):
    queryset = make(*arguments)
    query = queryset.query
    usual = (ModelIterable, ValuesListIterable, FlatValuesListIterable)
    if (
        queryset._iterable_class not in usual
        or queryset.db != DEFAULT_DB_ALIAS
        or queryset._known_related_objects
        or queryset._result_cache is not None
        or (query.select_for_update and not may_lock)
        or query.combinator
    ):
        raise NotCertain
    compiler = query.get_compiler(using=DEFAULT_DB_ALIAS)
    sql, params = compiler.as_sql()
    if "%%" in sql or sql.count("%s") != len(params) or compiler.has_extra_select:
        raise NotCertain
    return queryset, compiler, sql, list(params)


def _invented(example):
    """A value like this one that stands nowhere else."""
    if _is_shape(example):
        return example
    makers = {
        UUID: uuid4,
        int: lambda: next(_numbers),
        str: lambda: uuid4().hex[:12],
        date: lambda: date(1700, 1, 1) + timedelta(days=randbelow(90_000)),
        datetime: lambda: (
            datetime(1700, 1, 1, tzinfo=timezone.utc) + timedelta(seconds=randbelow(10**9))
        ),
    }
    if type(example) in (list, tuple) and example and type(example[0]) in (UUID, int, str):
        return [_invented(example[0])]
    if type(example) not in makers:
        raise NotCertain
    return makers[type(example)]()


def _is(param, value, ops) -> bool:
    """Whether the parameter is just what this argument is stored as."""
    if isinstance(value, list):
        (value,) = value
    return type(param) is type(_stored(value, ops)) and param == _stored(value, ops)


def _all_stored(values, ops) -> list:
    if {*map(type, values)} == {UUID} and not ops.connection.features.has_native_uuid_field:
        return [one.hex for one in values]
    return [_stored(one, ops) for one in values]


def _stored(value, ops):
    kind = type(value)
    if kind is UUID:
        return value if ops.connection.features.has_native_uuid_field else value.hex
    if kind is datetime:
        return ops.adapt_datetimefield_value(value)
    if kind is date:
        return ops.adapt_datefield_value(value)
    return value
