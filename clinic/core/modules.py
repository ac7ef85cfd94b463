"""Parts of the system that a clinic may do without; each is a setting, and its data stay.

Any floor asks `is_on`; which addresses belong to a part stands in clinic.modules.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.utils.translation import gettext_lazy as _

from clinic.core.site import settings_of

SETTINGS = {
    "pharmacy": "site.pharmacy",
    "charges": "site.charges",
    "booking": "site.booking",
    "treatments": "site.treatments",
    "follow_up": "site.follow_up",
}
WORDS = {
    "pharmacy": _("Pharmacy: stock, review of prescriptions, dispensing"),
    "charges": _("Charging"),
    "booking": _("Online booking"),
    "treatments": _("Treatment room: injections, infusions, dressings"),
    "follow_up": _("Follow-ups: chronic disease, elderly, children, pregnancy"),
}
_known: ContextVar[dict | None] = ContextVar("modules", default=None)


def switched() -> dict[str, bool]:
    """Every part and whether the clinic uses it; within a request the database is asked once."""
    known = _known.get()
    if known:
        return known
    values = settings_of(*SETTINGS.values())
    found = {code: values[key] for code, key in SETTINGS.items()}
    if known is not None:
        known.update(found)
    return found


def is_on(code: str) -> bool:
    return switched()[code]


@contextmanager
def remembered() -> Iterator[None]:
    """What is asked inside is asked of the database once."""
    token = _known.set({})
    try:
        yield
    finally:
        _known.reset(token)


def forget() -> None:
    """A switch was turned: ask again."""
    if known := _known.get():
        known.clear()
