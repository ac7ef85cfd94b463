"""Who sees which figures, what small groups hide, and what a page costs (R-142)."""

import datetime
import io
import itertools
import random
from fractions import Fraction

import pytest
import python_calamine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clinic.statistics.figures import FIGURES
from clinic.statistics.hiding import LEAST, hidden
from security.models import AuditEntry
from tests.factories import figures as scene

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 9, 30)
MONTH = "?period=month&since=2026-09-01"
WHOLE = ("8:00", "8:04", "8:05", "8:20")


def days_work(user, visits: int) -> None:
    for _n in range(visits):
        scene.sheet(scene.visit(user, DAY, *WHOLE))


def sheet_of(response, number: int) -> list[list]:
    book = python_calamine.load_workbook(io.BytesIO(response.content))
    return book.get_sheet_by_index(number).to_python()


def page(client, query: str = MONTH) -> str:
    response = client.get(reverse("statistics") + query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_doctor_sees_the_clinic_and_the_own_line_the_administrator_every_line(
    doctor, other_doctor, administrator, frontdesk, as_
):
    days_work(doctor, 6)
    days_work(other_doctor, 6)
    other = f"{MONTH}&doctor={scene.clinician_of(other_doctor).pk}"

    own, everybody = page(as_(doctor)), page(as_(administrator))

    assert other_doctor.full_name not in own
    assert doctor.full_name in everybody and other_doctor.full_name in everybody
    assert other_doctor.full_name not in page(as_(doctor), other)  # asked for by hand
    assert as_(frontdesk).get(reverse("statistics")).status_code == 403


def test_every_figure_has_its_page_its_paper_and_its_workbook(
    doctor, administrator, pharmacist, storekeeper, as_
):
    days_work(doctor, 6)
    scene.take(storekeeper, DAY, counted=10, right=9)
    for user in (doctor, administrator, pharmacist):
        client, address = as_(user), reverse("statistics") + MONTH
        for figure in FIGURES:
            for query in (MONTH, "?since=2026-09-01&until=2026-09-30", "?period=year"):
                answer = client.get(reverse("statistics_figure", args=[figure.key]) + query)
                assert answer.status_code == 200, figure.key

        paper = client.post(address, {"as": "print"})
        book = client.post(address, {"as": "xlsx"})

        assert "97" in paper.content.decode()
        rows = sheet_of(book, 0)
        assert len(rows) == 2 + len(FIGURES) and rows[2][1] == 4
    told = AuditEntry.objects.filter(screen="statistics").values_list("event", flat=True)
    assert sorted(told) == ["export"] * 3 + ["print"] * 3
    assert client.get(reverse("statistics_figure", args=["nothing"])).status_code == 404


def test_an_impossible_period_is_told_on_the_page(administrator, as_):
    for query in (
        "?since=2026-09-30&until=2026-09-01",
        "?since=2020-01-01",
        "?since=x",
        "?doctor=99",
    ):
        client = as_(administrator)

        assert 'role="alert"' in page(client, query), query
        assert client.post(reverse("statistics") + query, {"as": "xlsx"}).status_code == 302


def test_a_small_group_is_hidden_from_whoever_has_no_clinical_right(
    doctor, other_doctor, administrator, as_
):
    days_work(doctor, 3)
    days_work(other_doctor, 7)
    both = [scene.clinician_of(one).pk for one in (doctor, other_doctor)]
    client = as_(administrator)

    table = client.get(reverse("statistics") + MONTH).context["picture"]
    filtered = [
        client.get(reverse("statistics") + f"{MONTH}&doctor={pk}").context["picture"].cards[0].now
        for pk in both
    ]

    # Seven could be shown, were it not that three are ten less seven.
    assert [line.visits.is_hidden for line in table.doctors] == [True, True]
    assert all(c.is_hidden for line in table.doctors for _figure, c in line.cells)
    assert table.whole.visits.n == 10
    assert [one.is_hidden for one in filtered] == [True, True]
    own = as_(doctor).get(reverse("statistics") + MONTH).context["picture"].doctors
    assert [line.visits.n for line in own] == [3]
    book = client.post(reverse("statistics") + MONTH, {"as": "xlsx"})
    numbers = [c for row in sheet_of(book, 1)[1:-1] for c in row if isinstance(c, int | float)]
    assert numbers == []
    over_time = client.get(
        reverse("statistics_figure", args=["waiting"]) + MONTH + f"&doctor={both[0]}"
    )
    assert (
        over_time.context["card"].now.is_hidden
        and "少于 5</span> 分钟" not in over_time.content.decode()
    )


def test_no_hidden_cell_follows_from_the_others():
    chance = random.Random(11)
    for _n in range(400):
        department_of = {n: chance.randrange(3) for n in range(chance.randrange(1, 7))}
        sizes = {n: chance.choice([0, 1, 2, 3, 4, 5, 6, 9, 40]) for n in department_of}

        found = hidden(sizes, department_of)

        small = {n for n in sizes if 0 < sizes[n] < LEAST}
        assert small <= found.doctors
        known = _equations(sizes, department_of, found)
        for n in found.doctors:
            assert not _follows(known, [int(n == other) for other in sizes]), (sizes, department_of)
        for department in found.departments:
            unit = [int(department_of[n] == department) for n in sizes]
            assert not _follows(known, unit), (sizes, department_of)


def _equations(sizes, department_of, found) -> list[list[int]]:
    """What the reader of a page knows: which doctors' cells (those of nobody too), which sums."""
    rows = [[int(n == other) for other in sizes] for n in sizes if n not in found.doctors]
    for department in set(department_of.values()) - found.departments:
        rows.append([int(department_of[n] == department) for n in sizes])
    return rows if found.whole else [*rows, [1] * len(sizes)]


def _follows(known: list[list[int]], wanted: list[int]) -> bool:
    return _rank([*known, wanted]) == _rank(known)


def _rank(rows: list[list[int]]) -> int:
    left, rank = [[Fraction(x) for x in row] for row in rows], 0
    for column in range(len(rows[0]) if rows else 0):
        pivot = next((row for row in left if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        rank += 1
        left = [
            [a - b * row[column] / pivot[column] for a, b in zip(row, pivot, strict=True)]
            for row in left
        ]
    return rank


def test_a_page_takes_at_most_twenty_queries_however_much_there_is(
    doctor, other_doctor, administrator, as_
):
    client, counts = as_(administrator), []
    for visits in (1, 12):
        for user in (doctor, other_doctor):
            days_work(user, visits)
        page(client)
        with CaptureQueriesContext(connection) as queries:
            page(client)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 20


def test_the_files_behind_the_figure_are_listed_with_what_they_lack(doctor, frontdesk, as_):
    visits = [scene.visit(doctor, DAY, *WHOLE) for _n in range(3)]
    address = reverse("statistics_files") + MONTH
    assert reverse("statistics_files") in page(as_(doctor))

    for user in (doctor, frontdesk):
        listed = as_(user).get(address)

        text = listed.content.decode()
        assert all(visit.patient.record_no in text for visit in visits)
    assert AuditEntry.objects.filter(screen="statistics_files", event="read").count() == 2


def test_periods_lead_to_each_other(administrator, as_):
    client = as_(administrator)
    for kind, since in itertools.product(("day", "week", "month", "year"), ("2026-09-16",)):
        first = client.get(reverse("statistics") + f"?period={kind}&until={since}").context
        asked = first["asked"].span

        assert asked.since <= datetime.date(2026, 9, 16) <= asked.until, kind
