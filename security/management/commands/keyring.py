"""manage.py keyring init, status, wrap, unwrap: create the key ring once, look at it, lock it."""

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction

from security import key_state, keyring, keyring_file
from security.models import KeyCheck

USED = {"data": "cells", "index": "indexes", "audit": "entries"}  # backups say it themselves


class Command(BaseCommand):
    help = (
        "Create the key ring of a new installation, show what it holds (never a key), or lock it "
        "with a passphrase."
    )
    requires_system_checks = []  # the checks ask for the key ring, which is made here

    def add_arguments(self, parser):
        parser.add_argument("action", choices=["init", "status", "wrap", "unwrap"])
        parser.add_argument(
            "--passphrase-file",
            default=None,
            help="the passphrase that the key ring is wrapped under by init and wrap",
        )

    def handle(self, *, action, passphrase_file, **options):
        try:
            if action == "init":
                self._init(passphrase_file)
            elif action == "status":
                self._status()
            else:
                self._rewrap(action, passphrase_file)
        except keyring.KeyringError as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            raise CommandError(f"The database can't be read ({error}).") from None

    # -- init --

    def _init(self, passphrase_file):
        path = keyring.keyring_path()
        if path.exists():
            ring = self._load_existing(path, passphrase_file)
            created = False
        else:
            self._refuse_if_a_ring_is_missing(path)
            ring = self._create(path, passphrase_file)
            created = True
        noted = self._note(ring)
        if created:
            self.stdout.write(f"Created the key ring {path} ({ring.wrap}); keep a copy of it safe.")
        elif noted:
            self.stdout.write(f"The key ring {path} is now known to this database.")
        else:
            self.stdout.write(f"The key ring {path} is there and fits; nothing was changed.")

    def _load_existing(self, path, passphrase_file):
        passphrase = keyring.read_passphrase(passphrase_file) if passphrase_file else None
        return keyring.load(path, passphrase)

    def _refuse_if_a_ring_is_missing(self, path):
        if not key_state.has_table(DEFAULT_DB_ALIAS):
            return
        if KeyCheck.objects.exists() or key_state.first_sealed_column(DEFAULT_DB_ALIAS):
            raise keyring.KeyringError(
                f"The key ring {path} is missing, but this database was written with one; a new "
                "one would open nothing, so put back your copy of it."
            )

    def _create(self, path, passphrase_file):
        configured = passphrase_file or settings.CLINIC_KEYRING_PASSPHRASE_FILE
        passphrase = keyring.read_passphrase(configured) if configured else None
        keyring_file.create_file(path, passphrase)
        return keyring.load(path, passphrase)

    def _note(self, ring):
        if not key_state.has_table(DEFAULT_DB_ALIAS):
            return 0
        if KeyCheck.objects.exists():
            fault = key_state.fault(ring, DEFAULT_DB_ALIAS, new_keys_allowed=True)
            if fault:
                raise keyring.KeyringError(fault)
        keyring.use(ring)
        unopenable = key_state.unopenable(DEFAULT_DB_ALIAS)
        if unopenable:
            raise keyring.KeyringError(
                f"The key ring {ring.path} does not fit this database ({unopenable}); put back "
                "the key ring that belongs to it."
            )
        with transaction.atomic():
            return key_state.note_fingerprints(ring, DEFAULT_DB_ALIAS)

    # -- wrap and unwrap --

    def _rewrap(self, action, passphrase_file):
        passphrase = None
        if action == "wrap":
            if not passphrase_file:
                raise keyring.KeyringError("Name the file: keyring wrap --passphrase-file FILE.")
            passphrase = keyring.read_passphrase(passphrase_file)
        with keyring_file.only_one(keyring.keyring_path()):
            ring = keyring_file.rewrap(keyring.load(keyring.keyring_path()), passphrase)
        line = "CLINIC_KEYRING_PASSPHRASE_FILE"
        if passphrase:
            self.stdout.write(
                f"The key ring {ring.path} is wrapped. Write {line}={passphrase_file} into the "
                "installation's .env and start the clinic again: it starts only while that file "
                "is there. Who loses it has only the key sheet: manage.py key_sheet."
            )
        else:
            self.stdout.write(
                f"The key ring {ring.path} is no longer wrapped: take {line} out of the "
                "installation's .env."
            )

    # -- status --

    def _status(self):
        ring = keyring.ring()
        self.stdout.write(f"{ring.path} (format {keyring.FORMAT}, wrap {ring.wrap})")
        has_table = key_state.has_table(DEFAULT_DB_ALIAS)
        known = set(KeyCheck.objects.values_list("purpose", "key_id")) if has_table else set()
        counts = key_state.counts(DEFAULT_DB_ALIAS) if has_table else {}
        for purpose in keyring.PURPOSES:
            for key in ring.keys(purpose):
                noted = "known" if (purpose, key.id) in known else "not yet known"
                what, count = USED.get(purpose), counts.get((purpose, key.id), 0)
                used = [f"{count} {what}"] if what else []
                used += key_state.users_of(purpose, key.id)
                self.stdout.write(
                    f"  {purpose:7}{key.id:>6}  {key.state:13}{key.created}  "
                    f"{', '.join([noted, *used])}"
                )
        fault = key_state.fault(ring, DEFAULT_DB_ALIAS)
        if fault:
            raise keyring.KeyringError(fault)
        self.stdout.write("The keys fit the database.")
