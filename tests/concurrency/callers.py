"""What the processes of the queue's race tests do. A result must be plain JSON.

`locked=False` runs the verb bare, statement by statement and without row locks: that is how the
race looks which the locks prevent.
"""

from datetime import date

from clinic.core import numbers
from clinic.core.errors import Busy, RuleBroken
from clinic.core.models import Counter
from patients import in_force, merging
from patients.models import Patient
from registration import booking, bookings_desk, moves, queue, scheduling
from registration.models import Booking, Clinician, Registration, Session
from security.models import User
from tests.concurrency.racer import (
    change,
    linger_after,
    look,
    stay_until_killed,
    without_locks,
)


def _without_locks() -> None:
    without_locks(numbers, booking, bookings_desk, moves, queue, in_force)


def take_number(locked: bool) -> int:
    """The next number of one series."""
    save = Counter.save

    def save_late(self, *args, **kwargs):
        look()
        save(self, *args, **kwargs)

    change(Counter, "save", save_late)
    if locked:
        return numbers.next_number("race")
    _without_locks()
    return numbers.next_numbers.__wrapped__("race", 1)[0]


def register(session: int, patients: list[str], by: int, locked: bool = True) -> list[str]:
    """Register these patients one after the other; the numbers they got."""
    linger_after(booking, "taken")
    verb = booking.register_visit
    if not locked:
        _without_locks()
        verb = verb.__wrapped__
    chosen, person = Session.objects.get(pk=session), User.objects.get(pk=by)
    return [
        verb(patient=Patient.objects.get(pk=pk), session=chosen, by=person).number
        for pk in patients
    ]


def register_many(session: int, patients: list[str], by: int) -> dict[str, list[str]]:
    """The same without lingering, as fast as it goes: who got which number, who was refused."""
    chosen, person = Session.objects.get(pk=session), User.objects.get(pk=by)
    answers: dict[str, list[str]] = {"numbers": [], "refusals": []}
    waiting = [Patient.objects.get(pk=pk) for pk in patients]
    while waiting:
        try:
            visit = booking.register_visit(patient=waiting[0], session=chosen, by=person)
        except Busy:  # on a loaded machine the others may hold SQLite for longer than it waits
            continue
        except RuleBroken as error:
            answers["refusals"].append(f"{error.rule} {error.field}")
        else:
            answers["numbers"].append(visit.number)
        del waiting[0]
    return answers


def cancel_or_check_in(what: str, visit: str, by: int, locked: bool) -> str:
    """The patient has come, or the number is given back; the state that was written."""
    linger_after(moves, "may_move")
    verb, more = {
        "check_in": (booking.check_in, {}),
        "cancel": (booking.cancel_visit, {"reason": "left"}),
    }[what]
    if not locked:
        _without_locks()
        verb = verb.__wrapped__
    row = Registration.objects.get(pk=visit)
    return verb(registration=row, by=User.objects.get(pk=by), **more).state


def keep_booking(made: str, patient: str, by: int, locked: bool) -> str:
    """Check a booking in; the number it got."""
    linger_after(booking, "priority_for")
    verb = bookings_desk.keep_booking
    if not locked:
        _without_locks()
        verb = verb.__wrapped__
    row, file = Booking.objects.get(pk=made), Patient.objects.get(pk=patient)
    return verb(booking=row, patient=file, by=User.objects.get(pk=by)).number


def call_next(clinician: int, locked: bool) -> str:
    """Call whoever is next; the number called."""
    linger_after(queue, "line_of")
    verb = queue.call_next
    if not locked:
        _without_locks()
        verb = verb.__wrapped__
    doctor = Clinician.objects.get(pk=clinician)
    return verb(clinician=doctor, by=doctor.user).number


def call_into_room(clinician: int, locked: bool) -> str:
    """The same, lingering where it looks whether the patient is in another room."""
    linger_after(queue, "_elsewhere")
    verb = queue.call_next
    if not locked:
        _without_locks()
        verb = verb.__wrapped__
    doctor = Clinician.objects.get(pk=clinician)
    return verb(clinician=doctor, by=doctor.user).number


def call_or_cancel(what: str, clinician: int, visit: str, by: int, locked: bool) -> str:
    """The doctor calls while the desk cancels; the call lingers longer, so it writes last."""
    linger_after(moves, "may_move")
    if what == "call":
        linger_after(moves, "may_move")
    call, cancel = queue.call_next, booking.cancel_visit
    if not locked:
        _without_locks()
        call, cancel = call.__wrapped__, cancel.__wrapped__
    if what == "call":
        doctor = Clinician.objects.get(pk=clinician)
        return call(clinician=doctor, by=doctor.user).state
    row = Registration.objects.get(pk=visit)
    return cancel(registration=row, reason="left", by=User.objects.get(pk=by)).state


def call_for_long(clinician: int) -> str:
    """Call somebody and stay inside the transaction, everything written, until killed."""
    create = queue.Call.objects.create

    def create_and_wait(**fields):
        create(**fields)
        stay_until_killed()

    change(queue.Call.objects, "create", create_and_wait)
    doctor = Clinician.objects.get(pk=clinician)
    return queue.call_next(clinician=doctor, by=doctor.user).number


def open_day(day: str) -> int:
    """The sessions of the day, made where they are missing; how many there are."""
    linger_after(scheduling, "_sessions")
    return len(scheduling.sessions_on(date.fromisoformat(day)))


def merge_files(kept: str, merged: str, by: int) -> str:
    """The number of the file that was kept."""
    made = merging.merge(
        kept=Patient.objects.get(pk=kept),
        merged=Patient.objects.get(pk=merged),
        reason="同一人",
        by=User.objects.get(pk=by),
    )
    return made.kept.record_no


def merge_or_register(what: str, kept: str, merged: str, session: int, by: int) -> str:
    """The desk gives the merged file a number while a colleague merges it."""
    if what == "merge":
        return merge_files(kept, merged, by)
    return register(session, [merged], by)[0]
