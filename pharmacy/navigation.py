"""The warning links and filters of the stock pages: word, address, number."""

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

RUNGS = [
    (
        "within1",
        "1",
        gettext_lazy("Expires within 1 month"),
        gettext_lazy("Use first or write off"),
    ),
    ("within3", "3", gettext_lazy("Expires within 3 months"), gettext_lazy("Hand out first")),
    ("within6", "6", gettext_lazy("Expires within 6 months"), gettext_lazy("Near expiry")),
    ("low", "low", gettext_lazy("Below the lower limit"), gettext_lazy("Time to order")),
]

# The filters of the drug library.
LISTS = {
    "used": Q(active=True),
    "unchecked": Q(active=True, verified=False),
    "stopped": Q(active=False),
}


def ladder(counts: dict[str, int], show: str) -> list[dict]:
    """The four warnings across the top of the stock pages."""
    return [
        {
            "kind": kind,
            "number": counts[name],
            "title": title,
            "hint": hint,
            "url": f"{reverse('stock')}?show={name}",
            "current": name == show,
        }
        for name, kind, title, hint in RUNGS
    ]


def tabs(counts: dict[str, int], show: str) -> list[dict]:
    """The filters that stand above the table; a warning chosen above it counts as none of them."""
    words = [("", _("All")), ("out", _("Out of stock")), ("expired", _("Expired"))]
    return [
        {"name": name, "label": label, "number": counts[name or "all"], "current": name == show}
        for name, label in words
    ]
