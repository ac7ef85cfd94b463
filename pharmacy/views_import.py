"""Importing the clinic's own list of drugs: file, columns, preview, start, result, take-back."""

from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.models import TableImport
from clinic.core.posting import carry_out
from clinic.core.tables import imports, screens
from clinic.core.tables.kinds import kind_of
from pharmacy.importing.drugs import NAME
from security.access import needs
from security.permissions import P

REFRESH_SECONDS = 3
# What a button of the page does that asks nothing.
VERBS = {
    "start": imports.start,
    "columns": imports.back_to_columns,
    "discard": imports.discard,
    "take_back": imports.take_back,
    "go_on": imports.go_on,
}


def _show(table) -> str:
    return reverse("drug_import_show", args=[table.pk])


def _after(table) -> str:
    return reverse("drug_import") if table.state == "discarded" else _show(table)


@needs(P.MANAGE_DRUGS)
@require_http_methods(["GET", "POST"])
def drug_import(request):
    """Choose a file; earlier imports stand below."""
    form = screens.UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file, made = form.cleaned_data["file"], []
        response = carry_out(
            request,
            imports.bring,
            to=lambda table: made.append(table.pk) or _show(table),
            form=form,
            kind=NAME,
            content=file.read(),
            file_name=file.name,
        )
        for pk in made[-1:]:
            screens.work_at(pk)
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
        response, forms = _step(request, table)
        if response:
            screens.work_at(table.pk)
            return response
        table.refresh_from_db()
    context = screens.show_context(table, request, **forms)
    response = render(request, "pharmacy/drug_import_show.html", context)
    if table.is_working and not context["failed"]:
        response["Refresh"] = str(REFRESH_SECONDS)  # the page follows, with and without script
    return response


def _step(request, table):
    """(response, forms to show again) of the button that was pressed."""
    step = request.POST.get("do", "")
    if step in VERBS:
        return carry_out(request, VERBS[step], to=_after, table_id=table.pk), {}
    head = table.read_head()
    if step == "source" and "source" in head:
        return _source(request, table, head)
    if step != "match" or head.get("error") or "source" not in head:
        return redirect("drug_import_show", pk=table.pk), {}
    form = screens.MatchForm(kind_of(NAME), head, request.POST)
    mapping = form.mapping() if form.is_valid() else {}
    if form.errors:
        return None, {"match_form": form}
    response = carry_out(
        request, imports.match, to=_show, form=form, table_id=table.pk, mapping=mapping
    )
    return response, {"match_form": form}


def _source(request, table, head):
    form = screens.SourceForm(head, request.POST)
    if not form.is_valid():
        return None, {"source_form": form}
    said, now = form.cleaned_data, form.initial
    sheet, encoding = said.get("sheet", now["sheet"]), said.get("encoding") or now["encoding"]
    if (sheet, encoding) != (now["sheet"], now["encoding"]):
        arguments = {"sheet": sheet, "encoding": encoding}
        verb = imports.read_again
    else:
        arguments, verb = {"header": said["header"]}, imports.set_header
    response = carry_out(request, verb, to=_show, form=form, table_id=table.pk, **arguments)
    return response, {"source_form": form}


@needs(P.MANAGE_DRUGS)
@require_GET
def drug_import_refused(request, pk):
    """The refused lines with their reasons: corrected, the file can be imported again."""
    table = get_object_or_404(TableImport, kind=NAME, pk=pk)
    if "headings" not in table.read_head():
        return redirect("drug_import_show", pk=pk)
    return screens.refused_file(table)
