"""Temperatures of refrigerators: read twice a day, corrected by a second row only (R-121).

A reading is of today only: nobody can measure yesterday.
"""

from datetime import datetime, time
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry, lock
from pharmacy.models import ColdUnit, Place, TemperatureRecord

Slot = TemperatureRecord.Slot
LOWEST, HIGHEST = Decimal(-90), Decimal(60)
NOON = time(12)
# From this time on a reading that is not there counts as forgotten.
DUE_BY = {Slot.MORNING: NOON, Slot.AFTERNOON: time(18)}


def slot_now(now: datetime | None = None) -> Slot:
    """The slot that a reading of this moment belongs to."""
    return Slot.MORNING if timezone.localtime(now).time() < NOON else Slot.AFTERNOON


def is_missing(slot: str, now: datetime | None = None) -> bool:
    """True when today's reading of this slot is late."""
    return timezone.localtime(now).time() >= DUE_BY[Slot(slot)]


@atomic_retry
def save_unit(
    *,
    name: str,
    low: Decimal,
    high: Decimal,
    place: Place | None = None,
    memo: str = "",
    active: bool = True,
    unit: ColdUnit | None = None,
    by,
) -> ColdUnit:
    """A new refrigerator, or other limits of one; readings keep the limits of their moment."""
    if low >= high:
        raise RuleBroken(
            _("The lowest temperature must be below the highest. Please correct them."),
            field="low",
            rule="R-121",
        )
    others = ColdUnit.objects.exclude(pk=unit.pk) if unit else ColdUnit.objects
    if others.filter(name=name).exists():
        raise RuleBroken(
            _("There is a refrigerator of this name already. Please give it another one."),
            field="name",
        )
    unit = lock(ColdUnit.objects.filter(pk=unit.pk)).get() if unit else ColdUnit()
    unit.name, unit.low, unit.high, unit.place = name, low, high, place
    unit.memo, unit.active = memo, active
    unit.save()
    return unit


@atomic_retry
def read_temperature(
    *, unit: ColdUnit, slot: str, celsius: Decimal, note: str = "", by
) -> TemperatureRecord:
    """Today's reading of the morning or the afternoon, once."""
    _require_possible(celsius)
    unit = lock(ColdUnit.objects.filter(pk=unit.pk)).get()
    today, note = timezone.localdate(), note.strip()
    if slot == Slot.AFTERNOON and slot_now() == Slot.MORNING:
        raise RuleBroken(
            _("The afternoon has not begun. Please read the temperature again after 12:00."),
            rule="R-121",
        )
    if slot == Slot.MORNING and slot_now() == Slot.AFTERNOON and not note:
        raise RuleBroken(
            _("The morning is over. Please write why the reading is entered only now."),
            field="note",
            rule="R-121",
        )
    first_of = f"{unit.pk}/{today}/{slot}"
    if TemperatureRecord.objects.filter(first_of=first_of).exists():
        raise AlreadyDone(
            _("This reading is written down already. If it is wrong, please correct it there.")
        )
    return _write(unit, today, slot, celsius, note, by, first_of=first_of)


@atomic_retry
def correct_temperature(
    *, reading: TemperatureRecord, celsius: Decimal, note: str, by
) -> TemperatureRecord:
    """What it should have been; the wrong row stays beside it, with the reason here."""
    _require_possible(celsius)
    unit = lock(ColdUnit.objects.filter(pk=reading.unit_id)).get()
    if TemperatureRecord.objects.filter(corrects=reading).exists():
        raise AlreadyDone(
            _("Somebody corrected this reading meanwhile. Please look at the newest one.")
        )
    if not note.strip():
        raise RuleBroken(
            _("Please write what was wrong with the first reading."), field="note", rule="R-121"
        )
    return _write(unit, reading.day, reading.slot, celsius, note.strip(), by, corrects=reading)


def _require_possible(celsius: Decimal) -> None:
    if not LOWEST <= celsius <= HIGHEST:
        raise RuleBroken(
            _("No thermometer shows this. Please write the degrees, such as 4.5."),
            field="celsius",
            rule="R-121",
        )


def _write(unit, day, slot, celsius, note, by, **links) -> TemperatureRecord:
    record = TemperatureRecord(
        unit=unit,
        day=day,
        slot=slot,
        celsius=celsius,
        low=unit.low,
        high=unit.high,
        note=note,
        made_by=by,
        **links,
    )
    if not record.in_range and not note:
        raise RuleBroken(
            _(
                "%(celsius)s ℃ is outside %(low)s to %(high)s ℃. Please write what was done: goods "
                "moved, door closed, technician called."
            )
            % {"celsius": celsius, "low": unit.low, "high": unit.high},
            field="note",
            rule="R-121",
        )
    record.save()
    return record
