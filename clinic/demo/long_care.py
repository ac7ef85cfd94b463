"""Files of long care in the demo clinic: some overdue, some due, some to come (R-63 to R-68)."""

import random
from datetime import date, timedelta

from django.utils import timezone

from clinic.core.transactions import atomic_retry
from patients.age import age_years
from patients.followup import plans, verbs
from patients.models import CareFile, CareKind, FollowUp, Patient, Sex
from registration.models import Diagnosis

DISEASES = {"I10": CareKind.HYPERTENSION, "E11.9": CareKind.DIABETES}

EACH = {
    CareKind.HYPERTENSION: 8, CareKind.DIABETES: 5, CareKind.ELDERLY: 3, CareKind.CHILD: 3,
    CareKind.PREGNANCY: 2,
}  # fmt: skip
USUAL = 60  # patients of a clinic with so many files; of a larger one more, up to these
MOST = {
    CareKind.HYPERTENSION: 110, CareKind.DIABETES: 50, CareKind.ELDERLY: 40, CareKind.CHILD: 30,
    CareKind.PREGNANCY: 8,
}  # fmt: skip
LAST = -84  # days: about three months after the one before
# How many days ago the date was due that nobody kept yet; negative ones are to come.
DUE = (36, 0, -6, 12, -40, 3, 0, -11)
AMLODIPINE = {"drug1": "苯磺酸氨氯地平片 5mg", "drug1_times": "每日1次", "drug1_dose": "5mg"}
METFORMIN = {"drug1": "盐酸二甲双胍片 0.5g", "drug1_times": "每日2次", "drug1_dose": "0.5g"}


def make_long_care(people: dict, chance: random.Random, patients: int = 60) -> None:
    """Files for patients whom their kind fits; a second call opens none."""
    today, doctors = timezone.localdate(), [people["doctor"], people["doctor2"]]
    everybody = list(Patient.objects.filter(state=Patient.State.ACTIVE).order_by("record_no"))
    ill = _ill()
    for kind, count in EACH.items():
        count = min(MOST[kind], max(count, count * patients // USUAL))
        fitting = [one for one in everybody if _fits(one, kind, today)]
        chance.shuffle(fitting)
        fitting.sort(key=lambda one: one.pk not in ill.get(kind, ()))  # whoever is treated for it
        there = {care.patient_id for care in CareFile.objects.all() if care.kind == kind}
        if len(there) >= count:
            continue
        for n, patient in enumerate(fitting[:count]):
            if patient.pk in there:  # an earlier run was interrupted
                continue
            late = max(LAST, DUE[n % len(DUE)] - 9 * (n // len(DUE)) % 90)
            _make(patient, kind, late, doctors[n % 2], people["nurse"], chance)


def _ill() -> dict:
    """By kind of file the patients who were treated for that illness."""
    found: dict = {}
    rows = Diagnosis.objects.filter(removed_at__isnull=True).select_related("consultation")
    for row in rows:
        kind = DISEASES.get(row.code)
        if kind:
            found.setdefault(kind, set()).add(row.consultation.patient_id)
    return found


def _fits(patient: Patient, kind: str, today: date) -> bool:
    years = age_years(patient.birth_date, today)
    if kind == CareKind.PREGNANCY:
        return patient.sex == Sex.FEMALE and 21 <= years <= 40
    first, last = {CareKind.ELDERLY: (66, 99), CareKind.CHILD: (0, 5)}.get(kind, (40, 85))
    return first <= years <= last


def _make(patient, kind, late: int, doctor, nurse, chance) -> None:
    today = timezone.localdate()
    if kind in plans.PERIODIC:
        _make_periodic(patient, kind, late, doctor, nurse, chance)
        return
    facts = {}
    opened_on = max(patient.birth_date, today - timedelta(days=60))
    if kind == CareKind.PREGNANCY:
        opened_on = today - timedelta(days=70)
        facts = {"last_period": (today - timedelta(days=18 * 7 + late)).isoformat()}
    verbs.open_file(
        patient=patient, kind=kind, facts=facts, doctor=doctor, opened_on=opened_on, by=nurse
    )


@atomic_retry
def _make_periodic(patient, kind, late: int, doctor, nurse, chance) -> None:
    """Three dates that were kept, the next `late` days over."""
    today = timezone.localdate()
    yearly = kind == CareKind.ELDERLY
    days = [today - timedelta(days=late + back) for back in ((365,) if yearly else (273, 182, 91))]
    care = verbs.open_file(
        patient=patient, kind=kind, doctor=doctor, opened_on=days[0] - timedelta(days=1), by=nurse,
        facts={} if yearly else {"diagnosed": f"{days[0].year - 4}-05-01"},
    )  # fmt: skip
    for day in days:
        row = care.follow_ups.get(state=FollowUp.State.PLANNED)
        verbs.record(
            follow_up=row, version=row.version, done_on=day, by=nurse,
            findings=_found(kind, chance), next_on=None,
        )  # fmt: skip
    row = care.follow_ups.get(state=FollowUp.State.PLANNED)
    row.due_on = today - timedelta(days=late)
    row.save(update_fields=["due_on"])


def _found(kind: str, chance: random.Random) -> dict:
    body = {"mode": "1", "weight": str(chance.randint(52, 78)), "height": "163"}
    body |= {"systolic": str(chance.randint(122, 138)), "diastolic": str(chance.randint(72, 86))}
    if kind == CareKind.ELDERLY:
        care = {"eating": "0", "washing": "0", "dressing": "0", "toilet": "0", "moving": "1"}
        return {**body, **care, "glucose": "5.6", "hb": "132", "tc": "4.8", "ecg": "1"}
    told = {"symptoms": ["1"], "compliance": "1", "adverse": "1", "mind": "1", "obedience": "1"}
    if kind == CareKind.DIABETES:
        return {
            **body,
            **told,
            **METFORMIN,
            "glucose": f"{chance.randint(4, 6)}.{chance.randint(1, 9)}",
        }
    return {**body, **told, **AMLODIPINE, "salt": "2", "salt_aim": "1", "pulse": "74"}
