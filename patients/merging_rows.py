"""What this app's own rows do when two files become one; as a merge handler (patients.records)."""

from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from clinic.core.transactions import lock
from patients.models import Allergy, Basics, CareFile, Consent, History, Patient, Received

FOLLOW = {"allergies": Allergy, "histories": History, "consents": Consent, "received": Received}


def open_key_of(patient: Patient, kind: str) -> str:
    """What makes an open file of long care the only one of its kind."""
    return f"{patient.pk.hex}:{kind}"


def has_allergies(patient: Patient) -> bool:
    return patient.allergies.filter(state=Allergy.State.ACTIVE).exists()


def move(*, kept: Patient, merged: Patient, by, only: dict | None = None) -> dict[str, list[str]]:
    """Corrections stay with the file that was corrected; everything else goes along."""
    moved = {}
    for name, model in FOLLOW.items():
        rows = lock(_of(model, merged, only and only[name]).order_by("pk"))
        moved[name] = [_give(row, kept) for row in rows]
    moved["care_files"] = [
        _give_care(row, kept)
        for row in lock(_of(CareFile, merged, only and only["care_files"]).order_by("pk"))
    ]
    basics = _of(Basics, merged, only and only["basics"])
    free = not Basics.objects.filter(patient=kept).exists()  # else each file keeps its own
    moved["basics"] = [_give(row, kept) for row in lock(basics)] if free else []
    return moved


def _of(model, patient: Patient, only: list[str] | None):
    rows = model.objects.filter(patient=patient)
    return rows if only is None else rows.filter(pk__in=only)


def _give(row, patient: Patient, *more: str) -> str:
    row.patient = patient
    row.save(update_fields=["patient", *more])
    return str(row.pk)


def _give_care(row: CareFile, patient: Patient) -> str:
    if not row.open_key:
        return _give(row, patient)
    row.open_key = open_key_of(patient, row.kind)
    if CareFile.objects.find(open_key=row.open_key).exists():
        raise RuleBroken(
            _("Not merged: both files have an open file of the same kind. Please close one first."),
            rule="R-63",
        )
    return _give(row, patient, "open_key")
