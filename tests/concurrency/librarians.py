"""What the processes of test_drug_library_together.py do. A result must be plain JSON."""

from contextlib import suppress
from decimal import Decimal
from uuid import UUID

from django.db import OperationalError

from clinic.core import jobs
from pharmacy import drugs, groups, prices
from pharmacy.importing import drugs as importing
from pharmacy.models import Drug, DrugCategory
from security.models import User
from tests.concurrency.racer import change, linger_after, without_locks


def move(group: int, below: int, by: int, locked: bool) -> str:
    """Move a group below another; without the turn the verb runs bare, statement by statement."""
    linger_after(groups, "_node")
    verb = groups.change_group
    if not locked:
        without_locks()
        change(groups, "_take_turn", lambda: None)
        change(DrugCategory, "save", _written(DrugCategory.save))
        verb = groups.change_group.__wrapped__
    rows = DrugCategory.objects.in_bulk()
    moved = verb(
        group=rows[group], name=rows[group].name, below=rows[below], by=User.objects.get(pk=by)
    )
    return moved.name


def _written(save):
    """Each row points at the other's: where both are written at once MariaDB sends one away."""

    def again(group, **how):
        with suppress(OperationalError):
            return save(group, **how)
        return save(group, **how)

    return again


def create(facts: dict, by: int) -> str:
    """Create a drug; its code."""
    linger_after(drugs, "alike_to")
    return drugs.create_drug(facts=facts, by=User.objects.get(pk=by)).code


def create_or_import(facts: dict | None, job: str | None, by: int) -> bool:
    """The same drug by the form, or by a list that was checked and started."""
    if facts:
        return bool(create(facts, by))
    linger_after(importing, "_known")
    return jobs.drive(UUID(job), seconds=30)


def price(drug: int, price: str, by: int) -> str:
    """Change the price of a drug at once."""
    linger_after(prices, "_locked")
    line = prices.NewPrice(Drug.objects.get(pk=drug), Decimal(price))
    document = prices.change_prices(lines=[line], reason="调价", by=User.objects.get(pk=by))
    return document.number
