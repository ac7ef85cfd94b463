"""Who had a promised time and did not come (R-103): booked online, or promised at the desk."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.masking import mask_phone
from registration.models import Booking, Registration
from registration.reports.table import SHORT, Asked, Column, Report, Row, Table, page_of
from registration.states import BookingState, VisitState

COUNTED_DAYS = timedelta(days=90)
TOO_OFTEN = 3  # within those days: on site only is advised


@dataclass(frozen=True, order=True)
class Absence:
    """One that did not come: enough to sort by and to find it again."""

    day: date
    slot: time
    pk: UUID
    is_online: bool


def absences(asked: Asked) -> Table:
    """The latest first, each with how often within ninety days."""
    shown, page = page_of(_found(asked), asked)
    bookings = Booking.objects.select_related("session__clinician__user").in_bulk(
        [one.pk for one in shown if one.is_online]
    )
    visits = Registration.objects.select_related("patient", "session__clinician__user").in_bulk(
        [one.pk for one in shown if not one.is_online]
    )
    often = _Often(bookings.values(), visits.values())
    rows = []
    for one in shown:
        known = bookings.get(one.pk) or visits.get(one.pk)
        person = known if one.is_online else known.patient
        rows.append(
            Row(
                [
                    date_format(one.day),
                    f"{one.slot:%H:%M}",
                    known.session.clinician.user.full_name,
                    person.name,
                    mask_phone(person.phone),
                    _("Online") if one.is_online else _("At the desk"),
                    often.words(known, one.day),
                ]
            )
        )
    return Table(
        columns=[
            Column(_("Date"), SHORT),
            Column(_("Time"), SHORT),
            Column(_("Doctor"), SHORT),
            Column(_("Patient's name")),
            Column(_("Phone"), SHORT),
            Column(_("Booked where")),
            Column(_("Times in 90 days")),
        ],
        rows=rows,
        page=page,
        empty=_("Whoever had a promised time in this period came or cancelled."),
        patients=[visit.patient_id for visit in visits.values()],
        bookings=list(bookings.values()),
    )


def count(asked: Asked) -> int:
    """How many did not come."""
    return _bookings(asked.since, asked.until).count() + _visits(asked.since, asked.until).count()


def _found(asked: Asked) -> list[Absence]:
    online = _bookings(asked.since, asked.until).values_list("session__date", "slot", "pk")
    at_desk = _visits(asked.since, asked.until).values_list("day", "slot", "pk")
    found = [Absence(*row, True) for row in online] + [Absence(*row, False) for row in at_desk]
    return sorted(found, reverse=True)


def _bookings(since: date, until: date):
    """Said so, or simply never came: a day that is over is over."""
    never = Q(state=BookingState.BOOKED, session__date__lt=timezone.localdate())
    return Booking.objects.filter(
        Q(state=BookingState.MISSED) | never, session__date__gte=since, session__date__lte=until
    )


def _visits(since: date, until: date):
    never = Q(state=VisitState.BOOKED, day__lt=timezone.localdate())
    return Registration.objects.filter(
        Q(state=VisitState.LAPSED) | never,
        day__gte=since,
        day__lte=until,
        slot__isnull=False,
        checked_in_at__isnull=True,
    )


class _Often:
    """How often the shown people did not come in the ninety days up to each; two queries.

    A booking knows its person by the document, a number by the file.
    """

    def __init__(self, bookings, visits):
        self.days: dict[object, list[date]] = defaultdict(list)
        days = [b.session.date for b in bookings] + [v.day for v in visits]
        if not days:
            return
        since, until = min(days) - COUNTED_DAYS, max(days)
        documents = {booking.id_number_index for booking in bookings}
        online = _bookings(since, until).filter(id_number_index__in=documents)
        for index, day in online.values_list("id_number_index", "session__date"):
            self.days[index].append(day)
        files = {visit.patient_id for visit in visits}
        at_desk = _visits(since, until).filter(patient__in=files)
        for patient, day in at_desk.values_list("patient", "day"):
            self.days[patient].append(day)

    def words(self, known: Booking | Registration, day: date) -> str:
        is_online = isinstance(known, Booking)
        key = known.id_number_index if is_online else known.patient_id
        times = sum(day - COUNTED_DAYS < one <= day for one in self.days[key])
        if times < TOO_OFTEN:
            return str(times)
        return _("%(times)s: on site only is advised") % {"times": times}


ABSENT = Report(
    "no_shows",
    gettext_lazy("No-shows"),
    gettext_lazy("Who had a promised time and did not come"),
    absences,
)
