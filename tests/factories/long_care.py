"""A file of long care with a date that was kept and one that is overdue."""

import datetime

from django.utils import timezone

from patients.followup import verbs
from patients.models import CareKind

FOUND = {
    "mode": "1", "systolic": "138", "diastolic": "86", "pulse": "76", "weight": "64.5",
    "height": "158", "symptoms": ["2"], "compliance": "1", "drug1": "苯磺酸氨氯地平片 5mg",
    "drug1_times": "每日1次", "drug1_dose": "5mg",
}  # fmt: skip


def followed(patient, doctor, *, by) -> dict:
    """The patient, the follow-up that was done, the one that is due."""
    today = timezone.localdate()
    care = verbs.open_file(
        patient=patient, kind=CareKind.HYPERTENSION, doctor=doctor, by=by,
        opened_on=today - datetime.timedelta(days=200),
    )  # fmt: skip
    done = None
    for back, systolic in ((190, "146"), (176, "138"), (100, "136")):
        row = care.follow_ups.get(state="planned")
        done = verbs.record(
            follow_up=row, version=row.version, findings={**FOUND, "systolic": systolic},
            done_on=today - datetime.timedelta(days=back), by=by,
        )  # fmt: skip
    due = care.follow_ups.get(state="planned")
    return {"followed": patient, "follow_up_done": done, "follow_up": due}
