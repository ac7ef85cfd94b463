"""The till's part of one file's copy and workbook: what was charged (R-73)."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.cashier.models import BillLine
from patients.exchange.parts import Asked, Part, register

LINE = (
    _("Time"), _("Receipt"), _("Item"), _("Specification"), _("Quantity"), _("Unit"),
    _("Price"), _("Reduction"), _("Amount"), _("Who pays"),
)  # fmt: skip


def fees(patient, asked: Asked) -> list[list]:
    """Every line of every receipt; counter-entries have a minus."""
    found = BillLine.objects.filter(bill__patient=patient).select_related(
        "receipt", "bill__registration__consultation"
    )
    return [
        [
            f"{timezone.localtime(line.receipt.made_at):%Y-%m-%d %H:%M}",
            line.receipt.number,
            line.name,
            line.spec,
            line.quantity,
            line.unit,
            line.price,
            line.reduced,
            line.amount,
            line.get_payer_display(),
        ]
        for line in found.order_by("receipt__made_at", "receipt", "rank")
        if _is_wanted(line, asked)
    ]


def _is_wanted(line: BillLine, asked: Asked) -> bool:
    visit = getattr(line.bill.registration, "consultation", None)
    return asked.visits is None or (visit is not None and asked.wants(visit.pk))


def register_all() -> None:
    """Called when the app is ready."""
    register(Part("fees", _("Fees"), 75, LINE, fees))
