"""`import_icd10`: bring the table of diagnoses to what a file says; the own one by default."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from registration.icd10 import FILE, load_icd10


class Command(BaseCommand):
    help = "Load diagnoses (code,name,initials) from a CSV file; a second run changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", default=str(FILE))

    def handle(self, *args, file: str, **options):
        path = Path(file)
        if not path.is_file():
            raise CommandError(f"There is no file {path}. Please check the path.")
        try:
            changed = load_icd10(path, overwrite=True)
        except (KeyError, UnicodeDecodeError) as error:
            raise CommandError(
                f"{path} is not a UTF-8 CSV file with the columns code,name,initials."
            ) from error
        self.stdout.write(f"{changed} diagnoses loaded or changed")
