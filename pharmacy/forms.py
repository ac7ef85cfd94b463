"""The delivery form: its head and one small form per batch. Forms clean; the service decides."""

import re
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import RuleBroken
from clinic.core.forms import CleanTextMixin
from clinic.core.text import half_width
from pharmacy import catalogue, deliveries, places, refusals, scanning
from pharmacy.expiry import parse_expiry
from pharmacy.models import Drug, Place, RefusedGoods, StockDocument, Supplier
from pharmacy.money import line_total
from pharmacy.people import people_with
from pharmacy.units import base_units
from security.permissions import P

MOST_PACKS = 99_999
WIDTHS = {
    "drug_text": "",
    "lot": "w-b",
    "made_on": "w-d",
    "expires_on": "w-d",
    "packs": "w-n num",
    "pieces": "w-n num",
    "cost": "w-q num",
}
SHORT = {"shelf": "w-b"}
# Enter passes over them: seldom needed, or filled in from the last delivery.
PASSED_OVER = {"pieces": "always", "shelf": "always", "cost": "filled"}
# A delivery is refused as a whole where each of its lines is: nobody says that by itself.
CONCLUSIONS = [
    (value, label)
    for value, label in StockDocument.Conclusion.choices
    if value != StockDocument.Conclusion.REFUSED
]


class CountField(forms.CharField):
    """A whole number in plain digits; None when empty."""

    def __init__(self, **options):
        widget = forms.TextInput(attrs={"inputmode": "numeric"})
        super().__init__(required=False, widget=widget, **options)

    def clean(self, value):
        text = half_width(super().clean(value))
        if not text:
            return None
        if not re.fullmatch(r"[0-9]{1,30}", text):
            raise ValidationError(
                _("This is not a whole number. Please write digits only, such as 30.")
            )
        if int(text) > MOST_PACKS:
            raise ValidationError(
                _("The number is too large. Please write at most %(most)s.") % {"most": MOST_PACKS}
            )
        return int(text)


class CostField(forms.CharField):
    """The cost of a pack: up to six digits and four decimals; None when empty."""

    def __init__(self, **options):
        widget = forms.TextInput(attrs={"inputmode": "decimal"})
        super().__init__(required=False, widget=widget, **options)

    def clean(self, value):
        text = half_width(super().clean(value))
        if text and not re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,4})?", text):
            raise ValidationError(
                _("This is not an amount. Please write it like 7.20, with at most 4 decimals.")
            )
        return Decimal(text) if text else None


class DayField(forms.CharField):
    """A date as packs print it; "2026-05" is the last day of that month (R-109)."""

    def __init__(self, **options):
        super().__init__(max_length=20, **options)

    def clean(self, value):
        value = super().clean(value)
        if not value:
            return None
        try:
            return parse_expiry(value)
        except ValueError:
            raise ValidationError(
                _("This is not a date. Please write it as on the pack: 2026-05 or 2026-05-20.")
            ) from None


class DeliveryForm(CleanTextMixin, forms.Form):
    """Who delivered under which number, and the head of the acceptance record (R-110)."""

    half_width_fields = ("delivery_note", "licence", "licence_until", "purchased_on")

    supplier = forms.ModelChoiceField(
        label=gettext_lazy("supplier"),
        queryset=Supplier.objects.none(),
        required=False,
        empty_label=gettext_lazy("Please choose; name a new one below"),
        error_messages={
            "invalid_choice": gettext_lazy("This supplier is not in the list. Please choose again.")
        },
    )
    new_supplier = forms.CharField(
        label=gettext_lazy("new supplier"), max_length=100, required=False
    )
    delivery_note = forms.CharField(
        label=gettext_lazy("delivery note"), max_length=40, required=False
    )
    purchased_on = DayField(label=gettext_lazy("date of purchase"), required=False)
    conclusion = forms.ChoiceField(
        label=gettext_lazy("acceptance"), choices=CONCLUSIONS, required=False
    )
    licence = forms.CharField(label=gettext_lazy("licence number"), max_length=60, required=False)
    licence_until = DayField(label=gettext_lazy("licence good until"), required=False)
    accepted_by = forms.ModelChoiceField(
        label=gettext_lazy("accepted by"), queryset=None, required=False, empty_label=None
    )
    place = forms.ModelChoiceField(
        label=gettext_lazy("place"), queryset=None, required=False, empty_label=None
    )
    note = forms.CharField(label=gettext_lazy("remark"), max_length=200, required=False)
    FOLDED = ["new_supplier", "licence", "licence_until", "accepted_by", "note"]

    def __init__(self, *args, by=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["supplier"].queryset = Supplier.objects.filter(active=True).order_by("name")
        self.fields["accepted_by"].queryset = people_with(P.RECEIVE_STOCK)
        self.fields["accepted_by"].label_from_instance = lambda person: person.full_name
        self.fields["accepted_by"].initial = by
        self.fields["purchased_on"].initial = timezone.localdate().isoformat()
        if places.several():
            self.fields["place"].queryset = Place.objects.filter(active=True)
        else:
            del self.fields["place"]

    @property
    def is_unfolded(self) -> bool:
        """True when something stands in the fields that are seldom needed."""
        names = [name for name in self.FOLDED if name != "accepted_by"]
        filled = self.data if self.is_bound else self.initial
        return any(filled.get(name) or self.errors.get(name) for name in names)

    def clean(self):
        cleaned = super().clean()
        if "supplier" in self.errors or "new_supplier" in self.errors:
            return cleaned
        if not cleaned.get("supplier") and not cleaned.get("new_supplier"):
            self.add_error(
                "supplier",
                _("It is not said who delivered. Please choose a supplier or name a new one."),
            )
        elif cleaned["supplier"] and cleaned["new_supplier"]:
            self.add_error(
                "new_supplier",
                _("There are two suppliers. Please empty one of the two fields."),
            )
        return cleaned

    @property
    def acceptance(self) -> deliveries.Acceptance:
        return deliveries.Acceptance(
            purchased_on=self.cleaned_data["purchased_on"],
            accepted_by=self.cleaned_data["accepted_by"],
            conclusion=self.cleaned_data["conclusion"] or StockDocument.Conclusion.GOOD,
        )

    @property
    def who(self) -> Supplier | str:
        return self.cleaned_data["supplier"] or self.cleaned_data["new_supplier"]


class LineForm(CleanTextMixin, forms.Form):
    """One batch: the drug is chosen from the list, or found by what was typed when it is unique.

    With a `fate` it is refused goods: these need neither lot nor expiry, and may be a drug that
    the library doesn't know.
    """

    half_width_fields = ("lot", "made_on", "expires_on", "shelf", "trace_code")

    drug = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    drug_text = forms.CharField(label=gettext_lazy("drug"), max_length=200)
    pick = forms.CharField(required=False, max_length=20)
    lot = forms.CharField(label=gettext_lazy("lot"), max_length=40)
    made_on = DayField(label=gettext_lazy("production date"), required=False)
    expires_on = DayField(label=gettext_lazy("expiry date"))
    packs = CountField(label=gettext_lazy("packs"))
    pieces = CountField(label=gettext_lazy("pieces"))
    cost = CostField(label=gettext_lazy("cost per pack"))
    shelf = forms.CharField(label=gettext_lazy("shelf"), max_length=20, required=False)
    trace_code = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    fate = forms.ChoiceField(
        label=gettext_lazy("what became of them"),
        choices=RefusedGoods.Fate.choices,
        required=False,
    )
    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200, required=False)
    # What reading a list left doubtful; the page takes it away once somebody ticked it.
    doubt = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    def __init__(self, *args, drugs: dict[int, Drug], opening: bool = False, **kwargs):
        super().__init__(*args, empty_permitted=True, use_required_attribute=False, **kwargs)
        self.drugs = drugs
        self.opening = opening  # what lies on the shelf already is judged less strictly
        self.candidates: list[Drug] = []
        self.line: deliveries.Line | None = None
        self.refused: refusals.Refused | None = None
        if self.is_refused:
            self.fields["lot"].required = self.fields["expires_on"].required = False
        self.focus = ""  # the cell where the cursor stands when the page comes

    @property
    def known(self) -> Drug | None:
        """The drug that the form shows, chosen or found."""
        return self.drugs.get(as_id(self.data.get(self.add_prefix("drug"))))

    @property
    def is_refused(self) -> bool:
        return bool(self.data.get(self.add_prefix("fate")))

    @property
    def fate_word(self) -> str:
        return str(RefusedGoods.Fate(self.refused.fate).label) if self.refused else ""

    @property
    def is_complete(self) -> bool:
        return self.line is not None or self.refused is not None

    @property
    def asks_reason(self) -> bool:
        typed = bool(self.data.get(self.add_prefix("reason")))
        return self.is_refused or "reason" in self.errors or typed

    @property
    def faults(self) -> list[dict]:
        """What is wrong with the line, for one place under it; a box points there by its id.

        Several sentences under one line: each says which box it is about.
        """
        return [
            {
                "id": f"id_{self.add_prefix(name)}_error",
                "label": self[name].label if name in self.fields and len(self.errors) > 1 else "",
                "text": " ".join(texts),
            }
            for name, texts in self.errors.items()
            if name != "doubt"
        ]

    @property
    def box(self) -> dict:
        """Each cell's input, named by its column and marked when it is wrong."""
        return {name: self._input(self[name]) for name in [*WIDTHS, "shelf", "reason", "fate"]}

    def _input(self, bound) -> SafeString:
        name = bound.name
        kind = "form-select w-auto" if name == "fate" else "form-control"
        classes = f"{kind} {(WIDTHS | SHORT).get(name, '')}".strip()
        attrs = {"class": classes, "autocomplete": "off"}
        if name == "shelf" and self.known:
            attrs["placeholder"] = self.known.shelf
        if name != "reason":
            attrs["aria-label"] = str(bound.label)
        if bound.errors:
            attrs["class"] += " is-invalid"
            attrs["aria-describedby"] = f"{bound.auto_id}_error"
        if name == self.focus:
            attrs["autofocus"] = True
        if name in PASSED_OVER:
            attrs["data-skip"] = PASSED_OVER[name]
        if name == "drug_text":
            attrs["data-suggest-url"] = reverse("drug_choices")
            attrs["data-suggest-target"] = self["drug"].auto_id
        return bound.as_widget(attrs=attrs)

    @property
    def amount(self) -> Decimal:
        line = self.line
        return line_total(line.cost, line.quantity, line.drug.units_per_pack) if line else 0

    def clean(self):
        cleaned = super().clean()
        drug = None if "drug_text" in self.errors else self._drug(cleaned)
        if self.is_refused and not self.errors:
            self._refuse(drug, cleaned)
        elif drug and not self.errors:
            self._judge(drug, cleaned)
        if cleaned.get("doubt"):
            self.line = self.refused = None
            self.add_error("doubt", cleaned["doubt"])
        return cleaned

    def _drug(self, cleaned) -> Drug | None:
        """The chosen drug, unless the words beside it were changed since (without JavaScript)."""
        words = cleaned["drug_text"]
        picked = self.drugs.get(as_id(cleaned.get("pick")))
        if picked:
            return self._keep(picked)
        try:
            drug = catalogue.one_drug(words, chosen=self.known)
        except catalogue.NotOneDrug as error:
            if self.is_refused and not error.candidates:
                return None
            self.candidates = error.candidates
            self.add_error("drug_text", error.message)
            return None
        if trace_code := scanning.trace_code(words):
            self.data[self.add_prefix("trace_code")] = cleaned["trace_code"] = trace_code
        return self._keep(drug)

    def _keep(self, drug: Drug) -> Drug:
        """From now on the form shows this drug, under its full name."""
        self.drugs[drug.pk] = drug
        self.data[self.add_prefix("drug")] = str(drug.pk)
        self.data[self.add_prefix("drug_text")] = drug.label
        self.data.pop(self.add_prefix("pick"), None)
        return drug

    def _judge(self, drug, cleaned) -> None:
        if cleaned["cost"] is None and not self.opening:  # the acceptance record names it
            self.add_error("cost", _("The cost is missing. Please write it; 0 for a free gift."))
            return
        line = deliveries.Line(
            drug=drug,
            lot=cleaned["lot"],
            expires_on=cleaned["expires_on"],
            quantity=base_units(drug, cleaned["packs"] or 0, cleaned["pieces"] or 0),
            cost=cleaned["cost"] or Decimal(0),
            made_on=cleaned["made_on"],
            shelf=cleaned["shelf"],
            reason=cleaned["reason"],
            trace_code=scanning.trace_code(cleaned["trace_code"]),
        )
        if self._fits(deliveries.judge, line, today=timezone.localdate(), opening=self.opening):
            self.line = line

    def _refuse(self, drug, cleaned) -> None:
        packs, pieces = cleaned["packs"] or 0, cleaned["pieces"] or 0
        if drug is None and pieces:
            self.add_error(
                "pieces",
                _("The library does not know this drug: please write how many packs it is."),
            )
            return
        refused = refusals.Refused(
            name=cleaned["drug_text"],
            quantity=base_units(drug, packs, pieces) if drug else packs,
            reason=cleaned["reason"],
            fate=cleaned["fate"],
            drug=drug,
            lot=cleaned["lot"],
            expires_on=cleaned["expires_on"],
        )
        if self._fits(refusals.judge, refused):
            self.refused = refused

    def _fits(self, judge, line, **more) -> bool:
        """True when the rule lets the line pass; else its words stand at the cell they mean."""
        try:
            judge(line, **more)
        except RuleBroken as error:
            field = "packs" if error.field == "quantity" else error.field
            self.add_error(field if field in self.fields else None, error.message)
            return False
        return True


def as_id(text: str | None) -> int:
    """A drug's id out of a form, or 0."""
    return int(text) if text and re.fullmatch(r"[0-9]{1,12}", text) else 0
