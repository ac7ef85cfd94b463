"""What the processes of test_treatments_once.py do. Results are plain JSON."""

from prescriptions import charging, treatments, turns
from prescriptions.models import Treatment, TreatmentTurn
from security.models import User
from tests.concurrency.racer import change, look, without_locks


def act(verb: str, treatment: str, by: int, locked: bool = True) -> str:
    """One verb on a treatment or its first turn; what came of it."""
    if not locked:
        without_locks()
        for module in (turns, treatments, charging):
            change(module, "lock", _slowly)
    order = Treatment.objects.get(pk=treatment)
    turn = TreatmentTurn.objects.get(treatment=order, number=1)
    user = User.objects.get(pk=by)
    if verb == "start":
        call = turns.start if locked else turns.start.__wrapped__
        return f"start {call(turn=turn, by=user).state}"
    if verb == "finish":
        return f"finish {turns.finish(turn=turn, by=user).state}"
    if verb == "stop":
        return f"stop {treatments.stop(treatment=order, reason='已愈', by=user).state}"
    return f"refund {charging.unsettle_treatment(treatment=order, by=user)}"


def _slowly(rows):
    """What is read is old by the time it is used."""
    found = list(rows)
    look()
    return _Found(found)


class _Found(list):
    """The few things that are asked of a queryset here."""

    def get(self):
        return self[0]
