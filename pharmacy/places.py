"""Where goods lie. The first place is made when the first goods come (R-114)."""

from django.utils.translation import gettext as _

from pharmacy.models import Place

FIRST = "YF"


def dispensary() -> Place:
    """The place that deliveries go to when nothing else is said: the first that hands out."""
    found = Place.objects.filter(dispenses=True, active=True).first()
    if found is None:
        found, _new = Place.objects.get_or_create(code=FIRST, defaults={"name": _("Pharmacy")})
    return found


def several() -> bool:
    """True where goods lie in more than one place; else no page speaks of places."""
    return Place.objects.filter(active=True).count() > 1
