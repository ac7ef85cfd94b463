"""`authority_passphrases`: for the installer, which must not know how keys are kept.

Prints what the key of the clinic's own certificate authority is locked with: one line for each
data key, the active one first. Retired keys too: the installer locks that file anew only when it
runs, which may be after the old key was retired. Never logged, never shown.
"""

from django.core.management.base import BaseCommand, CommandError

from security import keyring

CONTEXT = "tls.authority"


class Command(BaseCommand):
    help = "For ./installer/: the passphrases of tls/ca.key, derived from the key ring."
    requires_system_checks = []  # asked before there is a database that the keys must fit

    def handle(self, *args, **options):
        try:
            ring = keyring.ring()
        except keyring.KeyringError as error:
            raise CommandError(str(error)) from None
        active = ring.active("data")
        for key in (active, *(key for key in ring.keys("data") if key is not active)):
            self.stdout.write(key.subkey(CONTEXT).hex())
