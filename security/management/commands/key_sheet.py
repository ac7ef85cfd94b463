"""manage.py key_sheet: the key ring on paper for the safe, and back from paper."""

import sys
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import DEFAULT_DB_ALIAS, DatabaseError
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.models import Institution
from security import audit, key_sheet, key_state, keyring, keyring_file


class Command(BaseCommand):
    help = "Print the keys for the safe, or make the key ring file again from such a sheet."
    requires_system_checks = []  # they ask for the key ring, which --read makes

    def add_arguments(self, parser):
        parser.add_argument(
            "--read",
            nargs="?",
            const="-",
            metavar="FILE",
            help="make the key ring from the lines of a sheet, typed or in a file",
        )
        parser.add_argument(
            "--at-set-up",
            action="store_true",
            help="for the set-up: made for printing, nobody has printed it yet",
        )
        parser.add_argument(
            "--passphrase-file",
            default=None,
            help="with --read: wrap the new key ring under the passphrase in this file",
        )

    def handle(self, *, read, passphrase_file, at_set_up=False, **options):
        try:
            if read is None:
                self._print("set_up" if at_set_up else "command")
            else:
                self._restore(read, passphrase_file)
        except keyring.KeyringError as error:
            raise CommandError(str(error)) from None
        except DatabaseError as error:
            raise CommandError(f"The database can't be used ({error}).") from None

    def _print(self, screen):
        ring = keyring.ring()
        fault = key_state.fault(ring, DEFAULT_DB_ALIAS)
        if fault:
            raise keyring.KeyringError(fault)
        names = [f"{p} {key.id}" for p in keyring.PURPOSES for key in ring.keys(p)]
        audit.record("key_sheet", screen=screen, data={"keys": names})
        clinic = Institution.objects.first()
        out = self.stdout
        out.write("=" * 56)
        out.write(_("Key sheet of %(clinic)s") % {"clinic": clinic or _("the clinic")})
        out.write(_("Printed: %(day)s") % {"day": timezone.localtime().strftime("%Y-%m-%d %H:%M")})
        out.write("=" * 56)
        out.write(_("Lock this sheet in the safe, away from the computer and from the backups."))
        out.write(_("With this sheet and a backup anybody can read every patient's file."))
        out.write(_("Without it a backup can't be opened on another computer."))
        out.write(_("Print a new sheet after each new key, and destroy the old sheet then."))
        for heading, lines in key_sheet.lines_of(ring):
            out.write("")
            if heading:
                out.write(f"# {heading}")
            for line in lines:
                out.write(line)
        out.write("")
        out.write(_("To put the keys back, run: manage.py key_sheet --read"))
        out.write(_("and type every numbered line. The sheet has no letters I, L, O and U."))

    def _restore(self, source, passphrase_file):
        path = keyring.keyring_path()
        if path.exists():
            raise keyring.KeyringError(f"The key ring {path} is there already; it was left alone.")
        passphrase = keyring.read_passphrase(passphrase_file) if passphrase_file else None
        body = key_sheet.body_from(self._typed(source))
        keyring_file.create_file(path, passphrase, body)
        ring = keyring.load(path, passphrase)
        keyring.use(ring)
        self.stdout.write(f"Made the key ring {path} ({ring.wrap}) from the sheet.")
        try:
            fault = key_state.fault(ring, DEFAULT_DB_ALIAS)
        except DatabaseError:  # on a new computer the backup is restored after the keys
            self.stdout.write("There is no database to compare it with yet.")
            return
        if fault:
            self.stdout.write(
                _("The keys do not fit the database that is here now: %(fault)s") % {"fault": fault}
            )
            self.stdout.write(_("Restore the backup that they belong to: manage.py restore FILE"))

    def _typed(self, source):
        if source != "-":
            try:
                return Path(source).read_text(encoding="utf-8")
            except (OSError, UnicodeDecodeError) as error:
                raise CommandError(f"{source} can't be read ({error}).") from None
        if sys.stdin.isatty():
            self.stderr.write(_("Type every numbered line of the sheet, then an empty line:"))
        typed = []
        for line in sys.stdin:
            if not line.strip() and sys.stdin.isatty():
                break
            typed.append(line)
        return "".join(typed)
