"""manage.py backup: one sealed file with everything, while the clinic works."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from security import keyring
from security.backup.errors import BackupError
from security.backup.make import make_backup, make_safety_copy
from security.models import BackupRecord


class Command(BaseCommand):
    help = "Back up database, stored files, certificates and settings (never the keys)."

    def add_arguments(self, parser):
        parser.add_argument("--to", type=Path, help="another folder; nothing is pruned there")
        parser.add_argument(
            "--before-upgrade",
            action="store_true",
            help="write nothing into the database, whose tables may be those of an older version",
        )

    def handle(self, *, to, before_upgrade, **options):
        try:
            if before_upgrade:
                path = make_safety_copy()
            else:
                path = make_backup(kind=BackupRecord.Kind.MANUAL.value, to=to and to.absolute())
        except (BackupError, keyring.KeyringError) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{path} ({path.stat().st_size} bytes)")
