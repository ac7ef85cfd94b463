"""Papers of a record. A POST counts one more and prints it; a GET only shows it."""

from django.contrib import messages
from django.http import HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from clinic.core.errors import RuleBroken
from clinic.core.posting import carry_out
from clinic.core.site import setting
from registration import care, guarded, printing
from registration.consultation import diagnoses_of
from registration.models import Consultation
from security import audit
from security.access import needs, require_file
from security.permissions import P

Kind = printing.Kind


@needs(P.READ_CHART)
@require_http_methods(["GET", "POST"])
def record_print(request, pk):
    """The outpatient record, or its copy for the patient (`copy=1`), on A4 or A5 (`paper=`)."""
    asked = request.GET if request.method == "GET" else request.POST
    kind = Kind.COPY if asked.get("copy") else Kind.RECORD
    return _paper(request, pk, kind, "registration/record_print.html")


@needs(P.READ_CHART)
@require_http_methods(["GET", "POST"])
def sick_note_print(request, pk):
    """The sick note on A5."""
    return _paper(request, pk, Kind.SICK_NOTE, "registration/sick_note_print.html")


@needs(P.READ_CHART)
@require_http_methods(["GET", "POST"])
def referral_print(request, pk):
    """The letter to whom the patient is referred to."""
    return _paper(request, pk, Kind.REFERRAL, "registration/referral_print.html")


def _paper(request, pk, kind: str, template: str):
    record, is_closed = readable(request.user, pk)
    back = back_of(record, request.user)
    if is_closed:
        return redirect(care.guarded_url(record.patient_id, back))
    try:
        printing.require_printable(record, kind, by=request.user)
    except RuleBroken as error:
        messages.error(request, error.message)
        return HttpResponseRedirect(back)
    screen = printing.SCREENS[kind]
    here = reverse(screen, args=[pk])
    size = _size(request, kind)
    if request.method == "POST":
        query = {"paper": size, "copy": 1} if kind == Kind.COPY else {"paper": size}
        response = carry_out(
            request,
            printing.count_print,
            to=lambda made: f"{here}?{urlencode({**query, 'printed': made.pk})}",
            record=record,
            kind=kind,
        )
        return response or HttpResponseRedirect(back)
    audit.record_read(by=request.user, screen=screen, patients=[record.patient_id])
    is_fresh = _is_last(record, kind, request.GET.get("printed", ""))
    context = printing.paper(record, kind, is_fresh=is_fresh)
    context |= {"back_url": back, "autoprint": is_fresh, "size": size}
    context |= {"is_copy": kind == Kind.COPY, "here": here}
    return render(request, template, context)


def readable(user, pk) -> tuple[Consultation, bool]:
    """The record: one's own, or that of a file which is open to this person.

    The second value says that it is guarded and has to be opened with a reason (R-140).
    """
    found = Consultation.objects.filter(started_at__isnull=False)
    found = found.select_related("patient", "registration__session", "clinician__department")
    record = get_object_or_404(found.select_related("clinician__user", "finished_by"), pk=pk)
    if record.clinician.user_id == user.pk:
        return record, False
    require_file(user, record.patient_id)
    codes = [diagnosis.code for diagnosis in diagnoses_of(record)]
    is_guarded = guarded.is_guarded(record, codes)
    return record, is_guarded and not guarded.Reader(user).may_see(record)


def back_of(record: Consultation, user) -> str:
    if record.clinician.user_id == user.pk:
        return reverse("consultation", args=[record.pk])
    return reverse("patient_chart", args=[record.patient_id])


def _size(request, kind: str) -> str:
    asked = request.POST.get("paper") or request.GET.get("paper")
    if asked in printing.SIZES:
        return asked
    return "a5" if kind == Kind.SICK_NOTE else setting("record.paper")


def _is_last(record: Consultation, kind: str, pk: str) -> bool:
    """The address names the paper that was counted last: it is this one that is printed now."""
    last = record.prints.filter(kind=kind).order_by("-pk").values_list("pk", flat=True).first()
    return last is not None and pk == str(last)
