"""Undo of taking a diagnosis off, offered by the message of the page."""

from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from clinic.core.posting import carry_out
from registration.models import Diagnosis
from registration.putting_back import put_back
from security.access import needs
from security.permissions import P


@needs(P.CONSULT)
@require_POST
def diagnosis_put_back(request, pk):
    """The diagnosis at its old place, in the doctor's own record."""
    diagnosis = get_object_or_404(Diagnosis, pk=pk, consultation__clinician__user=request.user)
    here = reverse("consultation", args=[diagnosis.consultation_id])
    response = carry_out(request, put_back, to=lambda _record: f"{here}?at=dx", diagnosis=diagnosis)
    return response or redirect(here)
