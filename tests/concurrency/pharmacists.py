"""What the processes of test_review_once.py and test_dispense_once.py do. Results are plain JSON.

`locked=False` runs the verb bare, statement by statement and without row locks: that is how the
race looks which the lock prevents.
"""

from prescriptions import countersigning, dispensing, moves, review, services, treatments
from prescriptions.models import Prescription
from registration.models import Consultation
from security.models import User
from tests.concurrency.racer import change, lingering, without_locks

VERBS = {
    "approve": review.approve,
    "return": review.return_,
    "dispense": dispensing.dispense,
    "send back": dispensing.send_back,
    "void": services.void,
    "submit": services.submit,
    "countersign": countersigning.countersign,
}
WITH_REASON = {"return", "send back", "void"}


def decide(verb: str, sheet: str, by: int, locked: bool = True, insist: str = "") -> str:
    """Carry out one verb on a prescription; the state that it came to."""
    slow_look = lingering(moves.locked)
    for module in (review, dispensing, services, countersigning, moves):
        change(module, "locked", slow_look)
    call = VERBS[verb]
    if not locked:
        without_locks(moves, treatments)
        call = call.__wrapped__
    reason = {"reason": "请核对"} if verb in WITH_REASON else {}
    reason |= {"insist": insist} if insist else {}
    prescription = Prescription.objects.get(pk=sheet)
    return call(prescription=prescription, by=User.objects.get(pk=by), **reason).state


def begin(visit: str, by: int) -> str:
    """Start a prescription; its number."""
    consultation = Consultation.objects.get(pk=visit)
    return services.start(consultation=consultation, by=User.objects.get(pk=by)).number
