"""What the processes of test_followup_once.py do. Results are plain JSON."""

from django.utils import timezone

from patients.followup import verbs
from patients.models import FollowUp
from security.models import User
from tests.concurrency.racer import change, look, without_locks


def record(row: str, by: int, systolic: str, locked: bool = True) -> str:
    """Record one follow-up that was opened in its first version."""
    if not locked:
        without_locks()
        change(verbs, "lock", _slowly)
    verb = verbs.record if locked else verbs.record.__wrapped__
    found = verb(
        follow_up=FollowUp.objects.get(pk=row),
        version=1,
        done_on=timezone.localdate(),
        findings={"mode": "1", "systolic": systolic, "diastolic": "80"},
        by=User.objects.get(pk=by),
    )
    return found.findings["systolic"]


class _slowly:  # noqa: N801 # takes the place of a function
    """What is read is old by the time it is used."""

    def __init__(self, rows):
        self.rows = rows

    def get(self):
        found = self.rows.get()
        look()
        return found

    def __iter__(self):
        return iter(self.rows)
