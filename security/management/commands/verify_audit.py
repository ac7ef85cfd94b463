"""manage.py verify_audit: names what was changed, deleted, inserted or cut off in the audit log."""

import json
from collections import Counter
from datetime import datetime
from heapq import merge
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import Error as DatabaseError
from django.utils.dateparse import parse_date

from clinic.core.days import moment
from security import checkpoints, keyring, verdict
from security.audit_archive.places import own_folder
from security.verify import CANT_CHECK, Verification

TAMPERED, CANT = 1, 2


class Command(BaseCommand):
    help = "Verify the audit log. Exit status 0: whole, 1: tampered with, 2: can't be checked."

    def add_arguments(self, parser):
        parser.add_argument("--since", help="only seals and entries from this day on, 2026-03-01")
        parser.add_argument(
            "--checkpoint",
            type=Path,
            help="a file of checkpoints kept elsewhere, or typed from paper: number, digits",
        )
        parser.add_argument(
            "--archives",
            type=Path,
            nargs="?",
            const=True,
            metavar="DIR",
            help="read the files of the archives through as well; they lie in this folder, or "
            "where they were written to",
        )
        parser.add_argument(
            "--paper",
            action="append",
            default=[],
            metavar="NUMBER:DIGITS",
            help="the seal on a printed daily report, as 812:a1b2c3d4e5f6; may be given repeatedly",
        )
        parser.add_argument("--json", action="store_true", help="one JSON object, for programs")

    def handle(self, *, since, checkpoint, archives, paper, **options):
        try:
            run = Verification(
                since=_moment(since),
                checkpoints=_checkpoints(checkpoint, _papers(paper, since)),
                archive_marks=checkpoints.read_archives(checkpoint),
                archive_folder=own_folder() if archives is True else archives,
            )
            counts, first = self._run(run, quiet=options["json"])
            if since is None:
                verdict.keep(run, counts, first)
        except (DatabaseError, keyring.KeyringError, OSError, ValueError) as error:
            raise CommandError(f"The log can't be checked: {error}", returncode=CANT) from error
        self._say(run, counts, first, as_json=options["json"])
        if paper and not counts and not options["json"]:
            self.stdout.write(f"As on paper: {', '.join(paper)}")
        if counts:
            status = CANT if set(counts) <= CANT_CHECK else TAMPERED
            raise CommandError(f"{counts.total()} faults were found.", returncode=status)

    def _run(self, run: Verification, *, quiet: bool):
        keyring.ring()
        counts, first = Counter(), []
        for fault in run.faults():
            counts[fault.kind] += 1
            if len(first) < 1000:
                first.append(fault)
            if not quiet:
                self.stdout.write(str(fault))
        return counts, first

    def _say(self, run, counts, first, *, as_json: bool) -> None:
        if as_json:
            told = {"entries": run.entries, "seals": run.seals, "mark": run.mark}
            told["archived"] = run.archived
            faults = [{"kind": f.kind, "number": f.number, "text": str(f)} for f in first]
            told.update(counts=dict(counts), faults=faults)
            self.stdout.write(json.dumps(told))
        else:
            mark = f"; last seal {run.mark}" if run.mark else ""
            archived = f", {run.archived} in archives" if run.archived else ""
            self.stdout.write(f"{run.entries} entries under {run.seals} seals{archived}{mark}")


def _moment(day: str | None) -> datetime | None:
    if day is None:
        return None
    date = parse_date(day)
    if date is None:
        raise ValueError(f"{day} is no day; write it as 2026-03-01.")
    return moment(date)


def _papers(typed: list[str], since: str | None) -> list[checkpoints.Checkpoint]:
    if typed and since:
        raise ValueError("--paper looks at the whole log; leave --since out.")
    found = []
    for text in typed:
        try:
            found.append(checkpoints.Checkpoint.typed(*text.replace("：", ":").split(":", 1)))
        except (TypeError, ValueError):
            raise ValueError(
                f"{text} is no seal; type number and digits as 812:a1b2c3d4e5f6."
            ) from None
    return sorted(found, key=_seq)


def _checkpoints(path: Path | None, papers: list[checkpoints.Checkpoint]):
    """Those of the file or of all months, and those on paper, in order of their numbers."""
    kept = checkpoints.read() if path is None else iter(sorted(checkpoints.read(path), key=_seq))
    return merge(kept, papers, key=_seq)


def _seq(checkpoint: checkpoints.Checkpoint) -> int:
    return checkpoint.seq
