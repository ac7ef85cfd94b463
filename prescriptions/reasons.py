"""The structured reasons a doctor chooses from (R-20, R-23); "other" needs words of one's own."""

from django.utils.translation import gettext_lazy as _

OTHER = "other"
LONG = {
    "chronic": _("Stable chronic disease"),
    "elderly": _("Disease of old age"),
    "mobility": _("Hard to come here"),
    "distance": _("Lives far away"),
    OTHER: _("Other"),
}
OVERRIDE = {
    "monitored": _("Risk known, will be monitored"),
    "no_other": _("Other drugs failed or are not tolerated"),
    "specialist": _("By order of a specialist"),
    OTHER: _("Other"),
}
LISTS = {"long": LONG, "override": OVERRIDE}


def stored(code: str, text: str = "") -> str:
    """A reason as it is kept: its code, or the words after "other:"."""
    return f"{OTHER}:{text}" if code == OTHER else code


def label(reason: str) -> str:
    """A kept reason in words."""
    if reason.startswith(f"{OTHER}:"):
        return reason.partition(":")[2]
    return str(LONG.get(reason) or OVERRIDE.get(reason) or reason)
