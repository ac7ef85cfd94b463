"""What of a delivery is not taken in: lines of its acceptance record, never stock (R-110)."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Q
from django.utils.translation import gettext as _

from clinic.core.errors import RuleBroken
from pharmacy import catalogue
from pharmacy.models import Drug, RefusedGoods, StockDocument
from pharmacy.units import MOST

Fate = RefusedGoods.Fate


@dataclass(frozen=True)
class Refused:
    """What was refused and why; `quantity` in base units, in packs of what the library lacks."""

    name: str
    quantity: int
    reason: str
    fate: str = Fate.RETURNED
    drug: Drug | None = None
    lot: str = ""
    expires_on: date | None = None


def check(rows: list[Refused | dict]) -> list[Refused]:
    """The rows, each judged by itself."""
    checked = [Refused(**row) if isinstance(row, dict) else row for row in rows]
    for row in checked:
        judge(row)
    return checked


def judge(row: Refused) -> None:
    """RuleBroken, with the field it belongs to, when it can't be filed like this.

    Lot and expiry may be what is missing: goods without them are refused for that (R-108).
    """
    if not row.name.strip():
        raise RuleBroken(
            _("Please write what was refused, as it is printed on the pack."),
            field="drug_text",
            rule="R-110",
        )
    if not 1 <= row.quantity <= MOST:
        raise RuleBroken(_("Please write how much was refused."), field="quantity", rule="R-110")
    if not row.reason.strip():
        raise RuleBroken(_("Please write why it was refused."), field="reason", rule="R-110")
    if row.fate not in Fate.values:
        raise RuleBroken(
            _("Please choose what became of the refused goods."), field="fate", rule="R-110"
        )


def write(document: StockDocument, rows: list[Refused]) -> None:
    """File them with their delivery, for good."""
    RefusedGoods.objects.bulk_create(
        RefusedGoods(
            document=document,
            number=number,
            drug=row.drug,
            name=row.drug.label if row.drug else row.name.strip(),
            quantity=row.quantity,
            lot=row.lot.strip(),
            expires_on=row.expires_on,
            reason=row.reason.strip(),
            fate=row.fate,
        )
        for number, row in enumerate(rows, 1)
    )


def of(document: StockDocument) -> list[RefusedGoods]:
    """What its acceptance refused, for a page or a paper."""
    if document.kind != StockDocument.Kind.RECEIPT:
        return []
    return list(document.refused.select_related("drug").order_by("number"))


def naming(text: str) -> Q:
    """Rows of these words: of a drug of the library, or as the pack was read."""
    drugs = catalogue.matching(Drug.objects.all(), text).order_by()
    return Q(drug__in=drugs.values("pk")) | Q(name__icontains=text.strip())
