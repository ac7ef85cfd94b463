"""What stands on the paper with the number (R-160), as wide as the printer's roll.

No document number, no full name. A fee stands there once the clinic charges at registration; the
square code leads to the patient's own place (registration.place), where phones reach us.
"""

import segno
from django.utils.safestring import SafeString, mark_safe

from clinic.core.site import setting
from patients.masking import mask_name
from registration import place
from registration.models import Registration
from registration.states import VisitState

NARROW_MM = 58


def paper(visit: Registration) -> dict:
    """The slip's context."""
    return {
        "visit": visit,
        "masked_name": mask_name(visit.patient.name),
        "ahead": place.ahead_of(visit) if visit.state == VisitState.WAITING else None,
        "copy": visit.slip_prints - 1,
        "is_narrow": setting("site.slip_paper_mm") <= NARROW_MM,
        "code": _code(place.address_of(visit)),
    }


def _code(address: str) -> SafeString | str:
    if not address:
        return ""
    picture = segno.make(address, micro=False, error="l").svg_inline(border=2, omitsize=True)
    # Made by segno of an address of ours: paths only.
    return mark_safe(picture)  # noqa: S308  # nosec B308 B703
