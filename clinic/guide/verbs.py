"""What the steps do: the same verbs and rows as elsewhere, so all of it is audited."""

import os
from pathlib import Path

from django.utils.translation import gettext as _

from clinic.core import modules, settings_change
from clinic.core.errors import RuleBroken
from clinic.core.models import GuideStep, Institution
from clinic.core.transactions import atomic_retry
from registration import planning
from registration.doctors import add_doctor
from registration.forms_schedule import USUAL_HOURS
from registration.models import Clinician, Department, Period, Room
from registration.planning import Hours
from security.backup.errors import BackupError
from security.backup.folders import require_elsewhere
from security.new_people import add_person
from security.permissions import Role

WORKDAYS = range(5)
PARTS = (Period.MORNING, Period.AFTERNOON)
NUMBERS, ONLINE = 30, 10  # places of one part of a day, and those patients may book themselves


@atomic_retry
def mark(*, code: str, state: str, by) -> None:
    """Tick a step, or put it off."""
    row = GuideStep.objects.filter(code=code).first() or GuideStep(code=code)
    row.state, row.by = state, by
    row.save()


@atomic_retry
def save_clinic(*, fields: dict, uses: list[str], by) -> Institution:
    """Name, address and phone, and which parts of the system the clinic uses."""
    institution = Institution.objects.order_by("pk").first() or Institution()
    for name, value in fields.items():
        setattr(institution, name, value)
    institution.save()
    for code, key in modules.SETTINGS.items():
        settings_change.change(key=key, value="yes" if code in uses else "no", by=by)
    return institution


@atomic_retry
def add_places(*, departments: list[str], rooms: list[str], by) -> None:
    """Those that are not there yet; what stands there already stays as it is."""
    known = set(Department.objects.values_list("name", flat=True))
    for name in dict.fromkeys(departments):
        if name not in known:
            Department.objects.create(name=name, paediatric=name == "儿科")
    known = set(Room.objects.values_list("name", flat=True))
    for name in dict.fromkeys(rooms):
        if name not in known:
            Room.objects.create(name=name)


@atomic_retry
def add_colleague(
    *, username: str, full_name: str, roles: list[str], place: dict, by
) -> tuple[object, str]:
    """An account with its one-time password; a doctor also gets a place of work and a letter."""
    if Role.DOCTOR in roles and not (place["department"] and place["room"]):
        raise RuleBroken(
            _("Not added: a doctor needs a department and a room. Please enter them first."),
            field="department",
        )
    user, password = add_person(username=username, full_name=full_name, roles=set(roles), by=by)
    if Role.DOCTOR in roles:
        add_doctor(user=user, by=by, **place)
    return user, password


@atomic_retry
def give_usual_week(*, by) -> int:
    """Monday to Friday, morning and afternoon, for every doctor without any hours."""
    idle = list(Clinician.objects.filter(active=True, week__isnull=True))
    if not idle:
        raise RuleBroken(
            _("Nothing to do: every doctor has hours. Please change them in the usual week.")
        )
    online = ONLINE if modules.is_on("booking") else 0
    for clinician in idle:
        for period in PARTS:
            starts, ends = USUAL_HOURS[period]
            hours = Hours(starts, ends, None, NUMBERS, online, 30)
            for weekday in WORKDAYS:
                planning.save_plan(
                    clinician=clinician, weekday=weekday, period=period, hours=hours, active=True,
                    by=by,
                )  # fmt: skip
    return len(idle)


def name_second_place(*, folder: str, by) -> None:
    """The folder is looked at before it is believed: absent or read-only, it is refused."""
    path = Path(folder)
    try:
        if not path.is_absolute() or not path.is_dir():
            raise BackupError("second_gone", folder)
        require_elsewhere(path)
    except BackupError as error:
        raise RuleBroken(str(error), field="folder") from error
    if not os.access(path, os.W_OK):
        raise RuleBroken(
            _("Not saved: nothing can be written into %(folder)s. Please check its rights.")
            % {"folder": folder},
            field="folder",
        )
    settings_change.change(key="backup.second_place", value=folder, by=by)
