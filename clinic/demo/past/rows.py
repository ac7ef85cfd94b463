"""The rows that a visit leaves behind: number, call, record, diagnoses, what was signed."""

from collections import defaultdict
from datetime import datetime, time, timedelta, timezone

from clinic.core.days import moment
from patients.age import age_years
from registration import versions
from registration.allergies import as_signed
from registration.models import (
    Call,
    Consultation,
    Diagnosis,
    RecordVersion,
    Registration,
    ReportDuty,
)
from registration.notifiable import disease_of
from registration.states import VisitState

State = VisitState
SIGNED_AS = 2  # the record was saved once before it was signed
RETURNS = 30  # days within which one more visit is a return visit


class Rows:
    """Rows of one visit by model, in the order in which they have to be written."""

    def __init__(self):
        self.by_model = defaultdict(list)

    def add(self, row):
        self.by_model[type(row)].append(row)
        return row

    def take(self, others: "Rows") -> None:
        """Those of a trial that stood."""
        for model, found in others.by_model.items():
            self.by_model[model] += found


def at(day, minutes: float) -> datetime:
    """A moment of the day in UTC, as it comes back from the database."""
    first = moment(day).astimezone(timezone.utc)
    return first + timedelta(seconds=round(minutes * 60))


def number(rows: Rows, known, visit, *, day, session, letter_no: str, chance) -> Registration:
    """The number at the desk; of somebody who had an appointment given some days before."""
    came, desk = visit.arrives, known.people["frontdesk"]
    patient = known.file(visit.person.pk)
    years = age_years(patient.birth_date, day)
    row = Registration(
        patient=patient,
        session=session,
        day=day,
        number=letter_no,
        slot=None if visit.slot is None else time(*divmod(visit.slot, 60)),
        state=State.LAPSED if visit.absent else State.FINISHED,
        registered_by=desk,
        registered_at=at(day, came),
        slip_prints=1,
    )
    if visit.booked_ahead:
        before = chance.randrange(9 * 60, 17 * 60)
        row.registered_at = at(day - timedelta(days=visit.booked_ahead), before)
        row.priority = Registration.Priority.BOOKED
    if years >= known.site["queue.priority_age"]:
        row.priority = Registration.Priority.PRIORITY
        row.priority_reason = Registration.Reason.ELDERLY
    if not visit.absent:
        row.checked_in_at = at(day, came)
        row.triaged_at = at(day, max(came, visit.starts - chance.uniform(1, 4)))
        row.first_called_at = at(day, visit.starts)
        row.called_times = 1
        row.started_at = at(day, visit.starts + 0.5)
        row.finished_at = at(day, visit.ends)
        call = Call(registration=row, room=session.room, called_at=row.first_called_at)
        call.called_by = session.clinician.user
        rows.add(row)
        rows.add(call)
    else:
        rows.add(row)
    return row


def record(rows: Rows, known, registration, story, *, clinician) -> Consultation:
    """The doctor's record with its diagnoses, signed at the end of the visit."""
    patient, doctor = registration.patient, clinician.user
    day = registration.day
    hours = known.site["record.archive_hours"]
    before = [d for _c, _n, d in known.conditions[patient.pk] if (day - d).days <= RETURNS]
    row = rows.add(
        Consultation(
            registration=registration,
            patient=patient,
            clinician=clinician,
            vitals=story.vitals or None,
            complaint=story.complaint,
            present_illness=story.illness,
            examination=story.examination,
            advice=story.advice,
            first_visit=not before,
            started_at=registration.started_at,
            finished_at=registration.finished_at,
            finished_by=doctor,
            archives_at=registration.finished_at + timedelta(hours=hours),
            version=SIGNED_AS,
        )
    )
    diagnoses = [
        rows.add(_diagnosis(row, rank, code, name or known.icd10[code], doctor))
        for rank, (code, name) in enumerate(story.diagnoses, 1)
    ]
    for one in diagnoses:
        _report(rows, row, one)
    signed = registration.finished_at
    rows.add(
        RecordVersion(
            consultation=row,
            number=SIGNED_AS,
            written_at=signed,
            written_by=doctor,
            content=versions.content_of(
                row,
                diagnoses=diagnoses,
                by=doctor,
                at=signed,
                before=None,
                allergies=as_signed(patient),
            ),
        )
    )
    return row


def _diagnosis(row: Consultation, rank: int, code: str, name: str, doctor) -> Diagnosis:
    month = row.registration.day.strftime("%Y-%m")
    return Diagnosis(
        consultation=row,
        rank=rank,
        code=code,
        name=name,
        month_code=f"{month}/{code}",
        added_at=row.started_at + timedelta(minutes=2),
        added_by=doctor,
    )


def _report(rows: Rows, row: Consultation, diagnosis: Diagnosis) -> None:
    """A notifiable disease was reported the same day (R-75)."""
    disease = disease_of(diagnosis.code)
    if disease is None:
        return
    sent = row.finished_at + timedelta(minutes=35)
    facts = {"disease": disease.name, "grade": disease.grade, "hours": disease.hours}
    rows.add(
        ReportDuty(
            consultation=row,
            facts=facts | {"code": diagnosis.code, "name": diagnosis.name},
            state=ReportDuty.State.REPORTED,
            raised_at=diagnosis.added_at,
            due_at=diagnosis.added_at + timedelta(hours=disease.hours),
            reported_at=sent,
            closed_at=sent,
            closed_by=diagnosis.added_by,
        )
    )
