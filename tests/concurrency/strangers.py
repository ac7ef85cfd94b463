"""What the processes of test_last_online_place.py do. A result must be plain JSON."""

import datetime

from clinic.core.errors import RuleBroken
from registration import booking, online, online_limits, quota
from registration.models import Session
from security import throttles
from security.models import User
from tests.concurrency.racer import change, linger_after, without_locks
from tests.factories.patients import PatientFactory

EIGHT = datetime.time(8)


def book(session: int, people: list[dict], address: str, locked: bool = True) -> list[str]:
    """Book one after the other; "booked" or which rule refused."""
    verb = online.book
    if not locked:
        verb = _bare
    chosen = Session.objects.get(pk=session)
    return [
        _told(
            lambda person=person: verb(
                session=chosen,
                slot=EIGHT,
                person=online.Person(**{k: v for k, v in person.items() if k != "nonce"}),
                nonce=person["nonce"],
                address=address,
            )
        )
        for person in people
    ]


def register(session: int, times: int, by: int) -> list[str]:
    """The desk wants the same places."""
    chosen, person = Session.objects.get(pk=session), User.objects.get(pk=by)
    return [
        _told(
            lambda: booking.register_visit(
                patient=PatientFactory(), session=chosen, slot=EIGHT, by=person
            )
        )
        for _time in range(times)
    ]


def _told(act) -> str:
    try:
        act()
    except RuleBroken as refusal:
        return refusal.rule or "refused"
    return "booked"


def _bare(*, address: str, **arguments):
    """Statement by statement, without the locks."""
    without_locks(online, throttles)
    linger_after(quota, "taken")
    change(online_limits, "spend", lambda nonce: True)
    return online._book.__wrapped__(**arguments)
