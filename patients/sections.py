"""What this app itself shows on the chart: the person, allergies over time, papers, who looked."""

from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.prepared import prepared
from patients import records
from patients.models import Allergy, CareFile, CareKind, Merge, Patient
from security import readers
from security.models import with_names

SHOWN_PAPERS = 8
SHOWN_LOOKS = 6


@prepared
def _merges(patient: UUID):
    merges = Merge.objects.filter(kept=patient, undone_at__isnull=True)
    return merges.select_related("merged").order_by("-made_at")


@prepared
def _allergies(patient: UUID):
    rows = with_names(Allergy.objects.filter(patient=patient), "recorded_by")
    return rows.order_by("-recorded_at")


@prepared
def _cared_for(patient: UUID):
    return CareFile.objects.filter(patient=patient, closed_on__isnull=True)


def register() -> None:
    """Called once, when the app is ready."""
    records.register_section(
        "documents",
        title=gettext_lazy("Papers"),
        order=60,
        template="patients/_chart_documents.html",
        context=documents,
    )
    records.register_section(
        "person",
        title=gettext_lazy("Personal data"),
        order=80,
        template="patients/_chart_person.html",
        context=person,
        place=records.Place.BESIDE,
    )
    records.register_section(
        "past-allergies",
        title=gettext_lazy("Allergies over time"),
        order=85,
        template="patients/_chart_allergies.html",
        context=allergies,
        place=records.Place.BESIDE,
    )
    records.register_section(
        "readers",
        title=gettext_lazy("Who opened this file"),
        order=90,
        template="patients/_chart_readers.html",
        context=who_read,
        place=records.Place.BESIDE,
    )
    records.register_cautions(cautions)


def documents(patient, _request) -> dict:
    """The newest papers of all apps, the older ones folded away."""
    found = records.documents(patient, _request)
    return {
        "papers": found[:SHOWN_PAPERS],
        "older_papers": found[SHOWN_PAPERS:],
        "count": len(found),
    }


def person(patient, _request) -> dict:
    """Numbers, and the files that were merged into this one (R-81)."""
    return {"merges": _merges(patient)}


def allergies(patient, _request) -> dict:
    """Every entry, the withdrawn ones as well (R-147)."""
    return {"history": _allergies(patient)}


def who_read(patient, _request) -> dict:
    """For everybody who may open the file: each sees that their own look is seen too (R-143)."""
    looks = readers.of_file(patient.pk)
    return {"looks": looks[:SHOWN_LOOKS], "older_looks": looks[SHOWN_LOOKS:]}


def cautions(patient: Patient, _request) -> list[records.Caution]:
    """What the person and the files of long care tell."""
    found = []
    if patient.is_unnamed:
        words = _("Nobody knows yet who this is")
        found.append(records.Caution(words, order=1))
    for file in _cared_for(patient):
        label = CareKind(file.kind).label
        if file.kind == CareKind.PREGNANCY:
            words = _("Pregnant, in care since %(day)s") % {"day": file.opened_on.isoformat()}
            found.append(records.Caution(words, order=5))
        elif file.kind in (CareKind.HYPERTENSION, CareKind.DIABETES):
            words = _("In care for: %(disease)s") % {"disease": label}
            found.append(records.Caution(words, tone="info", order=30))
    return found
