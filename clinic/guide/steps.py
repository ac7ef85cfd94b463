"""The administrator's first steps, and what the data say about each of them.

A step is done when its data are there; where data can't tell (a test print, the drug list that
came along) somebody ticks it. Each may be put off; the whole guide may be, too.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from clinic.core.models import GuideStep, Institution, TableImport
from clinic.core.site import setting
from pharmacy.importing.drugs import NAME as DRUG_TABLE
from registration.models import Clinician, Department, Registration, Room, WeeklySchedule
from security.models import User
from security.permissions import Role

WHOLE = "guide"  # the row that says the guide was put off or finished as a whole


@dataclass(frozen=True)
class Step:
    code: str
    title: object
    why: object
    is_there: Callable[[], bool]


@dataclass
class Shown:
    """A step as the row of steps draws it."""

    step: Step
    state: str  # done, later, or "" for still to do

    @property
    def code(self) -> str:
        return self.step.code


def _has_clinic() -> bool:
    return Institution.objects.exclude(phone="").exists()


def _has_places() -> bool:
    return Department.objects.filter(active=True).exists() and Room.objects.exists()


def _has_people() -> bool:
    """Somebody who works with patients."""
    staff = User.objects.filter(is_active=True, groups__name__in=set(Role))
    return staff.exclude(groups__name__in=[Role.ADMINISTRATOR, Role.AUDITOR]).exists()


def _has_week() -> bool:
    doctors = Clinician.objects.filter(active=True)
    planned = WeeklySchedule.objects.filter(active=True).values("clinician")
    return doctors.exists() and not doctors.exclude(pk__in=planned).exists()


def _has_own_drugs() -> bool:
    return TableImport.objects.filter(kind=DRUG_TABLE, state=TableImport.State.DONE).exists()


def _has_second_place() -> bool:
    return bool(setting("backup.second_place").strip())


STEPS = [
    Step("clinic", _("Clinic and its parts"), _("Printed on every paper."), _has_clinic),
    Step("places", _("Departments"), _("Where patients are sent."), _has_places),
    Step("people", _("People"), _("Everybody signs in by an own name."), _has_people),
    Step("week", _("Schedule"), _("When doctors see patients."), _has_week),
    Step("drugs", _("Drug list"), _("What doctors choose from."), _has_own_drugs),
    Step("printer", _("Test print"), _("Slips and prescriptions."), lambda: False),
    Step("backup", _("Backup place"), _("A second copy on another disk."), _has_second_place),
]
CODES = [step.code for step in STEPS]


def shown() -> list[Shown]:
    """All steps with their state."""
    ticked = dict(GuideStep.objects.values_list("code", "state"))
    return [Shown(step, "done" if step.is_there() else ticked.get(step.code, "")) for step in STEPS]


def next_open(steps: list[Shown], after: str = "") -> Shown | None:
    """The first step that is still to do, beginning behind `after` and coming round."""
    place = CODES.index(after) + 1 if after in CODES else 0
    return next((one for one in steps[place:] + steps[:place] if not one.state), None)


def is_put_off() -> bool:
    return GuideStep.objects.filter(code=WHOLE).exists()


def is_wanted() -> bool:
    """The guide is the administrator's first page: nobody was ever registered here, it was not
    put off, and something is still to do."""
    if is_put_off() or Registration.objects.exists():
        return False
    return next_open(shown()) is not None
