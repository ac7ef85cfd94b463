"""`authority_passphrases`: for the installer, which must not know how keys are kept.

Prints what the key of the clinic's own certificate authority is locked with: one line for each
data key that may still be read with, the active one first. Never logged, never shown.
"""

from django.core.management.base import BaseCommand

from security import keyring

CONTEXT = "tls.authority"


class Command(BaseCommand):
    help = "For ./installer/: the passphrases of tls/ca.key, derived from the key ring."
    requires_system_checks = []

    def handle(self, *args, **options):
        for key in keyring.ring().usable("data"):
            self.stdout.write(key.subkey(CONTEXT).hex())
