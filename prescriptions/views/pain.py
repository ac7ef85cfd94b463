"""The pain file of a sheet's patient, opened by the doctor who writes the sheet (R-25)."""

from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from clinic.core.posting import carry_out
from prescriptions import pages, pain_files
from prescriptions.access import own
from prescriptions.models import PainFile
from security import audit
from security.access import needs
from security.long_forms import keeps_typed
from security.permissions import P

MOST = 20


@keeps_typed
@needs(P.PRESCRIBE)
@require_http_methods(["GET", "POST"])
def pain_file(request, pk):
    """What is on file, and another visit of it."""
    prescription = get_object_or_404(own(request.user), pk=pk)
    patient = prescription.patient
    form = pain_files.form_for(patient, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            pain_files.keep,
            to=lambda _row: pages.edit_url(prescription),
            form=form,
            done=_("The pain file is saved."),
            patient=patient,
            **form.cleaned_data,
        )
        if response:
            return response
    audit.record_read(by=request.user, screen="pain_file", patients=[patient.pk])
    rows = list(PainFile.objects.filter(patient=patient).select_related("made_by"))[-MOST:]
    for row in rows:
        row.words = PainFile.Pain(row.pain).label
    context = {
        **pages.about(prescription, request.user),
        "form": form,
        "rows": rows[::-1],
        "is_current": bool(rows) and pain_files.is_current(rows[-1]),
    }
    return render(request, "prescriptions/pain_file.html", context)
