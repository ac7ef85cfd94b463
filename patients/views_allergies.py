"""The allergies of one patient: asked, recorded, confirmed, withdrawn (R-44)."""

from uuid import UUID

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.core.posting import carry_out
from patients.banner import banner, group_names, label
from patients.duplicates import on_file
from patients.forms import REACTIONS, AllergyForm
from patients.models import Allergy, AllergyStatus, Patient
from patients.services import (
    add_allergy,
    confirm_allergies,
    set_allergy_status,
    withdraw_allergy,
)
from patients.views import may
from security import audit
from security.access import needs
from security.permissions import P

LONGEST_ADDRESS = 100


@needs(P.RECORD_ALLERGY)
@require_http_methods(["GET", "POST"])
def patient_allergies(request, pk):
    """List, add, deny, confirm; a withdrawal is asked for in its row and posted from there."""
    patient = get_object_or_404(on_file(), pk=pk)
    audit.record_read(by=request.user, screen="patient_allergies", patients=[patient.pk])
    adding = request.POST.get("do") == "add"
    form = AllergyForm(request.POST if adding else None)
    if request.method == "POST":
        response = _change(request, patient, form)
        if response:
            return response
        patient.refresh_from_db()
    return _page(request, patient, form)


@needs(P.RECORD_ALLERGY)
@require_POST
def allergy_withdraw(request, pk):
    """Take back an entry made in error."""
    allergy = get_object_or_404(
        Allergy.objects.filter(patient__state=Patient.State.ACTIVE).select_related("patient"), pk=pk
    )
    back = _address(request, allergy.patient)
    response = carry_out(
        request,
        withdraw_allergy,
        to=lambda _allergy: back,
        done=_("The entry was withdrawn. It stays in the history."),
        allergy=allergy,
    )
    return response or redirect(back)


def _change(request, patient: Patient, form: AllergyForm):
    """The redirect after the verb that was asked for, or None when it was refused."""
    do, to = request.POST.get("do"), lambda _result: _address(request, patient)
    if do == "add" and form.is_valid():
        done = _("The allergy was recorded.")
        return carry_out(
            request, add_allergy, to=to, form=form, done=done, patient=patient, **form.cleaned_data
        )
    if do == "confirm":
        done = _("Noted: asked again, nothing has changed.")
        return carry_out(request, confirm_allergies, to=to, done=done, patient=patient)
    if do in (AllergyStatus.DENIED, AllergyStatus.NOT_ASKED):
        done = _("The answer about allergies was noted.")
        return carry_out(request, set_allergy_status, to=to, done=done, patient=patient, status=do)
    return None


def _page(request, patient: Patient, form: AllergyForm):
    names = group_names()
    history = list(
        patient.allergies.select_related("recorded_by", "withdrawn_by").order_by("-recorded_at")
    )
    for allergy in history:
        allergy.label = label(allergy, names)
    history.sort(key=lambda allergy: allergy.state != Allergy.State.ACTIVE)
    context = banner(patient) | {
        "form": form,
        "history": history,
        "withdrawing": _uuid(request.GET.get("withdraw")),
        "groups": sorted(names.values()),
        "reactions": REACTIONS,
        "next": _next(request),
        "here": _address(request, patient),
        "may": may(request.user),
    }
    return render(request, "patients/patient_allergies.html", context)


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _next(request) -> str:
    """Where the user came from, if that is a page of ours."""
    page = request.POST.get("next") or request.GET.get("next") or ""
    ours = page.startswith("/") and len(page) <= LONGEST_ADDRESS
    return page if ours and url_has_allowed_host_and_scheme(page, allowed_hosts=None) else ""


def _address(request, patient: Patient) -> str:
    here, back = reverse("patient_allergies", args=[patient.pk]), _next(request)
    return f"{here}?{urlencode({'next': back})}" if back else here
