"""The two kinds of database behind one pair of names: Snapshot and Target."""

from django.db import connection

from security.backup import mysql, sqlite
from security.backup.errors import BackupError

_ENGINES = {sqlite.VENDOR: sqlite, mysql.VENDOR: mysql}


def engine():
    found = _ENGINES.get(connection.vendor)
    if found is None:
        raise BackupError("engine", connection.vendor)
    return found


def snapshot(progress):
    return engine().Snapshot(connection, progress)


def scratch(progress):
    """Where a backup is restored on trial; gone when the block ends."""
    return engine().Target(connection, progress)
