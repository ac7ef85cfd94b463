"""Verbs of every export: asked for with a purpose, noted, made, saved once (R-73, R-151).

What takes time is made by a job in pieces: reading happens without a lock, each piece is a short
transaction. The file lies encrypted until it was saved, or for a day.
"""

from datetime import timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from clinic.core import files
from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.models import Job
from clinic.core.transactions import atomic_retry, lock
from patients.exchange import lists, parts
from patients.exchange.datasets import data_sets
from patients.models import Export, Patient, Purpose
from security import audit
from security.access import may_read_file
from security.permissions import P

KIND = "patients.export"
SHORTEST = 4  # letters of one's own words, where the list of purposes says nothing
KEPT = timedelta(days=1)
LONGEST = 366 * 3  # days of a period
ENCODINGS = {"utf-8": "UTF-8", "gb18030": "GB18030"}
# Who may ask for a copy: provisions on the management of medical records, from memory.
ASKERS = {
    "self": gettext_lazy("The patient in person"),
    "agent": gettext_lazy("An agent with an authorisation"),
    "guardian": gettext_lazy("The guardian"),
    "heir": gettext_lazy("A legal heir"),
    "insurer": gettext_lazy("The insurer"),
    "court": gettext_lazy("Court, police or prosecutor"),
}
SCREENS = {
    Export.Kind.COPY: "patient_copy",
    Export.Kind.BOOK: "patient_export",
    Export.Kind.FHIR: "patient_fhir",
    Export.Kind.LIST: "patient_list",
    Export.Kind.DATA_SETS: "data_sets",
}


@atomic_retry
def make_copy(
    *, patient: Patient, visits, asker: str, asker_name: str, purpose: str, words: str, by
) -> Export:
    """Note that a copy goes out; its page reads what is in it (R-73)."""
    _require_file(patient, by)
    if asker not in ASKERS:
        raise RuleBroken(_("Please choose who asks for the copy."), field="asker", rule="R-73")
    if asker != "self" and len(asker_name.strip()) < 2:
        raise RuleBroken(
            _("Please write who asks: the name on the identity document."), field="asker_name"
        )
    open_ones = {str(line.pk) for line in parts.visits(patient, by) if not line.is_closed}
    chosen = sorted(set(map(str, visits)))
    if not set(chosen) <= open_ones:
        raise RuleBroken(
            _("One of the visits can't be copied by you. Please choose again."), field="visits"
        )
    details = {"visits": chosen, "asker": asker, "asker_name": asker_name.strip()}
    return _save(Export.Kind.COPY, purpose, words, details, by, patient=patient, rows=len(chosen))


@atomic_retry
def make_book(*, patient: Patient, purpose: str, words: str, by) -> Export:
    """The whole file as a workbook."""
    _require_file(patient, by)
    return _save(Export.Kind.BOOK, purpose, words, {}, by, patient=patient, with_job=True)


@atomic_retry
def make_fhir(*, patient: Patient, purpose: str, words: str, by) -> Export:
    """The whole file as a Bundle of FHIR R4, for another program."""
    _require_file(patient, by)
    return _save(Export.Kind.FHIR, purpose, words, {}, by, patient=patient, with_job=True)


@atomic_retry
def make_list(
    *, wanted: dict, columns, full, file_format: str, encoding: str, purpose: str, words: str, by
) -> Export:
    """A list of the files that fit; `full` names the columns that are not masked (R-141)."""
    _require_list(by)
    columns, full = list(columns), sorted(set(full) & set(columns) & set(lists.MASKED))
    if not columns or not set(columns) <= set(lists.COLUMNS):
        raise RuleBroken(_("Please choose at least one column."), field="columns")
    if file_format not in ("xlsx", "csv") or encoding not in ENCODINGS:
        raise RuleBroken(_("Please choose the kind of file."), field="file_format")
    details = {"wanted": wanted, "columns": columns, "full": full}
    details |= {"format": file_format, "encoding": encoding}
    return _save(Export.Kind.LIST, purpose, words, details, by, with_job=True)


@atomic_retry
def make_data_sets(*, since, until, sets, purpose: str, words: str, by) -> Export:
    """The chosen data sets of a period, with the description of their columns (R-152)."""
    _require_list(by)
    known = {found.key for found in data_sets()}
    if not sets or not set(sets) <= known:
        raise RuleBroken(_("Please choose at least one data set."), field="sets")
    if since > until:
        raise RuleBroken(_("The period ends before it begins. Please correct the dates."))
    if until - since > timedelta(days=LONGEST):
        raise RuleBroken(_("Please choose a shorter period: at most three years."))
    details = {"since": since.isoformat(), "until": until.isoformat(), "sets": list(sets)}
    return _save(Export.Kind.DATA_SETS, purpose, words, details, by, with_job=True)


@atomic_retry
def note_handed_over(
    *, patient: Patient, form: str, guarded: bool, purpose: str, words: str, by
) -> Export:
    """One file of a command that exports the whole house; who may is asked once, before."""
    _require_list(by)
    details = {"format": form, "guarded": guarded}
    return _save(Export.Kind.BOOK, purpose, words, details, by, patient=patient)


def _require_file(patient: Patient, by) -> None:
    if not (by.has_perm(P.EXPORT_FILE) and may_read_file(by, patient.pk)):
        raise RuleBroken(_("Only whoever treats this patient takes the file out."), rule="R-151")


def _require_list(by) -> None:
    if not by.has_perm(P.EXPORT_LIST):
        raise RuleBroken(_("Lists of patients are taken out by doctors only."), rule="R-151")


def _save(kind, purpose, words, details, by, *, patient=None, rows=0, with_job=False) -> Export:
    """The row, its job and the entry in the audit log, which holds no words: they may tell much."""
    words = words.strip()
    if purpose not in Purpose.values:
        raise RuleBroken(_("Please choose what it is for."), field="purpose", rule="R-151")
    if purpose == Purpose.OTHER and len(words) < SHORTEST:
        raise RuleBroken(_("Please say in a few words what it is for."), field="words")
    job = None
    if with_job:
        job = Job.objects.create(kind=KIND, due_at=timezone.now(), created_by=by)
    export = Export.objects.create(
        kind=kind,
        patient=patient,
        purpose=purpose,
        words=words or None,
        details=details | {"language": get_language() or ""},
        rows=rows,
        job=job,
        made_by=by,
    )
    audit.record(
        "export",
        subject=patient.pk if patient else None,
        screen=SCREENS[export.kind],
        target=export,
        data=_told(export),
    )
    return export


def _told(export: Export) -> dict:
    """For the audit log: why, and what of it was asked for in full."""
    details = export.details
    told = {"reason": export.purpose, "kind": export.kind}
    for name in ("columns", "full", "format", "sets", "since", "until", "asker", "guarded"):
        if name in details:
            told[name] = details[name]
    return told


@atomic_retry
def fetch(*, export: UUID, by) -> tuple[bytes, Export]:
    """The file's content, once; then it is gone."""
    row = lock(Export.objects.filter(pk=export, made_by=by)).get()
    if row.file is None:
        raise AlreadyDone(
            _("This file was saved already, or a day has passed. If you need it again, ask anew.")
        )
    content, file = files.read(row.file), row.file
    row.file, row.fetched_at = None, timezone.now()
    row.save()
    files.remove(file)
    audit.record(
        "export",
        subject=row.patient_id,
        screen="export_file",
        target=row,
        data={"reason": row.purpose, "rows": row.rows, "saved": True},
    )
    return content, row


def throw_away_old() -> int:
    """Files that nobody saved within a day; called by the scheduler."""
    old = Export.objects.filter(file__isnull=False, made_at__lt=timezone.now() - KEPT)
    keys = list(old.values_list("pk", flat=True))
    for key in keys:
        _throw_away(key)
    return len(keys)


@atomic_retry
def _throw_away(key: UUID) -> None:
    row = lock(Export.objects.filter(pk=key)).get()
    if row.file is not None:
        file, row.file = row.file, None
        row.save()
        files.remove(file)
