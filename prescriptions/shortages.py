"""What is short at the window, told to the doctor row by row with what could go instead (R-123).

Nobody replaces a drug at the window; what is proposed here only the doctor may take.
"""

from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.forms import CleanTextMixin
from pharmacy.catalogue import with_available
from pharmacy.models import Drug
from pharmacy.units import packs_and_pieces
from prescriptions.models import Prescription, PrescriptionItem, Shortage
from prescriptions.portions import HAND_OUT, left
from prescriptions.quantity import Pack, parse_quantity

MOST = 8  # proposals for a row
MOST_FOUND = 300


def substitutes(items: list[PrescriptionItem]) -> dict[UUID, list[Drug]]:
    """Drugs on the shelf of the same ingredients or else the same subcategory; two queries."""
    drugs = [item.drug for item in items if left(item)]
    question = Q(ingredients__in={d.ingredients for d in drugs if d.ingredients})
    question |= Q(subcategory__in={d.subcategory for d in drugs if d.subcategory})
    if not drugs:
        return {}
    found = Drug.objects.filter(question, active=True).order_by("generic_name", "pk")[:MOST_FOUND]
    there = [drug for drug in with_available(list(found)) if drug.available]
    return {item.pk: _for(item.drug, there) for item in items if left(item)}


def _for(drug: Drug, there: list[Drug]) -> list[Drug]:
    others = [other for other in there if other.pk != drug.pk]
    same = [o for o in others if drug.ingredients and o.ingredients == drug.ingredients]
    near = [
        o
        for o in others
        if o not in same and drug.subcategory and o.subcategory == drug.subcategory
    ]
    return [*same, *near][:MOST]


class ShortForm(CleanTextMixin, forms.Form):
    """How much of one row is missing, and what the pharmacist proposes instead."""

    half_width_fields = ("missing", "substitute")

    missing = forms.CharField(label=gettext_lazy("Short by"), max_length=20, required=False)
    substitute = forms.ChoiceField(label=gettext_lazy("Could go instead"), required=False)

    def __init__(self, data=None, *, item: PrescriptionItem, drugs: list[Drug], lacks: int = 0):
        proposed = packs_and_pieces(item.drug, lacks) if lacks else ""
        super().__init__(data, prefix=_prefix(item), initial={"missing": proposed})
        self.item, self.drugs = item, {str(drug.pk): drug for drug in drugs}
        offered = [(pk, f"{d.label} {d.available_text}") for pk, d in self.drugs.items()]
        self.fields["substitute"].choices = [("", _("none")), *offered]
        for field in self.fields.values():
            field.widget.attrs["form"] = HAND_OUT

    def clean_missing(self) -> int:
        text = self.cleaned_data["missing"]
        if not text:
            return 0
        pack = Pack.of(self.item.drug)
        units = parse_quantity(pack, text)
        if units is None:
            raise forms.ValidationError(
                _("Please write the quantity as 12 or 1%(pack)s.") % {"pack": pack.pack_unit}
            )
        return min(units, left(self.item))

    def agrees_with(self, now: int) -> bool:
        """False where more goes out now than what is said to be missing leaves of the row."""
        if not self.is_valid():
            return False
        missing = self.cleaned_data["missing"]
        if now + missing <= left(self.item):
            return True
        self.add_error(
            "missing",
            _(
                "Not handed out: %(missing)s are missing, it says here. Please write how much goes "
                "out now, send the prescription back, or clear this field."
            )
            % {"missing": packs_and_pieces(self.item.drug, missing)},
        )
        return False

    @property
    def row(self) -> tuple[int, Drug | None] | None:
        """After is_valid(): base units and the proposal, or nothing."""
        missing = self.cleaned_data["missing"]
        return (missing, self.drugs.get(self.cleaned_data["substitute"])) if missing else None


def forms_of(
    items, *, data=None, lacks: dict[UUID, int] | None = None, shown: bool = True
) -> dict[UUID, ShortForm]:
    """A form for each row of which something is left.

    What could go instead is looked up for a page that is `shown`, or if anything was typed there.
    """
    drugs = substitutes(items) if shown or is_typed(items, data) else {}
    return {
        item.pk: ShortForm(
            data, item=item, drugs=drugs.get(item.pk, []), lacks=(lacks or {}).get(item.pk, 0)
        )
        for item in items
        if left(item)
    }


def is_typed(items, data) -> bool:
    """Whether anything is said to be missing, or to go instead."""
    names = [f"{_prefix(item)}-{field}" for item in items for field in ("missing", "substitute")]
    return any(data.get(name, "").strip() for name in names)


def _prefix(item: PrescriptionItem) -> str:
    return f"short{item.rank}"


def note_down(prescription: Prescription, rows: dict[UUID, tuple[int, Drug | None]], by) -> str:
    """Keep what is short of a locked sheet; the same in words, as the reason of its way back."""
    items = {item.pk: item for item in prescription.items.select_related("drug")}
    said = []
    for pk, (missing, drug) in rows.items():
        Shortage.objects.create(item=items[pk], missing=missing, substitute=drug, made_by=by)
        said.append(_words(items[pk], missing, drug))
    return "；".join(said)


def _words(item: PrescriptionItem, missing: int, drug: Drug | None) -> str:
    values = {"drug": item.drug_name, "missing": packs_and_pieces(item.drug, missing)}
    if drug is None:
        return _("%(drug)s: %(missing)s are missing") % values
    return _("%(drug)s: %(missing)s are missing, %(other)s could go instead") % {
        **values,
        "other": drug.label,
    }


def told(prescription: Prescription) -> list[Shortage]:
    """What was short when the sheet last came back, of rows that still stand."""
    rows = Shortage.objects.filter(
        item__prescription=prescription,
        item__removed_at__isnull=True,
        made_at__gte=prescription.submitted_at,
    )
    rows = rows.select_related("item__drug", "substitute").order_by("item__rank", "pk")
    return [row for row in rows if row.substitute_id and row.item.drug_id != row.substitute_id]
