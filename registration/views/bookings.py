"""Online bookings at the desk: today's list, checking in, giving the place back."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.core.posting import carry_out
from patients.masking import mask_id, mask_phone
from registration import bookings_desk
from registration.forms_desk import FindBookingForm
from registration.models import Booking
from registration.states import BookingState
from security import audit
from security.access import needs
from security.permissions import P

MOST = 100


@needs(P.REGISTER_VISIT)
@require_http_methods(["GET", "POST"])
def desk_bookings(request):
    """Who booked for today and is not here yet; a search by code, document or phone."""
    form, found = FindBookingForm(request.POST or None), None
    if form.is_valid():
        found = bookings_desk.find_bookings(form.cleaned_data["q"])
        audit.record("search", screen="desk_bookings", data={"found": len(found)})
        if len(found) == 1 and found[0].session.date == timezone.localdate():
            return redirect("desk_booking", found[0].pk)
    rows = bookings_desk.bookings_on(timezone.localdate()) if found is None else found
    rows = rows[:MOST]
    bookings_desk.note_read(by=request.user, screen="desk_bookings", bookings=rows)
    context = {
        "form": form,
        "rows": [{"booking": one, "phone": mask_phone(one.phone)} for one in rows],
        "searched": found is not None,
        "today": timezone.localdate(),
    }
    return render(request, "registration/desk_bookings.html", context)


@needs(P.REGISTER_VISIT)
@require_http_methods(["GET", "POST"])
def desk_booking(request, pk):
    """One booking: the file is found by the document, or opened with what was typed online."""
    bookings = Booking.objects.select_related(
        "session__clinician__user", "session__clinician__department", "session__room"
    )
    booking = get_object_or_404(bookings, pk=pk)
    patient = bookings_desk.file_of(booking)
    if request.method == "POST" and patient is not None:
        response = carry_out(
            request,
            bookings_desk.keep_booking,
            to=lambda visit: f"{reverse('slip', args=[visit.pk])}?print=1",
            booking=booking,
            patient=patient,
        )
        if response:
            return response
    bookings_desk.note_read(by=request.user, screen="desk_booking", bookings=[booking])
    if patient is not None:
        audit.record_read(by=request.user, screen="desk_booking", patients=[patient.pk])
    context = {
        "booking": booking,
        "patient": patient,
        "differs": patient is not None and patient.name != booking.name,
        "phone": mask_phone(booking.phone),
        "id_number": mask_id(booking.id_number),
        "is_alive": booking.state in (BookingState.BOOKED, BookingState.MISSED),
        "is_today": booking.session.date == timezone.localdate(),
        "may_open": request.user.has_perm(P.WRITE_PATIENT),
    }
    return render(request, "registration/desk_booking.html", context)


@needs(P.REGISTER_VISIT)
@require_POST
def desk_booking_drop(request, pk):
    """The person said that they don't come."""
    booking = get_object_or_404(Booking, pk=pk)
    response = carry_out(
        request,
        bookings_desk.drop_booking,
        to=lambda _booking: reverse("desk_bookings"),
        done=_("The booking of %(name)s is cancelled; the place is free again.")
        % {"name": booking.name},
        booking=booking,
    )
    return response or redirect("desk_booking", pk)
