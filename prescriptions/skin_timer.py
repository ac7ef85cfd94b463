"""The minutes between putting a skin test on and reading it (R-45)."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from clinic.core.days import moment
from clinic.core.errors import AlreadyDone, RuleBroken
from clinic.core.site import setting
from clinic.core.transactions import atomic_retry
from prescriptions.models import PrescriptionItem
from prescriptions.moves import locked
from prescriptions.treatments import follow_test, require_test_settled

SkinTest = PrescriptionItem.SkinTest
OVER_MIDNIGHT = timedelta(hours=3)
SLOW_CLOCK = timedelta(minutes=5)  # the one on the wall may be ahead of the server's


@atomic_retry
def put_on(*, item: PrescriptionItem, lot: str = "", by) -> PrescriptionItem:
    """The test is on the skin: from now on the minutes run; pressed again, they go on running.

    The lot is best written now, with the ampoule in the hand; the result may still change it.
    """
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
        item.skin_test_lot = lot or item.skin_test_lot
        item.save(update_fields=["skin_test_started_at", "skin_test_lot"])
        follow_test(item)
    return item


def show_ends(items: Iterable[PrescriptionItem]) -> None:
    """Give each running test `reading_at`, and `is_due` once that moment has come."""
    running = [item for item in items if _is_running(item)]
    minutes = setting("skin_test.minutes") if running else 0
    for item in running:
        item.reading_at = item.skin_test_started_at + timedelta(minutes=minutes)
        item.is_due = item.reading_at <= timezone.now()


def note_paper(item: PrescriptionItem, put_on_at: time | None) -> None:
    """A test that was done on paper was put on at this time of today, or before midnight."""
    if item.skin_test_started_at is not None or put_on_at is None:
        return
    today = timezone.localdate()
    started = moment(today, put_on_at)
    if started > timezone.now() + SLOW_CLOCK:
        started = moment(today - timedelta(days=1), put_on_at)
        if timezone.now() - started > OVER_MIDNIGHT:
            raise RuleBroken(
                _("Not saved: %(time)s lies ahead. Please write when the test was put on.")
                % {"time": f"{put_on_at:%H:%M}"},
                field="put_on_at",
                rule="R-45",
            )
    item.skin_test_started_at = started


def require_time(item: PrescriptionItem, state: str) -> None:
    """A negative result before its minutes are over is none; a positive one comes at any time.

    Nor is one of a test that nobody put on: it may have been done on paper, and then somebody
    knows when.
    """
    if state != SkinTest.NEGATIVE:
        return
    if item.skin_test_started_at is None:
        raise RuleBroken(
            _(
                "Not saved: nobody noted when the skin test of %(drug)s was put on. Please put it "
                "on now, or write the time at which it was put on if it was done on paper."
            )
            % {"drug": item.drug_name},
            field="put_on_at",
            rule="R-45",
        )
    if is_on(item):
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
