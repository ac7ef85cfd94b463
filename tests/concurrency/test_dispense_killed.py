"""Killed at any statement of handing out: sheet, rows and stock are all there or none (R-34)."""

import pytest

from pharmacy.books import check
from pharmacy.models import Batch, Reservation
from prescriptions import review, services
from prescriptions.models import DispenseLine, PrescriptionEvent
from tests.concurrency.test_stock_killed import wait_until_nobody_is_connected
from tests.concurrency.together import Worker
from tests.factories.prescriptions import colleague, draft, row, tablets

pytestmark = pytest.mark.django_db(transaction=True)
STEP, MOST = 7, 400


@pytest.fixture
def sheet(doctor, pharmacist):
    """Two rows, of the first of which a part is to go out."""
    sheet = draft(doctor)
    for ingredients in ("氨溴索", "对乙酰氨基酚"):
        row(sheet, tablets(stock=100, ingredients=ingredients))
    services.submit(prescription=sheet, by=doctor)
    return review.approve(prescription=sheet, by=colleague(pharmacist))


@pytest.fixture
def kill(sheet, pharmacist):
    """`kill(n)`: somebody handed out and died before the n-th statement; "killed" or "done"."""
    first = sheet.items.order_by("rank").first()
    facts = {"sheet": str(sheet.pk), "by": pharmacist.pk, "part": {str(first.pk): 6}}
    worker = Worker("tests.concurrency.window_mortals:die_at").begin(**facts)

    def kill(statement: int) -> str:
        said = worker.ask(statement)
        wait_until_nobody_is_connected()
        return said

    yield kill
    worker.end()


def standing(sheet) -> tuple:
    """Everything that handing out changes."""
    sheet.refresh_from_db()
    return (
        sheet.state,
        sheet.dispenser_id,
        list(sheet.items.order_by("rank").values_list("dispensed", flat=True)),
        sorted(Batch.objects.values_list("on_hand", flat=True)),
        DispenseLine.objects.count(),
        sorted(Reservation.objects.values_list("state", "quantity", "issued")),
        PrescriptionEvent.objects.filter(prescription=sheet, new="part_dispensed").count(),
    )


def test_a_hand_out_killed_between_any_two_statements_leaves_all_or_nothing(
    sheet, pharmacist, kill
):
    before, killed = standing(sheet), 0

    for statement in range(1, MOST, STEP):
        said = kill(statement)
        if said == "done" or standing(sheet) != before:
            break  # the latter: only what follows the commit was cut off
        killed += 1
        assert check() == [], statement

    assert killed >= 5
    assert standing(sheet) == (
        "part_dispensed",
        pharmacist.pk,
        [6, 15],
        [85, 94],
        2,
        [("active", 9, 6), ("issued", 15, 15)],
        1,
    )
    assert check() == []
