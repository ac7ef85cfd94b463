"""Writing made-up visits in short pieces: rows in bulk, stock under its locks, one entry a visit.

Nothing holds the database for longer than a fraction of a second, and what was written in an
interrupted run is not written again: a number of a day exists once. The audit log gets one entry
for each visit, with the true time and what was made; the steps in between never happened.
"""

import time

from django.db import connection

from clinic.core.errors import Busy
from clinic.core.numbers import next_numbers
from clinic.core.scheduler import still_here
from clinic.core.transactions import atomic_retry
from clinic.demo.clock import own_times
from clinic.demo.past import sheets
from clinic.demo.past.clinic import Use
from clinic.demo.past.plan import chance_of
from clinic.demo.past.rows import Rows, number, record
from clinic.demo.past.shelf import Changed
from clinic.demo.past.story import illness
from clinic.demo.past.supplies import supply
from patients.age import age_years
from pharmacy import worth
from pharmacy.ledger import lock_batches
from pharmacy.models import Reservation, StockDocument, StockMovement
from prescriptions.models import (
    AlertRecord,
    DispenseLine,
    Evaluation,
    Prescription,
    PrescriptionEvent,
    PrescriptionItem,
)
from registration.models import (
    Call,
    Consultation,
    Diagnosis,
    RecordVersion,
    Registration,
    ReportDuty,
)
from security import audit

EVENT = "demo_visit"
# In the order in which rows point at each other.
ORDER = (
    Registration, Call, Consultation, Diagnosis, ReportDuty, RecordVersion, Prescription,
    PrescriptionItem, AlertRecord, PrescriptionEvent, Evaluation, StockDocument, Reservation,
    StockMovement, DispenseLine,
)  # fmt: skip
OF_STOCK = (StockDocument, Reservation, StockMovement, DispenseLine)
HOLD = 0.12  # seconds that a piece may take; the next one is made smaller or larger by it
FEWEST, MOST = 2, 24
TRIES = 4  # other reasons to come, where rules or the shelf speak against the drugs


class Writer:
    """Writes the visits of the plan's days and counts them."""

    def __init__(self, known, seed: int):
        self.known, self.seed = known, seed
        self.written = self.size = 0
        self.size = 6

    def day(self, day, visits: list) -> int:
        """Everything of this day that is not there yet; how many visits that was."""
        there = set(Registration.objects.filter(day=day).values_list("number", flat=True))
        waiting = [one for one in self._numbered(visits) if one[1] not in there]
        self.known.window = None
        done = 0
        while waiting:
            piece, waiting = waiting[: self.size], waiting[self.size :]
            self._piece(day, piece)
            done += len(piece)
            still_here()
        self.written += done
        return done

    def _numbered(self, visits: list) -> list[tuple]:
        """Each visit with its number of the day: appointments first, then as they came."""
        last: dict[str, int] = {}
        found = []
        for visit in sorted(visits, key=lambda one: (one.slot is None, one.slot or one.arrives)):
            letter = visit.clinician.letter
            last[letter] = last.get(letter, 0) + 1
            found.append((visit, f"{letter}{last[letter]:03d}"))
        return sorted(found, key=lambda one: (one[0].ends, one[1]))

    def _piece(self, day, piece: list) -> None:
        for attempt in range(3):
            self.known.read_files({visit.person.pk for visit, _number in piece})
            made = [self._visit(day, visit, number) for visit, number in piece]
            begun = time.monotonic()
            try:
                write(known=self.known, day=day, made=made)
                break
            except (Changed, Busy):  # somebody works here at the same time
                self.known.read_shelf()
                if attempt == 2:
                    raise
        held = time.monotonic() - begun
        self.size = max(FEWEST, min(MOST, self.size + (1 if held < HOLD / 2 else 0)))
        if held > HOLD:
            self.size = max(FEWEST, self.size * 2 // 3)
        time.sleep(min(0.02, held / 4))  # others who wait get their turn
        for rows in made:
            self._remember(rows, day)

    def _visit(self, day, visit, letter_no: str) -> Rows:
        known, rows = self.known, Rows()
        chance = chance_of(self.seed, day, letter_no)
        minutes = visit.arrives if visit.slot is None else visit.slot
        session = known.session(visit.clinician, day, minutes)
        row = number(
            rows, known, visit, day=day, session=session, letter_no=letter_no, chance=chance
        )
        if not visit.absent:
            self._seen(rows, row, visit, chance, day)
        return rows

    def _seen(self, rows: Rows, row: Registration, visit, chance, day) -> None:
        """What he came for; another story where the rules or the shelf refuse its drugs."""
        known = self.known
        years = age_years(row.patient.birth_date, day)
        for attempt in range(TRIES):
            if attempt == 0 and visit.disease:
                story = supply(visit.person, visit.disease, chance)
            else:
                story = illness(years=years, sex=row.patient.sex, month=day.month, chance=chance)
            trial = Rows()
            made = record(trial, known, row, story, clinician=visit.clinician)
            sheet = None
            if story.drugs:
                sheet = sheets.prescribe(trial, known, made, story, chance=chance, day=day)
            if sheet or not story.drugs or attempt == TRIES - 1:
                rows.take(trial)
                return

    def _remember(self, rows: Rows, day) -> None:
        known = self.known
        for item in rows.by_model[PrescriptionItem]:
            pk = item.prescription.patient_id
            known.uses[pk].append(Use(known.by_pk[item.drug_id], day, item.days))
        for row in rows.by_model[Diagnosis]:
            known.conditions[row.consultation.patient_id].append((row.code, row.name, day))


@atomic_retry
def write(*, known, day, made: list[Rows]) -> None:
    """The rows of some visits, all or none."""
    with_sheet = [rows for rows in made if rows.by_model[Prescription]]
    moved = _hand_out(known, day, with_sheet)
    held = lock_batches(pk__in={movement.batch_id for movement in moved})
    was_empty = {pk for pk, batch in held.items() if not batch.on_hand}
    for movement in moved:
        batch = held[movement.batch_id]
        if batch.on_hand + movement.quantity < 0:
            raise Changed
        batch.on_hand += movement.quantity
        movement.balance, movement.place_id = batch.on_hand, batch.place_id
        if not batch.on_hand:
            batch.emptied_at = movement.made_at
    with own_times(*ORDER):
        for model in ORDER:
            _insert(model, [row for rows in made for row in rows.by_model[model]])
    for pk, batch in held.items():
        type(batch).objects.filter(pk=pk).update(on_hand=batch.on_hand, emptied_at=batch.emptied_at)
        worth.follow(batch, pk in was_empty)
    for rows in made:
        _note(rows)


def _hand_out(known, day, with_sheet: list[Rows]) -> list:
    """Numbers of the sheets and papers, and what leaves the shelf."""
    if not with_sheet:
        return []
    text = f"{day:%Y%m%d}"
    numbers = next_numbers(f"rx.{text}", len(with_sheet))
    papers = next_numbers(f"stock:FY{text}", len(with_sheet))
    if any(StockDocument in rows.by_model for rows in with_sheet):  # a repeat after a deadlock
        known.read_shelf()
        for rows in with_sheet:
            for item in rows.by_model[PrescriptionItem]:
                known.shelf.promise(item.drug_id, item.quantity)
    moved = []
    for rows, number_, paper in zip(with_sheet, numbers, papers, strict=True):
        sheet = rows.by_model[Prescription][0]
        for model in OF_STOCK:
            rows.by_model.pop(model, None)
        moved += sheets.hand_out(
            rows,
            known,
            sheet,
            number=f"RX{text}-{number_:04d}",
            document_no=f"FY{text}-{paper:04d}",
        )
    return moved


def _insert(model, rows: list) -> None:
    if not rows:
        return
    if connection.features.can_return_rows_from_bulk_insert or not model._meta.auto_field:
        for row in rows:
            _point(row)
        model.objects.bulk_create(rows)
        return
    for row in rows:  # MySQL does not say which numbers it gave
        _point(row)
        row.save(force_insert=True)


def _point(row) -> None:
    """Foreign keys to rows that have their number only since they were written."""
    for field in row._meta.concrete_fields:
        if field.is_relation and field.is_cached(row):
            other = field.get_cached_value(row)
            if other is not None:
                setattr(row, field.attname, getattr(other, field.target_field.attname))


def _note(rows: Rows) -> None:
    row = rows.by_model[Registration][0]
    sheet = next(iter(rows.by_model[Prescription]), None)
    audit.record(
        EVENT,
        subject=row.patient_id,
        target=row,
        data={
            "rows": {model._meta.label_lower: len(found) for model, found in rows.by_model.items()},
            "sheet": sheet.number if sheet else "",
        },
    )
