"""What a scanner types into the drug field: the barcode of the box, or its trace code (R-55).

A trace code has 20 digits and begins with the seven of the product. Those are either filed as the
drug's barcode or known from an earlier delivery of the same product.
"""

import re

from clinic.core.text import half_width
from pharmacy.models import DocumentLine, Drug

TRACE, PRODUCT = 20, 7
LAST = "\U0010ffff"


def trace_code(text: str) -> str:
    """The trace code that `text` is, or ""."""
    text = half_width(text).strip()
    return text if re.fullmatch(rf"[0-9]{{{TRACE}}}", text) else ""


def find(text: str) -> list[Drug]:
    """Drugs in use whose box carries this code; none when it is no scanned code."""
    code = half_width(text).strip()
    if not re.fullmatch(r"[0-9]{7,30}", code):
        return []
    known = list(Drug.objects.filter(barcode=code, active=True)[:12])
    if known or not trace_code(code):
        return known
    product = code[:PRODUCT]
    known = list(Drug.objects.filter(barcode=product, active=True)[:12])
    return known or _from_earlier(product)


def _from_earlier(product: str) -> list[Drug]:
    line = (
        DocumentLine.objects.filter(
            trace_code__gte=product, trace_code__lt=product + LAST, drug__active=True
        )
        .select_related("drug")
        .order_by("-pk")
        .first()
    )
    return [line.drug] if line else []
