"""Taking data out: a copy for the patient, the file as Excel, lists, data sets (R-73, R-151).

Everything is asked by POST with its purpose; what was made belongs to whoever asked for it.
"""

from urllib.parse import quote, urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from clinic.core import jobs
from clinic.core.errors import RuleBroken
from clinic.core.models import Job
from clinic.core.posting import carry_out
from clinic.core.tables.writing import XLSX_TYPE
from patients.banner import banner
from patients.duplicates import file_of
from patients.exchange import datasets, exporting, fhir_out, lists, marks, parts
from patients.exchange.parts import Asked, Look
from patients.forms_export import CopyForm, DataSetsForm, ListForm, PurposeForm
from patients.models import Export
from security import audit
from security.access import needs, require_file
from security.permissions import P

REFRESH_SECONDS = 3


@needs(P.EXPORT_FILE)
@require_http_methods(["GET", "POST"])
def patient_copy(request, pk):
    """Who asks, what for, which visits; then the paper (R-73)."""
    patient = file_of(pk)
    require_file(request.user, pk)
    audit.record_read(by=request.user, screen="patient_copy", patients=[pk])
    lines = parts.visits(patient, request.user)
    form = CopyForm(request.POST or None, lines=lines)
    if request.method == "POST" and form.is_valid():
        response = carry_out(
            request,
            exporting.make_copy,
            to=lambda made: reverse("copy_print", args=[made.pk]),
            form=form,
            patient=patient,
            **form.asked(),
        )
        if response:
            return response
    closed = [line for line in lines if line.is_closed]
    context = banner(patient, user=request.user) | {"form": form, "closed": closed}
    return render(request, "patients/patient_copy.html", context)


@needs(P.EXPORT_FILE)
@require_GET
def copy_print(request, pk):
    """The copy on paper, for whoever made it; the browser numbers its pages."""
    copies = Export.objects.filter(kind=Export.Kind.COPY, made_by=request.user)
    export = get_object_or_404(copies.select_related("patient", "made_by"), pk=pk)
    require_file(request.user, export.patient_id)
    audit.record_read(by=request.user, screen="copy_print", patients=[export.patient_id])
    with translation.override(settings.LANGUAGE_CODE):
        context = _paper(export)
    context["back_url"] = reverse("patient_copy", args=[export.patient_id])
    return render(request, "patients/copy_print.html", context)


def _paper(export: Export) -> dict:
    details = export.details
    visits = frozenset(line.pk for line in parts.visits(export.patient, export.made_by))
    chosen = frozenset(pk for pk in visits if str(pk) in details["visits"])
    asked = Asked(export.made_by, visits=chosen, on_paper=True)
    return {
        "export": export,
        "number": marks.number(export),
        "patient": export.patient,
        "is_whole": chosen == visits,
        "count": len(chosen),
        "asker": exporting.ASKERS.get(details["asker"], ""),
        "asker_name": details["asker_name"],
        "purpose": marks.purpose(export),
        "sections": [_section(part, export.patient, asked) for part in parts.parts()],
        "now": timezone.localtime(),
        "sheet_language": settings.LANGUAGE_CODE,
    }


def _section(part: parts.Part, patient, asked: Asked) -> dict:
    """A part as the template takes it; empty values of facts and blocks are left out."""
    rows = part.rows(patient, asked) if part.on_paper else []
    labels = [str(label) for label in part.columns]
    section = {"title": part.title, "look": part.look.value, "labels": labels, "rows": rows}
    if part.look is not Look.TABLE:
        pairs = [list(zip(labels, row, strict=True)) for row in rows]
        section["rows"] = [
            {
                "lead": " ".join(str(value) for _label, value in row[: part.lead]),
                "facts": [(label, value) for label, value in row[part.lead :] if value],
            }
            for row in pairs
        ]
    return section


@needs(P.EXPORT_FILE)
@require_http_methods(["GET", "POST"])
def patient_export(request, pk):
    """The whole file as Excel: what for; then the file."""
    patient = file_of(pk)
    require_file(request.user, pk)
    audit.record_read(by=request.user, screen="patient_export", patients=[pk])
    form = PurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = _made(request, form, exporting.make_book, patient=patient, **form.asked())
        if response:
            return response
    context = banner(patient, user=request.user) | {"form": form, "parts": parts.parts()}
    return render(request, "patients/patient_export.html", context)


@needs(P.EXPORT_FILE)
@require_http_methods(["GET", "POST"])
def patient_fhir(request, pk):
    """The whole file as FHIR R4: what for; then the file."""
    patient = file_of(pk)
    require_file(request.user, pk)
    audit.record_read(by=request.user, screen="patient_fhir", patients=[pk])
    form = PurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = _made(request, form, exporting.make_fhir, patient=patient, **form.asked())
        if response:
            return response
    context = banner(patient, user=request.user) | {
        "form": form,
        "left_out": fhir_out.left_out(patient, by=request.user),
        "glass_url": f"{reverse('break_glass', args=[pk])}?{urlencode(_asked_from(request))}",
    }
    return render(request, "patients/patient_fhir.html", context)


def _asked_from(request) -> dict:
    """For the page that asks why: it is about what is guarded, and leads back."""
    return {"secret": 1, "next": request.path}  # nosec B105 # a tick of the form, no password


@needs(P.EXPORT_LIST)
@require_http_methods(["GET", "POST"])
def patient_list(request):
    """Which patients, which columns, what for; counted first if one likes."""
    form, context = ListForm(request.POST or None), {}
    if request.method == "POST" and "count" in request.POST:
        # Nothing goes out yet, so the purpose may still be open.
        form.fields["purpose"].required = False
        if form.is_valid():
            context["count"] = lists.patients(form.wanted()).count()
            audit.record("search", screen="patient_list", data={"found": context["count"]})
    elif request.method == "POST" and form.is_valid():
        response = _made(request, form, exporting.make_list, **form.asked())
        if response:
            return response
    context |= {"form": form, "own": _own(request.user, Export.Kind.LIST)}
    return render(request, "patients/patient_list.html", context)


@needs(P.EXPORT_LIST)
@require_http_methods(["GET", "POST"])
def data_sets(request):
    """The national data sets of a period, and the description of their columns (R-152)."""
    form = DataSetsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        response = _made(request, form, exporting.make_data_sets, **form.asked())
        if response:
            return response
    known = datasets.data_sets()
    heading, *rows = datasets.dictionary({found.key for found in known})
    context = {"form": form, "heading": heading, "rows": rows}
    context |= {
        "reads_all": request.user.has_perm(P.READ_DAY_LOG),
        "own": _own(request.user, Export.Kind.DATA_SETS),
    }
    return render(request, "patients/data_sets.html", context)


def _made(request, form, verb, **arguments):
    """Ask for the file and begin with it; the page of the export follows the rest."""
    made = []
    response = carry_out(
        request,
        verb,
        to=lambda export: made.append(export.job_id) or reverse("export_show", args=[export.pk]),
        form=form,
        **arguments,
    )
    for job in made[-1:]:
        jobs.drive(job)
    return response


def _own(user, kind: str):
    """The last ones of this person, to find a file again."""
    found = Export.objects.filter(made_by=user, kind=kind).select_related("job", "file")
    return found.order_by("-made_at")[:5]


@needs(P.EXPORT_FILE, P.EXPORT_LIST)
@require_GET
def export_show(request, pk):
    """How far it is; the button that saves the file once."""
    export = _export_of(request, pk)
    job = export.job
    context = {
        "export": export,
        "number": marks.number(export),
        "purpose": marks.purpose(export),
        "failed": job.state == Job.State.FAILED,
        "working": job.state == Job.State.WAITING,
        "percent": min(99, 100 * job.position // job.total) if job.total else 0,
        "hours": int(exporting.KEPT.total_seconds() // 3600),
    }
    response = render(request, "patients/export_show.html", context)
    if context["working"]:
        response["Refresh"] = str(REFRESH_SECONDS)
    return response


@needs(P.EXPORT_FILE, P.EXPORT_LIST)
@require_POST
def export_file(request, pk):
    """The file itself, once."""
    export = _export_of(request, pk)
    if export.patient_id:
        require_file(request.user, export.patient_id)
    try:
        content, export = exporting.fetch(export=export.pk, by=request.user)
    except RuleBroken as error:
        messages.error(request, error.message)
        return redirect("export_show", pk)
    kind, suffix = _file_kind(export)
    response = HttpResponse(content, content_type=kind)
    name = _file_name(export, suffix)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response


def _file_kind(export: Export) -> tuple[str, str]:
    if export.kind == Export.Kind.FHIR:
        return fhir_out.MEDIA_TYPE, "json"
    if export.details.get("format") == "csv":
        return f"text/csv; charset={export.details['encoding']}", "csv"
    return XLSX_TYPE, "xlsx"


def _export_of(request, pk) -> Export:
    exports = Export.objects.filter(made_by=request.user, job__isnull=False)
    return get_object_or_404(exports.select_related("job", "file", "made_by"), pk=pk)


def _file_name(export: Export, suffix: str) -> str:
    """No name stands in it: files lie about on desktops."""
    words = {
        Export.Kind.BOOK: _("Patient file"),
        Export.Kind.FHIR: _("Patient file"),
        Export.Kind.LIST: _("Patients"),
        Export.Kind.DATA_SETS: _("Data sets"),
    }
    day = f"{timezone.localtime(export.made_at):%Y%m%d}"
    return f"{words[export.kind]}-{day}-{marks.number(export)}.{suffix}"
