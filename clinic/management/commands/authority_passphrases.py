"""`authority_passphrases`: for the installer, which must not know how keys are kept.

Prints what the key of the clinic's own certificate authority is locked with: one line for each
data key that may still be read with, the active one first. Never logged, never shown.
"""

from django.core.management.base import BaseCommand, CommandError

from security import keyring

CONTEXT = "tls.authority"


class Command(BaseCommand):
    help = "For ./installer/: the passphrases of tls/ca.key, derived from the key ring."
    requires_system_checks = []  # asked before there is a database that the keys must fit

    def handle(self, *args, **options):
        try:
            keys = keyring.ring().usable("data")
        except keyring.KeyringError as error:
            raise CommandError(str(error)) from None
        for key in keys:
            self.stdout.write(key.subkey(CONTEXT).hex())
