"""Another time: booked at the desk, the doctor's own next appointments, rebooking (R-99, R-104)."""

from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.core.days import typed_date
from clinic.core.posting import carry_out
from patients.duplicates import file_of
from patients.masking import mask_phone
from registration import booking as numbers
from registration import bookings_desk, care, choosing, moving
from registration.forms_desk import PlaceForm
from registration.models import Booking, Clinician, Registration
from security import audit
from security.access import needs
from security.permissions import P


@needs(P.REGISTER_VISIT, P.CONSULT)
@require_http_methods(["GET", "POST"])
def registration_later(request, patient):
    """A day, a doctor, a time for a patient on file; a doctor has their own sessions only."""
    patient = file_of(patient)
    audit.record_read(by=request.user, screen="registration_later", patients=[patient.pk])
    last = care.last_visit(patient)
    page = _Page(request, doctor=last.clinician_id if last else None)
    response = page.carry_out(
        numbers.register_visit, to=lambda visit: page.after(visit), patient=patient
    )
    if response:
        return response
    return page.show(
        title=_("Register for another time"),
        who=patient.name,
        about=f"{patient.get_sex_display()} {patient.age_text} {patient.record_no}",
        button=_("Register for this time"),
        back=reverse("registration_new", args=[patient.pk])
        if page.at_desk
        else care.open_record_url(patient.pk, request.user),
    )


@needs(P.REGISTER_VISIT)
@require_http_methods(["GET", "POST"])
def registration_rebook(request, pk):
    """Another time or doctor for somebody who holds a number."""
    visits = Registration.objects.select_related("patient", "session__clinician__user")
    visit = get_object_or_404(visits, pk=pk)
    audit.record_read(by=request.user, screen="registration_rebook", patients=[visit.patient_id])
    page = _Page(request, doctor=visit.session.clinician_id)
    response = page.carry_out(
        moving.move_visit, to=lambda moved: page.after_moving(visit, moved), registration=visit
    )
    if response:
        return response
    words = {"number": visit.number, "doctor": visit.session.clinician.user.full_name}
    return page.show(
        title=_("Move to another time"),
        who=visit.patient.name,
        about=_("holds %(number)s of %(doctor)s") % words + f" {visit.day:%Y-%m-%d}",
        phone=mask_phone(visit.patient.phone or visit.patient.contact_phone),
        button=_("Move to this time"),
        back=page.home(visit.session),
    )


@needs(P.REGISTER_VISIT)
@require_http_methods(["GET", "POST"])
def booking_rebook(request, pk):
    """The same for an online booking; its code stays."""
    bookings = Booking.objects.select_related("session__clinician__user")
    booking = get_object_or_404(bookings, pk=pk)
    bookings_desk.note_read(by=request.user, screen="booking_rebook", bookings=[booking])
    page = _Page(request, doctor=booking.session.clinician_id)
    response = page.carry_out(
        moving.move_booking,
        to=lambda moved: page.home(booking.session),
        done=_("The booking of %(name)s is moved.") % {"name": booking.name},
        booking=booking,
    )
    if response:
        return response
    words = {"time": f"{booking.slot:%H:%M}", "doctor": booking.session.clinician.user.full_name}
    return page.show(
        title=_("Move to another time"),
        who=booking.name,
        about=_("booked %(time)s of %(doctor)s") % words + f" {booking.session.date:%Y-%m-%d}",
        phone=mask_phone(booking.phone),
        button=_("Move to this time"),
        back=page.home(booking.session),
    )


class _Page:
    """The page all of them share: a strip of days, the day's sessions, a tile for each time."""

    def __init__(self, request, *, doctor: int | None):
        self.request = request
        self.at_desk = request.user.has_perm(P.REGISTER_VISIT)
        self.only = None if self.at_desk else _own(request.user)
        self.doctor = self.only.pk if self.only else doctor
        asked = typed_date(request.GET.get("day", ""))
        self.day = asked or choosing.next_day(doctor=self.doctor)
        is_nobody = not self.at_desk and self.only is None
        found = (
            [] if is_nobody else choosing.choices(self.day, only=self.only, first=self.doctor or 0)
        )
        self.form = PlaceForm(request.POST or None, choices=found)

    def carry_out(self, verb, *, to, done: str = "", **arguments):
        if self.request.method != "POST" or not self.form.is_valid():
            return None
        wanted = {**arguments, **self.form.wanted()}
        return carry_out(self.request, verb, to=to, form=self.form, done=done, **wanted)

    def after(self, visit: Registration) -> str:
        """The desk prints the slip; a doctor's patient gets it when they come."""
        if self.at_desk:
            return f"{reverse('slip', args=[visit.pk])}?print=1"
        return care.open_record_url(visit.patient_id, self.request.user)

    def after_moving(self, old: Registration, moved: Registration) -> str:
        if moved.slip_prints and moved.pk != old.pk:
            return f"{reverse('slip', args=[moved.pk])}?print=1"
        return self.home(old.session)

    @staticmethod
    def home(session) -> str:
        return reverse("stopped_list" if session.stopped_at else "desk")

    def show(self, **context):
        days = choosing.days(doctor=self.doctor)
        return render(
            self.request,
            "registration/later.html",
            {**context, "form": self.form, "day": self.day, "days": days, "at_desk": self.at_desk},
        )


def _own(user) -> Clinician | None:
    return Clinician.objects.filter(user=user, active=True).first()
