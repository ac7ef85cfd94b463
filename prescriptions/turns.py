"""Carrying out: one turn is begun, ended, left out or refused, by whom and with what (R-40, R-45).

Each verb takes the treatment's lock first, so of two nurses one is told that it is done.
"""

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.transactions import atomic_retry, lock
from pharmacy.controlled import needs_two_people
from prescriptions import dispensing
from prescriptions.groups import members
from prescriptions.models import (
    DispenseLine,
    PrescriptionItem,
    Treatment,
    TreatmentService,
    TreatmentTurn,
)
from prescriptions.moves import live_items
from prescriptions.treatments import LONGEST_WORDS, OPEN_TURNS, locked, settle_state
from security import audit

State, Turn = Treatment.State, TreatmentTurn.State
Kind = TreatmentService.Kind
SkinTest = PrescriptionItem.SkinTest
# They run for a while; the others are over as soon as they are done.
LASTING = {Kind.INFUSION, Kind.NEBULISER}
UNDO_MINUTES = 10
LONGEST_LOTS = 200


def items_of(treatment: Treatment) -> list[PrescriptionItem]:
    """The rows that are given together; of a dressing, none."""
    if treatment.item_id is None:
        return []
    rows = live_items(treatment.item.prescription)
    return members(rows, treatment.item.group) or [r for r in rows if r.pk == treatment.item_id]


def needs_witness(treatment: Treatment, items: list[PrescriptionItem]) -> bool:
    """True where two persons check: the service says so, or a drug's class does (R-40)."""
    return treatment.service.two_people or needs_two_people(item.drug_id for item in items)


def is_skin_test(treatment: Treatment) -> bool:
    """A row's test: put on and read by its own verbs (prescriptions.skin_tests)."""
    return treatment.service.kind == Kind.SKIN_TEST and treatment.item_id is not None


@atomic_retry
def start(*, turn: TreatmentTurn, checked: bool = True, witness=None, by) -> TreatmentTurn:
    """It begins now, in the hands of `by`."""
    treatment, turn = _held(turn)
    _begin(treatment, turn, checked, witness, by)
    turn.save()
    settle_state(treatment, by=by)
    return turn


@atomic_retry
def finish(
    *,
    turn: TreatmentTurn,
    checked: bool = True,
    witness=None,
    result: str = "",
    reaction: str = "",
    by,
) -> TreatmentTurn:
    """It is over; what doesn't last is begun and ended at once."""
    treatment, turn = _held(turn)
    if turn.state == Turn.DUE:
        _begin(treatment, turn, checked, witness, by)
    elif turn.state != Turn.RUNNING:
        raise _too_late(turn)
    turn.state, turn.ended_at, turn.ended_by = Turn.DONE, timezone.now(), by
    turn.result, turn.reaction = _words(result), _words(reaction)
    turn.save()
    settle_state(treatment, by=by)
    return turn


@atomic_retry
def leave_out(*, turn: TreatmentTurn, reason: str = "", refused: bool = False, by) -> TreatmentTurn:
    """Not carried out, or refused by the patient; somebody writes why."""
    treatment, turn = _held(turn)
    if turn.state != Turn.DUE:
        raise _too_late(turn)
    if not reason.strip():
        raise RuleBroken(_("Please write why it is not carried out."), field="reason")
    turn.state = Turn.REFUSED if refused else Turn.NOT_DONE
    turn.reason, turn.ended_at, turn.ended_by = _words(reason), timezone.now(), by
    turn.save()
    settle_state(treatment, by=by)
    return turn


@atomic_retry
def undo(*, turn: TreatmentTurn, by) -> TreatmentTurn:
    """A slip of the finger, taken back by the same person within minutes; the log keeps both."""
    treatment, turn = _held(turn)
    last = turn.ended_at or turn.started_at
    who = turn.ended_by_id or turn.by_id
    if turn.state in (Turn.DUE, Turn.CANCELLED) or last is None or turn.given_back_at:
        raise _too_late(turn)
    if who != by.pk or timezone.now() - last > timedelta(minutes=UNDO_MINUTES):
        raise RuleBroken(
            _("Only who did it takes it back, within %(minutes)s minutes.")
            % {"minutes": UNDO_MINUTES}
        )
    audit.record(
        "treatment_undone",
        subject=treatment.patient_id,
        target=treatment,
        data={"turn": turn.number, "was": turn.state},
    )
    if turn.state == Turn.DONE and treatment.service.kind in LASTING:
        turn.state, turn.ended_at, turn.ended_by = Turn.RUNNING, None, None
    else:
        turn.state, turn.started_at, turn.ended_at = Turn.DUE, None, None
        turn.by = turn.ended_by = turn.witness = None
        turn.lots = ""
    turn.result = turn.reaction = turn.reason = None
    if turn.state == Turn.DUE and _is_stopped(treatment, turn, by):
        turn.state = Turn.CANCELLED
    turn.save()
    settle_state(treatment, by=by)
    return turn


def _is_stopped(treatment: Treatment, turn: TreatmentTurn, by) -> bool:
    """The order was taken back meanwhile, so the turn isn't due again: nobody carries it out."""
    states = {row.state for row in treatment.turns.all() if row.pk != turn.pk}
    if states & set(OPEN_TURNS):
        return False
    ended = treatment.reason or treatment.cancelled_by_id not in (None, by.pk)
    return bool(ended) or Turn.CANCELLED in states


def may_undo(turn: TreatmentTurn, user) -> bool:
    """True while the button makes sense."""
    last = turn.ended_at or turn.started_at
    recent = last is not None and timezone.now() - last <= timedelta(minutes=UNDO_MINUTES)
    is_over = turn.state in (Turn.RUNNING, Turn.DONE, Turn.NOT_DONE, Turn.REFUSED)
    return (
        is_over
        and recent
        and not turn.given_back_at
        and (turn.ended_by_id or turn.by_id) == user.pk
    )


def _held(turn: TreatmentTurn) -> tuple[Treatment, TreatmentTurn]:
    treatment = locked(turn.treatment)
    if is_skin_test(treatment):
        raise RuleBroken(
            _("A skin test is put on and read in the list of skin tests."), rule="R-45"
        )
    return treatment, lock(TreatmentTurn.objects.filter(pk=turn.pk)).get()


def _begin(treatment: Treatment, turn: TreatmentTurn, checked: bool, witness, by) -> None:
    if turn.state != Turn.DUE:
        raise _too_late(turn)
    items = items_of(treatment)
    reason = hindrance(treatment, turn, items)
    if reason:
        raise RuleBroken(reason[0], rule=reason[1])
    if not checked:
        raise RuleBroken(
            _("Please compare name and number with the patient first."),
            field="checked",
            rule="R-40",
        )
    _require_still_safe(treatment, items)
    if needs_witness(treatment, items) and (witness is None or witness.pk == by.pk):
        raise RuleBroken(
            _("Not begun: this needs a second person, who checks and confirms."),
            field="witness_name",
            rule="R-40",
        )
    turn.state, turn.started_at, turn.by, turn.witness = Turn.RUNNING, timezone.now(), by, witness
    turn.lots = lots_of(items)


def hindrance(treatment: Treatment, turn: TreatmentTurn, items) -> tuple[str, str] | None:
    """Why this turn can't begin yet, with the rule; None when it can."""
    if not treatment.settled:
        return _("It is not paid for yet."), "R-34"
    for item in items:
        if item.skin_test in (SkinTest.PENDING, SkinTest.POSITIVE):
            words = _("The skin test of %(drug)s: %(state)s.")
            return words % {
                "drug": item.drug_name,
                "state": item.get_skin_test_display(),
            }, "R-45"
        if not item.outside and turn.number > _turns_handed_out(treatment, item):
            return _("%(drug)s is not handed out yet.") % {"drug": item.drug_name}, "R-34"
    if treatment.item_id and not items:
        return _("The drug was taken off the prescription."), "R-34"
    if timezone.localdate(turn.due_at) > timezone.localdate():
        day = f"{timezone.localtime(turn.due_at):%m-%d %H:%M}"
        return _("It is due only on %(day)s.") % {"day": day}, "R-40"
    earlier = [t for t in _earlier(treatment, turn) if t.state in (Turn.DUE, Turn.RUNNING)]
    if earlier:
        words = _("Turn %(number)s comes first: carry it out, or write why not.")
        return words % {"number": earlier[0].number}, "R-40"
    return None


def _earlier(treatment: Treatment, turn: TreatmentTurn) -> list[TreatmentTurn]:
    rows = [t for t in treatment.turns.all() if t.number < turn.number]
    return sorted(rows, key=lambda t: t.number)


def _turns_handed_out(treatment: Treatment, item: PrescriptionItem) -> int:
    """For how many turns the patient has the drug by now (R-123)."""
    if item.dispensed >= item.quantity:
        return treatment.times
    return item.dispensed * treatment.times // item.quantity


def _require_still_safe(treatment: Treatment, items: list[PrescriptionItem]) -> None:
    """What the file learnt since the drugs went out, such as an allergy, stops the turn (R-43)."""
    if not items:
        return
    ours = {item.pk.hex for item in items}
    for finding in dispensing.stops(items[0].prescription, live_items(items[0].prescription)):
        if not finding.lines or ours & set(finding.lines):
            raise RuleBroken(
                _("Not begun: %(reason)s. Please ask the doctor.") % {"reason": finding.title},
                rule="R-43",
            )


def lots_of(items: list[PrescriptionItem]) -> str:
    """The lots that were handed out for these rows: 注射用头孢 L1, 氯化钠 L2."""
    lines = DispenseLine.objects.filter(item__in=items).select_related("movement__batch")
    found: dict[str, None] = {}
    for line in lines.order_by("item__rank", "pk"):
        found.setdefault(line.movement.batch.lot)
    return "、".join(found)[:LONGEST_LOTS]


def _words(text: str) -> str | None:
    return text.strip()[:LONGEST_WORDS] or None


def _too_late(turn: TreatmentTurn) -> AlreadyDone:
    return AlreadyDone(
        _("Not done: turn %(number)s is “%(state)s” by now.")
        % {"number": turn.number, "state": turn.get_state_display()},
        rule="R-40",
    )
