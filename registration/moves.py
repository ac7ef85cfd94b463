"""Taking hold of a visit and moving it: the only place where its status changes."""

from datetime import datetime, timedelta

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.prepared import prepared
from clinic.core.transactions import lock
from registration.models import Registration
from registration.states import LIVE, VisitState, may_move

AFTER = timedelta(microseconds=1)


def locked(registration: Registration) -> Registration:
    """The visit as it is now, locked until the transaction ends.

    What the caller holds may be minutes old; nothing is decided on it. Joined tables are left
    out on purpose: MariaDB would lock their rows too.
    """
    return lock(Registration.objects.filter(pk=registration.pk)).get()


def move(registration: Registration, state: VisitState) -> None:
    """Set the new status of a locked visit, or refuse a step that the table does not allow.

    The caller saves. A visit that is no longer alive frees the patient for a new number (R-102).
    """
    if not may_move(registration.state, state):
        raise not_possible(registration)
    registration.state = state
    if state not in LIVE:
        registration.live_key = None


def check_from(registration: Registration, *states: VisitState) -> None:
    """The table says which steps exist; whoever's step it is says from where it is taken."""
    if registration.state not in states:
        raise not_possible(registration)


def not_possible(registration: Registration) -> RuleBroken:
    return RuleBroken(
        _(
            "Not done: %(number)s is now “%(state)s”, so this is no longer possible. "
            "Please look at the list again."
        )
        % {"number": registration.number, "state": registration.get_state_display()},
        rule="R-88",
    )


def joins_at(registration: Registration) -> datetime:
    """Since when somebody who comes now stands in the line.

    Nobody without a promised time joins before those who wait there already: a clock that is set
    back gives no better place.
    """
    now = timezone.now()
    if registration.slot is not None and registration.checked_in_at is None:
        return now
    last = last_in_line.first(registration.session_id) or ()
    return max([now, *(moment + AFTER for moment in last if moment)])


@prepared
def last_in_line(session: int):
    """When the last of those who wait came, and came back; nothing where nobody waits."""
    there = Registration.objects.filter(session=session, state=VisitState.WAITING).order_by()
    there = there.values("session").annotate(came=Max("checked_in_at"), back=Max("recalled_at"))
    return there.values_list("came", "back")


def away(registration: Registration, now) -> int:
    """Seconds since the patient was sent for an examination and has not been inside since."""
    is_inside = registration.state == VisitState.IN_CONSULTATION
    if is_inside or registration.started_at is None or registration.exam_at is None:
        return 0
    return max(0, int((now - registration.exam_at).total_seconds()))
