"""How often something is carried out, and when each time is due (R-164)."""

from datetime import datetime, time, timedelta

from django.utils import timezone

from prescriptions.dictionary import Frequency
from prescriptions.quantity import doses_in

MOST_TURNS = 30
DAY = timedelta(days=1)


def times_in(frequency: Frequency, days: int) -> int:
    """Turns of a course; one where there is no fixed number."""
    return max(1, min(doses_in(frequency, days) or 1, MOST_TURNS))


def due_times(frequency: Frequency, times: int, start: datetime) -> list[datetime]:
    """The first at once, the others at the hours of the table or evenly spread.

    An hour that comes sooner than a third of the usual distance after the first is left out: of
    three times a day, begun at 10:15, the second is due at 16:00.
    """
    each = frequency.times or 1
    distance = DAY * each.denominator / each.numerator
    if not frequency.execution_times:
        return [start + distance * number for number in range(times)]
    found, day = [start], timezone.localdate(start)
    while len(found) < times:
        for hour in frequency.execution_times:
            moment = timezone.make_aware(datetime.combine(day, time.fromisoformat(hour)))
            if moment >= start + distance / 3 and len(found) < times:
                found.append(moment)
        day += DAY
    return found


def due_every(days: int, times: int, start: datetime) -> list[datetime]:
    """The first at once, then after so many days each."""
    return [start + DAY * days * number for number in range(times)]
