"""Importing the clinic's own list of drugs: file, columns, preview, start, result, take-back."""

from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.tables.steps import Steps
from pharmacy.importing.drugs import NAME
from security.access import needs
from security.permissions import P

STEPS = Steps(NAME, "drug_import", "drug_import_show")


@needs(P.MANAGE_DRUGS)
@require_http_methods(["GET", "POST"])
def drug_import(request):
    """Choose a file; earlier imports stand below."""
    return STEPS.list_page(request, "pharmacy/drug_import.html")


@needs(P.MANAGE_DRUGS)
@require_http_methods(["GET", "POST"])
def drug_import_show(request, pk):
    """One import, wherever it stands."""
    return STEPS.show_page(request, pk, "pharmacy/drug_import_show.html")


@needs(P.MANAGE_DRUGS)
@require_GET
def drug_import_refused(request, pk):
    """The refused lines with their reasons."""
    return STEPS.refused_page(pk)
