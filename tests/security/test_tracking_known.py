"""What a verb knows of a row that it holds is not read again for the log, and not for long."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from clinic.core.models import Setting
from clinic.core.transactions import atomic_retry
from security import many, tracking
from security.models import AuditEntry

pytestmark = pytest.mark.django_db
KEYS = ["queue.fair_minutes", "site.charges"]


@pytest.fixture
def rows():
    return [Setting.objects.create(key=key, value="1") for key in KEYS]


def changes():
    """Old and new value of each update, as the log has them, the oldest first."""
    entries = AuditEntry.objects.filter(event="update").order_by("pk")
    return [entry.changes["value"] for entry in entries]


def selects(queries):
    return [one for one in queries.captured_queries if one["sql"].startswith("SELECT")]


def test_known_rows_are_written_without_reading_them_and_each_step_is_told(rows):
    @atomic_retry
    def verb():
        for row in rows:
            tracking.know(row)
        rows[0].value = "2"
        rows[0].save(update_fields=["value"])
        tracking.know(rows[0])
        for row in rows:
            row.value += "3"
        many.update(rows, ["value"])

    with CaptureQueriesContext(connection) as queries:
        verb()

    assert selects(queries) == []
    assert changes() == [["1", "2"], ["2", "23"], ["1", "13"]]


def test_what_was_written_is_read_again_unless_it_was_made_known_again(rows):
    @atomic_retry
    def verb():
        tracking.know(rows[0])
        for value in ("2", "3"):
            rows[0].value = value
            rows[0].save()

    verb()

    assert changes() == [["1", "2"], ["2", "3"]]


def test_what_another_verb_knew_counts_no_more(rows):
    atomic_retry(tracking.know)(rows[0])
    Setting.objects.filter(pk=rows[0].pk).update(value="5")

    @atomic_retry
    def later():
        rows[0].value = "6"
        rows[0].save()

    later()

    assert changes() == [["5", "6"]]


def test_outside_of_a_verb_nothing_is_known(rows):
    tracking.know(rows[0])
    Setting.objects.filter(pk=rows[0].pk).update(value="5")
    rows[0].value = "6"
    rows[0].save()

    assert changes() == [["5", "6"]]


def test_two_objects_of_one_row_are_told_apart_by_the_database(rows):
    @atomic_retry
    def verb():
        other = Setting.objects.get(pk=rows[0].pk)
        for one, value in ((rows[0], "2"), (other, "3")):
            tracking.know(one)
            one.value = value
        rows[0].save()
        other.save()

    verb()

    assert changes()[-1] == ["2", "3"]


def test_what_was_known_inside_of_a_part_that_is_taken_back_is_not_known(rows):
    @atomic_retry
    def verb():
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            rows[0].value = "2"
            rows[0].save()
            tracking.know(rows[0])
            raise ZeroDivisionError
        rows[0].value = "3"
        rows[0].save()

    verb()

    assert changes() == [["1", "3"]]


def test_what_can_be_changed_in_its_place_is_not_known(rows):
    @atomic_retry
    def verb():
        rows[0].__dict__["value"] = ["1"]
        tracking.know(rows[0])
        rows[0].__dict__["value"][0] = "2"
        rows[0].value = "2"
        rows[0].save()

    verb()

    assert changes() == [["1", "2"]]
