"""How long a sheet is kept (R-30). After that it may be destroyed; the program never does it."""

from datetime import date

from django.utils import timezone

from prescriptions.models import Prescription
from prescriptions.rules.facts import TOXIC

Kind = Prescription.Kind
YEARS = {
    Kind.ORDINARY: 1,
    Kind.EMERGENCY: 1,
    Kind.PAEDIATRIC: 1,
    Kind.PSYCHOTROPIC_2: 2,
    Kind.NARCOTIC: 3,
}
TOXIC_YEARS = 2  # medical toxic drugs, on whatever paper


def years_of(kind: str, classes: set[str]) -> int:
    """Years for a sheet of this kind with drugs of these control classes."""
    years = YEARS[Kind(kind)]
    return max(years, TOXIC_YEARS) if classes & set(TOXIC) else years


def keep_until(day: date, years: int) -> date:
    """The last day on which the sheet must still be there."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # 29 February
        return date(day.year + years, 3, 1)


def may_be_destroyed(keep_until: date) -> bool:
    """True once the time is over; who decides it and writes it down is the clinic's director."""
    return keep_until < timezone.localdate()
