"""manage.py verify_archive: names every archived prescription that was changed or is missing."""

from django.core.management.base import BaseCommand, CommandError

from prescriptions.archive_check import Verification

TAMPERED = 1


class Command(BaseCommand):
    help = "Verify the archive of prescriptions. Exit status 0: whole, 1: tampered with."

    def handle(self, **options):
        run, count = Verification(), 0
        for fault in run.faults():
            count += 1
            self.stdout.write(str(fault))
        mark = f"; last digest {run.last_digest[:12]}" if run.last_digest else ""
        self.stdout.write(f"{run.documents} documents{mark}")
        if count:
            raise CommandError(f"{count} faults were found.", returncode=TAMPERED)
