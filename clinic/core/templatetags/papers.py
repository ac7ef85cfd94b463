"""Which paper a printing page wants: told by the stylesheet that sets the size of its pages."""

import re

from django import template
from django.template.loader_tags import BLOCK_CONTEXT_KEY
from django.utils.translation import gettext_lazy as _

register = template.Library()

# By the size that stands in the stylesheet's @page, in the words beside the print button.
ROLL_80, ROLL_58 = _("Slip printer, roll of 80 mm"), _("Slip printer, roll of 58 mm")
A5, A4 = _("Prescription printer, A5 upright"), _("Office printer, A4 upright")
A5_WIDE, A4_WIDE = _("Prescription printer, A5 crosswise"), _("Office printer, A4 crosswise")
LABEL_60, LABEL_70 = _("Label printer, 60 × 40 mm"), _("Label printer, 70 × 50 mm")
SHEETS = {
    "print-a5": A5,
    "print-book": A4_WIDE,
    "print-book-portrait": A4,
    "print-card": A4,
    "print-consent": A4,
    "print-label-60x40": LABEL_60,
    "print-label-70x50": LABEL_70,
    "print-notice": A4,
    "print-paper": A4,
    "print-receipt-58": ROLL_58,
    "print-receipt-80": ROLL_80,
    "print-record-a4": A4,
    "print-record-a5": A5,
    "print-rx-v1-a4": A4_WIDE,
    "print-rx-v1-a5": A5,
    "print-slip": ROLL_80,
    "print-slip-58": ROLL_58,
    "print-stock-a4": A4,
    "print-stock-a5": A5_WIDE,
    "print-take": A4,
}
_LINKED = re.compile(r"css/(print-[a-z0-9-]+?)(?:\.[0-9a-f]{8,})?\.css")


@register.simple_tag(takes_context=True)
def paper_advice(context) -> str:
    """Printer and paper of this page; the last stylesheet with a size wins, as in the browser."""
    blocks = context.render_context.get(BLOCK_CONTEXT_KEY)
    found = [blocks.get_block(name) for name in ("sheet", "styles")] if blocks else []
    linked = _LINKED.findall("".join(block.render(context) for block in found if block))
    sized = [SHEETS[name] for name in linked if name in SHEETS]
    return str(sized[-1]) if sized else ""
