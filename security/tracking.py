"""What changed in a row, and the entry that says so: one for each create, change and delete.

Takes the place of django-auditlog's receivers, which ask for every relation that points at the row,
build each query anew and open every encrypted value. What is compared here are the row's own
columns: those that are to be written, with the row as it stands in the database at that moment (not
as it once was loaded: a colleague may have changed it since).
"""

import json
from dataclasses import dataclass
from datetime import timezone

from django.contrib.contenttypes.models import ContentType
from django.db import connections, models
from django.db.models.signals import m2m_changed, post_delete, post_save, pre_save
from django.utils.timezone import is_aware, make_naive

from clinic.core import transactions
from security.fields.base import is_encrypted, row_attname
from security.fields.values import Sealed
from security.models import AuditEntry

MASK = "•••"
NOTHING = "None"  # how an entry writes that there is no value
CREATE, UPDATE, DELETE = 0, 1, 2
IN_PLACE = (list, dict)  # what may be changed where it stands tells no old value


@dataclass(frozen=True)
class Plan:
    """What is looked at in one model; `plain` are the fields whose values an entry may show."""

    fields: tuple[models.Field, ...]
    plain: frozenset[str]


_plans: dict[type, Plan] = {}
_selects: dict[tuple, tuple] = {}


def start(model, *, fields, plain) -> None:
    """From now on every change of this model's rows is recorded."""
    _plans[model] = Plan(tuple(fields), frozenset(plain))
    pre_save.connect(_about_to_save, sender=model, dispatch_uid=_uid(model))
    post_save.connect(_saved, sender=model, dispatch_uid=_uid(model))
    post_delete.connect(_deleted, sender=model, dispatch_uid=_uid(model))
    if any(field.name == "groups" for field in model._meta.many_to_many):
        m2m_changed.connect(_groups_changed, model.groups.through, dispatch_uid=_uid(model))


def stop(model) -> None:
    """For tests: forget this model again."""
    _plans.pop(model, None)
    for signal in (pre_save, post_save, post_delete):
        signal.disconnect(sender=model, dispatch_uid=_uid(model))
    if any(field.name == "groups" for field in model._meta.many_to_many):
        m2m_changed.disconnect(sender=model.groups.through, dispatch_uid=_uid(model))


def is_tracked(model) -> bool:
    return model in _plans


def plans() -> dict[type, Plan]:
    """What is tracked, and how."""
    return dict(_plans)


def _uid(model) -> str:
    return f"audit_tracking_{model._meta.label}"


# --- receivers ------------------------------------------------------------------------------------


def _about_to_save(sender, instance, using, update_fields=None, **kwargs):
    if instance._state.adding or instance.pk is None:
        return
    fields = _to_be_written(_plans[sender].fields, update_fields)
    if not fields:
        return
    old = _known(instance, fields) or _stored(sender, fields, instance.pk, using)
    if old is not None:
        _note(UPDATE, instance, _changed(sender, fields, old, instance))


def _saved(sender, instance, created, **kwargs):
    if created:
        _note(CREATE, instance, _whole(sender, instance, came=True))


def _deleted(sender, instance, **kwargs):
    if instance.pk is not None:
        _note(DELETE, instance, _whole(sender, instance, came=False))


def _groups_changed(sender, instance, action, reverse, model, pk_set, **kwargs):
    """Roles are told as a change of the person, from whichever side they were given or taken."""
    operation = {"post_add": "add", "post_remove": "delete", "pre_clear": "delete"}.get(action)
    if operation is None:
        return
    if action == "pre_clear":
        others = (instance.user_set if reverse else instance.groups).all()
    else:
        others = model._default_manager.filter(pk__in=pk_set)
    for person, groups in (
        [(one, [instance]) for one in others] if reverse else [(instance, others)]
    ):
        names = sorted(str(group) for group in groups)
        change = {"type": "m2m", "operation": operation, "objects": names}
        _note(UPDATE, person, {"groups": change} if names else {})


def _note(action: int, instance, changes: dict) -> None:
    if changes:
        _entry(action, instance, changes).save()


def _entry(action: int, instance, changes: dict) -> AuditEntry:
    pk = instance.pk
    tell = getattr(instance, "get_additional_data", None)
    return AuditEntry.begun(
        action=action,
        content_type_id=ContentType.objects.get_for_model(instance).pk,
        object_pk=str(pk),
        object_id=pk if isinstance(pk, int) else None,
        object_repr=str(instance),
        changes=changes,
        additional_data=tell() if tell else None,
    )


# --- several rows of a model at once (security.many) ----------------------------------------------


def note_created(rows) -> None:
    """After new rows were stored: an entry for each, in their order."""
    model = type(rows[0])
    if model in _plans:
        changed = [(row, _whole(model, row, came=True)) for row in rows]
        AuditEntry.save_all([_entry(CREATE, row, what) for row, what in changed if what])


def note_changes(rows, names, using: str) -> None:
    """Before these attributes of the rows are stored: an entry for each row that changes."""
    model = type(rows[0])
    fields = _to_be_written(_plans[model].fields, names) if model in _plans else ()
    if not fields:
        return
    stored = {row.pk: old for row in rows if (old := _known(row, fields))}
    others = [row.pk for row in rows if row.pk not in stored]
    if others:
        stored |= _stored_all(model, fields, others, using)
    changed = [
        (row, _changed(model, fields, stored[row.pk], row)) for row in rows if row.pk in stored
    ]
    AuditEntry.save_all([_entry(UPDATE, row, what) for row, what in changed if what])


# --- what changed ---------------------------------------------------------------------------------


def _to_be_written(fields, update_fields):
    if not update_fields:
        return fields
    return tuple(f for f in fields if f.name in update_fields or f.attname in update_fields)


def _changed(model, fields, old, new) -> dict:
    plain = _plans[model].plain
    changes = {}
    for field in fields:
        pair = _pair(field, old, new)
        if pair is not None:
            changes[field.name] = [_shown(field, value, plain) for value in pair]
    return changes


def _pair(field, old, new) -> tuple | None:
    """The old and the new value, or None when they are the same."""
    before, after = old.__dict__[field.attname], new.__dict__.get(field.attname)
    if type(before) is Sealed and type(after) is Sealed and before.envelope == after.envelope:
        return None  # nobody has opened it since it was loaded
    before, after = getattr(old, field.attname), getattr(new, field.attname)
    if type(before) is type(after) and before == after:
        return None
    if before is not None and after is not None and _text(field, before) == _text(field, after):
        return None  # a form's text "5" and the column's 5 are no change
    return before, after


def _whole(model, instance, *, came: bool) -> dict:
    """All values of a row that came or went."""
    plan = _plans[model]
    changes = {}
    for field in plan.fields:
        shown = _shown(field, getattr(instance, field.attname), plan.plain)
        if shown != NOTHING:
            changes[field.name] = [NOTHING, shown] if came else [shown, NOTHING]
    return changes


def _shown(field, value, plain) -> str:
    """The value for the entry: as text where the model's white list names the field."""
    if field.name in plain:
        return _text(field, value)
    if value is None:
        return NOTHING
    return "" if isinstance(value, str) and not value else MASK


def _text(field, value) -> str:
    if value is None:
        return NOTHING
    if isinstance(field, models.DateTimeField):
        value = field.to_python(value)
        return str(make_naive(value, timezone.utc) if is_aware(value) else value)
    if isinstance(field, models.JSONField):
        return json.dumps(value, sort_keys=True, cls=field.encoder)
    return str(value)


# --- the row as it stands -------------------------------------------------------------------------


def know(row) -> None:
    """A row that was just read under its lock: nobody else changes it before this verb ends, so the
    log needn't read it again. Again after it was written; never where `update()` changes it."""
    verb = transactions.current_verb()
    if verb is not None:
        values = {name: one for name, one in row.__dict__.items() if not isinstance(one, IN_PLACE)}
        within = tuple(connections[row._state.db].savepoint_ids)
        verb.known[type(row), row.pk] = values, within


def _known(row, fields):
    """The row as it was known, or None; once, because it is written now.

    Not what was known inside of a savepoint that is over: it may have been taken back.
    """
    verb = transactions.current_verb()
    values, within = verb.known.pop((type(row), row.pk), ({}, ())) if verb else ({}, ())
    if not all(field.attname in values for field in fields):
        return None
    if within != tuple(connections[row._state.db].savepoint_ids)[: len(within)]:
        return None
    old = object.__new__(type(row))
    old.__dict__ = values
    return old


def _stored(model, fields, pk, using: str):
    """The row's columns in the database now, as an object that holds only these; None if gone."""
    return next(iter(_stored_all(model, fields, [pk], using).values()), None)


def _stored_all(model, fields, keys: list, using: str) -> dict:
    """The same of several rows, by their keys."""
    connection = connections[using]
    key = (model, fields, connection.vendor)
    if key not in _selects:
        _selects[key] = _select_of(model, fields, connection, using)
    sql, names, converters = _selects[key]
    where = "= %s" if len(keys) == 1 else f"IN ({', '.join(['%s'] * len(keys))})"
    prepare = model._meta.pk.get_db_prep_value
    with connection.cursor() as cursor:
        cursor.execute(sql + where, [prepare(one, connection) for one in keys])
        rows = cursor.fetchall()
    found = {}
    for row in map(list, rows):
        for place, (steps, expression) in converters.items():
            for step in steps:
                row[place] = step(row[place], expression, connection)
        one = model.from_db(using, names, row)
        found[one.pk] = one
    return found


def _select_of(model, fields, connection, using: str) -> tuple:
    """The statement, the names of its columns, and what turns the columns' values into ours."""
    meta = model._meta
    wanted = {meta.pk.attname, *(field.attname for field in fields)}
    if any(is_encrypted(field) for field in fields):
        wanted.add(row_attname(model))  # what the values are sealed for
    # In the order of the model's columns, as from_db wants them.
    names = [field.attname for field in meta.concrete_fields if field.attname in wanted]
    rows = models.QuerySet(model, using=using).order_by().values_list(*names)
    compiler = rows.query.get_compiler(connection=connection)
    sql, _no_params = compiler.as_sql()
    quote = connection.ops.quote_name
    where = f"{quote(meta.db_table)}.{quote(meta.pk.column)} "
    converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
    return f"{sql} WHERE {where}", names, converters
