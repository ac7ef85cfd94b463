"""The floor, our page without content, and a list of fifty (our own pages show twenty or forty)."""

from django.http import HttpResponse
from django.shortcuts import render

from patients import hints, listing
from patients.forms import SearchForm
from patients.search import find_patients
from patients.views import may
from security import audit
from security.access import needs, signed_in
from security.permissions import P

ROWS = 50


def floor(request):
    return HttpResponse("floor")


@signed_in
def empty(request):
    return render(request, "base.html")


@needs(P.FIND_PATIENT)
def fifty(request):
    """What patients.views.patient_search does with what it found, with fifty instead of twenty."""
    form = SearchForm(request.GET)
    assert form.is_valid()
    shown = find_patients(form.cleaned_data["q"], ROWS + 1)[:ROWS]
    assert len(shown) == ROWS, f"only {len(shown)} of that name"
    ids = [patient.pk for patient in shown]
    audit.record("search", screen="patient_search", data={"found": len(shown)})
    audit.record_read(by=request.user, screen="patient_search", patients=ids)
    context = {
        "form": form,
        "may": may(request.user),
        "searched": True,
        "rows": listing.rows(shown),
        "revealed": False,
        "more": True,
        "limit": ROWS,
        "hints": hints.hints(form.cleaned_data["q"], request.user),
    }
    return render(request, "patients/patient_search.html", context)
