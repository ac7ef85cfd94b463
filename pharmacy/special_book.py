"""The book of one controlled drug for a period (专用账册): every movement with what was left."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet, Sum
from django.utils import timezone

from clinic.core.days import day_after, moment
from pharmacy.models import Drug, StockMovement


@dataclass(frozen=True)
class Period:
    """Whole days, both included."""

    since: date
    until: date

    @property
    def begins(self) -> datetime:
        return moment(self.since)

    @property
    def ends(self) -> datetime:
        return day_after(self.until)


def this_month() -> Period:
    today = timezone.localdate()
    return Period(today.replace(day=1), today)


class Book:
    """Movements of a drug, or of one lot of it, and the sums around them."""

    def __init__(self, drug: Drug, period: Period, lot: str = ""):
        self.period = period
        rows = StockMovement.objects.filter(drug=drug)
        self.all = rows.filter(batch__lot=lot) if lot else rows
        inside = self.all.filter(made_at__gte=period.begins, made_at__lt=period.ends)
        self.rows: QuerySet[StockMovement] = inside.select_related(
            "batch", "made_by", "document__witness", "place"
        ).order_by("pk")

    def opening(self) -> int:
        """What was there before the first day."""
        return _sum(self.all.filter(made_at__lt=self.period.begins))

    def closing(self) -> int:
        """What was there after the last day."""
        return _sum(self.all.filter(made_at__lt=self.period.ends))

    def with_totals(self, shown: list[StockMovement]) -> list[StockMovement]:
        """These rows in their order, each with `.total`: all batches together after it."""
        if not shown:
            return shown
        total = self.opening() + _sum(self.rows.filter(pk__lt=shown[0].pk))
        for row in shown:
            total += row.quantity
            row.total = total
        return shown


def _sum(rows: QuerySet) -> int:
    return rows.order_by().aggregate(total=Sum("quantity"))["total"] or 0
