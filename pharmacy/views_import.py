"""Importing the clinic's own list of drugs: file, columns, preview, start, result, take-back."""

from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.models import TableImport
from clinic.core.tables import screens
from clinic.core.tables.steps import Steps
from pharmacy.importing.drugs import NAME
from security.access import needs
from security.permissions import P

REFRESH_SECONDS = 3
STEPS = Steps(NAME, "drug_import", "drug_import_show")


@needs(P.MANAGE_DRUGS)
@require_http_methods(["GET", "POST"])
def drug_import(request):
    """Choose a file; earlier imports stand below."""
    form = screens.UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        response = STEPS.bring(request, form)
        if response:
            return response
    context = {"form": form} | screens.list_context(NAME, request)
    return render(request, "pharmacy/drug_import.html", context)


@needs(P.MANAGE_DRUGS)
@require_http_methods(["GET", "POST"])
def drug_import_show(request, pk):
    """One import, wherever it stands; each button is one step on."""
    tables = TableImport.objects.filter(kind=NAME).select_related("job", "created_by")
    table = get_object_or_404(tables, pk=pk)
    forms = {}
    if request.method == "POST":
        response, forms = STEPS.take(request, table)
        if response:
            screens.work_at(table.pk)
            return response
        table.refresh_from_db()
    context = screens.show_context(table, request, **forms)
    response = render(request, "pharmacy/drug_import_show.html", context)
    if table.is_working and not context["failed"]:
        response["Refresh"] = str(REFRESH_SECONDS)  # the page follows, with and without script
    return response


@needs(P.MANAGE_DRUGS)
@require_GET
def drug_import_refused(request, pk):
    """The refused lines with their reasons: corrected, the file can be imported again."""
    table = get_object_or_404(TableImport, kind=NAME, pk=pk)
    if "headings" not in table.read_head():
        return redirect("drug_import_show", pk=pk)
    return screens.refused_file(table)
