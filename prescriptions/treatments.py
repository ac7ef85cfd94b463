"""What is to be carried out: ordered by the rows of a sheet, or by the doctor of the visit.

Lock order: prescription, then treatments by id; a turn is guarded by its treatment's lock.
"""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core import modules
from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.on_record import in_the_institutions_language
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry, lock
from prescriptions.courses import MOST_TURNS, due_every, due_times, times_in
from prescriptions.dictionary import frequency_of
from prescriptions.models import (
    Prescription,
    PrescriptionItem,
    Treatment,
    TreatmentService,
    TreatmentTurn,
)
from prescriptions.moves import live_items
from prescriptions.states import RxState
from registration.models import Consultation

State, Turn = Treatment.State, TreatmentTurn.State
Kind = TreatmentService.Kind
SkinTest = PrescriptionItem.SkinTest
SUBCUTANEOUS = "15"
# Who injects for longer than this does it at home, such as insulin.
DAYS_IN_THE_CLINIC = 3
OFF = {RxState.VOIDED, RxState.LAPSED, RxState.ALL_RETURNED}
OPEN_TURNS = (Turn.DUE, Turn.RUNNING)
NEVER_DONE = (Turn.NOT_DONE, Turn.REFUSED, Turn.CANCELLED)
LONGEST_WORDS = 200
MOST_DAYS_BETWEEN = 30


def follow(prescription: Prescription, *, by) -> None:
    """What the locked sheet's new state means for what it orders."""
    state = prescription.state
    if state in (RxState.APPROVED, RxState.ISSUED):
        if modules.is_on("treatments"):
            order_rows(prescription)
    elif state in OFF or state == RxState.RETURNED:
        for treatment in _standing(of=prescription):
            # Paid for, it waits for the corrected sheet, or for the sheet's end.
            if state in OFF or treatment.settled in ("", Treatment.Settled.FREE):
                end(treatment, by=by)


def order_rows(prescription: Prescription) -> None:
    """One treatment for each row or group that nurses give, and for each skin test.

    What an earlier approval ordered, and somebody paid, stays where it still fits.
    """
    wanted = {plan["live_key"]: plan for plan in _plans(prescription)}
    for treatment in _standing(of=prescription):
        plan = wanted.get(treatment.live_key)
        begun = treatment.turns.exclude(state=Turn.DUE).exists()
        fits = plan and (plan["service"], plan["times"]) == (treatment.service, treatment.times)
        if plan and treatment.state != State.CANCELLED and (fits or begun):
            del wanted[treatment.live_key]
        else:
            end(treatment, by=prescription.prescriber)
    for plan in wanted.values():
        _order_row(prescription, **plan)


def _standing(*, of: Prescription) -> list[Treatment]:
    items = list(PrescriptionItem.objects.filter(prescription=of).values_list("pk"))
    rows = Treatment.objects.filter(item_id__in=[pk for (pk,) in items], live_key__isnull=False)
    return list(lock(rows.order_by("pk")))


def _plans(prescription: Prescription) -> list[dict]:
    """What the rows that stand order, in two queries."""
    services = list(TreatmentService.objects.filter(active=True))
    by_route = {route: row for row in services for route in row.routes.split(";") if route}
    test = next((row for row in services if row.kind == Kind.SKIN_TEST), None)
    plans, groups = [], set()
    for item in live_items(prescription):
        if test and item.skin_test in (SkinTest.PENDING, SkinTest.NEGATIVE):
            plans.append({"live_key": f"{item.pk}:test", "item": item, "service": test, "times": 1})
        service = by_route.get(item.route)
        if service is None or item.group in groups or _at_home(item):
            continue
        if item.group is not None:
            groups.add(item.group)
        times = times_in(frequency_of(item.frequency), item.days)
        plans.append({"live_key": str(item.pk), "item": item, "service": service, "times": times})
    return plans


def _at_home(item: PrescriptionItem) -> bool:
    return item.route == SUBCUTANEOUS and item.days > DAYS_IN_THE_CLINIC


def _order_row(prescription, *, live_key, item, service, times) -> None:
    moments = due_times(frequency_of(item.frequency), times, timezone.now())
    treatment = _make(
        prescription.consultation,
        service=service,
        item=item,
        moments=moments,
        live_key=live_key,
        by=prescription.prescriber,
    )
    if live_key.endswith(":test"):
        follow_test(item, treatment=treatment)


def _make(consultation, *, service, moments: list[datetime], by, **more) -> Treatment:
    settled = {}
    if not setting("site.charges"):
        settled = {"settled": Treatment.Settled.FREE, "settled_at": timezone.now()}
    treatment = Treatment.objects.create(
        consultation=consultation,
        patient=consultation.patient,
        service=service,
        times=len(moments),
        ordered_by=by,
        **settled,
        **more,
    )
    for number, due_at in enumerate(moments, 1):
        TreatmentTurn.objects.create(treatment=treatment, number=number, due_at=due_at)
    return treatment


def follow_test(item: PrescriptionItem, *, treatment: Treatment | None = None) -> None:
    """The skin test's treatment says what the row says: begun when, read by whom (R-45)."""
    if treatment is None:
        rows = Treatment.objects.filter(live_key=f"{item.pk}:test")
        treatment = lock(rows).first()
    if treatment is None:
        return
    turn = treatment.turns.get()
    if item.skin_test in (SkinTest.NEGATIVE, SkinTest.POSITIVE):
        with in_the_institutions_language():  # it stands in the record
            turn.state, turn.result = Turn.DONE, str(item.get_skin_test_display())
        turn.started_at = item.skin_test_started_at or item.skin_test_at
        turn.ended_at, turn.lots = item.skin_test_at, item.skin_test_lot
        turn.by = turn.by or item.skin_test_by
        turn.ended_by = item.skin_test_by
    elif item.skin_test == SkinTest.PENDING:
        turn.started_at = item.skin_test_started_at
        turn.state = Turn.RUNNING if turn.started_at else Turn.DUE
    turn.save()
    settle_state(treatment, by=item.skin_test_by)


def require_test_settled(item: PrescriptionItem) -> None:
    """An approved sheet's skin test is put on once it is paid for or put off (R-34, R-45)."""
    if Treatment.objects.filter(live_key=f"{item.pk}:test", settled="").exists():
        raise RuleBroken(
            _("Not put on: the skin test of %(drug)s is not paid for yet.")
            % {"drug": item.drug_name},
            rule="R-34",
        )


@atomic_retry
def order(
    *, consultation: Consultation, service, words: str = "", times: int = 1, every: int = 1, by
) -> Treatment:
    """By the doctor on the page of the visit: a dressing, a nebuliser, anything that is offered."""
    consultation = lock(Consultation.objects.filter(pk=consultation.pk)).get()
    if consultation.clinician.user_id != by.pk:
        raise RuleBroken(_("Only the doctor of the visit orders treatments."), rule="R-142")
    if consultation.finished_at is not None:
        raise AlreadyDone(_("Not ordered: this visit is finished."), rule="R-94")
    if not service.active:
        raise RuleBroken(_("Not ordered: this treatment is no longer offered."), field="service")
    if not 1 <= times <= MOST_TURNS:
        raise RuleBroken(
            _("Please write the times as a number from 1 to %(most)s.") % {"most": MOST_TURNS},
            field="times",
        )
    if not 1 <= every <= MOST_DAYS_BETWEEN:
        raise RuleBroken(_("Please write the days between as 1 to 30."), field="every")
    return _make(
        consultation,
        service=service,
        words=words.strip()[:LONGEST_WORDS] or None,
        moments=due_every(every, times, timezone.now()),
        by=by,
    )


@atomic_retry
def stop(*, treatment: Treatment, reason: str = "", by) -> Treatment:
    """A doctor takes the order back, or what is left of its course; what was done stays done."""
    treatment = locked(treatment)
    begun = treatment.turns.exclude(state=Turn.DUE).exists()
    if treatment.state != State.ORDERED:
        raise AlreadyDone(
            _("Not stopped: this treatment is “%(state)s” by now.")
            % {"state": treatment.get_state_display()}
        )
    if (begun or treatment.item_id) and not reason.strip():
        raise RuleBroken(_("Please write why the treatment is stopped."), field="reason")
    end(treatment, by=by, reason=reason)
    return treatment


def locked(treatment: Treatment) -> Treatment:
    """The order as it is now; its turns change only in the hands of whoever holds this lock."""
    return lock(Treatment.objects.filter(pk=treatment.pk)).get()


def end(treatment: Treatment, *, by, reason: str = "", keep: int = 0) -> None:
    """Of a locked treatment no more than `keep` turns begin; who watches a running one ends it."""
    due = TreatmentTurn.objects.filter(treatment=treatment, state=Turn.DUE).order_by("number")
    for turn in list(lock(due))[keep:]:
        turn.state = Turn.CANCELLED
        turn.save(update_fields=["state"])
    treatment.reason = reason.strip()[:LONGEST_WORDS] or treatment.reason
    settle_state(treatment, by=by)
    if treatment.state == State.CANCELLED:
        treatment.live_key = None  # the row may order anew
        treatment.save(update_fields=["live_key"])


def drugs_came_back(prescription: Prescription, left: dict, *, by, reason: str) -> None:
    """`left` is what the patient still has of a row, in base units: for so much it goes on (R-117).

    What was used up is no longer with the patient, whatever the books say.
    """
    groups = dict(prescription.items.values_list("pk", "group"))
    quantities = dict(prescription.items.values_list("pk", "quantity"))
    for treatment in _standing(of=prescription):
        group = groups[treatment.item_id]
        members = [pk for pk in left if pk == treatment.item_id or (group and groups[pk] == group)]
        if not members:
            continue
        possible = min(left[pk] * treatment.times // quantities[pk] for pk in members)
        used = treatment.turns.filter(state__in=[Turn.DONE, Turn.RUNNING]).count()
        end(treatment, by=by, reason=reason, keep=max(0, possible - used))


def settle_state(treatment: Treatment, *, by) -> None:
    """The state of a locked treatment follows its turns."""
    states = {turn.state for turn in lock(TreatmentTurn.objects.filter(treatment=treatment))}
    if states & set(OPEN_TURNS):
        treatment.state = State.ORDERED
    else:
        treatment.state = State.DONE if Turn.DONE in states else State.CANCELLED
    if treatment.state == State.CANCELLED:
        treatment.cancelled_at, treatment.cancelled_by = timezone.now(), by
    else:
        treatment.cancelled_at = treatment.cancelled_by = None
    treatment.save()
