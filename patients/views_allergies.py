"""The allergies of one patient: asked, recorded, confirmed, withdrawn (R-44)."""

from uuid import UUID

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from clinic.core.posting import carry_out
from patients.banner import banner, group_names
from patients.duplicates import file_of
from patients.forms import REACTIONS
from patients.forms_allergies import GroupForm, WholeAllergyForm
from patients.models import Allergy, AllergyStatus, Patient
from patients.services import (
    add_allergy,
    confirm_allergies,
    set_allergy_status,
    settle_group,
    withdraw_allergy,
)
from patients.views import may
from patients.ways_back import way_back
from security import audit
from security.access import needs
from security.permissions import P


@needs(P.RECORD_ALLERGY)
@require_http_methods(["GET", "POST"])
def patient_allergies(request, pk):
    """List, add, deny, confirm; a withdrawal is asked for in its row and posted from there."""
    patient = file_of(pk)
    audit.record_read(by=request.user, screen="patient_allergies", patients=[patient.pk])
    adding = request.POST.get("do") == "add"
    form = WholeAllergyForm(
        request.POST if adding else None,
        patient=patient,
        groups=group_names(),
        may_settle=request.user.has_perm(P.CONSULT),
    )
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


@needs(P.RECORD_ALLERGY)
@require_POST
def allergy_group(request, pk):
    """A doctor confirms the group that was found, or names another (R-44)."""
    allergy = get_object_or_404(
        Allergy.objects.filter(patient__state=Patient.State.ACTIVE).select_related("patient"), pk=pk
    )
    back, form = _address(request, allergy.patient), GroupForm(request.POST, groups=group_names())
    response = None
    if form.is_valid():
        response = carry_out(
            request,
            settle_group,
            to=lambda _allergy: back,
            done=_("The group was noted."),
            allergy=allergy,
            group_code=form.code(),
        )
    return response or redirect(back)


def _change(request, patient: Patient, form: WholeAllergyForm):
    """The redirect after the verb that was asked for, or None when it was refused."""
    do, here = request.POST.get("do"), _address(request, patient)
    is_answer = do in ("confirm", AllergyStatus.DENIED)

    def to(_result) -> str:
        """Where nothing more is to be written, back to the work that asked for it."""
        return (is_answer and way_back(request)) or here

    if do == "add" and form.is_valid():
        done = _("The allergy was recorded.")
        return carry_out(
            request, add_allergy, to=to, form=form, done=done, patient=patient, **form.entry()
        )
    if do == "confirm":
        done = _("Noted: asked again, nothing has changed.")
        return carry_out(request, confirm_allergies, to=to, done=done, patient=patient)
    if do in (AllergyStatus.DENIED, AllergyStatus.NOT_ASKED):
        done = _("The answer about allergies was noted.")
        return carry_out(request, set_allergy_status, to=to, done=done, patient=patient, status=do)
    return None


def _page(request, patient: Patient, form: WholeAllergyForm):
    names, may_settle = group_names(), request.user.has_perm(P.CONSULT)
    changing = _uuid(request.GET.get("group")) if may_settle else None
    context = banner(patient) | {
        "form": form,
        "history": _history(patient, names, changing),
        "withdrawing": _uuid(request.GET.get("withdraw")),
        "changing": changing,
        "may_settle": may_settle,
        "groups": sorted(names.values()),
        "reactions": REACTIONS,
        "next": way_back(request),
        "here": _address(request, patient),
        "may": may(request.user),
    }
    return render(request, "patients/patient_allergies.html", context)


def _history(patient: Patient, names: dict[str, str], changing: UUID | None) -> list[Allergy]:
    """All entries, those in force first; each with its words, its group and whether it stands."""
    rows = patient.allergies.select_related("recorded_by", "withdrawn_by", "group_confirmed_by")
    history = list(rows.order_by("-recorded_at"))
    for allergy in history:
        allergy.group = names.get(allergy.group_code, "")
        if allergy.pk == changing:
            allergy.group_form = GroupForm(groups=names, initial=allergy.group_code)
    history.sort(key=lambda allergy: allergy.state != Allergy.State.ACTIVE)
    return history


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _address(request, patient: Patient) -> str:
    here, back = reverse("patient_allergies", args=[patient.pk]), way_back(request)
    return f"{here}?{urlencode({'next': back})}" if back else here
