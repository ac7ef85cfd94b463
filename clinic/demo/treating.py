"""The treatment room of the demo clinic: what doctors order today, some of it done."""

import random

from clinic.core.errors import RuleBroken
from prescriptions import treatments, turns
from prescriptions.models import Prescription, Treatment, TreatmentService

ORDERS = [
    ("DR1", "左前臂，敷料干洁", 3, 2),
    ("DR2", "右小腿外侧，碘伏消毒", 5, 1),
    ("NEB", "生理盐水2ml", 3, 1),
    ("SUT", "右手背", 1, 1),
    ("OX", "2L/分，30分钟", 1, 1),
]


def order_some(record, cast) -> None:
    """Two orders of an open visit: one waits, the other is begun or done."""
    chance = random.Random(record.patient.record_no)  # noqa: S311  # nosec B311 # made-up data
    offered = {row.code: row for row in TreatmentService.objects.all()}
    chosen = [order for order in chance.sample(ORDERS, 2) if order[0] in offered]
    made = [
        treatments.order(
            consultation=record,
            service=offered[code],
            words=words,
            times=times,
            every=every,
            by=record.clinician.user,
        )
        for code, words, times, every in chosen
    ]
    for treatment in made[1:]:
        _do(treatment, cast)


def carry_out(prescription: Prescription | None, cast) -> None:
    """The first turn of what the handed-out sheet orders."""
    rows = Treatment.objects.filter(item__prescription=prescription) if prescription else ()
    for treatment in rows:
        _do(treatment, cast)


def _do(treatment: Treatment, cast) -> None:
    first = treatment.turns.get(number=1)
    begins = treatment.service.kind in turns.LASTING
    try:
        (turns.start if begins else turns.finish)(turn=first, by=cast.people["nurse"])
    except RuleBroken:
        return  # not paid for, or not handed out: it waits in the list
