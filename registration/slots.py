"""The slots of a session: equal parts of its hours, each with its share of the places (R-99)."""

import datetime
from typing import NamedTuple

from registration.models import Session

DAY = datetime.date.min


class Slot(NamedTuple):
    """From when to when, and how many places it has."""

    starts: datetime.time
    ends: datetime.time
    places: int


def slots_of(session: Session) -> list[Slot]:
    """All slots, earliest first; the last one ends with the session. Their places add up to the
    quota, spread as evenly as whole numbers allow.
    """
    starts, ends = _moment(session.starts), _moment(session.ends)
    step = datetime.timedelta(minutes=session.slot_minutes)
    count = max(1, (ends - starts) // step)
    begins = [starts + step * number for number in range(count)]
    return [
        Slot(
            begin.time(),
            (begins[number + 1] if number + 1 < count else ends).time(),
            session.quota * (number + 1) // count - session.quota * number // count,
        )
        for number, begin in enumerate(begins)
    ]


def slot_at(session: Session, time: datetime.time) -> Slot | None:
    """The slot in which `time` falls; None outside the session's hours."""
    return next((slot for slot in slots_of(session) if slot.starts <= time < slot.ends), None)


def _moment(time: datetime.time) -> datetime.datetime:
    return datetime.datetime.combine(DAY, time)
