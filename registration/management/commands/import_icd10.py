"""`import_icd10 FILE`: any table of codes and names of diagnoses; without a file our own one."""

from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from clinic.core.errors import RuleBroken
from registration.icd10 import FILE
from registration.icd10_import import import_table

SHOWN = 40


class Command(BaseCommand):
    help = (
        "Bring a table of diagnoses (xls, xlsx, CSV, TSV; any encoding) into ours. Codes that the "
        "file does not name stay; a second run changes nothing."
    )

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", default=str(FILE))
        parser.add_argument(
            "--overwrite", action="store_true", help="take the file's names for codes that are here"
        )
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
        parser.add_argument("--sheet", type=int, default=1, help="number of the sheet, from 1")
        parser.add_argument("--encoding", default="", help="of a CSV, if it is read wrongly")
        parser.add_argument("--header", type=int, default=0, help="row number of the headings")

    def handle(self, *args, file: str, dry_run: bool, overwrite: bool, **options):
        path = Path(file)
        if not path.is_file():
            raise CommandError(f"There is no file {path}. Please check the path.")
        try:
            result = import_table(
                path.read_bytes(),
                sheet=options["sheet"] - 1,
                encoding=options["encoding"],
                header=options["header"],
                overwrite=overwrite,
                write=not dry_run,
            )
        except RuleBroken as error:
            raise CommandError(str(error)) from None
        columns = ", ".join(f"{word} -> {key}" for key, word in result.headings.items())
        self.stdout.write(f"{result.encoding or 'spreadsheet'}: {columns}")
        self.stdout.write(
            f"created {result.created}, changed {result.changed}, "
            f"unchanged {result.unchanged}, refused {len(result.refused)}"
        )
        if result.own:
            said = f"{result.own} codes have another name here and keep it"
            self.stdout.write(f"{said} (--overwrite takes those of the file)")
        for row in result.refused[:SHOWN]:
            self.stdout.write(f"  row {row.number}: {' '.join(row.words)}")
        if len(result.refused) > SHOWN:
            self.stdout.write(f"  … and {len(result.refused) - SHOWN} more")
        if dry_run:
            self.stdout.write("Nothing was written: this was a trial.")
