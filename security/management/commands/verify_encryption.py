"""manage.py verify_encryption: open everything sealed and compute every blind index again."""

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from security import keyring, places, verdict

BATCH = 500


class Command(BaseCommand):
    help = (
        "Open every encrypted cell, draft and stored file, recompute every blind index; "
        "exit status 1 on any fault."
    )

    def add_arguments(self, parser):
        parser.add_argument("--database", default=DEFAULT_DB_ALIAS)
        parser.add_argument("--batch", type=int, default=BATCH)

    def handle(self, *, database, batch, **options):
        try:
            keyring.ring()
        except keyring.KeyringError as error:
            raise CommandError(str(error)) from None
        rows = cells = faults = 0
        for place in places.all_places(database):
            for checked, found in place.verify(database, batch=batch):
                rows, cells, faults = rows + 1, cells + checked, faults + len(found)
                for fault in found:
                    self.stdout.write(str(fault))
        if database == DEFAULT_DB_ALIAS:
            verdict.keep_encryption(rows=rows, cells=cells, faults=faults)
        self.stdout.write(f"{rows} rows, {cells} cells, {faults} faults")
        if faults:
            raise CommandError(f"{faults} faults were found; see the list above.")
