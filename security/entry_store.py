"""The two questions the audit log is asked all day, each as SQL that is put together once.

Every page and every change pass here; building the same statement through the ORM took longer than
running it. What goes into the columns is still what the model's fields make of the values.
"""

from django.db import connections, router, transaction

_inserts: dict[tuple[type, str], tuple[str, list]] = {}


def insert(entry, using: str | None = None) -> None:
    """Store a completed entry and give it its number, in the caller's transaction if there is one.

    Whatever goes wrong is raised, and the caller's transaction can then only be taken back.
    """
    model = type(entry)
    using = using or router.db_for_write(model, instance=entry)
    connection = connections[using]
    key = (model, connection.vendor)
    if key not in _inserts:
        _inserts[key] = _insert_of(model, connection)
    sql, fields = _inserts[key]
    values = entry.__dict__
    with transaction.mark_for_rollback_on_error(using), connection.cursor() as cursor:
        cursor.execute(
            sql, [field.get_db_prep_save(values[name], connection) for name, field in fields]
        )
        meta = model._meta
        entry.pk = connection.ops.last_insert_id(cursor, meta.db_table, meta.pk.column)
    entry._state.adding, entry._state.db = False, using


def _insert_of(model, connection) -> tuple[str, list]:
    """The statement, and the attributes and fields that its values come from."""
    fields = [field for field in model._meta.local_concrete_fields if not field.primary_key]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    places = ", ".join(_place_of(field, connection) for field in fields)
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES ({places})"  # noqa: S608  # nosec B608 # our names
    return sql, [(field.attname, field) for field in fields]


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
