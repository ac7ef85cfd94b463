"""Two files of one person become one: sheets, treatments, recall calls, pain files go along.

What hangs on a sheet (rows, alerts, evaluation, its document in the archive) names the sheet, so it
follows by itself. The head that was signed and the document stay as they were written: they tell
what was known then, and whose number stood on the paper.
"""

from django.db.models import Q

from clinic.core.transactions import lock
from prescriptions.models import PainFile, Prescription, RecallContact, Treatment

# What goes with the visit it was ordered at.
OF_VISIT = {"sheets": Prescription, "treatments": Treatment}
BESIDE = {"pain_files": PainFile, "recall_contacts": RecallContact}


def move(*, kept, merged, by, only: dict | None = None) -> dict[str, list[str]]:
    """Called inside the merge's transaction, after the visits were moved (lock order).

    `only` undoes an earlier merge (patients.records); what was ordered since at a visit that goes
    back goes with its visit.
    """
    moved = {}
    for name, model in OF_VISIT.items():
        rows = model.objects.filter(patient=merged)
        if only is not None:
            rows = rows.filter(Q(pk__in=only[name]) | Q(consultation__patient=kept))
        moved[name] = _give(rows, kept)
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
