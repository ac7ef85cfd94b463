"""The doctor's answer to a return, and the second doctor under an assistant's sheet (R-3, R-38)."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core.posting import carry_out, gone_on, repeated
from prescriptions import countersigning, judging, pages, services
from prescriptions.access import WITH_HEAD, own
from prescriptions.forms import ReasonForm, VersionForm
from prescriptions.moves import no_longer
from prescriptions.review_forms import InsistForm
from prescriptions.states import RxState
from registration.signing import countersigner
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

MOST = 60


@keeps_typed
@sensitive_post_parameters("password")
@needs(P.PRESCRIBE)
@require_http_methods(["GET", "POST"])
def prescription_insist(request, pk):
    """A returned sheet goes to the pharmacist as it is: reason and password (R-38)."""
    prescription = get_object_or_404(own(request.user), pk=pk)
    if request.method == "GET" and prescription.state != RxState.RETURNED:
        return redirect("prescription_show", pk)
    form = InsistForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            services.submit,
            to=lambda sheet: reverse("prescription_show", args=[sheet.pk]),
            form=form,
            done=_insisted_words(prescription),
            prescription=prescription,
            version=form.cleaned_data["version"],
            insist=form.cleaned_data["insist"],
        )
        if response:
            return response
    prescription.refresh_from_db()
    if prescription.state != RxState.RETURNED:
        return gone_on(request, no_longer(prescription), "prescription_show", pk)
    audit.record_read(
        by=request.user, screen="prescription_insist", patients=[prescription.patient_id]
    )
    context = pages.read(prescription, request.user) | {"form": form}
    return render(request, "prescriptions/insist.html", context)


def _insisted_words(prescription) -> str:
    """An assistant insists towards the doctor who countersigns, before any pharmacist."""
    if countersigning.waits(prescription):
        return countersigning.submitted_words(prescription)
    words = _("You insist on %(number)s: it is with the pharmacist again.")
    return words % {"number": prescription.number}


@needs(P.PRESCRIBE)
@require_GET
def prescription_countersign_list(request):
    """What assistants of one's department wrote and nobody has countersigned yet (R-3)."""
    rows = countersigning.to_countersign(request.user)
    rows = list(rows.select_related("patient", "prescriber").order_by("submitted_at")[:MOST])
    audit.record_read(
        by=request.user,
        screen="prescription_countersign_list",
        patients=[row.patient_id for row in rows],
    )
    context = {"rows": rows, "may": countersigner(request.user) is not None}
    return render(request, "prescriptions/countersign_list.html", context)


@needs(P.PRESCRIBE)
@require_http_methods(["GET", "POST"])
def prescription_countersign(request, pk):
    """Read the sheet and stand for it."""
    again = repeated(request)
    if again:
        return again
    prescription = _waiting(request, pk)
    form = ReasonForm(initial={"version": prescription.version})
    if request.method == "POST":
        version = VersionForm(request.POST)
        response = carry_out(
            request,
            countersigning.countersign,
            to=lambda _sheet: reverse("prescription_countersign_list"),
            done=_("Countersigned."),
            prescription=prescription,
            version=version.cleaned_data["version"] if version.is_valid() else 0,
        )
        return response or redirect("prescription_countersign", pk)
    return _countersign_page(request, prescription, form)


@needs(P.PRESCRIBE)
@require_POST
def prescription_countersign_return(request, pk):
    """The doctor does not stand for it: back to the assistant, with the reason."""
    again = repeated(request)
    if again:
        return again
    prescription = _waiting(request, pk)
    form = ReasonForm(request.POST)
    if form.is_valid():
        response = carry_out(
            request,
            countersigning.send_back,
            to=lambda _sheet: reverse("prescription_countersign_list"),
            form=form,
            done=_("%(number)s is back with the doctor.") % {"number": prescription.number},
            prescription=prescription,
            reason=form.cleaned_data["reason"],
            version=form.cleaned_data["version"],
        )
        if response:
            return response
    return _countersign_page(request, prescription, form)


def _waiting(request, pk):
    rows = countersigning.to_countersign(request.user).select_related(*WITH_HEAD)
    return get_object_or_404(rows, pk=pk)


def _countersign_page(request, prescription, form):
    audit.record_read(
        by=request.user, screen="prescription_countersign", patients=[prescription.patient_id]
    )
    context = judging.judge(prescription, request.user) | {"form": form}
    return render(request, "prescriptions/countersign.html", context)
