"""What every import command does: the same steps as on the screen, driven to their end."""

import time
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from clinic.core import jobs
from clinic.core.errors import Busy, RuleBroken
from clinic.core.models import Job, TableImport
from clinic.core.tables import imports, refused, writing
from clinic.core.tables.kinds import kind_of

SHOWN = 40  # problems printed; all of them go into the file of refused rows


class ImportCommand(BaseCommand):
    """Subclass it with `kind` and `person(options)`, who answers for the import."""

    kind = ""

    def add_arguments(self, parser):
        parser.add_argument("file", nargs="?", help="xls, xlsx, CSV or TSV, at most 10 MB")
        parser.add_argument("--dry-run", action="store_true", help="check only, write nothing")
        parser.add_argument("--sheet", type=int, default=1, help="number of the sheet, from 1")
        parser.add_argument("--encoding", default="", help="of a CSV, if it is read wrongly")
        parser.add_argument("--header", type=int, help="number of the row with the headings")
        parser.add_argument(
            "--map", nargs="+", default=[], metavar="HEADING=FIELD", help="name a column yourself"
        )
        parser.add_argument(
            "--decide", nargs="+", default=[], metavar="WHAT=ANSWER",
            help="for the whole file; rest=ANSWER for all lines that ask",
        )  # fmt: skip
        parser.add_argument("--take-back", metavar="IMPORT", help="undo an import by its number")
        parser.add_argument("--refused", metavar="FILE", help="write refused rows into this CSV")
        parser.add_argument("--by", required=True, metavar="USER", help="who answers for it")

    def handle(self, *args, file, take_back, by, **options):
        person = self.person(by)
        try:
            if take_back:
                table = TableImport.objects.get(pk=take_back, kind=self.kind)
                imports.take_back(table_id=table.pk, by=person)
                self._finish(table.pk, options)
            elif file:
                self._import(Path(file), options, person)
            else:
                raise CommandError("Name a file, or an import with --take-back.")
        except RuleBroken as error:
            raise CommandError(str(error)) from None
        except (TableImport.DoesNotExist, ValidationError, OSError) as error:
            raise CommandError(str(error)) from None

    def person(self, name: str):
        raise NotImplementedError

    def _import(self, file: Path, options, person) -> None:
        content = file.read_bytes()
        table = imports.bring(
            kind=self.kind,
            content=content,
            file_name=file.name,
            sheet=options["sheet"] - 1,
            encoding=options["encoding"],
            by=person,
        )
        head = self._drive(table.pk).read_head()
        if head["error"]:
            self._discard(table.pk, person)
            raise RuleBroken(head["error"])
        if options["header"]:
            head = imports.set_header(
                table_id=table.pk, header=options["header"], by=person
            ).read_head()
        mapping = self._mapping(head, options["map"])
        self._say_columns(head, mapping)
        decided = self._decided(options["decide"])
        imports.match(table_id=table.pk, mapping=mapping, by=person, options=decided)
        self._drive(table.pk)
        if options["dry_run"]:
            self._report(table.pk, options)
            self._discard(table.pk, person)
            self.stdout.write("Nothing was written: this was a trial.")
            return
        imports.start(table_id=table.pk, by=person, rest=decided.get("rest"))
        self._finish(table.pk, options)
        self.stdout.write(f"To take it back: --take-back {table.pk}")

    def _mapping(self, head: dict, pairs: list[str]) -> dict[str, int]:
        mapping = dict(head["mapping"])
        for pair in pairs:
            heading, equals, key = pair.rpartition("=")
            if not equals or kind_of(self.kind).column(key) is None:
                raise RuleBroken(f"--map takes HEADING=FIELD; {pair} names no field.")
            if heading not in head["headings"]:
                raise RuleBroken(f"The table has no heading {heading}.")
            at = head["headings"].index(heading)
            mapping = {k: v for k, v in mapping.items() if v != at} | {key: at}
        return mapping

    def _decided(self, pairs: list[str]) -> dict[str, str]:
        kind = kind_of(self.kind)
        may = {option.key: dict(option.answers) for option in kind.options}
        may["rest"] = dict(kind.answers)
        decided = dict(pair.partition("=")[::2] for pair in pairs)
        for key, answer in decided.items():
            if answer not in may.get(key, ()):
                known = " ".join(f"{k}={a}" for k, answers in may.items() for a in answers)
                raise RuleBroken(f"--decide takes one of: {known}.")
        return decided

    def _say_columns(self, head: dict, mapping: dict[str, int]) -> None:
        places = {at: key for key, at in mapping.items()}
        words = [
            f"{heading} -> {places[at]}" if at in places else f"({heading})"
            for at, heading in enumerate(head["headings"])
        ]
        self.stdout.write(f"Heading in row {head['header']}: {', '.join(words)}")

    def _drive(self, table_id) -> TableImport:
        """To the end of this phase; a busy database is waited for."""
        while True:
            jobs.drive(TableImport.objects.get(pk=table_id).job_id, seconds=30)
            table = TableImport.objects.select_related("job").get(pk=table_id)
            if table.job.state == Job.State.FAILED:
                raise CommandError(f"It stopped: {table.job.error}. The log tells more.")
            if not table.is_working:
                return table
            if connection.in_atomic_block:
                raise Busy
            time.sleep(0.2)

    def _discard(self, table_id, person) -> None:
        imports.discard(table_id=table_id, by=person)
        self._drive(table_id)

    def _finish(self, table_id, options) -> None:
        self._drive(table_id)
        self._report(table_id, options)

    def _report(self, table_id, options) -> None:
        table = TableImport.objects.get(pk=table_id)
        self.stdout.write(
            f"{table.get_state_display()}: created {table.created}, changed {table.changed}, "
            f"unchanged {table.unchanged}, refused {table.refused}, doubtful {table.doubtful}"
            + (f", to decide {table.asked}" if table.asked else "")
        )
        for show in ("refused", "doubtful", "asked"):
            rows, total, _page = imports.rows_shown(table, show, page=1, size=SHOWN)
            for row in rows:
                self.stdout.write(f"  row {row.number} {row.status}: {' '.join(row.words)}")
            if total > len(rows):
                self.stdout.write(f"  … and {total - len(rows)} more {show}")
        if options["refused"]:
            with open(options["refused"], "w", encoding="utf-8", newline="") as out:
                out.writelines(writing.csv_lines(refused.rows(table)))
