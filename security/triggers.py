"""The database itself refuses to change or delete a row of the audit log and of other ledgers.

Not a proof, since whoever owns the database can drop a trigger: it stops the slip of a hand in a
database tool. The proof is verify_audit. An account without the right to make triggers therefore
stops no installation.
"""

import logging

from django.conf import settings
from django.db import DatabaseError, connections

from clinic.core.immutable import AppendOnly
from security.fields import is_blind_index, is_encrypted

log = logging.getLogger("clinic.audit")
TABLES = (
    *("security_auditentry", "security_auditseal", "security_auditsealed"),
    "security_auditarchive",
)
WORDS = "The audit log is never changed."
NEVER = "0 = 1"
# What may be done all the same. Entries go once an archive holds them, memberships after their
# entries; an archive holds what follows the one before, up to a seal of more than six months ago.
HELD = (
    "EXISTS (SELECT 1 FROM security_auditsealed m JOIN security_auditarchive a "
    "ON m.seal_id BETWEEN a.first_seal AND a.last_seal WHERE m.entry_id = OLD.id)"
)
LEFT_BEHIND = (
    "EXISTS (SELECT 1 FROM security_auditarchive a "
    "WHERE OLD.seal_id BETWEEN a.first_seal AND a.last_seal) "
    "AND NOT EXISTS (SELECT 1 FROM security_auditentry e WHERE e.id = OLD.entry_id)"
)
OLD_ENOUGH = (
    "NEW.first_seal = (SELECT COALESCE(MAX(a.last_seal), 0) + 1 FROM security_auditarchive a) "
    "AND EXISTS (SELECT 1 FROM security_auditseal s WHERE s.seq = NEW.last_seal "
    "AND s.mac = NEW.seal_mac AND s.sealed_at < {six_months_ago})"
)
ALLOWED = {
    ("security_auditentry", "DELETE"): HELD,
    ("security_auditsealed", "DELETE"): LEFT_BEHIND,
    ("security_auditarchive", "INSERT"): OLD_ENOUGH,
}
SIX_MONTHS_AGO = {
    "sqlite": "datetime('now', '-183 days')",
    "mysql": "UTC_TIMESTAMP() - INTERVAL 183 DAY",
}
BODIES = {
    "sqlite": "WHEN NOT ({allowed}) BEGIN SELECT RAISE(ABORT, '{words}'); END",
    "mysql": "FOR EACH ROW IF NOT ({allowed}) THEN "
    "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{words}'; END IF",
}
SAME = {"sqlite": "OLD.{column} IS NEW.{column}", "mysql": "OLD.{column} <=> NEW.{column}"}
# The append-only tables of all apps, with the columns that stay as they are. In one that holds
# something encrypted a new key may seal the values anew: what is written over them otherwise does
# not open any more.
LEDGERS: dict[str, list[str]] = {}
# What apps guard besides: (table, verb) -> what may be done all the same, and the refusal's words.
GUARDS: dict[tuple[str, str], tuple[str, str]] = {}
NAMES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "mysql": "SELECT trigger_name FROM information_schema.triggers "
    "WHERE trigger_schema = DATABASE()",
}


def guard_ledgers(models) -> None:
    """Guard every append-only model among these; called once all apps have theirs."""
    for model in models:
        meta = model._meta
        if issubclass(model, AppendOnly) and meta.managed and meta.db_table not in TABLES:
            LEDGERS[meta.db_table] = _plain_columns(meta.concrete_fields)


def guard(table: str, verb: str, allowed: str, words: str) -> None:
    """Refuse this verb on the table's rows unless `allowed`, an SQL condition over OLD and NEW."""
    GUARDS[table, verb] = (allowed, words)


def _plain_columns(fields) -> list[str]:
    """The columns no rotation of keys may touch; none of a table without anything encrypted."""
    plain = [f.column for f in fields if not is_encrypted(f) and not is_blind_index(f)]
    return plain if len(plain) < len(fields) else []


def make_after_migrate(using: str, **kwargs) -> None:
    """Receiver of post_migrate; tests switch it off because they empty all tables."""
    if settings.CLINIC_AUDIT_TRIGGERS:
        make(using)


def make(using: str = "default") -> bool:
    """Make the triggers that are not there yet; False where the database does not let us."""
    connection = connections[using]
    try:
        with connection.cursor() as cursor:
            there = _names(cursor, connection.vendor)
            ours = {*LEDGERS, *(table for table, _verb in GUARDS)}
            later = ours - set(connection.introspection.table_names(cursor))
            for name, table, verb in _wanted():
                if name not in there and table not in later:
                    cursor.execute(_statement(connection.vendor, name, table, verb))
    except DatabaseError as error:
        log.warning("the ledgers have no triggers: %s", error.args[0] if error.args else "")
        return False
    return True


def statements(vendor: str) -> list[str]:
    """All triggers as SQL, for a database that is made by hand."""
    return [_statement(vendor, *one) for one in _wanted()]


def _statement(vendor: str, name: str, table: str, verb: str) -> str:
    return f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {_body(vendor, table, verb)}"


def _body(vendor: str, table: str, verb: str) -> str:
    if (table, verb) in GUARDS:
        allowed, words = GUARDS[table, verb]
        return BODIES[vendor].format(allowed=allowed, words=words)
    allowed = ALLOWED.get((table, verb), NEVER).format(six_months_ago=SIX_MONTHS_AGO[vendor])
    if verb == "UPDATE" and LEDGERS.get(table):
        allowed = " AND ".join(SAME[vendor].format(column=name) for name in LEDGERS[table])
    words = f"The rows of {table} are never changed." if table in LEDGERS else WORDS
    return BODIES[vendor].format(allowed=allowed, words=words)


def drop_before_migrate(using: str, plan=(), **kwargs) -> None:
    """Receiver of pre_migrate: SQLite renames tables to change them, which it refuses while a
    trigger names one of them. They are made again when the migration has ended."""
    if settings.CLINIC_AUDIT_TRIGGERS and plan:
        try:
            drop(using)
        except DatabaseError as error:
            log.warning("the triggers stay: %s", error.args[0] if error.args else "")


def drop(using: str = "default") -> None:
    with connections[using].cursor() as cursor:
        for name, _table, _verb in _wanted():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def _wanted() -> list[tuple[str, str, str]]:
    wanted = [(table, verb) for table in (*TABLES, *LEDGERS) for verb in ("UPDATE", "DELETE")]
    wanted += [("security_auditarchive", "INSERT"), *GUARDS]
    return [(f"{table}_no_{verb.lower()}", table, verb) for table, verb in wanted]


def _names(cursor, vendor: str) -> set[str]:
    cursor.execute(NAMES[vendor])
    return {row[0] for row in cursor.fetchall()}
