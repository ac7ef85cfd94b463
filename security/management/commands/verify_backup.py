"""manage.py verify_backup [FILE]: restore a backup into a scratch database and compare."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from security import keyring
from security.backup.check import verify_backup
from security.backup.errors import BackupError


class Command(BaseCommand):
    help = "Restore a backup (the newest) on trial; exit status 1 unless it is as it was."

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", type=Path)

    def handle(self, *, file, **options):
        try:
            found = verify_backup(file)
        except (BackupError, keyring.KeyringError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{found['file']}: {found['tables']} tables, {found['rows']} rows, {found['cells']} "
            f"sealed cells opened, restored in {found['seconds']} s"
        )
        if found["older"]:
            self.stdout.write("It is of an older version: cells were not opened in the sample.")
