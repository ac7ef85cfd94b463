"""The pharmacist's review: a queue, one sheet, pass or return."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from clinic.core.posting import carry_out
from prescriptions import pages, queues
from prescriptions import review as reviews
from prescriptions.access import in_pharmacy
from prescriptions.forms import ReasonForm, VersionForm
from prescriptions.states import RxState
from security import audit
from security.access import needs
from security.permissions import P


@needs(P.REVIEW_PRESCRIPTION)
@require_GET
def review_list(request):
    """What waits for review; home of the pharmacist."""
    context = queues.to_review()
    audit.record_read(by=request.user, screen="review_list", patients=queues.patients_of(context))
    return render(request, "prescriptions/review_list.html", context)


@needs(P.REVIEW_PRESCRIPTION)
@require_GET
def review(request, pk):
    """One sheet beside the queue; what was already decided is only read."""
    prescription = get_object_or_404(in_pharmacy(), pk=pk)
    if prescription.state != RxState.SUBMITTED:
        return redirect("prescription_show", pk)
    return _page(request, prescription)


def _page(request, prescription, form=None):
    context = queues.to_review()
    seen = [*queues.patients_of(context), prescription.patient_id]
    audit.record_read(by=request.user, screen="review", patients=seen)
    context |= pages.judge(prescription, request.user)
    context |= {
        "form": form or ReasonForm(initial={"version": prescription.version}),
        "next": queues.next_after(context, prescription),
    }
    return render(request, "prescriptions/review.html", context)


@needs(P.REVIEW_PRESCRIPTION)
@require_POST
def review_approve(request, pk):
    """Let it pass; drugs are reserved."""
    prescription = get_object_or_404(in_pharmacy(), pk=pk)
    form = VersionForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Not approved: please look at the prescription again."))
        return redirect("review", pk)
    response = carry_out(
        request,
        reviews.approve,
        to=lambda _sheet: reverse("review_list"),
        done=_("%(number)s is approved.") % {"number": prescription.number},
        prescription=prescription,
        version=form.cleaned_data["version"],
    )
    return response or redirect("review", pk)


@needs(P.REVIEW_PRESCRIPTION)
@require_POST
def review_return(request, pk):
    """Give it back to the doctor with the reason; without one the page comes again."""
    prescription = get_object_or_404(in_pharmacy(), pk=pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        response = carry_out(
            request,
            reviews.return_,
            to=lambda _sheet: reverse("review_list"),
            form=form,
            done=_("%(number)s is back with the doctor.") % {"number": prescription.number},
            prescription=prescription,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )
        if response:
            return response
    if prescription.state != RxState.SUBMITTED:
        return redirect("prescription_show", pk)
    return _page(request, prescription, form)
