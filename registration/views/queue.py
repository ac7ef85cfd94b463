"""The doctor's queue: call, call again, pass over, start."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.core.posting import carry_out
from registration import boards, consultation, journey, lines, undoing
from registration import queue as calling
from registration.etag import etag_of
from registration.models import Clinician, Registration
from security import audit
from security.access import needs
from security.permissions import P


def clinician_of(request) -> Clinician | None:
    """The doctor's own room and letter; None for a person without one. Asked once a request."""
    if not hasattr(request, "clinician"):
        found = Clinician.objects.filter(user=request.user, active=True)
        request.clinician = found.select_related("room", "department").first()
        if request.clinician is not None:
            request.clinician.user = request.user  # whose rights are read already
    return request.clinician


def own_visit(request, pk) -> Registration:
    """A visit of the doctor who asks; others don't learn that it exists."""
    visits = Registration.objects.select_related("patient", "session__room")
    return get_object_or_404(visits, pk=pk, session__clinician__user=request.user)


@needs(P.CONSULT)
@require_GET
def queue(request):
    """Home of the doctor: who is in, who was called, who is next."""
    clinician = clinician_of(request)
    if clinician is None:
        return render(request, "registration/queue.html", {"clinician": None})
    own = lines.of_today_or_open(clinician)
    board = boards.queue_of(clinician, own)
    patients = boards.queue_patients(board)
    today = _today(request, own, board["line"])
    audit.record_read(by=request.user, screen="queue", patients=[*patients, *today.patients])
    called = board["called"]
    context = {
        "today": today,
        "clinician": clinician,
        "board": board,
        "undo": undoing.offered(board["finished"]),
        "may_call_again": bool(called) and called.called_times < calling.MOST_CALLS,
    }
    return render(request, "registration/queue.html", context)


@needs(P.CONSULT, passive=True)
@require_GET
def queue_fragment(request):
    """The column alone, for the poll; 304 while it reads the same, and then nothing is written.

    A changed queue shows new names, and that is a read like any other.
    """
    clinician = clinician_of(request)
    if clinician is None:
        return HttpResponse(status=204)
    board = boards.queue_of(clinician)
    context = {"board": board, "at": request.GET.get("at", "")}
    response = render(request, "registration/_queue_rows.html", context)
    mark = etag_of(response.content)
    answer = get_conditional_response(request, etag=mark, response=response)
    answer["ETag"] = mark
    if answer.status_code == 200:
        patients = boards.queue_patients(board)
        audit.record_read(by=request.user, screen="queue", patients=patients)
    return answer


@needs(P.CONSULT, passive=True)
@require_GET
def queue_patients(request):
    """The doctor's patients of today, for the poll; 304 while the list reads the same."""
    clinician = clinician_of(request)
    if clinician is None:
        return HttpResponse(status=204)
    today = _today(request, lines.of_today_or_open(clinician))
    if request.headers.get("If-None-Match") == today.etag:
        return HttpResponse(status=304, headers={"ETag": today.etag})
    audit.record_read(by=request.user, screen="queue", patients=today.patients)
    response = render(request, "registration/_queue_patients.html", {"today": today})
    response["ETag"] = today.etag
    return response


def _today(request, own, line: list | None = None) -> journey.Today:
    """The doctor's own of today, and whoever was left open on an earlier day."""
    return journey.today(
        visits=own,
        scope=journey.doctor_scope(request.user, line),
        at=request.GET.get("at", ""),
        page=request.GET.get("page"),
    )


@needs(P.CONSULT)
@require_POST
def call_next(request):
    """Call whoever is next."""
    clinician = clinician_of(request)
    if clinician is None:
        return redirect("queue")
    response = carry_out(
        request, consultation.next_patient, to=lambda _visit: reverse("queue"), clinician=clinician
    )
    return response or redirect("queue")


@needs(P.CONSULT)
@require_POST
def call_again(request, pk):
    """Repeat the call on the screen."""
    visit = own_visit(request, pk)
    done = _("%(number)s was called again.") % {"number": visit.number}
    return _act(request, calling.call_again, visit, done)


@needs(P.CONSULT)
@require_POST
def pass_over(request, pk):
    """Nobody came."""
    visit = own_visit(request, pk)
    done = _("%(number)s was passed over; the desk can recall.") % {"number": visit.number}
    return _act(request, calling.pass_over, visit, done)


@needs(P.CONSULT)
@require_POST
def start_consultation(request, pk):
    """The patient has come in: open the record."""
    visit = own_visit(request, pk)
    response = carry_out(
        request,
        consultation.start,
        to=lambda record: reverse("consultation", args=[record.pk]),
        registration=visit,
    )
    return response or redirect("queue")


def _act(request, verb, visit: Registration, done: str):
    response = carry_out(
        request, verb, to=lambda _visit: reverse("queue"), done=done, registration=visit
    )
    return response or redirect("queue")
