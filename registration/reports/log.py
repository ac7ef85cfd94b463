"""The outpatient log (R-165): who was seen, when, with what, by whom.

A doctor reads what they wrote; all of it whoever holds the permission. A list is not a file: of a
guarded record nothing medical stands in anybody else's log, and on paper, which goes from hand to
hand, in nobody's (R-140, level 5).
"""

from datetime import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.masking import mask_address
from registration import desk, guarded
from registration.models import Consultation
from registration.part_forms import KINDS, kind_of
from registration.reports.table import (
    SHORT,
    Asked,
    Column,
    Report,
    Row,
    Table,
    page_of,
)
from security.permissions import P

WHOLE = Consultation.objects.select_related(
    "patient", "registration", "clinician__user"
).prefetch_related("diagnoses")


def log(asked: Asked) -> Table:
    """One row for each consultation that has begun, in the order of the day."""
    keys, page = page_of(_visits(asked).values_list("pk", flat=True), asked)
    found = WHOLE.in_bulk(keys)
    records = [found[key] for key in keys]
    closed = {record.pk for record in records if _is_closed(record, asked)}
    ordered = desk.ordered([record for record in records if record.pk not in closed])
    rows = [
        _row(record, asked, None if record.pk in closed else ordered.get(record.pk, []))
        for record in records
    ]
    return Table(
        columns=_columns(asked),
        rows=rows,
        page=page,
        empty=_("Nobody was seen in this period."),
        patients=[record.patient_id for record in records],
    )


def may_read_all(user) -> bool:
    return user.has_perm(P.READ_DAY_LOG)


def _visits(asked: Asked):
    visits = Consultation.objects.filter(
        registration__day__gte=asked.since,
        registration__day__lte=asked.until,
        started_at__isnull=False,
    )
    if not may_read_all(asked.user):
        visits = visits.filter(clinician__user=asked.user)
    elif asked.doctor:
        visits = visits.filter(clinician=asked.doctor)
    return visits.order_by("registration__day", "started_at", "pk")


def _is_closed(record: Consultation, asked: Asked) -> bool:
    if record.clinician.user_id == asked.user.pk and not asked.on_paper:
        return False
    return guarded.is_guarded(record, [diagnosis.code for diagnosis in _standing(record)])


def _standing(record: Consultation) -> list:
    return [d for d in record.diagnoses.all() if d.removed_at is None]


def _columns(asked: Asked) -> list[Column]:
    columns = [
        Column(_("Time"), SHORT),
        Column(_("Queue number"), SHORT),
        Column(_("Patient's name"), SHORT, is_lead=True),
        Column(_("Sex"), SHORT),
        Column(_("Age"), SHORT),
        # On no file: written in by hand where the paper is needed for a report.
        *([Column(_("Occupation"), SHORT)] if asked.on_paper else []),
        Column(_("Address")),
        Column(_("Chief complaint")),
        Column(_("Diagnosis")),
        Column(_("First or return"), SHORT),
        Column(_("Treatment")),
        Column(_("Doctor"), SHORT),
    ]
    return columns


def _row(record: Consultation, asked: Asked, ordered: list[str] | None) -> Row:
    """`ordered` None: nothing medical of this record."""
    patient, day = record.patient, record.registration.day
    started = timezone.localtime(record.started_at)
    address = patient.address if asked.on_paper else mask_address(patient.address)
    return Row(
        [
            _moment(started, asked),
            record.registration.number,
            patient.name,
            patient.get_sex_display(),
            patient.age_on(day),
            *([""] if asked.on_paper else []),
            address or "",
            *_medical(record, ordered),
            record.clinician.user.full_name,
        ],
        url=_url(record, asked.user),
    )


def _moment(started: datetime, asked: Asked) -> str:
    """The page says the year above; a file that was saved must say it itself."""
    if asked.since == asked.until and not asked.on_paper:
        return f"{started:%H:%M}"
    return f"{started:%Y-%m-%d %H:%M}" if asked.on_paper else f"{started:%m-%d %H:%M}"


def _medical(record: Consultation, ordered: list[str] | None) -> list[str]:
    kind = str(dict(KINDS)[kind_of(record)])
    if ordered is None:
        return ["", _("Kept private"), kind, ""]
    diagnoses = "；".join(diagnosis.words for diagnosis in _standing(record))
    treatment = "；".join(filter(None, [*ordered, record.advice]))
    return [record.complaint or "", diagnoses, kind, treatment]


def _url(record: Consultation, user) -> str:
    if record.clinician.user_id == user.pk:
        return reverse("consultation", args=[record.pk])
    return reverse("patient_chart", args=[record.patient_id]) if user.has_perm(P.READ_CHART) else ""


LOG = Report(
    "outpatient_log",
    gettext_lazy("Outpatient log"),
    gettext_lazy("Who was seen, with what, by whom"),
    log,
    longest=31,
    too_long=gettext_lazy("The log covers at most a month. Please choose a shorter period."),
    by_doctor=True,
    to_sign=True,
)
