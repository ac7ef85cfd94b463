"""What a patient takes, for the chart: what should last today, and what is taken for long (R-170).

A supply lasts the days that were prescribed, from the day the sheet left the doctor. Drugs stay in
sight of whoever may read the file, also those of a guarded visit (registration.guarded).
"""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.days import moment
from clinic.core.prepared import prepared
from prescriptions.herb_words import FOR_COMMON_LINE, common_line
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.rows import FOR_USAGE, usage_of
from prescriptions.rules.durations import LONG_TERM
from prescriptions.rules.gather import TAKEN
from prescriptions.states import AT_WINDOW, RxState

LOOK_BACK = timedelta(days=180)
MISSED = timedelta(days=60)  # a long-term drug whose supply ended since then is named
OFTEN = 3  # sheets within the time looked back over
NOT_OUT = (RxState.SUBMITTED, RxState.APPROVED, RxState.UNPAID, *AT_WINDOW)


@dataclass(frozen=True)
class Taken:
    """One drug, by its latest supply; all pieces of a herbal sheet are one."""

    name: str
    strength: str
    usage: str
    sheet: Prescription
    since: date
    until: date  # the last day that it covers
    is_long: bool

    @property
    def days_left(self) -> int:
        """Today counts; none or less when it is used up."""
        return (self.until - timezone.localdate()).days + 1

    @property
    def is_out(self) -> bool:
        return self.sheet.state not in NOT_OUT


def of(patient) -> list[Taken]:
    """What lasts, the shortest first; then long-term drugs that ran out lately. One query."""
    today = timezone.localdate()
    rows = _rows(patient, since())
    rows.sort(key=lambda row: row.rank)
    rows.sort(key=lambda row: row.prescription.submitted_at, reverse=True)
    found = _latest(rows)
    lasting = [taken for taken in found if taken.days_left > 0]
    missed = [taken for taken in found if taken.is_long and today - MISSED <= taken.until < today]
    lasting.sort(key=lambda taken: (not taken.is_long, taken.until))
    return lasting + sorted(missed, key=lambda taken: taken.until, reverse=True)


def since() -> datetime:
    """A whole day more rather than a part of it less."""
    return moment(timezone.localdate() - LOOK_BACK)


def section(patient, _request) -> dict:
    """The chart's section."""
    found = of(patient)
    return {"taken": found, "count": sum(taken.days_left > 0 for taken in found)}


@prepared
def _rows(patient: UUID, since: datetime):
    rows = PrescriptionItem.objects.filter(
        prescription__patient=patient,
        prescription__state__in=TAKEN,
        prescription__submitted_at__gte=since,
        removed_at__isnull=True,
    )
    # Sorted here: MariaDB would put these broad rows into a table of its own for that.
    rows = rows.select_related("drug", "prescription__prescriber").order_by()
    of_sheet = (f"prescription__{name}" for name in ("state", "submitted_at", *FOR_COMMON_LINE))
    own = ("rank", "drug_name", "strength", "prescription__prescriber__full_name")
    return rows.only(*own, *FOR_USAGE, *of_sheet)


def _latest(rows) -> list[Taken]:
    """Of each drug the supply that lasts longest; what stands on several sheets is for long."""
    supplies: dict[tuple, list[Taken]] = {}
    for row in rows:
        is_herbal = row.prescription.form == Prescription.Form.HERBAL
        key = ("sheet", row.prescription_id) if is_herbal else ("drug", row.drug_id)
        supplies.setdefault(key, []).append(_taken(row, is_herbal=is_herbal))
    return [_one(of_drug) for of_drug in supplies.values()]


def _one(supplies: list[Taken]) -> Taken:
    often = len({taken.sheet.pk for taken in supplies}) >= OFTEN
    is_long = often or any(taken.is_long for taken in supplies)
    return replace(max(supplies, key=lambda taken: taken.until), is_long=is_long)


def _taken(row: PrescriptionItem, *, is_herbal: bool) -> Taken:
    sheet = row.prescription
    since = timezone.localdate(sheet.submitted_at)
    return Taken(
        name=_("Herbal pieces") if is_herbal else row.drug_name,
        strength="" if is_herbal else row.strength,
        usage=common_line(sheet) if is_herbal else usage_of(row),
        sheet=sheet,
        since=since,
        until=since + timedelta(days=row.days - 1),
        is_long=row.days > LONG_TERM,
    )
