"""This app's parts of one file's copy and workbook: visits, vital signs, appointments (R-73).

Of a guarded record nothing medical is given but to its doctor and to whoever gave a reason (R-140).
"""

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from patients.exchange.parts import Asked, Look, Part, VisitLine, register
from registration import guarded, reading
from registration.models import Consultation, Registration
from registration.part_forms import KINDS, kind_of
from registration.vitals import VITALS, shown

LEAD = 3
HEAD, DIAGNOSIS = 5, 11  # columns of VISIT: so many tell nothing medical; where it stands
VISIT = (
    _("Time"), _("Department"), _("Doctor"), _("Kind of visit"), _("Finished at"),
    _("Chief complaint"), _("Present illness"), _("Past history"), _("Vital signs"),
    _("Physical examination"), _("Auxiliary examinations"), _("Diagnosis"),
    _("Treatment opinion"), _("Sick note"), _("Referral"), _("Follow-up"), _("Additions"),
    _("Countersigned"), _("Version"),
)  # fmt: skip
APPOINTMENT = (
    _("Day"), _("Queue number"), _("Department"), _("Doctor"), _("State"), _("Registered"),
    _("Registered by"),
)  # fmt: skip


def records(patient, asked: Asked) -> list[Consultation]:
    """The wanted visits in the order of time, each with `standing` and `is_closed`."""
    found = Consultation.objects.filter(patient=patient, started_at__isnull=False)
    if asked.on_paper:
        found = found.filter(finished_at__isnull=False)  # nothing half written is copied
    found = found.select_related("clinician__user", "clinician__department")
    found = found.prefetch_related(
        "diagnoses", "additions__written_by", "countersignatures__signed_by"
    )
    visits = [visit for visit in found.order_by("started_at", "pk") if asked.wants(visit.pk)]
    return closed_for(visits, asked)


def closed_for(visits: list[Consultation], asked: Asked) -> list[Consultation]:
    """The same, each told its standing diagnoses and whether it stays closed to this reader."""
    reader = guarded.Reader(asked.by)
    for visit in visits:
        visit.standing = [d for d in visit.diagnoses.all() if d.removed_at is None]
        is_secret = guarded.is_guarded(visit, [d.code for d in visit.standing])
        visit.is_closed = is_secret and not (asked.with_secrets or reader.may_see(visit))
    return visits


def visits(patient, asked: Asked) -> list[list]:
    return [_head(visit) + _medical(visit, asked) for visit in records(patient, asked)]


def _head(visit: Consultation) -> list:
    return [
        _moment(visit.started_at),
        visit.clinician.department.name,
        visit.clinician.user.full_name,
        str(dict(KINDS)[kind_of(visit)]),
        _moment(visit.finished_at),
    ]


def _medical(visit: Consultation, asked: Asked) -> list:
    if visit.is_closed:
        after = len(VISIT) - DIAGNOSIS - 1
        return [*[""] * (DIAGNOSIS - HEAD), gettext("Kept private"), *[""] * after]
    return [
        visit.complaint or "",
        visit.present_illness or "",
        visit.past_history or "",
        reading.vitals_words(visit),
        visit.examination or "",
        visit.auxiliary or "",
        diagnosis_words(visit),
        visit.advice or "",
        reading.sick_words(visit),
        reading.joined(visit.referral_to, visit.referral_reason),
        reading.day_words(visit.follow_up_on),
        "\n".join(_addition(row) for row in visit.additions.all()),
        _countersigned(visit),
        "" if asked.on_paper else visit.version,
    ]


def diagnosis_words(visit: Consultation) -> str:
    """Numbered where there are several; from what was read already."""
    words = [f"{d.words}（{d.code}）" for d in visit.standing]
    if len(words) < 2:
        return "".join(words)
    return "\n".join(f"{number}. {text}" for number, text in enumerate(words, 1))


def _addition(row) -> str:
    return f"{row.text}（{row.written_by.full_name} {_moment(row.written_at)}）"


def _countersigned(visit: Consultation) -> str:
    for row in visit.countersignatures.all():
        if row.version == visit.version:
            return f"{row.signed_by.full_name} {_moment(row.signed_at)}"
    return ""


def vital_signs(patient, asked: Asked) -> list[list]:
    """Each value in a column of its own, for whoever draws a curve."""
    return [
        [_moment(visit.started_at), *((visit.vitals or {}).get(key, "") for key in VITALS)]
        for visit in records(patient, asked)
        if visit.vitals and not visit.is_closed and shown(visit.vitals)
    ]


def appointments(patient, asked: Asked) -> list[list]:
    """Every number the patient ever held, also those that came to nothing."""
    found = Registration.objects.filter(patient=patient).select_related(
        "session__clinician__user", "session__clinician__department", "registered_by"
    )
    return [
        [
            row.day.isoformat(),
            row.number,
            row.session.clinician.department.name,
            row.session.clinician.user.full_name,
            row.get_state_display(),
            _moment(row.registered_at),
            row.registered_by.full_name if row.registered_by else "",
        ]
        for row in found.order_by("day", "registered_at", "pk")
    ]


def lines(patient, user) -> list[VisitLine]:
    """The finished visits to choose from; of a guarded one only day and doctor."""
    found = Consultation.objects.filter(patient=patient, finished_at__isnull=False)
    found = found.select_related("clinician__user", "clinician__department")
    visits = list(found.prefetch_related("diagnoses").order_by("-started_at"))
    return [_line(visit) for visit in closed_for(visits, Asked(user))]


def _line(visit: Consultation) -> VisitLine:
    what = (
        gettext("Kept private") if visit.is_closed else "；".join(d.words for d in visit.standing)
    )
    started = timezone.localtime(visit.started_at)
    parts = [
        date_format(started, "SHORT_DATE_FORMAT"),
        visit.clinician.department.name,
        visit.clinician.user.full_name,
        what,
    ]
    return VisitLine(visit.pk, started.date(), " · ".join(parts), visit.is_closed)


def visited(since, until, *, by=None):
    """Ids of the patients who saw a doctor in these days; `by`: who saw this one."""
    found = Registration.objects.filter(started_at__isnull=False)
    if since:
        found = found.filter(day__gte=since)
    if until:
        found = found.filter(day__lte=until)
    if by is not None:
        found = found.filter(consultation__clinician__user=by)
    return found.order_by().values("patient").distinct()


def _moment(when) -> str:
    return f"{timezone.localtime(when):%Y-%m-%d %H:%M}" if when else ""


def register_all() -> None:
    """Called when the app is ready."""
    register(Part("visits", _("Visits"), 50, VISIT, visits, Look.BLOCKS, lead=LEAD))
    columns = (_("Time"), *(vital.label for vital in VITALS.values()))
    register(Part("vitals", _("Vital signs"), 55, columns, vital_signs, on_paper=False))
    register(
        Part("registrations", _("Appointments"), 90, APPOINTMENT, appointments, on_paper=False)
    )
