"""Start-up checks: the key ring fits the database, and no model asks the impossible of a field.

`verify_keyring_or_refuse` is what the servers and commands call; the same questions are asked by
`manage.py check` (with `--database` also those that need the database). Nothing is ever written.
"""

from django.apps import apps
from django.contrib.admin.sites import all_sites
from django.core.checks import Error, Tags, register
from django.core.management.base import SystemCheckError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.models import UniqueConstraint
from django.db.models.signals import post_migrate

from security import key_state, keyring
from security.fields import (
    EncryptedModel,
    EncryptedQuerySet,
    blind_indexes,
    encrypted_fields,
    is_encrypted,
)
from security.fields.query import names_in, sealed_field


def keyring_fault(using: str = DEFAULT_DB_ALIAS) -> str | None:
    """One sentence that says why the keys can't be used, else None."""
    try:
        ring = keyring.ring()
    except keyring.KeyringError as error:
        return str(error)
    try:
        return key_state.fault(ring, using)
    except DatabaseError as error:
        return (
            "The database can't be read, so the keys could not be checked against it "
            f"({type(error).__name__}); start the database or correct DATABASE_URL."
        )


def verify_keyring_or_refuse() -> None:
    """End the process with one plain sentence unless the key ring fits the database."""
    connection = connections[DEFAULT_DB_ALIAS]
    was_open = connection.connection is not None
    fault = keyring_fault()
    if not was_open:
        connection.close()  # servers that load before they fork must not share it
    if fault is not None:
        raise SystemExit(fault)


class KeysDoNotFit(SystemCheckError):
    """Ends a command with its one sentence alone: nothing else is worth saying before the keys
    are right, and the list of a failed check hides it among headlines."""


@register(Tags.security)
def check_keyring(app_configs, databases=None, **kwargs):
    """Asked before every command: a command with the wrong keys would write what nobody can open.

    A database that can't be read says so when the command needs it.
    """
    try:
        ring = keyring.ring()
        fault = None if databases else key_state.fault(ring, DEFAULT_DB_ALIAS)
    except keyring.KeyringError as error:
        fault = str(error)
    except DatabaseError:
        fault = None
    if fault:
        raise KeysDoNotFit(fault)
    return []


@register(Tags.database)
def check_keys_fit_database(app_configs, databases, **kwargs):
    try:
        ring = keyring.ring()
    except keyring.KeyringError:
        return []  # check_keyring says it
    faults = [key_state.fault(ring, using) for using in databases or ()]
    return [Error(fault, id="clinic.E002") for fault in faults if fault]


def note_keys_of_empty_database(sender, using, **kwargs):
    """After a migration: an empty database learns which keys it will be written with.

    Without this a forgotten `keyring init` would only be noticed once there is data.
    """
    try:
        ring = keyring.ring()
    except keyring.KeyringError:
        return
    if not key_state.has_table(using) or key_state.KeyCheck.objects.using(using).exists():
        return
    if key_state.fault(ring, using) is None:
        key_state.note_fingerprints(ring, using)


post_migrate.connect(
    note_keys_of_empty_database,
    sender=apps.get_app_config("security"),
    dispatch_uid="note_keys_of_empty_database",
)


# --- models -----------------------------------------------------------------------------------


def _error(text, thing, number):
    return Error(text, obj=thing, id=f"clinic.E{number}")


@register(Tags.models)
def check_encrypted_models(app_configs, **kwargs):
    found = []
    contexts = {}
    for model in apps.get_models(include_auto_created=True):
        if model._meta.proxy:
            continue
        fields = encrypted_fields(model)
        for family in (fields, blind_indexes(model)):
            for field in family:
                key = (is_encrypted(field), field.context)
                other = contexts.setdefault(key, field)
                if other is not field:
                    text = f"{other} has the same context; each column needs its own."
                    found.append(_error(text, field, 121))
        if fields:
            found += _check_model(model)
    return found


def _check_model(model):
    meta = model._meta
    if not issubclass(model, EncryptedModel):
        yield _error("A model with encrypted fields must inherit from EncryptedModel.", model, 122)
    for manager in meta.managers:
        if not isinstance(manager.get_queryset(), EncryptedQuerySet):
            text = f"Its manager {manager.name!r} must be an EncryptedManager."
            yield _error(text, model, 123)
    latest = meta.get_latest_by or ()
    named = [("Meta.ordering", meta.ordering)]
    named.append(("Meta.get_latest_by", [latest] if isinstance(latest, str) else latest))
    named += [("Meta.unique_together", names) for names in meta.unique_together]
    for index in meta.indexes:
        named.append((f"index {index.name}", [*index.fields, *index.expressions]))
    for constraint in meta.constraints:
        if isinstance(constraint, UniqueConstraint):
            columns = [*constraint.fields, *constraint.expressions]
            named.append((f"constraint {constraint.name}", columns))
    for what, expressions in named:
        yield from _refuse_encrypted(model, model, what, expressions)


def _refuse_encrypted(model, thing, what, expressions):
    for name in (name for expression in expressions for name in names_in(expression)):
        field = sealed_field(model, name)
        if is_encrypted(field):
            text = f"{what} names {field}, which is encrypted: the database can't sort or search."
            yield _error(text, thing, 124)


@register(Tags.admin)
def check_admins(app_configs, **kwargs):
    found = []
    for site in all_sites:
        for admin in site._registry.values():
            found += _check_admin(admin)
            for inline in admin.inlines:
                found += _refuse_encrypted(inline.model, inline, "ordering", inline.ordering or ())
    return found


def _check_admin(admin):
    filters = [item[0] if isinstance(item, (list, tuple)) else item for item in admin.list_filter]
    sortable = admin.list_display if admin.sortable_by is None else admin.sortable_by
    named = {
        "ordering": admin.ordering or (),
        "search_fields": [name.lstrip("^=@") for name in admin.search_fields],
        "list_filter": [name for name in filters if isinstance(name, str)],
        "date_hierarchy": [admin.date_hierarchy or ""],
        "list_display (sortable)": [name for name in sortable if isinstance(name, str)],
    }
    for what, names in named.items():
        yield from _refuse_encrypted(admin.model, type(admin), what, names)
