"""What the processes of test_drug_library_together.py do. A result must be plain JSON."""

import time
from decimal import Decimal
from uuid import UUID

from clinic.core import jobs
from pharmacy import drugs, groups, prices
from pharmacy.importing import drugs as importing
from pharmacy.models import Drug, DrugCategory
from security.models import User

GAP = 0.6  # seconds between looking and writing: the gap in which a race happens


def _linger_after(module, name: str) -> None:
    look = getattr(module, name)

    def look_and_linger(*args, **kwargs):
        found = look(*args, **kwargs)
        time.sleep(GAP)
        return found

    setattr(module, name, look_and_linger)


def move(group: int, below: int, by: int, locked: bool) -> str:
    """Move a group below another; without the turn the verb runs bare, statement by statement."""
    _linger_after(groups, "_node")
    verb = groups.change_group
    if not locked:
        groups._take_turn = lambda: None
        verb = groups.change_group.__wrapped__
    rows = DrugCategory.objects.in_bulk()
    moved = verb(
        group=rows[group], name=rows[group].name, below=rows[below], by=User.objects.get(pk=by)
    )
    return moved.name


def create(facts: dict, by: int) -> str:
    """Create a drug; its code."""
    _linger_after(drugs, "alike_to")
    return drugs.create_drug(facts=facts, by=User.objects.get(pk=by)).code


def create_or_import(facts: dict | None, job: str | None, by: int) -> bool:
    """The same drug by the form, or by a list that was checked and started."""
    if facts:
        return bool(create(facts, by))
    _linger_after(importing, "_known")
    return jobs.drive(UUID(job), seconds=30)


def price(drug: int, price: str, by: int) -> str:
    """Change the price of a drug at once."""
    _linger_after(prices, "_locked")
    line = prices.NewPrice(Drug.objects.get(pk=drug), Decimal(price))
    document = prices.change_prices(lines=[line], reason="调价", by=User.objects.get(pk=by))
    return document.number
