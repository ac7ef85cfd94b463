"""The first tables of an installation, whenever the power is cut while they are made.

MySQL commits each table for itself, and Django notes a migration right after its commit: a cut
between the two left tables that the next run could not make again. So a mark stands in an empty
database until all tables are there. Whoever began to work with them in spite of it has an account
in them, and then nothing is taken away.
"""

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder

from clinic.databases import copying

MARK = ("clinic_setup", "unfinished")  # a row of django_migrations, as copying's
NOTES = "django_migrations"


def migrate(using: str = "default", **options) -> None:
    """Bring the tables up to date; those that a first run left half made are made anew."""
    recorder = MigrationRecorder(connections[using])
    there = set(connections[using].introspection.table_names())
    is_unfinished = MARK in recorder.applied_migrations()
    if is_unfinished and not _is_anybody_here(connections[using], there):
        copying.drop_tables(connections[using], there - {NOTES})
        recorder.migration_qs.exclude(app=MARK[0]).delete()
    elif not there - {NOTES} and not recorder.applied_migrations():
        is_unfinished = True
        recorder.record_applied(*MARK)
    call_command("migrate", database=using, interactive=False, **options)
    if is_unfinished:
        recorder.record_unapplied(*MARK)


def _is_anybody_here(connection, there: set[str]) -> bool:
    accounts = there & {get_user_model()._meta.db_table}
    return any(copying.filled(connection, accounts))
