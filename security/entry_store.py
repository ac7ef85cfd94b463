"""The two questions the audit log is asked all day, each as SQL that is put together once.

Every page and every change pass here; building the same statement through the ORM took longer than
running it. What goes into the columns is still what the model's fields make of the values.
"""

from django.db import connections, models, router, transaction

MOST = 200  # entries in one statement
_inserts: dict[tuple[type, str], tuple[str, str, list]] = {}


def insert(entry, using: str | None = None) -> None:
    """Store a completed entry and give it its number, in the caller's transaction if there is one.

    Whatever goes wrong is raised, and the caller's transaction can then only be taken back.
    """
    model = type(entry)
    using = using or router.db_for_write(model, instance=entry)
    connection = connections[using]
    head, places, fields = _statement(model, connection)
    with transaction.mark_for_rollback_on_error(using), connection.cursor() as cursor:
        cursor.execute(head + places, _values(entry, fields, connection))
        meta = model._meta
        entry.pk = connection.ops.last_insert_id(cursor, meta.db_table, meta.pk.column)
    entry._state.adding, entry._state.db = False, using


def insert_all(entries: list, using: str | None = None) -> None:
    """The same of several, numbered in their order; none learns its number."""
    if entries:
        insert_rows(type(entries[0]), [row_of(entry, using) for entry in entries], using)


def insert_rows(model: type, rows: list[list], using: str | None = None) -> None:
    """The same of what `row_of` gave for each."""
    using = using or router.db_for_write(model)
    connection = connections[using]
    head, places, _fields = _statement(model, connection)
    for first in range(0, len(rows), MOST):
        piece = rows[first : first + MOST]
        values = [value for row in piece for value in row]
        with transaction.mark_for_rollback_on_error(using), connection.cursor() as cursor:
            cursor.execute(head + ", ".join([places] * len(piece)), values)


def row_of(entry, using: str | None = None) -> list:
    """What a completed entry stores, as it is now; it counts as stored."""
    model = type(entry)
    using = using or router.db_for_write(model, instance=entry)
    _head, _places, fields = _statement(model, connections[using])
    entry._state.adding, entry._state.db = False, using
    return _values(entry, fields, connections[using])


def _values(entry, fields, connection) -> list:
    """What goes into the columns; nothing is nothing in all of them, and text is text."""
    attributes, found = entry.__dict__, []
    for name, field, is_text in fields:
        value = attributes[name]
        if not (value is None or (is_text and type(value) is str)):
            value = field.get_db_prep_save(value, connection)
        found.append(value)
    return found


def _statement(model, connection) -> tuple[str, str, list]:
    key = (model, connection.vendor)
    if key not in _inserts:
        _inserts[key] = _insert_of(model, connection)
    return _inserts[key]


def _insert_of(model, connection) -> tuple[str, str, list]:
    """The statement, a row's places, and the attributes and fields that its values come from."""
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    places = ", ".join(_place_of(field, connection) for field in fields)
    head = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES "  # noqa: S608  # nosec B608 # our names
    return head, f"({places})", [(field.attname, field, _is_text(field)) for field in fields]


def _is_text(field) -> bool:
    """Whether a `str` goes into the column as it is."""
    kind, usual = type(field), (models.CharField, models.TextField)
    return isinstance(field, usual) and all(
        getattr(kind, name) in [getattr(one, name) for one in usual]
        for name in ("get_prep_value", "get_db_prep_value", "get_db_prep_save", "to_python")
    )


def _place_of(field, connection) -> str:
    """`%s`, for some fields with what the database wants around it."""
    ask = getattr(field, "get_placeholder", None)
    return ask(None, None, connection) if ask else "%s"


def was_read(model, read_key: str, since) -> bool:
    """Whether this reading is on record after that moment."""
    connection = connections[router.db_for_read(model)]
    quote, meta = connection.ops.quote_name, model._meta
    key, moment = (quote(meta.get_field(name).column) for name in ("read_key", "timestamp"))
    sql = f"SELECT 1 FROM {quote(meta.db_table)} WHERE {key} = %s AND {moment} >= %s LIMIT 1"  # noqa: S608  # nosec B608 # our names
    with connection.cursor() as cursor:
        cursor.execute(sql, [read_key, connection.ops.adapt_datetimefield_value(since)])
        return cursor.fetchone() is not None
