"""manage.py archive_audit: old entries of the audit log into sealed files, and back as a table."""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError

from clinic.core.errors import Busy
from security import keyring
from security.audit_archive import make, tables
from security.audit_archive.errors import ArchiveError
from security.backup.errors import BackupError


class Command(BaseCommand):
    help = (
        "Move old entries of the audit log into sealed files that verify_audit knows. Killed at "
        "any moment, the same command goes on."
    )

    def add_arguments(self, parser):
        parser.add_argument("--older-than", type=int, default=make.DAYS, metavar="DAYS")
        parser.add_argument("--to", type=Path, help="another folder, on another disk for example")
        parser.add_argument("--read", type=Path, metavar="FILE", help="print an archive as a table")

    def handle(self, *, older_than, to, read, **options):
        try:
            keyring.ring()
            if read is not None:
                self._read(read)
            else:
                self._archive(older_than, to)
        except (ArchiveError, BackupError, keyring.KeyringError) as error:
            raise CommandError(str(error)) from None
        except Busy:
            raise CommandError(
                "The database was busy for too long; run the same command again, it goes on."
            ) from None
        except (DatabaseError, OSError) as error:
            raise CommandError(
                f"The log can't be archived ({error}); run the same command again, it goes on."
            ) from None

    def _archive(self, days: int, to: Path | None) -> None:
        result = make.archive(days=days, to=to and to.absolute(), say=self.stdout.write)
        self.stdout.write(f"{result.removed} entries archived and removed from the log")
        if result.problem:
            raise result.problem

    def _read(self, path: Path) -> None:
        for line in tables.lines(path, language=settings.LANGUAGE_CODE):
            self.stdout.write(line, ending="")
