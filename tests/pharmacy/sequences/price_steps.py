"""Prices change while days pass, at once and later; no quantity is touched by them (R-122)."""

from datetime import timedelta
from decimal import Decimal

from django.utils import timezone

from pharmacy import prices
from tests.pharmacy.sequences.clinic import DRUGS


class PriceSteps:
    """Draws nothing by lot, so that every sequence stays what it was."""

    priced = 0

    def change_prices(self) -> None:
        """Of one drug now, of another from tomorrow on."""
        self.priced += 1
        drugs = [self.clinic.drugs[name] for name in sorted(DRUGS)]
        first, second = (drugs[(self.priced + n) % len(drugs)] for n in (0, 1))
        later = timezone.now() + timedelta(days=1)
        for drug, since in ((first, None), (second, later)):
            line = prices.NewPrice(drug, Decimal(1000 + self.priced) / 100)
            by = self.who("storekeeper")
            prices.change_prices(lines=[line], reason="调价", effective_at=since, by=by)
