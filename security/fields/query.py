"""Queries over encrypted columns: what can't work is refused before it reaches the database."""

from types import SimpleNamespace

from django.core.exceptions import FieldDoesNotExist, FieldError
from django.db import models, transaction
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import F, OuterRef
from django.db.models.sql.where import AND

from security.fields.base import ROW_UID, is_blind_index, is_encrypted, right_way
from security.fields.index import BlindIndexField


def sealed_field(model, path):
    """The encrypted or blind index field a path like `patient__phone` leads to, else None."""
    if not isinstance(path, str):
        return None
    for name in path.lstrip("-+").split(LOOKUP_SEP):
        if model is None:
            return None
        try:
            field = model._meta.get_field(name)
        except FieldDoesNotExist:
            return None
        if is_encrypted(field) or is_blind_index(field):
            return field
        model = field.related_model
    return None


def names_in(expression):
    """Every column name an expression asks for."""
    if isinstance(expression, str):
        yield expression
    elif isinstance(expression, F) and not isinstance(expression, OuterRef):
        yield expression.name
    elif hasattr(expression, "get_source_expressions"):
        for part in expression.get_source_expressions():
            if part is not None:
                yield from names_in(part)


def _refuse(field, what):
    how = f"use objects.find({field.find_name}=…)" if is_blind_index(field) else right_way(field)
    raise FieldError(
        f"{field} is encrypted, so the database can't {what} it: {how}; to sort or compute, "
        "fetch the objects and do it in Python."
    )


# Rows that find_keys() reads for each that is wanted: of a short index three in five are others.
OPENED = 4


def _holds(asked, row):
    """Whether the open values of this row really are what was asked for."""
    return all(index.holds(row, spelling) for index, spelling in asked)


class EncryptedQuerySet(models.QuerySet):
    """Refuses sorting, computing and bulk writing of encrypted columns; offers `find()`."""

    def find(self, **questions):
        """The rows whose encrypted value equals, by its blind index: find(phone="138…").

        Normalises as on writing, asks the index, opens the few candidates and compares them.
        Questions that can't be a value of that kind find nothing.
        """
        candidates, asked = self._candidates(questions)
        found = [row for row in candidates if _holds(asked, row)]
        result = self._of(found)
        result._result_cache, result._prefetch_done = found, True  # they are here already
        return result

    def find_keys(self, limit, **questions):
        """The primary keys of the first `limit` of find(); no more values are opened than that."""
        candidates, asked = self._candidates(questions)
        fields = [self.model._meta.get_field(index.source) for index, _spelling in asked]
        names = [field.name for field in fields]
        rows = candidates.values_list("pk", self._row_name(), *names) if asked else []
        rows, found = rows[: OPENED * limit], []
        for key, row, *sealed in rows:
            opened = [f.open(s.envelope, row) for f, s in zip(fields, sealed, strict=True)]
            if _holds(asked, SimpleNamespace(**dict(zip(names, opened, strict=True)))):
                found.append(key)
                if len(found) == limit:
                    break
        return found

    def _candidates(self, questions):
        """The rows whose indexes fit, and which spelling each index was asked for."""
        if not questions:
            raise TypeError("find() needs at least one question.")
        if self._fields is not None:
            raise TypeError("find() comes before values().")
        indexes, asked = self._indexes(), []
        for name, question in questions.items():
            if name not in indexes:
                known = ", ".join(sorted(indexes)) or "nothing"
                raise FieldError(f"find() of {self.model.__name__} knows {known}, not {name!r}.")
            spelling = None if question is None else indexes[name].asked(question)
            if spelling is None:
                return self.none(), []
            asked.append((indexes[name], spelling))
        candidates = self._chain()
        for index, spelling in asked:
            candidates = candidates.filter(**{f"{index.name}__in": index.candidates(spelling)})
        return candidates, asked

    def _of(self, rows):
        """filter(pk__in=rows) for a query that is mostly never asked, at a third of its cost."""
        result = self._chain()
        pk = self.model._meta.pk
        column = pk.get_col(result.query.get_initial_alias())
        result.query.where.add(pk.get_lookup("in")(column, [row.pk for row in rows]), AND)
        return result

    def _indexes(self) -> dict[str, BlindIndexField]:
        fields = self.model._meta.concrete_fields
        return {field.find_name: field for field in fields if is_blind_index(field)}

    # -- reading --

    def _guard(self, expressions, what):
        for expression in expressions:
            for name in names_in(expression):
                field = None if name in self.query.annotations else sealed_field(self.model, name)
                if field is not None:
                    _refuse(field, what)

    def order_by(self, *field_names):
        self._guard(field_names, "sort by")
        return super().order_by(*field_names)

    def _earliest(self, *fields):
        self._guard(fields, "sort by")
        return super()._earliest(*fields)

    def annotate(self, *args, **kwargs):
        expressions = [*args, *kwargs.values()]
        self._guard(expressions, "compute from")
        if any(getattr(e, "contains_aggregate", False) for e in expressions):
            self._guard(self.query.values_select, "group by")
        return super().annotate(*args, **kwargs)

    def alias(self, *args, **kwargs):
        self._guard([*args, *kwargs.values()], "compute from")
        return super().alias(*args, **kwargs)

    def aggregate(self, *args, **kwargs):
        self._guard([*args, *kwargs.values()], "compute from")
        return super().aggregate(*args, **kwargs)

    def _values(self, *fields, **expressions):
        computed = [e for e in [*fields, *expressions.values()] if not isinstance(e, str)]
        self._guard(computed, "compute from")
        clone = super()._values(*fields, **expressions)
        clone._guard_distinct()
        return clone

    def distinct(self, *field_names):
        self._guard(field_names, "tell apart")
        clone = super().distinct(*field_names)
        clone._guard_distinct()
        return clone

    def _guard_distinct(self):
        if self.query.distinct:
            self._guard(self.query.values_select, "tell apart")

    def in_bulk(self, id_list=None, *, field_name="pk"):
        self._guard([field_name], "look up by")
        return super().in_bulk(id_list, field_name=field_name)

    def only(self, *fields):
        if fields and self.model._meta.pk.name != self._row_name():
            fields = (*fields, self._row_name())  # opening a value needs it
        return super().only(*fields)

    def defer(self, *fields):
        if fields and fields[0] is not None:
            fields = tuple(name for name in fields if name != self._row_name())
            if not fields:
                return self._chain()
        return super().defer(*fields)

    def _row_name(self):
        pk = self.model._meta.pk
        try:
            self.model._meta.get_field(ROW_UID)
        except FieldDoesNotExist:
            return pk.name
        return pk.name if isinstance(pk, models.UUIDField) else ROW_UID

    # -- writing --

    def _guard_write(self, names, what):
        for name in names:
            if not isinstance(name, str):  # a field object is as good as its name
                name = getattr(name, "name", "")
            field = sealed_field(self.model, name)
            if field is not None:
                raise FieldError(
                    f"{field} is encrypted for each row of its own, so {what} can't write it: "
                    "call encrypted_update(queryset, name=value), or save() each object."
                )

    def update(self, **kwargs):
        self._guard_write(kwargs, "update()")
        return super().update(**kwargs)

    update.alters_data = True

    def bulk_update(self, objs, fields, batch_size=None):
        fields = list(fields)
        self._guard_write(fields, "bulk_update()")
        return super().bulk_update(objs, fields, batch_size=batch_size)

    bulk_update.alters_data = True

    def bulk_create(
        self,
        objs,
        batch_size=None,
        ignore_conflicts=False,
        update_conflicts=False,
        update_fields=None,
        unique_fields=None,
    ):
        if update_conflicts:  # the value was sealed for the new row, not for the one it would hit
            self._guard_write(update_fields or (), "bulk_create(update_conflicts=True)")
        return super().bulk_create(
            objs,
            batch_size=batch_size,
            ignore_conflicts=ignore_conflicts,
            update_conflicts=update_conflicts,
            update_fields=update_fields,
            unique_fields=unique_fields,
        )

    bulk_create.alters_data = True


class EncryptedManager(models.Manager.from_queryset(EncryptedQuerySet)):
    """The manager of models with encrypted fields."""


def encrypted_update(queryset, **values) -> int:
    """What update() can't do: set these values on every row by save(), audited, all or none."""
    count = 0
    with transaction.atomic(using=queryset.db):
        for row in queryset.select_for_update():
            for name, value in values.items():
                setattr(row, name, value)
            row.save(update_fields=list(values))
            count += 1
    return count
