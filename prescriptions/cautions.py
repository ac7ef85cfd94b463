"""What the chart says before anything is prescribed: pregnant or nursing, by the visits (R-37)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from patients.records import Caution
from prescriptions.rules.contraindications import nursing_of, pregnancy_of
from prescriptions.rules.facts import Condition
from registration.chart import history


@dataclass(frozen=True)
class OnFile:
    """As much of a sheet as those two questions need."""

    today: date
    sex: str
    conditions: tuple[Condition, ...]


def cautions(patient, request) -> Iterator[Caution]:
    """Only from records that this reader may see: a pregnancy is guarded (R-140)."""
    conditions = tuple(
        Condition(code=row.code, name=row.name, suspected=row.suspected, on=visit.day)
        for visit in history.of(patient, request)
        for row in visit.diagnoses
    )
    on_file = OnFile(timezone.localdate(), patient.sex, conditions)
    for found, label in (
        (pregnancy_of(on_file), _("Pregnancy")),
        (nursing_of(on_file), _("Nursing")),
    ):
        if found is not None:
            words = _("%(what)s: %(name)s, %(day)s") % {
                "what": label,
                "name": found.name,
                "day": found.on.isoformat(),
            }
            yield Caution(words, order=6)
