"""The doctor's side of treatments: ordering and stopping; and what is printed of them."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.posting import carry_out
from clinic.core.site import setting
from patients.banner import banner
from prescriptions import printing_treatments, treatment_list, treatment_pages, treatments
from prescriptions.models import Treatment
from prescriptions.treatment_forms import OrderForm, StopForm
from registration.models import Consultation
from security import audit
from security.access import needs, require_file
from security.long_forms import keeps_typed
from security.permissions import P


@keeps_typed
@needs(P.ORDER_TREATMENT)
@require_http_methods(["GET", "POST"])
def treatment_order(request, consultation):
    """What the doctor of the visit orders beside drugs, and what is ordered already."""
    rows = Consultation.objects.select_related("patient", "clinician")
    record = get_object_or_404(rows, pk=consultation, clinician__user=request.user)
    form = OrderForm(request.POST if request.method == "POST" else None)
    here = reverse("treatment_order", args=[record.pk])
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            treatments.order,
            to=lambda _treatment: here,
            form=form,
            done=_("The treatment is ordered."),
            consultation=record,
            **form.cleaned_data,
        )
        if response:
            return response
    audit.record_read(by=request.user, screen="treatment_order", patients=[record.patient_id])
    context = banner(record.patient, user=request.user) | {
        "form": form,
        "record": record,
        "rows": treatment_pages.of_visit(record),
        "is_finished": record.finished_at is not None,
    }
    return render(request, "prescriptions/treatment_order.html", context)


@needs(P.ORDER_TREATMENT)
@require_POST
def treatment_stop(request, pk):
    """Take the order back, or what is left of its course."""
    treatment = get_object_or_404(Treatment.objects.select_related("consultation"), pk=pk)
    if not treatment_list.known_to(request.user).filter(pk=pk).exists():
        require_file(request.user, treatment.patient_id)
    form = StopForm(request.POST)
    turn = request.POST.get("turn", "")
    back = reverse("treatment_order", args=[treatment.consultation_id])
    if turn in {str(row.pk) for row in treatment.turns.all()}:
        back = reverse("treatment_turn", args=[turn])
    if not form.is_valid():
        messages.error(request, _("Not stopped: please write the reason in a few words."))
        return redirect(back)
    response = carry_out(
        request,
        treatments.stop,
        to=lambda _treatment: back,
        done=_("The treatment is stopped; what was done stays on file."),
        treatment=treatment,
        reason=form.cleaned_data["reason"],
    )
    return response or redirect(back)


@needs(P.TREAT)
@require_GET
def treatment_day(request):
    """Today's list to take along and to sign, when the screen is far away."""
    context = printing_treatments.day(request.user)
    audit.record_read(
        by=request.user, screen="treatment_day", patients=treatment_list.patients_of(context)
    )
    return render(request, "prescriptions/treatment_day.html", context)


@needs(P.TREAT)
@require_GET
def bottle_labels(request, pk):
    """The labels on the bottles of one treatment, one for each turn that is due today."""
    rows = Treatment.objects.select_related("patient", "service", "item__prescription")
    treatment = get_object_or_404(rows, pk=pk)
    if not treatment_list.known_to(request.user).filter(pk=pk).exists():
        require_file(request.user, treatment.patient_id)
    audit.record_read(by=request.user, screen="bottle_labels", patients=[treatment.patient_id])
    context = {
        "labels": printing_treatments.labels(treatment),
        "size": setting("prescription.label_paper"),
        "back_url": reverse("treatment_list"),
    }
    return render(request, "prescriptions/bottle_labels.html", context)
