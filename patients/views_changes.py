"""Every correction of a file with what stood there before (R-60, R-147)."""

from django.shortcuts import render
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from clinic.core.paging import page_of_keys
from patients import changes_words
from patients.banner import banner
from patients.duplicates import file_of
from patients.models import Change
from patients.views import may
from patients.views_basics import may_read_basics
from security import audit
from security.access import needs
from security.permissions import P

A_PAGE = 20
WHAT = {
    Change.What.PERSON: gettext_lazy("Identity and contacts"),
    Change.What.BASICS: gettext_lazy("Basic information form"),
}


@needs(P.WRITE_PATIENT)
@require_http_methods(["GET", "POST"])
def patient_changes(request, pk):
    """The newest first; numbers and addresses masked until somebody asks for them (R-141).

    Corrections of the basic information are only there for whoever may read it.
    """
    patient = file_of(pk)
    is_revealed = request.method == "POST" and "reveal" in request.POST
    audit.record_read(by=request.user, screen="patient_changes", patients=[patient.pk])
    if is_revealed:
        audit.record_read(
            by=request.user,
            screen="patient_reveal",
            patients=[patient.pk],
            data={"fields": list(changes_words.MASKS)},
        )
    has_basics = may_read_basics(request.user, patient.pk)
    found = Change.objects.filter(patient=patient)
    if not has_basics:
        found = found.filter(what=Change.What.PERSON)
    rows = Change.objects.select_related("made_by")
    page = page_of_keys(found, rows, request.GET.get("page"), A_PAGE)
    for change in page.object_list:
        change.about = WHAT.get(change.what, change.get_what_display())
        change.lines = changes_words.lines(change, is_revealed=is_revealed)
    context = banner(patient, user=request.user) | {
        "page": page,
        "revealed": is_revealed,
        "is_masked": any(line["masked"] for change in page.object_list for line in change.lines),
        "has_basics": has_basics,
        "may": may(request.user),
    }
    return render(request, "patients/patient_changes.html", context)
