"""Triage by the nurse: who still has to be asked and measured, and writing it down in one go.

Vital signs are asked about and never refused (R-159); the answer about allergies is one of three
(R-44); whoever is called first gets a reason that everybody sees (R-92).
"""

from decimal import Decimal
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from patients import services
from patients.models import AllergyStatus, Patient
from registration.booking import priority_for
from registration.consultation import record_vitals
from registration.models import Registration
from registration.moves import locked
from registration.states import VisitState
from security.permissions import P

Priority, Reason = Registration.Priority, Registration.Reason
MOST = 60
OPEN = [VisitState.WAITING, VisitState.CALLED]


def untriaged(user) -> list[Registration]:
    """Who waits today and was not asked yet: emergencies first, then as they came.

    The desk's people see everybody, a doctor the own patients.
    """
    found = _untriaged()
    if not user.has_perm(P.REGISTER_VISIT):
        found = found.filter(session__clinician__user=user)
    found = found.select_related("patient", "session__clinician__user", "session__room")
    return list(found.order_by("-priority", "checked_in_at", "number")[:MOST])


def count_untriaged() -> int:
    """How many of all patients still have to be asked."""
    return _untriaged().count()


def _untriaged() -> QuerySet[Registration]:
    return Registration.objects.filter(
        day=timezone.localdate(), state__in=OPEN, triaged_at=None, started_at=None
    )


def next_after(line: list[Registration], current: UUID) -> Registration | None:
    """Who is next when this one is left for later; the first again behind the last."""
    others = [visit for visit in line if visit.pk != current]
    place = next((n for n, visit in enumerate(line) if visit.pk == current), 0)
    behind = [visit for visit in line[place:] if visit.pk != current]
    return next(iter(behind or others), None)


@atomic_retry
def triage(
    *,
    registration: Registration,
    by,
    vitals: dict[str, Decimal | None],
    reason: str | None = None,
    allergy: str = "",
    substance: str = "",
    severity: str = "",
) -> Registration:
    """Write down what was measured and asked; all of it or nothing. `reason` None: as it stands."""
    registration = locked(registration)
    if registration.day != timezone.localdate():
        raise RuleBroken(
            _("Not saved: %(number)s was for %(day)s. Please register again.")
            % {"number": registration.number, "day": registration.day}
        )
    if registration.state not in OPEN or registration.started_at is not None:
        raise RuleBroken(
            _("Not saved: %(number)s is now “%(state)s”. Please go on with the next patient.")
            % {"number": registration.number, "state": registration.get_state_display()},
            rule="R-88",
        )
    patient = registration.patient
    _note_allergies(patient, allergy, substance, severity, by)
    if any(number is not None for number in vitals.values()):
        record_vitals(registration=registration, vitals=vitals, by=by)
        registration.refresh_from_db()
    if reason is not None:
        set_priority(registration, patient, reason)
    registration.triaged_at = timezone.now()
    registration.save()
    return registration


def set_priority(registration: Registration, patient: Patient, reason: str) -> None:
    """The class by the reason, else by age; a promised time keeps its own (R-92)."""
    priority, words = priority_for(patient, reason)
    if registration.slot is not None:
        priority = max(priority, Priority.BOOKED)
    registration.priority, registration.priority_reason = priority, words


def _note_allergies(patient: Patient, answer: str, substance: str, severity: str, by) -> None:
    """The answer as it was given now; no answer leaves what is on file."""
    if substance:
        if answer not in ("", AllergyStatus.HAS):
            raise RuleBroken(
                _("A drug is written, so please choose “Has allergies”, or clear the drug."),
                field="allergy",
                rule="R-44",
            )
        services.add_allergy(patient=patient, substance=substance, severity=severity, by=by)
    elif answer == AllergyStatus.HAS and patient.allergy_status != AllergyStatus.HAS:
        raise RuleBroken(
            _("Which allergy? Please write the drug; if it isn't known, write “unknown”."),
            field="substance",
            rule="R-44",
        )
    elif answer and answer == patient.allergy_status:
        if answer != AllergyStatus.NOT_ASKED:
            services.confirm_allergies(patient=patient, by=by)
    elif answer:
        services.set_allergy_status(patient=patient, status=answer, by=by)
