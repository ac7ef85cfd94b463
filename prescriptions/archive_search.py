"""Finding archived sheets: doctors their own, the pharmacy all (R-142)."""

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.prepared import prepared
from patients.models import Patient
from patients.records import MOST_DOCUMENTS, Document
from prescriptions.models import ArchivedSheet
from prescriptions.retention import may_be_destroyed
from security.permissions import P

WITH = ("prescription__patient", "prescription__prescriber")
PRESCRIBER = "prescription__prescriber__full_name"


def visible(user):
    """The documents this person may know of."""
    rows = ArchivedSheet.objects.select_related(*WITH)
    if user.has_perm(P.REVIEW_PRESCRIPTION) or user.has_perm(P.DISPENSE):
        return rows
    return rows.filter(prescription__prescriber=user)


def found(user, asked: dict):
    """Those that were asked for, the newest day first."""
    rows = visible(user).filter(day__gte=asked["since"], day__lte=asked["until"])
    if text := asked.get("q", ""):
        rows = rows.filter(
            Q(prescription__number=text.upper())
            | Q(prescription__patient__record_no=text.upper())
            | Q(prescription__patient__name__istartswith=text)
            | Q(prescription__patient__in=_kept_instead_of(text))
        )
    if asked.get("doctor"):
        rows = rows.filter(prescription__prescriber__full_name__istartswith=asked["doctor"])
    if asked.get("kind"):
        rows = rows.filter(kind=asked["kind"])
    if asked.get("only") == "over":
        rows = rows.filter(keep_until__lt=timezone.localdate())
    return rows.order_by("-day", "-number")


def _kept_instead_of(text: str):
    """Files into which others were merged: what is on the paper is the old name and number."""
    asked = Q(record_no=text.upper()) | Q(name__istartswith=text)
    return Patient.objects.filter(asked, merged_into__isnull=False).values("merged_into")


def as_row(document: ArchivedSheet) -> dict:
    """One line of the list."""
    return {"document": document, "is_over": may_be_destroyed(document.keep_until)}


@prepared
def _newest(patient: UUID):
    rows = ArchivedSheet.objects.filter(prescription__patient=patient).order_by("-number")
    rows = rows.select_related("prescription__prescriber")
    return rows.only("archived_at", "prescription__number", PRESCRIBER)[:MOST_DOCUMENTS]


def documents(patient, _request) -> Iterator[Document]:
    """A patient's archived sheets, for the chart: whoever may open the file may read them."""
    for row in _newest(patient):
        sheet = row.prescription
        yield Document(
            at=row.archived_at,
            title=_("Archived prescription %(number)s") % {"number": sheet.number},
            detail=sheet.prescriber.full_name,
            url=reverse("prescription_print", args=[sheet.pk]),
        )
