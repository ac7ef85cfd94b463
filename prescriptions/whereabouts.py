"""Where a patient is after the doctor, and who does what there: sheets, skin tests, treatments."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.core.days import moment
from prescriptions import rights
from prescriptions.models import Prescription, PrescriptionItem, Treatment, TreatmentTurn
from prescriptions.skin_tests import OPEN
from prescriptions.states import AT_WINDOW, BACK, RxState
from prescriptions.treatment_list import ROW_TEST
from registration import desk
from registration.desk import Place
from registration.journey import BEHIND_ALL
from security.permissions import P

# state: (stage, station, the time since when somebody waits there)
STAGES = {
    RxState.RETURNED: (desk.RETURNED, 4, "submitted_at"),
    RxState.SUBMITTED: (desk.REVIEW, 4, "submitted_at"),
    RxState.APPROVED: (desk.UNPAID, 4, "approved_at"),
    RxState.UNPAID: (desk.UNPAID, 4, "approved_at"),
    **dict.fromkeys(AT_WINDOW, (desk.DISPENSING, 5, "approved_at")),
    **dict.fromkeys(
        [RxState.DISPENSED, RxState.ARCHIVED, *BACK], (desk.DONE, BEHIND_ALL, "dispensed_at")
    ),
}
WORDS = {RxState.ARCHIVED: RxState.DISPENSED.label}  # filed away is nothing the patient does
Turn = TreatmentTurn.State


def sheets(visits) -> Iterable[tuple[UUID, Place]]:
    """Every sheet that is under way or was handed out."""
    rows = Prescription.objects.filter(consultation__registration__in=visits, state__in=STAGES)
    times = ("submitted_at", "approved_at", "dispensed_at")
    rows = rows.order_by("created_at").values_list(
        "consultation__registration_id", "pk", "state", *times
    )
    for visit, pk, state, *moments in rows:
        stage, station, since = STAGES[RxState(state)]
        word = WORDS.get(state, RxState(state).label)
        yield visit, Place(station, word, stage, moments[times.index(since)], {stage: pk})


def tests(visits) -> Iterable[tuple[UUID, Place]]:
    """Skin tests that are not read yet: nothing is handed out before (R-45)."""
    rows = PrescriptionItem.objects.filter(
        skin_test="pending",
        removed_at__isnull=True,
        prescription__state__in=OPEN - {RxState.DRAFT, RxState.RETURNED},
        prescription__consultation__registration__in=visits,
    )
    rows = rows.values_list(
        "prescription__consultation__registration_id", "pk", "prescription__submitted_at"
    )
    for visit, pk, since in rows:
        yield visit, Place(4, _("Skin test"), desk.SKIN_TEST, since, {desk.SKIN_TEST: pk})


def treatments(visits) -> Iterable[tuple[UUID, Place]]:
    """What is to be carried out today or runs; nothing is begun before it is settled (R-34)."""
    rows = TreatmentTurn.objects.filter(
        treatment__consultation__registration__in=visits,
        treatment__state=Treatment.State.ORDERED,
        state__in=[Turn.DUE, Turn.RUNNING],
        due_at__lt=moment(timezone.localdate() + timedelta(days=1)),
    ).exclude(ROW_TEST)
    rows = rows.order_by("due_at").values_list(
        *("treatment__consultation__registration_id", "pk", "state", "due_at"),
        "treatment__settled",
    )
    for visit, pk, state, since, settled in rows:
        if not settled and state == Turn.DUE:
            word = RxState.UNPAID.label
            yield visit, Place(4, word, desk.UNPAID, since, {desk.UNPAID: pk})
        else:
            word = _("Being treated") if state == Turn.RUNNING else _("Awaiting treatment")
            yield visit, Place(5, word, desk.TREATMENT, since, {desk.TREATMENT: pk})


def _treatments_of(visit, _turn) -> str:
    return f"{reverse('treatment_list')}?patient={visit.patient_id}"


def register() -> None:
    """What these stages are, and who goes on there."""
    for find in (sheets, tests, treatments):
        desk.register_whereabouts(find)
    desk.register_step(
        desk.RETURNED,
        words=_("Correct the prescription"),
        may=lambda user: user.has_perm(P.PRESCRIBE),
        url=lambda _visit, sheet: reverse("prescription_edit", args=[sheet]),
        own=True,
    )
    desk.register_step(
        desk.REVIEW,
        words=_("Review"),
        may=lambda user: rights.reviews_as(user) is not None,
        url=lambda _visit, sheet: reverse("review", args=[sheet]),
    )
    desk.register_step(
        desk.SKIN_TEST,
        words=_("Do the skin test"),
        may=lambda user: user.has_perm(P.SKIN_TEST),
        url=lambda _visit, _item: reverse("skin_test_list"),
    )
    desk.register_step(
        desk.DISPENSING,
        words=_("Dispense"),
        may=rights.works_at_window,
        url=lambda _visit, sheet: reverse("dispense", args=[sheet]),
    )
    desk.register_step(
        desk.TREATMENT,
        words=_("Carry out"),
        may=lambda user: user.has_perm(P.TREAT),
        url=_treatments_of,
    )
