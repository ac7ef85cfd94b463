"""manage.py verify_encryption: open everything sealed and compute every blind index again."""

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from security import encryption_check, keyring


class Command(BaseCommand):
    help = (
        "Open every encrypted cell, draft and stored file, recompute every blind index; "
        "exit status 1 on any fault."
    )

    def add_arguments(self, parser):
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS)
        parser.add_argument("--batch", type=int, default=encryption_check.BATCH)

    def handle(self, *, database, batch, **options):
        try:
            found = encryption_check.run(
                say=lambda fault: self.stdout.write(str(fault)), database=database, batch=batch
            )
        except keyring.KeyringError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"{found.rows} rows, {found.cells} cells, {found.faults} faults")
        if found.faults:
            raise CommandError(f"{found.faults} faults were found; see the list above.")
