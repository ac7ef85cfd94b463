"""What was printed of a patient's records, for the chart's list of papers."""

from collections.abc import Iterable
from uuid import UUID

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.prepared import prepared
from patients.records import MOST_DOCUMENTS, Document
from registration.models import RecordPrint
from registration.printing import SCREENS


def documents(patient, _request) -> Iterable[Document]:
    """One for each paper of each record, when it was last printed; nothing medical (R-140)."""
    found: dict[tuple, Document] = {}
    for row in _newest(patient):
        key = row.consultation_id, row.kind
        if key not in found:
            found[key] = _document(row)
    return found.values()


@prepared
def _newest(patient: UUID):
    rows = RecordPrint.objects.filter(consultation__patient=patient).order_by("-pk")
    rows = rows.select_related("consultation", "printed_by").only(
        "kind", "printed_at", "consultation__started_at", "printed_by__full_name"
    )
    return rows[:MOST_DOCUMENTS]


def _document(row: RecordPrint) -> Document:
    url = reverse(SCREENS[row.kind], args=[row.consultation_id])
    return Document(
        at=row.printed_at,
        title=_("%(paper)s of the visit of %(day)s")
        % {
            "paper": row.get_kind_display(),
            "day": timezone.localdate(row.consultation.started_at).isoformat(),
        },
        detail=row.printed_by.full_name,
        url=f"{url}?copy=1" if row.kind == RecordPrint.Kind.COPY else url,
    )
