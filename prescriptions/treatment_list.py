"""The nurse's list: what is due now, what runs, what comes later, what is done; bounded queries."""

from datetime import datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone

from patients.banner import active_allergies, group_names
from patients.models import Allergy
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
MOST_MISSED = 60  # who doesn't come back leaves turns behind for ever: the latest are enough
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

MARKED_TURN = (
    "treatment__item__prescription",
    "treatment__patient",
    "pk",
    *("state", "due_at", "started_at", "ended_at", "given_back_at"),
    *("treatment__settled", "treatment__state", "treatment__patient__updated_at"),
    *("treatment__item__prescription__state", "treatment__item__prescription__version"),
)
MARKED_TEST = (
    "pk",
    "prescription__patient",
    "prescription__patient__updated_at",
    *("skin_test_started_at", "skin_test_lot"),
)
MARKED_ITEM = ("pk", "dispensed", "skin_test", "removed_at")


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
    rows = _known_turns(user, patient).select_related(*WITH)
    rows = rows.prefetch_related("treatment__turns", "treatment__patient__allergies")
    turns, missed, over = (list(part) for part in _parts(rows, midnight))
    tests = list(_with_people(_tests(user, patient)))
    show_ends(tests)
    _furnish(turns + missed + over, now)
    give_allergies([turn.treatment.patient for turn in turns + missed + over])
    give_allergies([test.prescription.patient for test in tests])
    return {
        "tests": tests,
        # Read late, a test tells less: it stands above everything else.
        "to_read": [test for test in tests if getattr(test, "is_due", False)],
        "to_wait": [test for test in tests if not getattr(test, "is_due", False)],
        "missed": missed,
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
        "is_full": len(turns) == MOST or len(missed) == MOST_MISSED,
    }


def _known_turns(user, patient):
    rows = TreatmentTurn.objects.filter(treatment__in=known_to(user)).exclude(ROW_TEST)
    return rows if patient is None else rows.filter(treatment__patient=patient)


def _parts(rows, midnight: datetime) -> tuple:
    """Today's and what still runs; left over from earlier days; over since midnight.

    Each is bounded by itself: what is left over never pushes today's out of the list.
    """
    today = Q(state=Turn.DUE, due_at__gte=midnight, due_at__lt=midnight + timedelta(days=1))
    missed = Q(state=Turn.DUE, due_at__lt=midnight)
    over = Q(state__in=OVER, ended_at__gte=midnight)
    return (
        rows.filter(today | Q(state=Turn.RUNNING)).order_by("due_at", "pk")[:MOST],
        rows.filter(missed).order_by("-due_at", "pk")[:MOST_MISSED],
        rows.filter(over).order_by("-ended_at")[:MOST],
    )


def _tests(user, patient):
    """Skin tests that wait: put on, count down, read (R-45)."""
    if not user.has_perm(P.SKIN_TEST):
        return PrescriptionItem.objects.none()
    rows = PrescriptionItem.objects.filter(
        skin_test="pending", removed_at__isnull=True, prescription__state__in=OPEN
    ).exclude(prescription__state=RxState.DRAFT)
    if patient is not None:
        rows = rows.filter(prescription__patient=patient)
    return rows.order_by("skin_test_at", "pk")[:MOST_TESTS]


def _with_people(tests):
    tests = tests.select_related("prescription__patient")
    return tests.prefetch_related("prescription__patient__allergies")


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


def give_allergies(patients: list) -> None:
    """Put `allergy_words` on each of these people; one query for their names."""
    names = group_names() if patients else {}
    for patient in patients:
        patient.allergy_words = active_allergies(patient, names)


def mark_of(user, patient=None) -> str:
    """What the list hangs on, asked in a few cheap questions: the poll's answer while it stands.

    Each minute has a mark of its own: it moves what is due, late or running on, and brings what
    is changed seldom, such as a colleague's name.
    """
    now = timezone.localtime()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    turns = [
        row
        for part in _parts(_known_turns(user, patient), midnight)
        for row in part.values_list(*MARKED_TURN)
    ]
    tests = list(_tests(user, patient).values_list(*MARKED_TEST))
    sheets = {row[0] for row in turns if row[0]}
    patients = {row[1] for row in turns} | {row[1] for row in tests}
    items = PrescriptionItem.objects.filter(prescription__in=sheets).order_by("pk")
    allergies = Allergy.objects.filter(patient__in=patients).order_by("pk")
    rows = list(items.values_list(*MARKED_ITEM)) if sheets else []
    rows += allergies.values_list("pk", "state", "severity") if patients else []
    return etag_of(user.pk, now.replace(second=0, microsecond=0), turns, tests, rows).strip('"')


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
        (t.pk.hex, t.skin_test_started_at, t.skin_test_lot, getattr(t, "is_due", None))
        + (t.prescription.patient.name, len(t.prescription.patient.allergy_words))
        for t in context["tests"]
    ]
    return etag_of(rows, tests).strip('"')


def patients_of(context: dict) -> list:
    """Everybody whose name the list shows, for the record of who read what."""
    keys = ("missed", "due", "waiting", "running", "later", "over")
    found = [t.treatment.patient_id for key in keys for t in context[key]]
    return found + [test.prescription.patient_id for test in context["tests"]]
