"""Bookings nobody came for (R-103): closed when the session is over, by the scheduler."""

from django.db.models import Q
from django.utils import timezone

from clinic.core.transactions import atomic_retry, lock
from patients.models import Patient
from registration.bookings_desk import end_booking
from registration.models import Booking, Registration, Session
from registration.states import BookingState, VisitState

MOST_AT_ONCE = 500


def close_missed() -> int:
    """Every booking of a session that is over; one transaction each."""
    now = timezone.localtime()
    over = Q(session__date__lt=now.date()) | Q(
        session__date=now.date(), session__ends__lte=now.time()
    )
    left = Booking.objects.filter(over, state=BookingState.BOOKED)
    return sum(_close(booking=booking) for booking in left.order_by("made_at")[:MOST_AT_ONCE])


@atomic_retry
def _close(*, booking: Booking) -> bool:
    session = lock(Session.objects.filter(pk=booking.session_id)).get()
    booking = lock(Booking.objects.filter(pk=booking.pk)).get()
    if booking.state != BookingState.BOOKED or booking.session_id != session.pk:
        return False
    end_booking(booking, _what_became(booking, session))
    return True


def _what_became(booking: Booking, session: Session) -> BookingState:
    """Missed, unless the doctor was away or the person came and got a number of the desk's."""
    was_held = session.stopped_at is None
    missed = was_held and not _was_here(booking, session)
    return BookingState.MISSED if missed else BookingState.CANCELLED


def _was_here(booking: Booking, session: Session) -> bool:
    files = [patient.pk for patient in Patient.objects.find(id_number=booking.id_number)]
    numbers = Registration.objects.filter(session=session, patient__in=files)
    return numbers.exclude(state__in=[VisitState.CANCELLED, VisitState.LAPSED]).exists()
