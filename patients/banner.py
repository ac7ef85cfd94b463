"""Who a page is about: the context of includes/patient_banner.html, allergies first (R-44)."""

from datetime import date
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clinic.core.prepared import prepared
from clinic.core.site import setting
from patients.age import age_months
from patients.models import Allergy, AllergyGroup, AllergyStatus, Patient
from security.permissions import P

SAID_IN_DAYS = 28  # the date alone says how long ago that is


def banner(patient: Patient, facts=(), user=None) -> dict:
    """The banner's context; at most four queries.

    `facts`: dicts label, value, masked. `user`: whoever may change allergies gets the link to it.
    """
    context = {
        "patient": patient,
        "allergy_status": patient.allergy_status,
        "allergies": active_allergies(patient),
        "facts": list(facts),
        "allergy_note": _confirmed(patient),
    }
    if user is not None and user.has_perm(P.RECORD_ALLERGY):
        context["allergy_url"] = reverse("patient_allergies", args=[patient.pk])
        context["allergy_link"] = _("Change allergies")
        is_open = any(not allergy["is_sure"] for allergy in context["allergies"])
        if is_open and user.has_perm(P.CONSULT):
            context["allergy_link"] = _("Confirm the group, change allergies")
    return context


@prepared
def allergies_of(patients: list[UUID]):
    """Every entry about these people."""
    return Allergy.objects.filter(patient__in=patients)


def active_allergies(
    patient: Patient, names: dict[str, str] | None = None, rows: list[Allergy] | None = None
) -> list[dict]:
    """label, severity_label, severe and detail of each allergy in force, severe ones first.

    `names` and `rows`: group_names() and the patient's entries, from callers that show many.
    """
    if patient.allergy_status != AllergyStatus.HAS:
        return []
    rows = allergies_of([patient.pk]) if rows is None else rows
    rows = [a for a in rows if a.state == Allergy.State.ACTIVE]
    rows.sort(key=lambda a: (a.severity != Allergy.Severity.SEVERE, a.recorded_at))
    names = group_names() if names is None else names
    return [
        {
            "label": label(row, names),
            "severity_label": row.get_severity_display(),
            "severe": row.severity == Allergy.Severity.SEVERE,
            "detail": row.reaction or "",
            "is_sure": row.group_confirmed_at is not None,
        }
        for row in rows
    ]


def group_names() -> dict[str, str]:
    """Names of all groups by code; one query for a whole page."""
    return dict(_groups())


@prepared
def _groups():
    return AllergyGroup.objects.values_list("code", "name")


def label(allergy: Allergy, names: dict[str, str]) -> str:
    """What was typed, with its group where that says more: 阿莫西林（青霉素类）."""
    group = names.get(allergy.group_code, "")
    if not group or allergy.substance in group or group in allergy.substance:
        return allergy.substance
    return _("%(substance)s (%(group)s)") % {"substance": allergy.substance, "group": group}


def _confirmed(patient: Patient) -> str:
    """When the answer was last given, and whether it is time to ask again (R-44)."""
    if patient.allergy_confirmed_at is None:
        asked = patient.allergy_status == AllergyStatus.NOT_ASKED
        return "" if asked else _("From papers, the patient was not asked yet; please ask")
    today = timezone.localdate()
    day = timezone.localtime(patient.allergy_confirmed_at).date()
    if (today - day).days > setting("allergy.confirm_days"):
        return _("Last asked %(ago)s ago, please ask again") % {"ago": _ago(day, today)}
    words = {"day": date_format(day, "SHORT_DATE_FORMAT"), "ago": _ago(day, today)}
    if (today - day).days < SAID_IN_DAYS:
        return _("Confirmed %(day)s") % words
    return _("Confirmed %(day)s, %(ago)s ago") % words


def _ago(day: date, today: date) -> str:
    """7 days, 5 months: completed ones."""
    months = age_months(day, today)
    if months < 1:
        days = (today - day).days
        return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}
    return ngettext("%(months)s month", "%(months)s months", months) % {"months": months}
