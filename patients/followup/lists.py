"""Who is due: an index look-up over the state and the day of each date (R-68).

The kind of a file is sealed, so it is compared after opening; that is bounded by the window of
days and by MOST rows, the longest overdue first.
"""

from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.core.paging import page_of_keys
from clinic.core.prepared import prepared
from patients.masking import area_of
from patients.models import CareFile, FollowUp
from security.access import require_file
from security.permissions import P

AHEAD = timedelta(days=14)
MOST = 1000
PAGE = 30
WHEN = {
    "overdue": _("Overdue"),
    "today": _("Today"),
    "soon": _("Next two weeks"),
}


def require_follow_up(user, patient) -> None:
    """Long care is nurses' daily work; whoever may read files needs this one in their care.

    A doctor has it by being the file's doctor, by a visit, or by a reason (R-143).
    """
    if user.has_perm(P.READ_CHART):
        require_file(user, patient)


@prepared
def _followed(patient: UUID, doctor: int):
    rows = CareFile.objects.filter(patient=patient, doctor=doctor, closed_on=None)
    return rows.order_by().values_list("pk", flat=True)[:1]


def is_followed(user, patient) -> bool:
    """A care relation: this doctor has an open file of long care of the patient."""
    return bool(_followed(patient, user.pk))


def planned(user) -> QuerySet:
    """Dates that are still to be kept; a doctor's own, a nurse's all."""
    rows = FollowUp.objects.filter(state=FollowUp.State.PLANNED)
    return rows.filter(care_file__doctor=user) if user.has_perm(P.READ_CHART) else rows


def due_count() -> int:
    """How many dates are due today or overdue, in the whole clinic: the nurse's counter."""
    today = timezone.localdate()
    return FollowUp.objects.filter(state=FollowUp.State.PLANNED, due_on__lte=today).count()


def own_due_count(user) -> int:
    """The same of one doctor's files."""
    rows = FollowUp.objects.filter(state=FollowUp.State.PLANNED, care_file__doctor=user)
    return rows.filter(due_on__lte=timezone.localdate()).count()


@dataclass(frozen=True)
class Asked:
    """What the list is narrowed to; empty: everything."""

    when: str = ""
    kind: str = ""
    doctor: str = ""
    area: str = ""

    @classmethod
    def of(cls, query) -> "Asked":
        return cls(
            **{name: query.get(name, "")[:60] for name in ("when", "kind", "doctor", "area")}
        )


class Due:
    """The list of one person: its filters with their counts, and one page of it."""

    def __init__(self, user, asked: Asked, number):
        today = timezone.localdate()
        found = planned(user).filter(due_on__lte=today + AHEAD).order_by("due_on", "pk")
        rows = list(_with_address(found)[: MOST + 1])
        self.asked, self.more, rows = asked, len(rows) > MOST, rows[:MOST]
        for row in rows:
            row.when = when(row.due_on, today)
        self.counts = Counter(row.when for row in rows if _fits(row, asked, but="when"))
        self.kinds = Counter(row.care_file.kind for row in rows if _fits(row, asked, but="kind"))
        self.areas = sorted({area for row in rows if (area := _area(row))})
        keys = [row.pk for row in rows if _fits(row, asked)]
        whole = FollowUp.objects.select_related("care_file__patient", "care_file__doctor")
        self.page = page_of_keys(keys, whole, number, PAGE)


def when(day: date, today: date) -> str:
    """Which part of the list a day belongs to."""
    return "overdue" if day < today else "today" if day == today else "soon"


def _with_address(rows: QuerySet) -> QuerySet:
    return rows.select_related("care_file__patient").only(
        "due_on", "care_file__kind", "care_file__doctor_id", "care_file__patient__address"
    )


def _area(row: FollowUp) -> str:
    return area_of(row.care_file.patient.address)


def _fits(row: FollowUp, asked: Asked, *, but: str = "") -> bool:
    said = {
        "when": lambda: row.when,
        "kind": lambda: row.care_file.kind,
        "doctor": lambda: str(row.care_file.doctor_id or "none"),
        "area": lambda: _area(row),
    }
    return all(
        said[name]() == wanted for name in said if name != but and (wanted := getattr(asked, name))
    )
