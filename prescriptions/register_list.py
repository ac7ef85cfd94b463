"""The prescriptions of a day on one list, to be printed and filed."""

from datetime import date
from decimal import Decimal

from django.db.models import Count, Q, Sum

from clinic.core.days import day_after, moment
from prescriptions.models import Prescription

MOST = 1000
STANDING = Q(items__removed_at__isnull=True)


def of_day(day: date) -> list[dict]:
    """Every sheet that was submitted that day, in the order of their numbers."""
    sheets = Prescription.objects.filter(
        submitted_at__gte=moment(day), submitted_at__lt=day_after(day)
    )
    sheets = sheets.select_related("patient", "prescriber", "reviewer", "dispenser")
    sheets = sheets.annotate(
        drugs=Count("items", filter=STANDING), amount=Sum("items__amount", filter=STANDING)
    )
    return [
        {"sheet": sheet, "head": sheet.head or {}, "amount": _cents(sheet.amount)}
        for sheet in sheets.order_by("number")[:MOST]
    ]


def _cents(amount: Decimal | None) -> Decimal:
    """SQLite adds up binary fractions."""
    return (amount or Decimal(0)).quantize(Decimal("0.01"))


def totals(rows: list[dict]) -> dict:
    """What stands under the list; voided sheets cost nothing."""
    standing = [row for row in rows if row["sheet"].state != "voided"]
    return {"count": len(rows), "total": sum((row["amount"] for row in standing), Decimal(0))}
