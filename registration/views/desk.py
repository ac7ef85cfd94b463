"""The desk: today's patients, registering, slips, and what is done with a number."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.posting import carry_out
from patients.age import age_years
from patients.banner import banner
from patients.duplicates import file_of
from patients.masking import mask_phone
from patients.models import Patient
from registration import (
    boards,
    booking,
    bookings_desk,
    care,
    journey,
    queue,
    stopping,
    telling,
    triage,
)
from registration import slip as slips
from registration.forms import CancelForm, RegistrationForm
from registration.models import Registration
from registration.states import LIVE, NOT_BEGUN
from security import audit
from security.access import needs
from security.permissions import P

VISITS = Registration.objects.select_related(
    "patient", "session__clinician__user", "session__clinician__department", "session__room"
)
MOST_BOOKINGS = 8  # under the desk's list; the others stand on their own page
CHILD = 14  # the age up to which a doctor for children is offered first


@needs(P.REGISTER_VISIT)
@require_GET
def desk(request):
    """Home of the front desk and the nurse: search, today's patients, who sees patients now."""
    return _show(request, screen="desk", context={})


@needs(P.REGISTER_VISIT)
@require_http_methods(["GET", "POST"])
def registration_new(request, patient):
    """The same page with one patient chosen: doctor, order, one button."""
    patient = file_of(patient)
    every = boards.offers()
    offers = every if request.POST else _shown(request, every)
    likely = None if request.POST else _likely_session(patient, offers)
    form = RegistrationForm(
        request.POST or None,
        offers=offers,
        usual=usual_order(patient),
        initial={"session": likely, "because": ""},
    )
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            booking.register_visit,
            to=lambda visit: f"{reverse('slip', args=[visit.pk])}?print=1",
            form=form,
            patient=patient,
            session=form.cleaned_data["session"],
            reason=form.cleaned_data["because"],
            added=form.cleaned_data.get("added", False),
        )
        if response:
            return response
    if request.POST:
        offers = _shown(request, every)
        form.show(offers)
    context = {
        "form": form,
        "chosen": patient,
        "banner": banner(patient),
        "last": care.last_visit(patient),
        "held": _held(patient),
        "more": len(every) - len(offers),
    }
    return _show(request, screen="registration_new", context=context, offers=offers)


@needs(P.REGISTER_VISIT)
@require_http_methods(["GET", "POST"])
def slip(request, pk):
    """The paper with the number (R-160); a POST counts another print of it."""
    visit = get_object_or_404(VISITS, pk=pk)
    if request.method == "POST":
        here = f"{reverse('slip', args=[pk])}?print=1"
        response = carry_out(request, booking.print_again, to=lambda v: here, registration=visit)
        return response or redirect("desk")
    audit.record_read(by=request.user, screen="slip", patients=[visit.patient_id])
    context = slips.paper(visit)
    context |= {"back_url": reverse("desk"), "autoprint": "print" in request.GET}
    return render(request, "registration/slip.html", context)


@needs(P.REGISTER_VISIT)
@require_http_methods(["GET", "POST"])
def registration_cancel(request, pk):
    """Give a number back before the doctor has begun, with the reason (R-102)."""
    visit = get_object_or_404(VISITS, pk=pk)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            booking.cancel_visit,
            to=lambda _visit: reverse("desk"),
            form=form,
            done=_("Registration %(number)s is cancelled.") % {"number": visit.number},
            registration=visit,
            reason=form.cleaned_data["reason"],
        )
        if response:
            return response
    audit.record_read(by=request.user, screen="registration_cancel", patients=[visit.patient_id])
    context = {"form": form, "visit": visit, "possible": visit.state in NOT_BEGUN}
    return render(request, "registration/registration_cancel.html", context)


@needs(P.REGISTER_VISIT)
@require_POST
def registration_check_in(request, pk):
    """A booked patient has come."""
    visit = get_object_or_404(Registration, pk=pk)
    done = _("%(number)s is checked in.") % {"number": visit.number}
    has_slip = visit.slip_prints > 0
    response = carry_out(
        request,
        booking.check_in,
        to=lambda _v: reverse("desk") if has_slip else f"{reverse('slip', args=[pk])}?print=1",
        done=done if has_slip else "",
        registration=visit,
    )
    return response or redirect("desk")


@needs(P.REGISTER_VISIT, P.CONSULT)
@require_POST
def registration_recall(request, pk):
    """Somebody who was passed over has come to the desk, or to the doctor."""
    visits = Registration.objects.all()
    if not request.user.has_perm(P.REGISTER_VISIT):
        visits = visits.filter(session__clinician__user=request.user)
    visit = get_object_or_404(visits, pk=pk)
    done = _("%(number)s is back in the queue.") % {"number": visit.number}
    return _act(request, queue.recall, visit, done)


def _act(request, verb, visit: Registration, done: str):
    home = "desk" if request.user.has_perm(P.REGISTER_VISIT) else "queue"
    response = carry_out(
        request, verb, to=lambda _visit: reverse(home), done=done, registration=visit
    )
    return response or redirect(home)


@needs(P.REGISTER_VISIT, passive=True)
@require_GET
def desk_rows(request):
    """Today's patients alone, for the poll; 304 while the list reads the same."""
    today = _today(request)
    if request.headers.get("If-None-Match") == today.etag:
        return HttpResponse(status=304, headers={"ETag": today.etag})
    audit.record_read(by=request.user, screen="desk", patients=today.patients)
    context = {"today": today, "may_take_vitals": request.user.has_perm(P.RECORD_VITALS)}
    response = render(request, "registration/_desk_list.html", context)
    response["ETag"] = today.etag
    return response


def _today(request) -> journey.Today:
    return journey.today(
        visits=journey.of_day(),
        scope=journey.desk_scope(request.user),
        at=request.GET.get("at", ""),
        page=request.GET.get("page"),
    )


def _show(request, *, screen: str, context: dict, offers=None):
    """The desk's page around whatever stands at its right."""
    today = _today(request)
    seen = today.patients + ([context["chosen"].pk] if "chosen" in context else [])
    audit.record_read(by=request.user, screen=screen, patients=seen)
    online = [] if "chosen" in context else bookings_desk.bookings_on(timezone.localdate())
    bookings_desk.note_read(by=request.user, screen=screen, bookings=online[:MOST_BOOKINGS])
    may_take_vitals = request.user.has_perm(P.RECORD_VITALS)
    context = {
        **context,
        "today": today,
        "to_triage": triage.count_untriaged() if may_take_vitals else 0,
        "offers": boards.soonest(boards.offers()) if offers is None else offers,
        "online": [
            {"booking": one, "phone": mask_phone(one.phone)} for one in online[:MOST_BOOKINGS]
        ],
        "online_count": len(online),
        "today_date": timezone.localdate(),
        "away_left": stopping.people_left() + telling.moved_left(),
        "hour": timezone.localtime().hour,
        "may_take_vitals": may_take_vitals,
    }
    return render(request, "registration/desk.html", context)


def usual_order(patient: Patient) -> str:
    """What the first tile says: the order that comes by itself (R-92)."""
    priority, reason = booking.priority_for(patient)
    if not reason:
        return str(priority.label)
    return f"{priority.label} {Registration.Reason(reason).label}"


def _shown(request, every: list[boards.Offer]) -> list[boards.Offer]:
    """What the desk chooses from: later parts of the day on demand."""
    shown = every if "later" in request.GET else boards.soonest(every)
    if request.POST.get("session", "") not in {"", *(str(o.session.pk) for o in shown)}:
        shown = every
    return shown


def _likely_session(patient: Patient, offers: list[boards.Offer]):
    """The doctor of last time (R-104), else the shortest queue, if places are left.

    Children begin with a doctor for children where there is one, everybody else with the others.
    """
    open_ones = [offer for offer in offers if offer.left > 0]
    last = care.last_visit(patient)
    same = [o for o in open_ones if last and o.session.clinician_id == last.clinician_id]
    is_child = (
        patient.birth_date is not None
        and age_years(patient.birth_date, timezone.localdate()) < CHILD
    )

    def order(offer: boards.Offer):
        is_other_age = offer.session.clinician.department.paediatric != is_child
        return offer.session.starts, is_other_age, offer.waiting

    best = same or sorted(open_ones, key=order)
    return str(best[0].session.pk) if best else None


def _held(patient: Patient) -> list[Registration]:
    """Numbers the patient already holds today: nobody is registered twice by oversight."""
    day = timezone.localdate()
    return list(VISITS.filter(patient=patient, day=day, state__in=LIVE).order_by("number"))
