"""manage.py rotate_keys: a new key at once, old rows re-encrypted while people work."""

import time

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS

from clinic.core.errors import Busy
from security import key_state, keyring, keyring_file, rotation

CHOICES = (*keyring.PURPOSES, "all")


class Command(BaseCommand):
    help = (
        "Add a new active key and re-encrypt what older keys sealed, while the clinic works. "
        "Killed at any moment, the same command goes on, without adding yet another key."
    )

    def add_arguments(self, parser):
        parser.add_argument("--purpose", choices=CHOICES, default="data")
        parser.add_argument("--resume", action="store_true", help="only go on, never add a key")
        parser.add_argument("--batch", type=int, default=rotation.BATCH)
        parser.add_argument("--max-seconds", type=float, default=None)

    def handle(self, *, purpose, resume, batch, max_seconds, **options):
        if batch < 1:
            raise CommandError("--batch takes a number above 0.")
        until = None if max_seconds is None else time.monotonic() + max_seconds
        purposes = keyring.PURPOSES if purpose == "all" else (purpose,)
        try:
            fault = key_state.fault(rotation.fresh_ring(), DEFAULT_DB_ALIAS)
            if fault:
                raise keyring.KeyringError(fault)
            with keyring_file.only_one(keyring.keyring_path()):
                self._rotate(purposes, resume, batch, until)
        except keyring.KeyringError as error:
            raise CommandError(str(error)) from None
        except Busy:
            raise CommandError(
                "The database was busy for too long; run the same command again, it goes on."
            ) from None

    def _rotate(self, purposes, resume, batch, until):
        if resume or rotation.unfinished(purposes):
            added = rotation.activate_prepared(purposes)
        else:
            added = rotation.add_keys(purposes)
        for name in added:
            self.stdout.write(f"New active key: {name}. Print a new key sheet: manage.py key_sheet")
        result = rotation.rewrite(purposes, batch=batch, until=until)
        self.stdout.write(f"{result.rows} rows, {result.cells} cells re-encrypted")
        if result.faults:
            raise CommandError(
                f"{result.faults} cells can't be opened and were left as they are; "
                "run: manage.py verify_encryption"
            )
        if not result.finished:
            self.stdout.write("Not finished yet; run: manage.py rotate_keys --resume")
