"""Taking hold of a prescription and moving it: the only place where its state changes (R-34)."""

from collections.abc import Callable
from functools import cache
from uuid import UUID

from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.prepared import held, prepared
from clinic.core.transactions import lock
from pharmacy.controlled import give_classes
from prescriptions.groups import gathered
from prescriptions.models import Prescription, PrescriptionEvent, PrescriptionItem
from prescriptions.states import EDITABLE, RxState, may_move
from security import tracking

_followers: list[Callable] = []


def register_follower(follow: Callable) -> None:
    """`follow(prescription, by=)` hears of every step, inside its transaction."""
    _followers.append(follow)


def locked(prescription: Prescription) -> Prescription:
    """The sheet as it is now, locked until the transaction ends; what the caller holds is old."""
    row = _held.first(prescription)
    if row is None:
        raise Prescription.DoesNotExist
    _remember(row)
    return row


@held
def _held(prescription: UUID):
    return lock(Prescription.objects.filter(pk=prescription))


def check_version(prescription: Prescription, version: int | None) -> None:
    """Refuse a decision about a sheet that was changed after the page was opened."""
    if version is not None and version != prescription.version:
        raise AlreadyDone(
            _(
                "Not done: %(number)s was changed meanwhile and is now “%(state)s”. "
                "Please read it again."
            )
            % {"number": prescription.number, "state": prescription.get_state_display()}
        )


def no_longer(prescription: Prescription) -> str:
    """What is said to whoever decides about a sheet on which somebody else decided meanwhile."""
    return _(
        "Not done: %(number)s is now “%(state)s”, so this is no longer possible. "
        "Please look at the list again."
    ) % {"number": prescription.number, "state": prescription.get_state_display()}


def move(
    prescription: Prescription, state: RxState, *, by, reason: str | None = None, **told
) -> None:
    """Set the new state of a locked sheet, note who did it and why, and save.

    A step that the table does not allow is refused. `told` is more that the event tells: its mark,
    codes and details (review_models.Objection).
    """
    old = prescription.state
    if not may_move(old, state):
        raise AlreadyDone(no_longer(prescription), rule="R-34")
    prescription.state = state
    prescription.version += 1
    prescription.save(update_fields=_changed(prescription))
    _remember(prescription)
    PrescriptionEvent.objects.create(
        prescription=prescription,
        old=old,
        new=state,
        version=prescription.version,
        reason=reason or None,
        made_by=by,
        **told,
    )
    for follow in _followers:
        follow(prescription, by=by)


def _remember(prescription: Prescription) -> None:
    """What of a locked sheet is stored: a step writes, and puts on record, only what differs."""
    values = prescription.__dict__
    prescription._as_stored = {name: values[name] for name in _columns() if name in values}
    tracking.know(prescription)


def _changed(prescription: Prescription) -> list[str] | None:
    """None: it was not locked here, everything is written."""
    stored = prescription.__dict__.get("_as_stored")
    if stored is None:
        return None
    values = prescription.__dict__
    return [
        name
        for name in _columns()
        if name in values and not (name in stored and _is_same(stored[name], values[name]))
    ]


def _is_same(before, now) -> bool:
    """A list or a dictionary may have been changed in its place."""
    if isinstance(now, (list, dict)):
        return False
    return before is now or (type(before) is type(now) and before == now)


@cache
def _columns() -> tuple[str, ...]:
    fields = Prescription._meta.concrete_fields
    return tuple(field.attname for field in fields if not field.primary_key)


def editable(prescription: Prescription, by) -> Prescription:
    """The locked sheet, refused unless `by` is its prescriber and it is a draft or returned."""
    prescription = locked(prescription)
    if prescription.prescriber_id != by.pk:
        raise RuleBroken(
            _("Only the doctor who wrote the prescription can change it."), rule="R-142"
        )
    if prescription.state not in EDITABLE:
        raise AlreadyDone(
            _(
                "Not changed: %(number)s is now “%(state)s”. Only a draft or a returned "
                "prescription can be changed."
            )
            % {"number": prescription.number, "state": prescription.get_state_display()},
            rule="R-34",
        )
    return prescription


def live_items(prescription: Prescription) -> list[PrescriptionItem]:
    """The rows that stand, with their drugs and control classes, in order, groups together."""
    rows = standing(prescription)
    give_classes([row.drug for row in rows])
    return gathered(rows)


@prepared
def standing(prescription: UUID):
    rows = PrescriptionItem.objects.filter(prescription=prescription, removed_at__isnull=True)
    return rows.select_related("drug", "skin_test_by").order_by("rank")


def reference(prescription: Prescription, item: PrescriptionItem) -> str:
    """What stock is told about a row: RX20261122-0007/2."""
    return f"{prescription.number}/{item.rank}"
