"""Prices change by document; what was written at the old price keeps it (R-122)."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from django.utils.translation import override

from clinic.core.errors import AlreadyDone, RuleBroken
from pharmacy import prices
from pharmacy.models import Drug, DrugPrice, StockDocument
from pharmacy.prices import NewPrice, change_prices, withdraw_prices
from security.models import AuditEntry
from tests.factories.pharmacy import DrugFactory
from tests.factories.prescriptions import draft, row, tablets

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch):
    """`later(hours=2)`: from now on the prices' clock stands so much later."""

    def move(**by):
        then = timezone.now() + timedelta(**by)
        monkeypatch.setattr(prices.timezone, "now", lambda: then)

    return move


def change(drug, price, by, **options):
    line = NewPrice(drug, Decimal(price))
    return change_prices(lines=[line], reason="厂家调价", by=by, **options)


def in_hours(hours):
    return timezone.now() + timedelta(hours=hours)


def price_of(drug):
    return str(Drug.objects.get(pk=drug.pk).price)


def test_a_change_is_in_force_at_once_and_leaves_a_document(pharmacist):
    drug = DrugFactory(price="9.60")

    document = change(drug, "11.20", pharmacist)

    line, history = document.lines.get(), drug.prices.get()
    assert price_of(drug) == "11.20"
    assert (document.kind, document.state, document.note) == ("price", "posted", "厂家调价")
    assert document.number.startswith("TJ")
    assert (line.drug, line.new_price) == (drug, Decimal("11.20"))
    assert (history.before, history.price, history.state) == (
        Decimal("9.60"),
        Decimal("11.20"),
        "applied",
    )


def test_a_planned_change_waits_for_its_time_and_the_scheduler(pharmacist, later):
    drug = DrugFactory(price="9.60")
    change(drug, "11.20", pharmacist, effective_at=in_hours(2))

    assert prices.apply_due() == 0
    assert price_of(drug) == "9.60"

    later(hours=3)
    assert prices.apply_due() == 1
    assert price_of(drug) == "11.20"
    assert prices.apply_due() == 0


def test_many_due_changes_are_applied_in_pieces(pharmacist, later):
    drugs = [DrugFactory(price="1.00") for _n in range(prices.PIECE * 2 + 3)]
    lines = [NewPrice(drug, Decimal("2.00")) for drug in drugs]
    change_prices(lines=lines, reason="调价", by=pharmacist, effective_at=in_hours(1))

    later(hours=2)

    assert prices.apply_due() == len(drugs)
    assert set(Drug.objects.values_list("price", flat=True)) == {Decimal("2.00")}


def test_a_change_that_came_late_does_not_undo_a_newer_one(pharmacist, later):
    drug = DrugFactory(price="9.60")
    change(drug, "10.00", pharmacist, effective_at=in_hours(1))
    later(hours=2)  # the PC was off: nobody applied it

    change(drug, "12.00", pharmacist)
    prices.apply_due()

    assert price_of(drug) == "12.00"
    assert [(str(p.before), str(p.price)) for p in drug.prices.all()] == [
        ("9.60", "10.00"),
        ("10.00", "12.00"),
    ]


def test_the_log_names_who_wrote_the_document_not_the_scheduler(pharmacist, later):
    drug = DrugFactory(price="9.60")
    change(drug, "11.20", pharmacist, effective_at=in_hours(1))
    later(hours=2)

    prices.apply_due()

    entry = AuditEntry.objects.filter(content_type__model="drug").order_by("pk").last()
    assert (entry.object_pk, entry.event, entry.actor) == (str(drug.pk), "update", pharmacist)


def test_a_planned_change_is_withdrawn_by_a_document_of_its_own(pharmacist, later):
    drug = DrugFactory(price="9.60")
    document = change(drug, "11.20", pharmacist, effective_at=in_hours(1))

    reversal = withdraw_prices(document=document, reason="写错了", by=pharmacist)

    later(hours=2)
    assert prices.apply_due() == 0
    assert price_of(drug) == "9.60"
    assert (reversal.kind, reversal.reverses) == ("reversal", document)
    with pytest.raises(AlreadyDone):
        withdraw_prices(document=document, reason="写错了", by=pharmacist)


def test_a_change_in_force_is_not_withdrawn(pharmacist):
    document = change(DrugFactory(price="9.60"), "11.20", pharmacist)

    with override("en"), pytest.raises(RuleBroken, match="in force"):
        withdraw_prices(document=document, reason="写错了", by=pharmacist)


def test_an_old_prescription_keeps_its_price(doctor, pharmacist):
    drug = tablets()
    item = row(draft(doctor), drug)
    old = (item.price, item.amount)

    change(drug, "99.00", pharmacist)

    item.refresh_from_db()
    assert (item.price, item.amount) == old


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"reason": " "}, "reason"),
        ({"lines": []}, "no drug"),
        ({"price": "-1"}, "between"),
        ({"price": "1000000"}, "between"),
        ({"price": "1.005"}, "between"),
        ({"price": "9.60"}, "in force already"),
        ({"twice": True}, "twice"),
        ({"hours": -2}, "now and a year"),
        ({"hours": 9000}, "now and a year"),
        ({"stopped": True}, "no longer in use"),
    ],
)
def test_what_makes_no_sense_is_refused_and_changes_nothing(pharmacist, options, words):
    drug = DrugFactory(price="9.60", active=not options.get("stopped"))
    line = NewPrice(drug, Decimal(options.get("price", "11.00")))
    lines = options.get("lines", [line] * (2 if options.get("twice") else 1))
    hours = options.get("hours")

    with override("en"), pytest.raises(RuleBroken, match=words):
        change_prices(
            lines=lines,
            reason=options.get("reason", "调价"),
            by=pharmacist,
            effective_at=in_hours(hours) if hours else None,
        )

    assert price_of(drug) == "9.60"
    assert not StockDocument.objects.exists()
    assert not DrugPrice.objects.exists()
