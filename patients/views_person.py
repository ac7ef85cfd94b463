"""A file for somebody of whom nobody knows who it is, by one click (R-80)."""

from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from clinic.core.posting import carry_out
from patients.models import Patient, Sex
from patients.unnamed import open_unnamed
from security.access import needs
from security.permissions import P


@needs(P.WRITE_PATIENT)
@require_POST
def patient_unnamed(request):
    """Open it with a guess of the age, and go on to registration where that is allowed."""
    age, sex = request.POST.get("age", ""), request.POST.get("sex", "")
    response = carry_out(
        request,
        open_unnamed,
        to=lambda patient: _next(request, patient),
        done=_("The file was opened. Please write the name as soon as somebody knows it."),
        age=int(age) if age.isascii() and age.isdigit() and len(age) < 4 else -1,
        sex=sex if sex in Sex.values else Sex.UNKNOWN.value,
    )
    return response or redirect("patient_new")


def _next(request, patient: Patient) -> str:
    may_register = request.user.has_perm(P.REGISTER_VISIT)
    return reverse("registration_new" if may_register else "patient_edit", args=[patient.pk])
