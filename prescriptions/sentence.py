"""The usage in one line, as it is printed and read aloud (R-163)."""

from fractions import Fraction

from django.utils.translation import gettext as _

from prescriptions.dictionary import frequency_of, route_of
from prescriptions.doses import Dose, number_text
from prescriptions.quantity import Pack, units_per_dose


def dose_text(pack: Pack, dose: Dose) -> str:
    """Content and pieces, because staff think in pieces: "0.5g（2粒）"."""
    each = units_per_dose(pack, dose)
    if each is None or dose.unit == pack.base_unit or pack.is_container:
        return str(dose)
    return _("%(content)s (%(pieces)s)") % {
        "content": dose,
        "pieces": pieces_text(each, pack.base_unit),
    }


def pieces_text(each: Fraction, unit: str) -> str:
    """ "2粒", "半片", "0.25片"."""
    if each == Fraction(1, 2) and unit == "片":
        return "半片"
    return f"{number_text(each)}{unit}"


def usage(pack: Pack, dose: Dose, *, route: str, frequency: str, days: int, remark="") -> str:
    """ "口服 每次0.5g（2粒） 每日3次 饭后 共5天"; routes and frequencies are codes."""
    how_often = frequency_of(frequency)
    parts = [
        route_of(route).name,
        _("each time %(dose)s") % {"dose": dose_text(pack, dose)},
        how_often.name,
        remark,
        "" if how_often.is_once else _("for %(days)s days") % {"days": days},
    ]
    return " ".join(filter(None, parts))
