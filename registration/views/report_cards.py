"""Report cards of notifiable diseases: the doctor's list, one of them, the card on paper (R-75)."""

from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.posting import carry_out
from patients.banner import banner
from registration import duties
from registration import report_card as cards
from registration.models import ReportDuty
from registration.signed_forms import ReportForm
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

PAGE = 30


@needs(P.CONSULT)
@require_GET
def report_list(request):
    """The doctor's own open cards, the most urgent first."""
    page = Paginator(duties.of_doctor(request.user), PAGE).get_page(request.GET.get("page"))
    for duty in page.object_list:
        duty.is_late = duty.due_at < timezone.now()
    patients = [duty.consultation.patient_id for duty in page.object_list]
    audit.record_read(by=request.user, screen="report_list", patients=patients)
    return render(request, "registration/report_list.html", {"page": page})


@keeps_typed
@needs(P.CONSULT)
@require_http_methods(["GET", "POST"])
def report_duty(request, pk):
    """Say that the card was sent, or why none is needed."""
    duty = _own(request, pk)
    form = ReportForm.now() if request.method == "GET" else ReportForm(request.POST)
    if request.method == "POST" and form.is_valid():
        response = _settle(request, duty, form)
        if response:
            return response
        duty = _own(request, pk)
    patient = duty.consultation.patient
    audit.record_read(by=request.user, screen="report_duty", patients=[patient.pk])
    duty.is_late = duty.state == ReportDuty.State.OPEN and duty.due_at < timezone.now()
    context = {"duty": duty, "form": form, "record": duty.consultation, **banner(patient)}
    return render(request, "registration/report_duty.html", context)


def _settle(request, duty: ReportDuty, form: ReportForm):
    here = reverse("consultation", args=[duty.consultation_id])
    typed = form.cleaned_data
    if "reopen" in request.POST:
        done = _("The report card is open again; what was said of it before is kept.")
        card = reverse("report_duty", args=[duty.pk])
        return carry_out(
            request, duties.reopen, to=lambda _duty: card, form=form, done=done, duty=duty
        )
    if "spare" in request.POST:
        verb, facts = duties.not_needed, {"reason": typed["reason"]}
        done = _("Noted: no report card is needed.")
    else:
        verb, facts = duties.report, {"at": typed["at"], "number": typed["number"]}
        done = _("Noted: the report card was sent.")
    return carry_out(request, verb, to=lambda _duty: here, form=form, done=done, duty=duty, **facts)


@needs(P.CONSULT)
@require_GET
def report_card(request, pk):
    """The report card, filled in as far as the file knows."""
    duty = _own(request, pk)
    patient = duty.consultation.patient
    audit.record_read(by=request.user, screen="report_card", patients=[patient.pk])
    context = cards.card(duty) | {"back_url": reverse("report_duty", args=[pk])}
    return render(request, "registration/report_card.html", context)


def _own(request, pk) -> ReportDuty:
    """A card of the doctor's own record; for others it does not exist."""
    found = ReportDuty.objects.filter(consultation__clinician__user=request.user)
    found = found.select_related(
        "closed_by", "consultation__patient", "consultation__clinician__department"
    )
    return get_object_or_404(found.select_related("consultation__clinician__user"), pk=pk)
