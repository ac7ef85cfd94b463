"""What a file must have before it counts as complete (R-62), by name and for counting."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from patients.age import age_years
from patients.models import AllergyStatus, Basics, Patient, Sex

UNKNOWN_SEX = [Sex.UNKNOWN.value, Sex.UNSTATED.value]
# Younger children don't fill the form that asks for earlier illness.
ASKED_FROM = 7


@dataclass(frozen=True)
class Item:
    """One of the things a file must have; `missing(today)` is the condition of files without it."""

    key: str
    label: object
    missing: object


def _no_history(today: date) -> Q:
    try:
        asked_until = today.replace(year=today.year - ASKED_FROM)
    except ValueError:  # 29 February
        asked_until = today.replace(year=today.year - ASKED_FROM, day=28)
    answered = Q(basics__histories__in=[Basics.Histories.DENIED, Basics.Histories.HAS])
    return Q(birth_date__lte=asked_until) & ~answered


ITEMS = [
    Item("name", _("full name"), lambda _today: Q(is_unnamed=True)),
    Item("sex", _("sex"), lambda _today: Q(sex__in=UNKNOWN_SEX)),
    # Of somebody unnamed it is a guess; of others the year may be all that anybody knows.
    Item("birth_date", _("date of birth"), lambda _today: Q(is_unnamed=True)),
    Item("document", _("document"), lambda _today: Q(id_number__isnull=True, no_id_reason="")),
    Item("phone", _("phone"), lambda _today: Q(phone__isnull=True, contact_phone__isnull=True)),
    Item(
        "allergies", _("allergies"), lambda _today: Q(allergy_status=AllergyStatus.NOT_ASKED.value)
    ),
    Item("histories", _("earlier illness"), _no_history),
]


def missing(patient: Patient) -> list[Item]:
    """What this file lacks, in the order of the form; at most one query."""
    today = timezone.localdate()
    asked = age_years(patient.birth_date, today) >= ASKED_FROM
    lacks = {
        "name": patient.is_unnamed,
        "sex": patient.sex in UNKNOWN_SEX,
        "birth_date": patient.is_unnamed,
        "document": not (patient.id_number or patient.no_id_reason),
        "phone": not (patient.phone or patient.contact_phone),
        "allergies": patient.allergy_status == AllergyStatus.NOT_ASKED,
        "histories": asked and _histories(patient) == Basics.Histories.NOT_ASKED,
    }
    return [item for item in ITEMS if lacks[item.key]]


def incomplete(today: date | None = None) -> Q:
    """The condition of files that lack anything, for counting over many."""
    today = today or timezone.localdate()
    found = Q()
    for item in ITEMS:
        found |= item.missing(today)
    return found


def _histories(patient: Patient) -> str:
    try:
        return patient.basics.histories
    except Basics.DoesNotExist:
        return Basics.Histories.NOT_ASKED
