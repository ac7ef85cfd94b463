"""manage.py migrate_database URL: move an installation's data to another database."""

import argparse

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from clinic.databases import moving, proof
from clinic.databases.addresses import without_password
from clinic.databases.errors import MoveError
from security import audit, keyring
from security.backup.errors import BackupError


class Command(BaseCommand):
    help = (
        "Move the data of a stopped clinic from SQLite to MySQL or MariaDB, or back (sqlite), "
        "and prove that nothing was lost. The old database is kept."
    )

    def add_arguments(self, parser):
        parser.add_argument(
            "url", nargs="?", help="mysql://user:password@host/name, or sqlite; - reads it"
        )
        parser.add_argument("--prove", help=argparse.SUPPRESS)
        parser.add_argument("--agreed", action="store_true", help=argparse.SUPPRESS)

    def handle(self, *, url, prove, agreed, **options):
        if prove is not None:
            return self._prove(prove, agreed)
        if url == "-":
            url = input().strip()
        if not url:
            raise CommandError("Give the new database: mysql://user:password@host/name, or sqlite.")
        try:
            done = moving.move(url=url, tell=self._tell)
        except (MoveError, BackupError, keyring.KeyringError) as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            last = error.args[-1] if error.args else error
            raise CommandError(
                f"The database broke off: {last}. The old database is untouched and in use."
            ) from None
        took = ", ".join(f"{name} in {spent:.1f} s" for name, spent in done.seconds.items())
        speed = round(done.rows / max(done.seconds["copied"], 0.001))
        self.stdout.write(f"Moved {done.rows} rows of {done.tables} tables: {took}.")
        self.stdout.write(f"Copying went at {speed} rows a second.")
        for note in done.notes:
            self.stdout.write(note)
        self.stdout.write(f"The old database is kept: {without_password(done.kept)}")
        self.stdout.write("Start the clinic, and make a backup.")

    def _tell(self, text: str) -> None:
        if self._loud:
            self.stderr.write(text)

    def execute(self, *args, **options):
        self._loud = options.get("verbosity", 1) > 1
        return super().execute(*args, **options)

    def _prove(self, note: str, agreed: bool) -> None:
        """The second process: look at the database that is to be used, and note the move there."""
        found = [] if agreed else list(proof.faults())
        for line in found:
            self.stdout.write(line)
        if note and not found:
            tables, _colon, count = note.partition(":")
            data = {"tables": int(tables), "rows": int(count)}
            audit.record("database_moved", screen="migrate_database", data=data)
