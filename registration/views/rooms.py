"""What a doctor does with the queue besides calling: pause, examination, handing over (R-94)."""

from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.core.posting import carry_out, repeated
from clinic.core.text import half_width
from patients.masking import mask_name
from registration import boards, handing
from registration import queue as calling
from registration.forms import session_label
from registration.forms_queue import BegunForm, HandOverForm, NumberForm
from registration.models import Registration
from registration.states import LIVE
from registration.views.queue import clinician_of, own_visit
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P


@needs(P.CONSULT)
@require_POST
def queue_pause(request):
    """Nobody is called into this room for a while."""
    return _of_room(request, calling.pause, _("Calling is paused."))


@needs(P.CONSULT)
@require_POST
def queue_resume(request):
    """Calling goes on."""
    return _of_room(request, calling.resume, _("Calling goes on."))


@needs(P.CONSULT)
@require_POST
def visit_exam(request, pk):
    """The patient goes to the examination; the record stays open."""
    visit = own_visit(request, pk)
    done = _("%(number)s is at the examination. The record stays open.") % {"number": visit.number}
    response = carry_out(
        request,
        calling.send_for_examination,
        to=lambda _visit: reverse("queue"),
        done=done,
        registration=visit,
    )
    return response or redirect("queue")


@keeps_typed
@needs(P.CONSULT)
@require_http_methods(["GET", "POST"])
def visit_hand_over(request, pk):
    """To which doctor of the day, and why."""
    again = repeated(request)
    if again:
        return again
    visit = own_visit(request, pk)
    form = HandOverForm(request.POST or None, doctors=_doctors(visit))
    if request.method == "POST" and form.is_valid():
        words = {"number": visit.number, "doctor": form.cleaned_data["clinician"].user.full_name}
        response = carry_out(
            request,
            handing.hand_over_visit,
            to=lambda _hand_over: reverse("queue"),
            form=form,
            done=_("%(number)s waits for %(doctor)s now, with the same number.") % words,
            registration=visit,
            **form.cleaned_data,
        )
        if response:
            return response
    audit.record_read(by=request.user, screen="visit_hand_over", patients=[visit.patient_id])
    context = {"form": form, "visit": visit, "possible": visit.state in handing.HERE}
    return render(request, "registration/visit_hand_over.html", context)


@needs(P.ADMINISTER)
@require_http_methods(["GET", "POST"])
def begun_cancel(request):
    """An administrator cancels a visit of today after the doctor has begun (R-102)."""
    again = repeated(request)
    if again:
        return again
    number = half_width(request.POST.get("number") or request.GET.get("number") or "")
    visit = _begun(number)
    find = NumberForm({"number": number} if number else None)
    form = BegunForm(request.POST or None, initial={"number": number})
    if request.method == "POST" and visit and find.is_valid() and form.is_valid():
        response = carry_out(
            request,
            handing.cancel_begun,
            to=lambda _visit: reverse("begun_cancel"),
            form=find,
            done=_("The visit %(number)s is cancelled.") % {"number": visit.number},
            registration=visit,
            reason=form.cleaned_data["reason"],
        )
        if response:
            return response
    if visit is None and find.is_valid():
        find.add_error("number", _("No open visit of today has this number. Please ask the desk."))
    if visit is not None:
        audit.record_read(by=request.user, screen="begun_cancel", patients=[visit.patient_id])
    context = {
        "form": form,
        "find": find,
        "visit": visit,
        "masked_name": mask_name(visit.patient.name) if visit else "",
    }
    return render(request, "registration/begun_cancel.html", context)


# -- inside --


def _of_room(request, verb, done: str):
    clinician = clinician_of(request)
    if clinician is None:
        return redirect("queue")
    response = carry_out(
        request, verb, to=lambda _clinician: reverse("queue"), done=done, clinician=clinician
    )
    return response or redirect("queue")


def _doctors(visit: Registration) -> list[tuple]:
    """The other doctors who see people today, each once, with how many wait."""
    found = {}
    for offer in boards.offers():
        clinician = offer.session.clinician
        if clinician.pk != visit.session.clinician_id:
            note = _("waiting %(count)s") % {"count": offer.waiting}
            found.setdefault(clinician.pk, (clinician, session_label(offer.session), note))
    return list(found.values())


def _begun(number: str) -> Registration | None:
    visits = Registration.objects.filter(
        day=timezone.localdate(), number=number.strip().upper()[:6], state__in=LIVE
    )
    visits = visits.filter(started_at__isnull=False)
    return visits.select_related("patient", "session__clinician__user", "session__room").first()
