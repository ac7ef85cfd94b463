"""The minutes between putting a skin test on and reading it (R-45)."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry
from prescriptions.models import PrescriptionItem
from prescriptions.moves import locked
from prescriptions.treatments import follow_test, require_test_settled

SkinTest = PrescriptionItem.SkinTest


@atomic_retry
def put_on(*, item: PrescriptionItem, by) -> PrescriptionItem:
    """The test is on the skin: from now on the minutes run; pressed again, they go on running."""
    locked(item.prescription)
    item = PrescriptionItem.objects.select_related("prescription").get(pk=item.pk)
    if item.skin_test != SkinTest.PENDING or item.removed_at is not None:
        raise AlreadyDone(
            _("The skin test of %(drug)s is now “%(state)s”: there is nothing to put on.")
            % {"drug": item.drug_name, "state": item.get_skin_test_display()},
            rule="R-45",
        )
    if item.skin_test_started_at is None:
        require_test_settled(item)
        item.skin_test_started_at = timezone.now()
        item.save(update_fields=["skin_test_started_at"])
        follow_test(item)
    return item


def show_ends(items: Iterable[PrescriptionItem]) -> None:
    """Give each running test `reading_at`, and `is_due` once that moment has come."""
    running = [item for item in items if _is_running(item)]
    minutes = setting("skin_test.minutes") if running else 0
    for item in running:
        item.reading_at = item.skin_test_started_at + timedelta(minutes=minutes)
        item.is_due = item.reading_at <= timezone.now()


def require_time(item: PrescriptionItem, state: str) -> None:
    """A negative result before its minutes are over is none; a positive one comes at any time."""
    if state == SkinTest.NEGATIVE and is_on(item):
        raise RuleBroken(
            _("Not saved: the skin test of %(drug)s is read at %(time)s, not before.")
            % {"drug": item.drug_name, "time": _clock(_reading_at(item))},
            field="state",
            rule="R-45",
        )


def is_on(item: PrescriptionItem) -> bool:
    """True while the minutes run, whatever was chosen for the row since."""
    return item.skin_test_started_at is not None and timezone.now() < _reading_at(item)


def _reading_at(item: PrescriptionItem) -> datetime:
    return item.skin_test_started_at + timedelta(minutes=setting("skin_test.minutes"))


def _is_running(item: PrescriptionItem) -> bool:
    return item.skin_test == SkinTest.PENDING and item.skin_test_started_at is not None


def _clock(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"
