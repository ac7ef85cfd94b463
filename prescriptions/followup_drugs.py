"""The drugs of today's visit for a follow-up of long care: nobody types them twice (R-68)."""

from django.utils import timezone

from prescriptions.dictionary import frequency_of
from prescriptions.models import Prescription, PrescriptionItem
from prescriptions.states import RxState
from registration import guarded
from registration.models import Diagnosis
from registration.vitals import as_text

SHORTEST = 7  # days: what is taken for less belongs to another illness


def visit_values(patient, *, user) -> dict:
    """`drugs` of today's sheets, also of those still being written; those of a guarded visit stay
    with its doctor (R-140)."""
    rows = PrescriptionItem.objects.filter(
        prescription__patient=patient,
        prescription__consultation__registration__day=timezone.localdate(),
        removed_at__isnull=True,
        days__gte=SHORTEST,
    )
    rows = rows.exclude(prescription__state=RxState.VOIDED)
    rows = rows.exclude(prescription__form=Prescription.Form.HERBAL).order_by("rank")
    rows = list(rows.select_related("prescription__consultation__clinician"))
    if not rows or not _may_know(rows, user):
        return {}
    return {"drugs": [_words(row) for row in rows]}


def _may_know(rows: list[PrescriptionItem], user) -> bool:
    records = {row.prescription.consultation for row in rows}
    standing = Diagnosis.objects.filter(consultation__in=records, removed_at__isnull=True)
    codes = [diagnosis.code for diagnosis in standing]
    reader = guarded.Reader(user)
    return all(not guarded.is_guarded(one, codes) or reader.may_see(one) for one in records)


def _words(row: PrescriptionItem) -> tuple[str, str, str]:
    name = f"{row.drug_name} {row.strength}".strip()
    return name, frequency_of(row.frequency).name, f"{as_text(row.dose)}{row.dose_unit}"
