"""Two files of one person become one: sheets, calls about recalls and pain files go along.

What hangs on a sheet (rows, alerts, evaluation, its document in the archive) names the sheet, so it
follows by itself. The head that was signed and the document stay as they were written: they tell
what was known then, and whose number stood on the paper.
"""

from django.db.models import Q

from clinic.core.transactions import lock
from prescriptions.models import PainFile, Prescription, RecallContact

BESIDE = {"pain_files": PainFile, "recall_contacts": RecallContact}


def move(*, kept, merged, by, only: dict | None = None) -> dict[str, list[str]]:
    """Called inside the merge's transaction, after the visits were moved (lock order).

    `only` undoes an earlier merge (patients.records); a sheet that was written since on a visit
    that goes back goes with its visit.
    """
    sheets = Prescription.objects.filter(patient=merged)
    if only is not None:
        sheets = sheets.filter(Q(pk__in=only["sheets"]) | Q(consultation__patient=kept))
    moved = {"sheets": _give(sheets, kept)}
    for name, model in BESIDE.items():
        rows = model.objects.filter(patient=merged)
        moved[name] = _give(rows if only is None else rows.filter(pk__in=only[name]), kept)
    return moved


def _give(rows, kept) -> list[str]:
    """Row by row, each with its entry in the log."""
    found = list(lock(rows.order_by("pk")))
    for row in found:
        row.patient = kept
        row.save(update_fields=["patient"])
    return [str(row.pk) for row in found]
