"""Long care at a visit (R-63, R-68): what is due, a file for a new diagnosis, values typed once."""

from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from patients.age import age_years
from patients.followup import lists, reading, verbs
from patients.models import CareKind, FollowUp
from registration import guarded
from registration.desk import Notice
from registration.models import Consultation
from security.permissions import P

# Categories of ICD-10 that ask for a file of long care.
FILES = {
    CareKind.HYPERTENSION: ("I10", "I11", "I12", "I13", "I15"),
    CareKind.DIABETES: ("E11",),
}
PRESSURE_FROM = 35  # age: the pressure is measured every year
LOOKED_AT = 10  # visits of this year
ACT = "follow_"
KINDS = tuple(CareKind.values)


def panel(consultation: Consultation, request) -> dict:
    """What the doctor is told beside the record; nothing when nothing is to be done."""
    if not request.user.has_perm(P.FOLLOW_UP):
        return {}
    patient, today = consultation.patient, timezone.localdate()
    files = [care for care in reading.files_of(patient) if not care.closed_on]
    due = [
        {"row": care.due[0], "kind": care.kind_words, "act": f"{ACT}{care.kind}"}
        for care in files
        if care.due and care.due[0].due_on <= today + lists.AHEAD
    ]
    known = {care.kind for care in files}
    offers = [
        {"kind": CareKind(kind).label, "act": f"{ACT}{kind}"}
        for kind in _asked_for(consultation)
        if kind not in known
    ]
    return {
        "due": due,
        "offers": offers,
        "pressure": _pressure_is_due(consultation, today) and CareKind.HYPERTENSION not in known,
        "record": consultation,
    }


def _asked_for(consultation: Consultation) -> list[str]:
    """Kinds whose diagnosis stands in this record for certain."""
    standing = consultation.diagnoses.filter(removed_at__isnull=True, suspected=False)
    found = {diagnosis.code.upper()[:3] for diagnosis in standing}
    return [kind for kind, categories in FILES.items() if found.intersection(categories)]


def _pressure_is_due(consultation: Consultation, today: date) -> bool:
    """From 35 on, and no pressure was measured this year (R-63)."""
    if age_years(consultation.patient.birth_date, today) < PRESSURE_FROM:
        return False
    visits = Consultation.objects.filter(
        patient=consultation.patient_id, registration__day__gte=date(today.year, 1, 1)
    )
    measured = visits.only("vitals").order_by("-started_at")[:LOOKED_AT]
    return not any((visit.vitals or {}).get("systolic") for visit in measured)


def act_for(kind: str):
    """The button of one kind: saves the record, opens the file where there is none, and leads to
    the form of its next date."""

    def act(*, consultation: Consultation, by) -> str:
        if not by.has_perm(P.FOLLOW_UP):
            raise RuleBroken(_("Not opened: you have no right to write follow-ups."))
        files = reading.files_of(consultation.patient)
        care = next((one for one in files if one.kind == kind and not one.closed_on), None)
        if care is None:
            facts = {"diagnosed": timezone.localdate().isoformat()}
            care = verbs.open_file(
                patient=consultation.patient, kind=kind, doctor=by, facts=facts, by=by
            )
        due = care.follow_ups.filter(state=FollowUp.State.PLANNED).order_by("due_on").first()
        if due is None:
            return reverse("patient_followups", args=[consultation.patient_id])
        back = {"next": reverse("consultation", args=[consultation.pk])}
        return f"{reverse('followup_record', args=[due.pk])}?{urlencode(back)}"

    return act


def visit_values(patient, *, user) -> dict:
    """Today's figures; the complaint only for whoever may read this record (R-140)."""
    visits = Consultation.objects.filter(patient=patient, registration__day=timezone.localdate())
    visits = visits.select_related("clinician")
    visit = visits.order_by("-registration__checked_in_at", "-pk").first()
    if visit is None:
        return {}
    values = {**(visit.vitals or {}), "visit": visit.pk}
    codes = [one.code for one in visit.diagnoses.filter(removed_at__isnull=True)]
    may_read = user.has_perm(P.READ_CHART) and (
        not guarded.is_guarded(visit, codes) or guarded.Reader(user).may_see(visit)
    )
    return {**values, "symptoms_other": visit.complaint} if may_read else values


def notice(user) -> Notice | None:
    """Above the doctor's queue: whose follow-up is due today or overdue."""
    count = lists.own_due_count(user) if user.has_perm(P.FOLLOW_UP) else 0
    if not count:
        return None
    words = _("Follow-ups of your patients due: %(count)s") % {"count": count}
    return Notice(words, reverse("followup_list"))
