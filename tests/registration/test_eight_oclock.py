"""Eight in the morning: with 120 people waiting the pages everybody looks at stay cheap."""

import gzip

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.factories.registration import open_session, waiting_visit

PEOPLE = 120
REPEAT = 12 * 1024  # of a repeat visit, packed (tests/browser asks it of every page)
MOST_QUERIES = 28  # two of them find the doctor's own visits by index, however many years there are


def cost(client, url: str) -> tuple[int, int]:
    """Queries and packed bytes of a second visit."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        page = client.get(url)
    assert page.status_code == 200
    return len(queries), len(gzip.compress(page.content))


def test_with_120_waiting_desk_and_queue_stay_in_their_budgets(doctor, frontdesk, as_):
    session = open_session(doctor, quota=200)
    for n in range(PEOPLE):
        waiting_visit(session, frontdesk, reason="pregnant" if n % 10 == 9 else "")
    desk, room = as_(frontdesk), as_(doctor)

    costs = {
        "desk": cost(desk, "/registration/"),
        "those who wait, last page": cost(desk, "/registration/?at=waiting&page=3"),
        "queue": cost(room, "/registration/queue/"),
        "queue, polled": cost(room, "/registration/queue/rows/"),
    }

    over = {
        name: (queries, size)
        for name, (queries, size) in costs.items()
        if queries > MOST_QUERIES or size > REPEAT
    }
    assert over == {}
