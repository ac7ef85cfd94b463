"""The nurse's list: what is due now, what runs, what comes later, what is done; bounded queries."""

from datetime import datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from patients.banner import active_allergies, group_names
from prescriptions.doses import Dose
from prescriptions.models import (
    PrescriptionItem,
    Treatment,
    TreatmentService,
    TreatmentTurn,
)
from prescriptions.skin_tests import OPEN
from prescriptions.skin_timer import show_ends
from prescriptions.states import RxState
from prescriptions.turns import hindrance
from registration.etag import etag_of
from security.permissions import P, Role

MOST = 120
MOST_TESTS = 60
LATE = timedelta(minutes=30)
Turn = TreatmentTurn.State
OVER = (Turn.DONE, Turn.NOT_DONE, Turn.REFUSED)
ROW_TEST = Q(
    treatment__service__kind=TreatmentService.Kind.SKIN_TEST, treatment__item__isnull=False
)
WITH = (
    "by",
    "ended_by",
    "witness",
    "treatment__patient",
    "treatment__service",
    "treatment__item",
    "treatment__consultation__registration",
)


def known_to(user):
    """Nurses carry out for everybody; a doctor for the patients of their own visits (R-143)."""
    rows = Treatment.objects.all()
    if user.has_perm(P.READ_PRESCRIPTION) and Role.NURSE not in user.roles:
        rows = rows.filter(consultation__clinician__user=user)
    return rows


def shown(user, patient=None) -> dict:
    """Everything the list shows; `patient` narrows it to one."""
    now = timezone.now()
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(), time.min))
    tomorrow = midnight + timedelta(days=1)
    rows = TreatmentTurn.objects.filter(treatment__in=known_to(user)).exclude(ROW_TEST)
    rows = rows.select_related(*WITH).prefetch_related(
        "treatment__turns", "treatment__patient__allergies"
    )
    if patient is not None:
        rows = rows.filter(treatment__patient=patient)
    open_turns = rows.filter(state__in=[Turn.DUE, Turn.RUNNING], due_at__lt=tomorrow)
    turns = list(open_turns.order_by("due_at", "pk")[:MOST])
    over = list(rows.filter(state__in=OVER, ended_at__gte=midnight).order_by("-ended_at")[:MOST])
    tests = _tests(user, patient)
    _furnish(turns + over, now)
    _allergies([turn.treatment.patient for turn in turns + over])
    return {
        "tests": tests,
        "missed": [t for t in turns if t.due_at < midnight and t.state == Turn.DUE],
        "due": [
            t for t in turns if t.state == Turn.DUE and midnight <= t.due_at <= now and t.is_ready
        ],
        "waiting": [
            t
            for t in turns
            if t.state == Turn.DUE and midnight <= t.due_at <= now and not t.is_ready
        ],
        "running": [t for t in turns if t.state == Turn.RUNNING],
        "later": [t for t in turns if t.state == Turn.DUE and t.due_at > now],
        "over": over,
        "is_full": len(turns) == MOST,
    }


def _tests(user, patient) -> list[PrescriptionItem]:
    """Skin tests that wait: put on, count down, read (R-45)."""
    if not user.has_perm(P.SKIN_TEST):
        return []
    rows = PrescriptionItem.objects.filter(
        skin_test="pending", removed_at__isnull=True, prescription__state__in=OPEN
    ).exclude(prescription__state=RxState.DRAFT)
    if patient is not None:
        rows = rows.filter(prescription__patient=patient)
    rows = rows.select_related("prescription__patient", "prescription__consultation__registration")
    rows = rows.prefetch_related("prescription__patient__allergies")
    found = list(rows.order_by("skin_test_at", "pk")[:MOST_TESTS])
    show_ends(found)
    _allergies([row.prescription.patient for row in found])
    return found


def _furnish(turns: list[TreatmentTurn], now: datetime) -> None:
    """Drugs, and what stands in the way, for all turns in one query."""
    sheets = {t.treatment.item.prescription_id for t in turns if t.treatment.item_id}
    items = PrescriptionItem.objects.filter(prescription__in=sheets, removed_at__isnull=True)
    by_sheet: dict = {}
    for item in items.order_by("rank") if sheets else ():
        by_sheet.setdefault(item.prescription_id, []).append(item)
    for turn in turns:
        treatment = turn.treatment
        own = treatment.item
        turn.items = [
            item
            for item in (by_sheet.get(own.prescription_id, []) if own else [])
            if item.pk == own.pk or (own.group is not None and item.group == own.group)
        ]
        turn.drugs = [f"{item.drug_name} {Dose(item.dose, item.dose_unit)}" for item in turn.items]
        turn.drip = next((item.drip for item in turn.items if item.drip), "")
        turn.why_not = ""
        if turn.state == Turn.DUE:
            reason = hindrance(treatment, turn, turn.items)
            turn.why_not = reason[0] if reason else ""
        turn.is_ready = not turn.why_not
        turn.is_late = turn.state == Turn.DUE and now - turn.due_at > LATE
        if turn.state == Turn.RUNNING:
            turn.minutes = int((now - turn.started_at).total_seconds() // 60)


def furnish_one(turn: TreatmentTurn) -> None:
    """The same for a page about one turn."""
    _furnish([turn], timezone.now())


def _allergies(patients: list) -> None:
    names = group_names() if patients else {}
    for patient in patients:
        patient.allergy_words = active_allergies(patient, names)


def version_of(context: dict) -> str:
    """Changes with whatever the list shows."""
    keys = ("missed", "due", "waiting", "running", "later", "over")
    rows = [
        (key, t.pk.hex, t.state, t.is_late, t.why_not, getattr(t, "minutes", 0))
        + (t.treatment.patient.name, t.treatment.patient.allergy_status)
        + (len(t.treatment.patient.allergy_words),)
        for key in keys
        for t in context[key]
    ]
    tests = [
        (t.pk.hex, t.skin_test_started_at, getattr(t, "is_due", None)) for t in context["tests"]
    ]
    return etag_of(rows, tests)


def patients_of(context: dict) -> list:
    """Everybody whose name the list shows, for the record of who read what."""
    keys = ("missed", "due", "waiting", "running", "later", "over")
    found = [t.treatment.patient_id for key in keys for t in context[key]]
    return found + [test.prescription.patient_id for test in context["tests"]]
