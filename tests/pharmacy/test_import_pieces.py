"""The rows of a long list are stored and dropped in short pieces: other people are working."""

import time

import pytest

from clinic.core.models import Job
from clinic.core.tables import engine, imports
from tests.factories.tables import brought, csv, driven

pytestmark = pytest.mark.django_db


def lines(count: int) -> list[str]:
    return [f"K{n},试验药{n}片,0.1g×10片/盒,盒,某厂,1.00,片剂,西药" for n in range(count)]


def test_a_long_list_that_is_discarded_goes_in_pieces_of_a_fifth_of_a_second(storekeeper):
    table = brought(storekeeper, csv(*lines(2000)))
    assert table.chunks.count() == 201
    imports.discard(table_id=table.pk, by=storekeeper)
    left, longest = [], 0.0

    while (job := Job.objects.get(pk=table.job_id)).state == Job.State.WAITING:
        began = time.thread_time()
        engine.work(job, {})
        longest = max(longest, time.thread_time() - began)
        left.append(table.chunks.count())

    assert left == [151, 101, 51, 1, 0, 0]
    assert longest < 0.2


def test_another_sheet_or_encoding_read_takes_the_place_of_all_that_was_read(storekeeper):
    table = brought(storekeeper, csv(*lines(1200)))
    before = set(table.chunks.values_list("pk", flat=True))

    imports.read_again(table_id=table.pk, sheet=0, encoding="utf-8", by=storekeeper)
    table = driven(table)

    after = set(table.chunks.values_list("pk", flat=True))
    assert (len(after), table.job.total) == (121, 121)
    assert not after & before


def test_a_reader_who_was_overtaken_does_not_end_the_reading(storekeeper):
    table = brought(storekeeper)
    imports.read_again(table_id=table.pk, sheet=0, encoding="", by=storekeeper)
    Job.objects.filter(pk=table.job_id).update(position=7)  # the other one's

    engine._end_reading(table.pk, table.read_head(), chunks=1)

    table.refresh_from_db()
    assert table.state == "reading"
