"""The words above the stock pages, their warning links and filters."""

from dataclasses import dataclass

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core import modules
from security.permissions import P


@dataclass(frozen=True)
class Section:
    """One word of the strip above every stock page, for whoever holds the permission."""

    label: object
    url_name: str
    permission: P
    also: tuple[str, ...] = ()  # other pages that belong under this word
    or_permission: P | None = None  # enough as well

    @property
    def is_library(self) -> bool:
        return self.url_name == "drug_list"

    def is_for(self, user) -> bool:
        return user.has_perm(self.permission) or (
            self.or_permission is not None and user.has_perm(self.or_permission)
        )

    @property
    def url_names(self) -> tuple[str, ...]:
        return (self.url_name, *self.also)


SECTIONS = [
    Section(gettext_lazy("Stock on hand"), "stock", P.SEE_STOCK, ("stock_ledger",)),
    Section(gettext_lazy("Stock-in"), "stock_receive", P.RECEIVE_STOCK),
    Section(
        gettext_lazy("Documents"),
        "stock_documents",
        P.SEE_STOCK,
        ("stock_document", "stock_paper_new", "stock_paper_edit", "stock_return"),
    ),
    Section(gettext_lazy("Warnings"), "stock_warnings", P.SEE_STOCK, ("stock_orders",)),
    Section(
        gettext_lazy("Reports"), "stock_report", P.RECEIVE_STOCK, ("stock_report_of", "drug_ledger")
    ),
    Section(
        gettext_lazy("Stock-taking"),
        "stock_takes",
        P.RECEIVE_STOCK,
        ("stock_take_new", "stock_take", "stock_take_count", "stock_take_found"),
    ),
    Section(
        gettext_lazy("Controlled, recalls"),
        "controlled_list",
        P.MANAGE_STOCK,
        ("controlled_book", "handover_list", "handover_new", "recall_list", "recall_new")
        + ("recall_show", "recall_close", "recall_patients", "recall_reveal", "lot_patients"),
    ),
    Section(
        gettext_lazy("Cold chain"),
        "cold_list",
        P.RECEIVE_STOCK,
        ("cold_read", "cold_month", "cold_correct", "cold_unit_new", "cold_unit_edit"),
    ),
    Section(
        gettext_lazy("Drug library"),
        "drug_list",
        P.SEE_STOCK,
        ("drug_show", "drug_new", "drug_change", "drug_groups")
        + ("drug_import", "drug_import_show"),
        or_permission=P.MANAGE_DRUGS,
    ),
    Section(gettext_lazy("Prices"), "price_list", P.MANAGE_DRUGS, ("price_new", "price_show")),
]

# All of them belong under one word of the rail.
URL_NAMES = tuple(name for section in SECTIONS for name in section.url_names)

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


def sections(user, here: str) -> list[dict]:
    """The strip's words for this person; `here` is the URL name of the page shown."""
    # Without a pharmacy only the drug library is left, which doctors choose from.
    shown = SECTIONS if modules.is_on("pharmacy") else [s for s in SECTIONS if s.is_library]
    return [
        {
            "label": section.label,
            "url": reverse(section.url_name),
            "current": here in section.url_names,
        }
        for section in shown
        if section.is_for(user)
    ]


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
