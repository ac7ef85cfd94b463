"""Forms of the documents: their heads, how much of a batch, the filters of the list."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.forms import CleanTextMixin
from pharmacy import places
from pharmacy.forms import CountField
from pharmacy.models import Place, StockDocument, Supplier
from pharmacy.papers import PAPERS
from pharmacy.units import base_units

Kind = StockDocument.Kind


class HeadForm(CleanTextMixin, forms.Form):
    """What a document of one kind says before its lines; fields it does not need are left out."""

    cause = forms.ChoiceField(
        label=gettext_lazy("why written off"),
        choices=StockDocument.Cause.choices,
        widget=forms.RadioSelect,
    )
    supplier = forms.ModelChoiceField(
        label=gettext_lazy("supplier"), queryset=Supplier.objects.none(), empty_label="–"
    )
    recipient = forms.CharField(label=gettext_lazy("taken by"), max_length=50)
    place = forms.ModelChoiceField(
        label=gettext_lazy("place"), queryset=Place.objects.none(), empty_label=None
    )
    to_place = forms.ModelChoiceField(
        label=gettext_lazy("goes to"), queryset=Place.objects.none(), empty_label="–"
    )
    note = forms.CharField(label=gettext_lazy("note"), max_length=200, required=False)

    def __init__(self, data=None, *, kind: str, document: StockDocument | None = None, place=None):
        names = ["cause", "supplier", "recipient", "to_place", "note"]
        initial = {name: getattr(document, name) for name in names} if document else {}
        super().__init__(data, initial=initial)
        for name in ("cause", "supplier", "recipient", "to_place"):
            if name not in PAPERS[kind].needs:
                del self.fields[name]
        if "supplier" in self.fields:
            self.fields["supplier"].queryset = Supplier.objects.filter(active=True).order_by("name")
        if "to_place" in self.fields:
            self.fields["to_place"].queryset = Place.objects.filter(active=True)
        if document or not places.several():
            del self.fields["place"]
        else:
            self.fields["place"].queryset = Place.objects.filter(active=True)
            self.fields["place"].initial = place

    def otherwise(self, document: StockDocument) -> str:
        """What the document says now where something else is typed here; "" where nothing is."""
        rows = []
        for name, field in self.fields.items():
            if name != "place" and getattr(document, name) != self.cleaned_data.get(name):
                now = document.get_cause_display() if name == "cause" else getattr(document, name)
                rows.append(f"{field.label} {now or '–'}")
        return " · ".join(rows)


class TakeForm(CleanTextMixin, forms.Form):
    """How much of one batch."""

    packs = CountField(label=gettext_lazy("packs"))
    pieces = CountField(label=gettext_lazy("pieces"))

    def __init__(self, data=None, *, batch, units: int = 0, focus: bool = False):
        packs, pieces = divmod(units, batch.drug.units_per_pack)
        initial = {"packs": packs or None, "pieces": pieces or None}
        super().__init__(data, prefix=f"take-{batch.pk}", initial=initial)
        self.batch = batch
        for name, unit in (("packs", batch.drug.pack_unit), ("pieces", batch.drug.base_unit)):
            self.fields[name].widget.attrs |= {
                "class": "form-control w-n num",
                "autocomplete": "off",
                "aria-label": _("%(unit)s of lot %(lot)s") % {"unit": unit, "lot": batch.lot},
            }
        if focus:
            self.fields["packs"].widget.attrs["autofocus"] = True

    @property
    def units(self) -> int:
        cleaned = self.cleaned_data
        return base_units(self.batch.drug, cleaned["packs"] or 0, cleaned["pieces"] or 0)


class BackForm(CleanTextMixin, forms.Form):
    """How many packs of one line a patient brings back, and whether they are intact."""

    packs = CountField(label=gettext_lazy("packs"))
    harmed = forms.BooleanField(label=gettext_lazy("not intact"), required=False)

    def __init__(self, data=None, *, out):
        super().__init__(data, prefix=f"back-{out.movement.pk}")
        self.out = out
        drug = out.movement.batch.drug
        self.fields["packs"].widget.attrs |= {
            "class": "form-control w-n num",
            "autocomplete": "off",
            "aria-label": _("%(unit)s of %(drug)s coming back")
            % {"unit": drug.pack_unit, "drug": drug.generic_name},
        }

    @property
    def row(self) -> tuple | None:
        packs = self.cleaned_data["packs"]
        movement = self.out.movement
        units = (packs or 0) * movement.batch.drug.units_per_pack
        return (movement, units, not self.cleaned_data["harmed"]) if units else None


class ReasonForm(CleanTextMixin, forms.Form):
    """Why a document is taken back, or drugs come back."""

    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200)


class VersionForm(forms.Form):
    """Which state of a draft somebody saw."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class FilterForm(forms.Form):
    """The list's filters; all of them may stay empty."""

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        required=False,
        choices=[("", gettext_lazy("All")), *Kind.choices],
    )
    number = forms.CharField(
        label=gettext_lazy("Number or delivery note"), required=False, max_length=40
    )
    drug = forms.CharField(label=gettext_lazy("Drug"), required=False, max_length=100)
    who = forms.CharField(label=gettext_lazy("Who"), required=False, max_length=40)
    since = forms.DateField(
        label=gettext_lazy("From"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    until = forms.DateField(
        label=gettext_lazy("To"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
    )
