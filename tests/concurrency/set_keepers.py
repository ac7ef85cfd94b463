"""What the processes of test_sets_together.py do. A result must be plain JSON."""

import uuid

from django.test import RequestFactory

from clinic.core.once import run_once
from prescriptions import sets
from prescriptions.models import Prescription, PrescriptionSet
from security.models import User
from tests.concurrency.racer import change, lingering, look


def do(what: str, **facts) -> str:
    return {"save": save, "take_over": take_over, "rename": rename, "stop": stop, "use": use}[what](
        **facts
    )


def save(sheet: str, name: str, by: int) -> str:
    return _sent(sets.save_sheet, by, prescription=Prescription.objects.get(pk=sheet), name=name)


def take_over(chosen: int, by: int) -> str:
    return _sent(sets.take_over, by, chosen=PrescriptionSet.objects.get(pk=chosen))


def rename(chosen: int, name: str, by: int) -> str:
    return _sent(sets.rename, by, chosen=PrescriptionSet.objects.get(pk=chosen), name=name)


def stop(chosen: int, by: int) -> str:
    return _sent(sets.stop, by, chosen=PrescriptionSet.objects.get(pk=chosen))


def use(chosen: int, sheet: str, by: int) -> str:
    """It has found the set in use, and stands still before it writes the rows."""
    change(sets, "usable", lingering(sets.usable))
    facts = {"prescription": Prescription.objects.get(pk=sheet)}
    return _sent(sets.use, by, chosen=PrescriptionSet.objects.get(pk=chosen), **facts)


def _sent(verb, by: int, **facts) -> str:
    """By a form with a token of its own; it has looked, and stands still before it writes."""
    save = PrescriptionSet.save

    def slowly(row, *places, **how):
        look()
        return save(row, *places, **how)

    change(PrescriptionSet, "save", slowly)
    request = RequestFactory().post("/", {"once": str(uuid.uuid4())})
    request.user = User.objects.get(pk=by)
    return run_once(request, verb, to=lambda made: "done", **facts)[1]
