"""Who got a recalled lot, and whether they were told (a lot's recall itself: pharmacy.recalling).

The way from the lot to the patient: batch, movement, dispense line, prescription.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from uuid import UUID

from django.db.models import Max, Sum
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.tables.writing import csv_lines
from clinic.core.transactions import atomic_retry, lock
from patients.masking import mask_phone
from patients.models import Patient
from pharmacy.models import Batch, Recall, StockMovement
from pharmacy.units import packs_and_pieces
from prescriptions.models import DispenseLine, RecallContact

Outcome = RecallContact.Outcome
OPEN = "open"  # nobody has tried yet
PAGE = 50


def lines_of(recall: Recall | Batch):
    """Everything of the lot that was handed out, to whomever."""
    batch = {"movement__batch__drug": recall.drug_id, "movement__batch__lot": recall.lot}
    return DispenseLine.objects.filter(**batch)


def standing(recall: Recall) -> dict[UUID, str]:
    """Every patient who got the lot and how things stand; those nobody tried come first."""
    got = (
        lines_of(recall)
        .values_list("item__prescription__patient")
        .annotate(last=Max("movement__made_at"))
        .order_by("-last", "item__prescription__patient")
    )
    contacts = RecallContact.objects.filter(recall=recall).order_by("made_at", "pk")
    known = dict(contacts.values_list("patient_id", "outcome"))
    found = {patient: known.get(patient, OPEN) for patient, _last in got}
    return dict(sorted(found.items(), key=lambda pair: pair[1] != OPEN))


def counts(states: dict[UUID, str]) -> dict[str, int]:
    """How many patients stand how."""
    numbers = dict.fromkeys([OPEN, *Outcome.values], 0)
    for state in states.values():
        numbers[state] += 1
    return {"all": len(states), **numbers}


def unfinished(recall: Recall) -> str:
    """What speaks against closing the recall: patients whom nobody has tried to reach."""
    left = counts(standing(recall))[OPEN]
    if not left:
        return ""
    return ngettext(
        "Not closed: %(count)s patient who got this lot has not been called yet. Please call and "
        "note it.",
        "Not closed: %(count)s patients who got this lot have not been called yet. Please call "
        "them and note it.",
        left,
    ) % {"count": left}


def rows(recall: Recall, patients: Iterable[UUID], *, revealed: bool = False) -> list[dict]:
    """What the list says of each of these patients, in a fixed number of queries.

    `revealed` shows phones in full; the caller has checked and recorded it.
    """
    ids = list(patients)
    people = Patient.objects.in_bulk(ids)
    got = handed_out(recall, ids)
    tries = defaultdict(list)
    contacts = RecallContact.objects.filter(recall=recall, patient__in=ids)
    for contact in contacts.select_related("made_by").order_by("made_at", "pk"):
        tries[contact.patient_id].append(contact)
    return [
        {
            "patient": people[pk],
            "phone": phone_of(people[pk], revealed),
            "phone_is_contact": bool(people[pk].contact_phone and not people[pk].phone),
            "got": got[pk],
            "tries": tries[pk],
        }
        for pk in ids
    ]


def handed_out(recall: Recall | Batch, patients: list[UUID]) -> dict[UUID, list[dict]]:
    """Date, quantity, what came back meanwhile and the sheet, newest first."""
    found = lines_of(recall).filter(item__prescription__patient__in=patients)
    found = found.select_related("item__prescription__prescriber", "movement")
    lines = list(found.order_by("-movement__made_at", "-pk"))
    back = returned_units(lines)
    got = defaultdict(list)
    for line in lines:
        sheet, movement = line.item.prescription, line.movement
        returned = back[line.pk]
        got[sheet.patient_id].append(
            {
                "day": localtime(movement.made_at).date(),
                "quantity": packs_and_pieces(recall.drug, line.quantity),
                "returned": packs_and_pieces(recall.drug, returned) if returned else "",
                "sheet": sheet,
                "prescriber": sheet.prescriber.full_name,
            }
        )
    return got


def returned_units(lines: Iterable[DispenseLine]) -> dict[int, int]:
    """Base units that came back of each line, by whatever document; two queries.

    Of one batch a row may have gone out in several parts (R-123): what came back is of the last.
    """
    references = {line.movement.reference for line in lines}
    sums = (
        StockMovement.objects.filter(reference__in=references)
        .exclude(kind=StockMovement.Kind.ISSUE)  # what came back, without what was taken back
        .values_list("batch", "reference")
        .annotate(total=Sum("quantity"))
        .order_by()
    )
    back = defaultdict(int, {(batch, name): total for batch, name, total in sums})
    parts = DispenseLine.objects.filter(movement__reference__in=references).order_by("-pk")
    columns = ("pk", "quantity", "movement__batch", "movement__reference")
    found = {}
    for pk, units, batch, name in parts.values_list(*columns):
        found[pk] = min(units, max(0, back[batch, name]))
        back[batch, name] -= found[pk]
    return found


def phone_of(patient: Patient, revealed: bool) -> str:
    phone = patient.phone or patient.contact_phone or ""
    return phone if revealed else mask_phone(phone)


@atomic_retry
def note_contact(
    *, recall: Recall, patient: UUID, outcome: str, note: str = "", by
) -> RecallContact:
    """One try to reach this patient; what was noted before stays."""
    recall = lock(Recall.objects.filter(pk=recall.pk)).get()
    if recall.state != Recall.State.OPEN:
        raise AlreadyDone(_("Not saved: this recall is closed."))
    if not lines_of(recall).filter(item__prescription__patient=patient).exists():
        raise RuleBroken(_("Not saved: this patient did not get this lot."))
    if outcome == Outcome.UNREACHABLE and not note.strip():
        raise RuleBroken(
            _("Not saved: please write how you tried to reach the patient, and when."),
            field="note",
        )
    return RecallContact.objects.create(
        recall=recall, patient_id=patient, outcome=outcome, note=note.strip() or None, made_by=by
    )


def table(recall: Recall, states: dict[UUID, str], *, language: str) -> Iterator[str]:
    """The list as a file for spreadsheets, phones in full, a page of patients at a time."""
    yield from csv_lines(_rows_of_file(recall, states, language))


def _rows_of_file(recall: Recall, states: dict[UUID, str], language: str) -> Iterator[Iterable]:
    with override(language):
        yield _heading()
    ids = list(states)
    for start in range(0, len(ids), PAGE):
        with override(language):  # the page that asked for the file has long been answered
            page = [
                line
                for row in rows(recall, ids[start : start + PAGE], revealed=True)
                for line in _lines(row)
            ]
        yield from page


def _heading() -> list[str]:
    return [
        *(_("Record number"), _("Name"), _("Phone"), _("Date"), _("Quantity"), _("Came back")),
        *(_("Prescription number"), _("Prescriber"), _("State"), _("Note"), _("Who"), _("Time")),
    ]


def _lines(row: dict) -> Iterator[tuple]:
    """One line for each time the patient got some."""
    last = row["tries"][-1] if row["tries"] else None
    told = ("", "", "", "")
    if last:
        when = f"{localtime(last.made_at):%Y-%m-%d %H:%M}"
        told = (last.get_outcome_display(), last.note or "", last.made_by.full_name, when)
    patient = row["patient"]
    for got in row["got"]:
        yield (
            *(patient.record_no, patient.name, row["phone"]),
            *(got["day"].isoformat(), got["quantity"], got["returned"]),
            *(got["sheet"].number, got["prescriber"], *told),
        )
