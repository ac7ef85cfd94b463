"""Handing out in parts: how much of a row goes now and how much later (R-116, R-123)."""

from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import RuleBroken
from clinic.core.forms import CleanTextMixin
from pharmacy.units import packs_and_pieces, require_sellable
from prescriptions.models import PrescriptionItem
from prescriptions.quantity import MOST, Pack, parse_quantity

HAND_OUT = "hand-out"  # the id of the form that these fields go with


def left(item: PrescriptionItem) -> int:
    """Base units that are still to be handed out; none of what the patient buys outside."""
    return 0 if item.outside else item.quantity - item.dispensed


def leaving(
    items: list[PrescriptionItem], parts: dict[UUID, int]
) -> list[tuple[PrescriptionItem, int]]:
    """Which rows go out now and how much of each; a row without a part goes out whole."""
    found = []
    for item in items:
        units = parts.get(item.pk, left(item))
        if not 0 <= units <= left(item):
            raise too_much(item)
        if units:
            require_sellable(item.drug, units)
            found.append((item, units))
    if not found and any(left(item) for item in items):
        raise RuleBroken(
            _("Nothing is to go out. Please write how much the patient gets now."), rule="R-123"
        )
    return found


def too_much(item: PrescriptionItem) -> RuleBroken:
    """More than what is left of what the doctor prescribed."""
    return RuleBroken(
        _("%(drug)s: only %(left)s are left of what was prescribed. Please correct the quantity.")
        % {"drug": item.drug_name, "left": packs_and_pieces(item.drug, left(item))},
        field="now",
        rule="R-116",
    )


class PartForm(CleanTextMixin, forms.Form):
    """How much of one row goes out now; empty means all that is left."""

    half_width_fields = ("now",)

    now = forms.CharField(
        label=gettext_lazy("Hand out only this much now"), max_length=20, required=False
    )

    def __init__(self, data=None, *, item: PrescriptionItem, proposed: str = ""):
        super().__init__(data, prefix=f"part{item.rank}", initial={"now": proposed})
        self.item = item
        self.fields["now"].widget.attrs |= {
            "form": HAND_OUT,
            "autocomplete": "off",
            "class": "form-control w-q",
        }

    def clean_now(self) -> int | None:
        text = self.cleaned_data["now"]
        if not text:
            return None
        pack = Pack.of(self.item.drug)
        units = parse_quantity(pack, text)
        if units is None or units > MOST:
            raise forms.ValidationError(
                _("Please write the quantity as 12 or 1%(pack)s.") % {"pack": pack.pack_unit}
            )
        try:
            if units:
                require_sellable(self.item.drug, units)
        except RuleBroken as error:
            raise forms.ValidationError(error.message) from error
        if units > left(self.item):
            raise forms.ValidationError(too_much(self.item).message)
        return units

    def refuse_to_go_back(self) -> None:
        """The sheet is being sent back whole while a part is said to go out now."""
        self.add_error(
            "now",
            _(
                "Not sent back: it says here that a part goes out now. Please press Hand out for "
                "that, or clear this field."
            ),
        )

    @property
    def units(self) -> int:
        """What goes out of this row; all that is left where nothing readable was typed."""
        typed = getattr(self, "cleaned_data", {}).get("now") if self.is_bound else None
        return left(self.item) if typed is None else typed

    @property
    def is_open(self) -> bool:
        return bool(self["now"].value())


def forms_of(items: list[PrescriptionItem], data=None) -> dict[UUID, PartForm]:
    """A form for each row of which something is left."""
    found = {item.pk: PartForm(data, item=item) for item in items if left(item)}
    for form in found.values():
        form.is_valid()  # what is typed decides which batches are proposed
    return found


def parts_of(found: dict[UUID, PartForm]) -> dict[UUID, int]:
    """After is_valid(): the rows for which a part was written."""
    return {pk: form.units for pk, form in found.items() if form.cleaned_data["now"] is not None}
