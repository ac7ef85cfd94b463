"""manage.py restore FILE: bring a backup back; the present database is kept beside."""

import sys
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from security import keyring
from security.backup.errors import BackupError
from security.backup.restore import holds_data, restore
from security.backup.restore import undo_upgrade as undo


class Command(BaseCommand):
    help = "Replace database, stored files and certificates by those of a backup."
    # The keys are asked about the restored database; the present one may be gone or another's.
    requires_system_checks = []

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path)
        parser.add_argument("--yes", action="store_true", help="replace what is there")
        parser.add_argument(
            "--undo-upgrade",
            action="store_true",
            help="the database alone, exactly as it was, after an upgrade that failed",
        )
        parser.add_argument(
            "--data-dir",
            type=Path,
            help="make sure that this is the installation (CLINIC_DATA_DIR chooses it)",
        )

    def handle(self, *, file, yes, data_dir, undo_upgrade, **options):
        if data_dir is not None and data_dir.resolve() != Path(settings.DATA_DIR):
            raise CommandError(
                f"This is the installation in {settings.DATA_DIR}; run: "
                f"CLINIC_DATA_DIR={data_dir.resolve()} manage.py restore ..."
            )
        try:
            if undo_upgrade:
                return undo(file)
            found = restore(path=file, agreed=yes or self._agrees())
        except (BackupError, keyring.KeyringError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"Restored the backup of {found['created']} (UTC).")
        if found["older"]:
            self.stdout.write("It was made by an older version and was brought up to date.")
        for name in found["kept"]:
            self.stdout.write(f"Kept: {name}")
        if found["lost"]:
            self.stdout.write(
                f"The audit log had {found['lost']} newer seals; the kept copy holds their entries."
            )

    def _agrees(self) -> bool:
        if not sys.stdin.isatty() or not holds_data():
            return False
        answer = input("The present database will be replaced (a copy is kept). Type yes: ")
        return answer.strip() == "yes"
