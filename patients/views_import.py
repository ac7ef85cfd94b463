"""Importing a list of patients: file, columns, preview, start, result, take-back."""

import hashlib
from uuid import UUID

from django.views.decorators.http import require_GET, require_http_methods

from clinic.core.tables.steps import Steps
from patients.exchange.importing import NAME
from security import audit
from security.access import needs
from security.permissions import P


def _note(request, table, context) -> None:
    """Who saw which lines, and which files of ours beside them (R-141)."""
    rows = [item["row"] for item in context.get("rows", ())]
    shown = {UUID(row.target) for row in rows if row.target}
    shown |= {UUID(key) for row in rows for key, _word in row.asks if ":" not in key}
    audit.record_read(by=request.user, screen="patient_import_show", patients=shown)
    if rows or "columns" in context:
        part = f"{table.state}|{context.get('show')}|{request.GET.get('page')}"
        key = hashlib.sha256(f"{request.user.pk}|{table.pk}|{part}".encode()).hexdigest()[:32]
        data = {"import": str(table.pk), "lines": [row.number for row in rows]}
        audit.record_seen(key=key, screen="patient_import_show", data=data)


STEPS = Steps(NAME, "patient_import", "patient_import_show", _note)


@needs(P.IMPORT_PATIENTS)
@require_http_methods(["GET", "POST"])
def patient_import(request):
    """Choose a file; earlier imports stand below."""
    return STEPS.list_page(request, "patients/patient_import.html")


@needs(P.IMPORT_PATIENTS)
@require_http_methods(["GET", "POST"])
def patient_import_show(request, pk):
    """One import, wherever it stands."""
    return STEPS.show_page(request, pk, "patients/patient_import_show.html")


@needs(P.IMPORT_PATIENTS)
@require_GET
def patient_import_refused(request, pk):
    """The refused lines with their reasons, whole numbers and all: it is an export (R-151)."""
    audit.record("export", screen="patient_import_show", data={"import": str(pk)})
    return STEPS.refused_page(pk)
