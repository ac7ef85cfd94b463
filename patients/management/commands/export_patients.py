"""`export_patients DIR --by USER --purpose P`: every file, to hand the house over (R-151).

One file for each patient, named by the record number, and a line in the audit log for each: the
person named is answerable. Of guarded visits nothing medical is given but by `--guarded` (R-140).
"""

from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from clinic.core.paging import paged
from clinic.core.parts import new_file
from patients.duplicates import on_file
from patients.exchange import formats
from patients.exchange.exporting import SHORTEST, note_handed_over
from patients.exchange.parts import Asked
from patients.models import Patient, Purpose
from security.audit import acting_as
from security.models import User
from security.permissions import P

PAGE = 100


class Command(BaseCommand):
    help = (
        "Export every patient's file into a directory that is empty or not there yet. The files "
        "hold everything in full and are not encrypted: keep them safe."
    )

    def add_arguments(self, parser):
        parser.add_argument("directory", type=Path)
        parser.add_argument("--by", required=True, help="who answers for it: a user name")
        parser.add_argument("--purpose", required=True, choices=Purpose.values)
        parser.add_argument("--words", default="", help="the purpose in a few words")
        parser.add_argument("--format", default="xlsx", choices=formats.names())
        parser.add_argument("--record", action="append", help="only these record numbers")
        parser.add_argument("--guarded", action="store_true", help="guarded visits too (R-140)")

    def handle(self, directory: Path, **options):
        by = _person(options["by"])
        if options["purpose"] == Purpose.OTHER and len(options["words"].strip()) < SHORTEST:
            raise CommandError("Please say in --words what it is for.")
        files = _files(options["record"])
        _make_ready(directory)
        asked, done = Asked(by, with_secrets=options["guarded"]), 0
        with acting_as(by, screen="export_patients"), translation.override(settings.LANGUAGE_CODE):
            for patient in paged(files, "record_no", PAGE):
                self.write(patient, directory, asked, options)
                done += 1
        self.stdout.write(f"{done} files were written to {directory}.")

    def write(self, patient: Patient, directory: Path, asked: Asked, options: dict) -> None:
        """First noted, then written: no file lies there that the log doesn't know."""
        export = note_handed_over(
            patient=patient,
            form=options["format"],
            guarded=options["guarded"],
            purpose=options["purpose"],
            words=options["words"],
            by=asked.by,
        )
        suffix, content = formats.write(options["format"], export, asked)
        with new_file(directory / f"{patient.record_no}.{suffix}") as out:
            out.write(content)


def _person(name: str) -> User:
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None or not (user.has_perm(P.EXPORT_LIST) and user.has_perm(P.EXPORT_FILE)):
        raise CommandError(f"{name} is nobody who takes patients' files out here.")
    return user


def _files(numbers: list[str] | None):
    if not numbers:
        return on_file()
    found = on_file().filter(record_no__in=numbers)
    known = set(found.values_list("record_no", flat=True))
    if unknown := sorted(set(numbers) - known):
        raise CommandError(f"There is no file {', '.join(unknown)}.")
    return found


def _make_ready(directory: Path) -> None:
    """Nobody else reads it, and nothing of before is mistaken for a part of this export."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    if any(directory.iterdir()):
        raise CommandError(f"{directory} is not empty. Please name a new directory.")
