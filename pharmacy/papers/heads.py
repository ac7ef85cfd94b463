"""The head of a document: what must be said before its lines mean anything."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import RuleBroken
from pharmacy.models import StockDocument
from pharmacy.papers.kinds import PAPERS, Kind
from pharmacy.places import dispensary

FIELDS = ["place", "to_place", "supplier", "cause", "recipient", "note", "reference"]
MISSING = {
    "cause": gettext_lazy("Please choose why the goods are written off."),
    "recipient": gettext_lazy("Please write who takes the goods."),
    "to_place": gettext_lazy("Please choose where the goods go."),
    "supplier": gettext_lazy("Please choose the supplier who gets the goods back."),
    "note": gettext_lazy("Please write the reason."),
}


def checked(kind: Kind, head: dict) -> dict:
    """The head's fields; RuleBroken with the field that is missing or makes no sense."""
    fields = {name: value for name, value in head.items() if name in FIELDS and value}
    fields.setdefault("place", dispensary())
    needed = [*PAPERS[kind].needs]
    if fields.get("cause") == StockDocument.Cause.OTHER:
        needed.append("note")
    for name in needed:
        value = fields.get(name)
        if not value or isinstance(value, str) and not value.strip():
            raise RuleBroken(MISSING[name], field=name, rule="R-107")
    if kind == Kind.MOVE and fields["to_place"] == fields["place"]:
        raise RuleBroken(
            _("The goods lie there already. Please choose another place."),
            field="to_place",
            rule="R-114",
        )
    blank = {"to_place": None, "supplier": None, "cause": "", "recipient": "", "note": ""}
    return {**blank, **fields}
