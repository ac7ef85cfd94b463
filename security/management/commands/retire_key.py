"""manage.py retire_key PURPOSE ID: nothing opens with this key any more."""

from django.core.management.base import BaseCommand, CommandError

from security import keyring, keyring_file, rotation


class Command(BaseCommand):
    help = "Retire a key that nothing needs any more; its secret stays in the key ring."

    def add_arguments(self, parser):
        parser.add_argument("purpose", choices=keyring.PURPOSES)
        parser.add_argument("id", type=int)
        parser.add_argument("--back", action="store_true", help="let a retired key open again")

        parser.add_argument("--yes", action="store_true", help="void the PINs made under it, too")

    def handle(self, *, purpose, id, back, yes, **options):
        try:
            with keyring_file.only_one(keyring.keyring_path()):
                if back:
                    rotation.put_back(purpose, id)
                else:
                    rotation.retire(purpose, id, void_pins=yes)
        except keyring.KeyringError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(f"The {purpose} key {id} is {'back' if back else 'retired'}.")
