"""Triage: one list of those who wait and one short form; the next patient comes by itself."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.posting import carry_out
from patients.banner import banner, group_names
from registration import triage as triages
from registration.forms_queue import TriageForm
from registration.models import Consultation, Registration
from registration.views.desk import usual_order
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P


@needs(P.RECORD_VITALS)
@require_GET
def triage(request):
    """Straight to the first who waits to be asked; an empty page when there is nobody."""
    line = triages.untriaged(request.user)
    if line:
        return redirect("triage_visit", line[0].pk)
    return render(request, "registration/triage.html", {"line": []})


@keeps_typed
@needs(P.RECORD_VITALS)
@require_http_methods(["GET", "POST"])
def triage_visit(request, pk):
    """Ask and measure one patient."""
    visits = Registration.objects.select_related("patient", "session__clinician__user")
    if not request.user.has_perm(P.REGISTER_VISIT):  # a doctor asks only the own patients
        visits = visits.filter(session__clinician__user=request.user)
    visit = get_object_or_404(visits, pk=pk)
    record = Consultation.objects.filter(registration=visit).first()
    known = (record and record.vitals) or {}
    form = TriageForm(
        request.POST or None,
        usual=usual_order(visit.patient),
        initial={
            **known,
            "because": _reason(visit),
            "seen": _reason(visit),
        },
    )
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            triages.triage,
            to=lambda _visit: reverse("triage"),
            form=form,
            done=_("Triage of %(number)s is saved.") % {"number": visit.number},
            registration=visit,
            vitals=form.filled,
            **form.answers,
        )
        if response:
            return response
    line = triages.untriaged(request.user)
    seen = {visit.patient_id, *(one.patient_id for one in line)}
    audit.record_read(by=request.user, screen="triage", patients=list(seen))
    context = {
        "line": line,
        "visit": visit,
        "form": form,
        "later": triages.next_after(line, visit.pk),
        "groups": sorted(group_names().values()),
        **banner(visit.patient),
    }
    return render(request, "registration/triage.html", context)


def _reason(visit: Registration) -> str:
    """The tile that is chosen: age needs no reason."""
    own = visit.priority_reason
    return "" if own == Registration.Reason.ELDERLY else own
