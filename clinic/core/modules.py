"""Parts of the system that a clinic may do without; each is a setting, and its data stay.

Any floor asks `is_on`; which addresses belong to a part stands in clinic.modules.
"""

from django.utils.translation import gettext_lazy as _

from clinic.core.site import setting, settings_of

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


def switched() -> dict[str, bool]:
    """Every part and whether the clinic uses it."""
    values = settings_of(*SETTINGS.values())
    return {code: values[key] for code, key in SETTINGS.items()}


def is_on(code: str) -> bool:
    return setting(SETTINGS[code])
