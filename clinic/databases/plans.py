"""A query's SQL is written once, not at every request.

Composing the SQL of a query costs Django five to ten times what SQLite needs to answer it, and a
page asks the same dozens of queries with other values each time. Here the shape of a query (its
tables, columns, conditions, order: all but the values) leads to the SQL that Django wrote for the
first query of that shape; Django's own lookups still prepare the values. Only plain queries have a
shape; every other one, and whatever is not known to be plain, is composed by Django as ever. What
Django wrote the first time is compared with what the shape gives: if the values differ in any way,
that shape is never used.
"""

from dataclasses import dataclass

from django.core.exceptions import EmptyResultSet, FullResultSet
from django.db.models import F, Value
from django.db.models.expressions import Col, OrderBy
from django.db.models.fields import related_lookups as related
from django.db.models.lookups import (
    Exact,
    GreaterThan,
    GreaterThanOrEqual,
    In,
    IntegerFieldExact,
    IntegerGreaterThan,
    IntegerGreaterThanOrEqual,
    IntegerLessThan,
    IntegerLessThanOrEqual,
    IsNull,
    LessThan,
    LessThanOrEqual,
    Range,
    StartsWith,
)
from django.db.models.sql import Query
from django.db.models.sql.datastructures import BaseTable, Join
from django.db.models.sql.where import WhereNode

MOST = 600  # shapes; a clinic's day asks about 400
EQUAL = {Exact, IntegerFieldExact, related.RelatedExact}
LISTS = {In, related.RelatedIn}
PLAIN = EQUAL | {
    GreaterThan,
    GreaterThanOrEqual,
    IntegerGreaterThan,
    IntegerGreaterThanOrEqual,
    IntegerLessThan,
    IntegerLessThanOrEqual,
    LessThan,
    LessThanOrEqual,
    Range,
    StartsWith,
    related.RelatedGreaterThan,
    related.RelatedGreaterThanOrEqual,
    related.RelatedLessThan,
    related.RelatedLessThanOrEqual,
}
NULLS = {IsNull, related.RelatedIsNull}
HOLE = "(\0)"  # where a list of any length stands in the SQL of a plan


@dataclass(slots=True)
class Plan:
    """What Django's compiler holds after it wrote this SQL; nothing of it depends on values."""

    sql: str
    select: list
    klass_info: dict | None
    annotation_col_map: dict | None
    col_count: int
    has_extra_select: bool
    converters: dict | None = None  # of all columns, once rows have been read


class NotPlain(Exception):
    """Django composes this one itself."""


_plans: dict[tuple, Plan | None] = {}  # by shape; None: never by its shape


class Shape:
    """`key` is all of a query but its values, `params` are these, `lists` how long each list is."""

    def __init__(self, compiler):
        self.compiler, self.connection = compiler, compiler.connection
        self.params: list = []
        self.lists: list[int] = []
        query = compiler.query
        _refuse_unusual(query)
        if query.select_for_update and self.connection.get_autocommit():
            raise NotPlain  # Django says that a transaction is missing
        self.key = (
            self.connection.alias,
            compiler.elide_empty,
            query.model,
            self._annotations(query),
            tuple(map(_table, query.alias_map.values())),
            tuple(query.alias_refcount.get(alias, 0) > 0 for alias in query.alias_map),
            tuple(map(_column, query.select)),
            query.default_cols,
            query.deferred_loading,
            _frozen(query.select_related),
            query.max_depth,
            None if query.selected is None else tuple(query.selected.items()),
            query.distinct,
            query.distinct_fields,
            tuple(map(_order, query.order_by)),
            query.default_ordering,
            query.standard_ordering,
            query.low_mark,
            query.high_mark,
            query.select_for_update and _locking(query),
            self._conditions(query.where),
        )

    def _annotations(self, query) -> tuple:
        """`exists()` selects a constant; whatever else is computed is not plain."""
        found, selected = [], query.annotation_select
        for name, value in query.annotations.items():
            if type(value) is not Value or name not in selected:
                raise NotPlain
            found.append((name, type(value.value)))
            self.params.append(value.value)
        return tuple(found)

    def _conditions(self, node) -> tuple:
        parts = [self._condition(child) for child in node.children]
        return node.connector, node.negated, *parts

    def _condition(self, lookup) -> tuple:
        kind = type(lookup)
        if kind is WhereNode:
            return self._conditions(lookup)
        if kind not in PLAIN and kind not in LISTS and kind not in NULLS:
            raise NotPlain
        if lookup.bilateral_transforms or not lookup.rhs_is_direct_value():
            raise NotPlain
        column, rhs = _column(lookup.lhs), lookup.rhs
        if kind in NULLS:
            return kind, column, bool(rhs)
        if kind in EQUAL and isinstance(rhs, bool) and _is_condition(lookup.lhs, self.connection):
            return kind, column, rhs
        sql, values = lookup.process_rhs(self.compiler, self.connection)
        self.params.extend(values)
        if kind in LISTS:
            self.lists.append(len(values))
            return kind, column
        return kind, column, sql if isinstance(sql, str) else tuple(sql)


def _is_condition(lhs, connection) -> bool:
    """Where Django writes a column alone instead of "column = value"."""
    return getattr(
        lhs, "conditional", False
    ) and connection.ops.conditional_expression_supported_in_where_clause(lhs)


def _refuse_unusual(query) -> None:
    if (
        type(query) is not Query
        or query.subquery
        or query.combinator
        or query.group_by is not None
        or query.extra
        or query.extra_tables
        or query.extra_order_by
        or query.explain_info
        or query._filtered_relations
        or query.where.__class__ is not WhereNode
    ):
        raise NotPlain


def _table(join) -> tuple:
    if type(join) is BaseTable:
        return join.table_name, join.table_alias
    if type(join) is not Join or join.filtered_relation is not None:
        raise NotPlain
    return join.table_name, join.table_alias, join.parent_alias, join.join_type, join.join_field


def _column(expression) -> tuple:
    if type(expression) is not Col:
        raise NotPlain
    return expression.alias, expression.target


def _order(by):
    if isinstance(by, str):
        if by == "?":
            raise NotPlain
        return by
    if type(by) is OrderBy and type(by.expression) is F:
        return by.expression.name, by.descending, by.nulls_first, by.nulls_last
    raise NotPlain


def _frozen(related_names):
    if isinstance(related_names, dict):
        return tuple((name, _frozen(inner)) for name, inner in related_names.items())
    return related_names


def _locking(query) -> tuple:
    return (
        query.select_for_update_nowait,
        query.select_for_update_skip_locked,
        query.select_for_update_of,
        query.select_for_no_key_update,
    )


def _places(count: int) -> str:
    return f"({', '.join(['%s'] * count)})"


def _with_holes(sql: str, lists: list[int]) -> str | None:
    """The SQL with a hole for each list; None where it can't be told which one is which."""
    for count in lists:
        before, found, after = sql.partition(f"IN {_places(count)}")
        if not found:
            return None
        sql = f"{before}IN {HOLE}{after}"
    return sql


def _filled(sql: str, lists: list[int]) -> str:
    for count in lists:
        sql = sql.replace(HOLE, _places(count), 1)
    return sql


class PlannedSQL:
    """For a database's SQLCompiler."""

    plan: Plan | None = None

    def as_sql(self, with_limits=True, with_col_aliases=False):
        if not with_limits or with_col_aliases:
            return super().as_sql(with_limits, with_col_aliases)
        try:
            shape = Shape(self)
            plan = _plans.get(shape.key, False)
        except (NotPlain, EmptyResultSet, FullResultSet, TypeError):  # TypeError: no hash
            return super().as_sql(with_limits, with_col_aliases)
        if plan:
            self.select, self.klass_info = plan.select, plan.klass_info
            self.annotation_col_map = plan.annotation_col_map
            self.col_count, self.has_extra_select = plan.col_count, plan.has_extra_select
            self.plan = plan
            return _filled(plan.sql, shape.lists), tuple(shape.params)
        sql, params = super().as_sql(with_limits, with_col_aliases)
        if plan is False and len(_plans) < MOST:
            _plans[shape.key] = self._plan(sql, params, shape)
        return sql, params

    def get_converters(self, expressions):
        plan = self.plan
        if plan is None or len(expressions) != plan.col_count:
            return super().get_converters(expressions)
        if plan.converters is None:
            plan.converters = super().get_converters(expressions)
        return plan.converters

    def _plan(self, sql: str, params, shape: Shape) -> Plan | None:
        holed = _with_holes(sql, shape.lists)
        if holed is None or _filled(holed, shape.lists) != sql or list(params) != shape.params:
            return None
        return Plan(
            sql=holed,
            select=self.select,
            klass_info=self.klass_info,
            annotation_col_map=self.annotation_col_map,
            col_count=self.col_count,
            has_extra_select=self.has_extra_select,
        )
