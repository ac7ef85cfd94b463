"""The database itself refuses to change or delete a row of the audit log and of other ledgers.

Not a proof, since whoever owns the database can drop a trigger: it stops the slip of a hand in a
database tool. The proof is verify_audit. An account without the right to make triggers therefore
stops no installation.
"""

import logging

from django.conf import settings
from django.db import DatabaseError, connections

log = logging.getLogger("clinic.audit")
TABLES = ("security_auditentry", "security_auditseal", "security_auditsealed")
VERBS = ("UPDATE", "DELETE")
WORDS = "The audit log is never changed."
BODIES = {
    "sqlite": "BEGIN SELECT RAISE(ABORT, '{words}'); END",
    "mysql": "FOR EACH ROW SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = '{words}'",
}
# Ledgers of higher floors: the table, and what the database says to whoever would change it.
LEDGERS: dict[str, str] = {}
NAMES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    "mysql": "SELECT trigger_name FROM information_schema.triggers "
    "WHERE trigger_schema = DATABASE()",
}


def never_changed(table: str, words: str) -> None:
    """The rows of this table are guarded as the audit log's are; called in AppConfig.ready."""
    LEDGERS[table] = words


def make_after_migrate(using: str, **kwargs) -> None:
    """Receiver of post_migrate; tests switch it off because they empty all tables."""
    if settings.CLINIC_AUDIT_TRIGGERS:
        make(using)


def make(using: str = "default") -> bool:
    """Make the triggers that are not there yet; False where the database does not let us."""
    connection = connections[using]
    body = BODIES.get(connection.vendor)
    try:
        with connection.cursor() as cursor:
            there = _names(cursor, connection.vendor)
            later = set(LEDGERS) - set(connection.introspection.table_names(cursor))
            for name, table, verb in _wanted():
                if name not in there and table not in later:
                    says = body.format(words=LEDGERS.get(table, WORDS))
                    cursor.execute(f"CREATE TRIGGER {name} BEFORE {verb} ON {table} {says}")
    except DatabaseError as error:
        log.warning("the ledgers have no triggers: %s", error.args[0] if error.args else "")
        return False
    return True


def drop(using: str = "default") -> None:
    with connections[using].cursor() as cursor:
        for name, _table, _verb in _wanted():
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")


def _wanted() -> list[tuple[str, str, str]]:
    tables = (*TABLES, *LEDGERS)
    return [(f"{table}_no_{verb.lower()}", table, verb) for table in tables for verb in VERBS]


def _names(cursor, vendor: str) -> set[str]:
    cursor.execute(NAMES[vendor])
    return {row[0] for row in cursor.fetchall()}
