"""What the cashier types: amounts by way, why payment is put off, what is refunded."""

import re
from decimal import Decimal

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.cashier.bills import BY_HAND, MOST_OF_AN_ITEM
from clinic.cashier.due import Due
from clinic.cashier.giving_back import Back
from clinic.cashier.models import Deferral, FeeItem, Receipt, Way
from clinic.cashier.receipts import Paid
from clinic.cashier.refunds import ways_left
from clinic.core.forms import CleanTextMixin

NOUGHT = Decimal("0.00")
LARGEST_NOTE = Decimal(100)  # nobody gives one more than is needed: a slip of the finger
# A comma only between thousands: 12,50 may be meant for 12.50.
AMOUNT = re.compile(r"(\d{1,7}|\d{1,3}(,\d{3}){1,2})(\.\d{1,2})?", re.ASCII)
OTHERS = [way for way in Way.values if way != Way.CASH]
NO_AMOUNT = gettext_lazy("Please write an amount like 20 or 12.50, at most two decimals.")


class AmountField(forms.CharField):
    """Yuan as people type them; what is no plain amount is refused, never guessed."""

    def __init__(self, **options):
        widget = forms.TextInput(
            attrs={"inputmode": "decimal", "class": "num", "autocomplete": "off"}
        )
        super().__init__(required=False, max_length=20, widget=widget, **options)

    def clean(self, value) -> Decimal | None:
        text = super().clean(value).lstrip("¥")
        if not text:
            return None
        if not AMOUNT.fullmatch(text):
            raise ValidationError(NO_AMOUNT, code="invalid")
        return Decimal(text.replace(",", "")).quantize(Decimal("0.01"))


class PayForm(CleanTextMixin, forms.Form):
    """One screen: cash handed over, and what comes by other ways; the change works itself out."""

    half_width_fields = ("cash", *OTHERS, "number")

    seen = forms.CharField(max_length=24, widget=forms.HiddenInput)
    cash = AmountField(label=gettext_lazy("Cash received"))
    wechat = AmountField(label=Way.WECHAT.label)
    alipay = AmountField(label=Way.ALIPAY.label)
    card = AmountField(label=Way.CARD.label)
    insurance = AmountField(label=Way.INSURANCE.label)
    number = forms.CharField(
        label=gettext_lazy("Settlement number of the insurance"), max_length=40, required=False
    )

    def __init__(self, *args, due: Due, part_payment: bool = False, **kwargs):
        super().__init__(*args, **kwargs)
        self.due, self.part_payment = due, part_payment
        if not self.is_bound:  # after an error the focus goes to the first wrong field
            self.fields["cash"].widget.attrs["autofocus"] = True
        self.change, self.in_cash = NOUGHT, NOUGHT

    def clean(self):
        data = super().clean()
        if self.errors:
            return data
        other = sum((data[way] or NOUGHT for way in OTHERS), NOUGHT)
        given, rest = data["cash"] or NOUGHT, self.due.total - other
        if data["insurance"] and not data["number"]:
            self.add_error("number", _("Please write the number of the settlement."))
        if rest < 0:
            first = next(way for way in OTHERS if data[way])
            self.add_error(
                first,
                _("¥%(paid)s is more than the bill of ¥%(total)s. Only cash has change.")
                % {"paid": other, "total": self.due.total},
            )
        elif given and not rest:
            self.add_error("cash", _("Nothing is left to be paid in cash. Please clear this."))
        elif given < rest and not self.part_payment:
            self.add_error("cash", _("¥%(rest)s are missing.") % {"rest": rest - given})
        elif given - rest >= LARGEST_NOTE:
            words = _("The change would be ¥%(change)s. Please check the cash received.")
            self.add_error("cash", words % {"change": given - rest})
        else:
            self.in_cash = min(given, rest)
            self.change = given - self.in_cash
        return data

    @property
    def ways(self) -> list[Paid]:
        data = self.cleaned_data
        found = [
            Paid(way, data[way], reference=data["number"] if way == Way.INSURANCE else "")
            for way in OTHERS
            if data[way]
        ]
        if self.in_cash:
            found.append(Paid(Way.CASH, self.in_cash, given=data["cash"]))
        return found


class PutOffForm(CleanTextMixin, forms.Form):
    """Why somebody may go on without having paid."""

    seen = forms.CharField(max_length=24, widget=forms.HiddenInput)
    reason = forms.ChoiceField(
        label=gettext_lazy("Reason"),
        choices=[("", "–"), *Deferral.Reason.choices],  # nobody lets it through by one press
        error_messages={"required": gettext_lazy("Please choose why payment is put off.")},
    )
    words = forms.CharField(label=gettext_lazy("In words"), max_length=200, required=False)


class AddForm(CleanTextMixin, forms.Form):
    """A material or another item, put on the bill by hand."""

    half_width_fields = ("quantity",)

    item = forms.ModelChoiceField(
        label=gettext_lazy("Item"), queryset=FeeItem.objects.none(), empty_label="–"
    )
    quantity = forms.IntegerField(
        label=gettext_lazy("Quantity"),
        min_value=1,
        max_value=MOST_OF_AN_ITEM,
        initial=1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "num"}),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["item"].queryset = FeeItem.objects.filter(active=True, kind__in=BY_HAND)


class RefundForm(CleanTextMixin, forms.Form):
    """How much of each line goes back, by which ways, and why."""

    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=200, required=False)

    def __init__(self, *args, receipt: Receipt, backs: list[Back], **kwargs):
        super().__init__(*args, **kwargs)
        self.backs, self.left = backs, ways_left(receipt)
        for back in backs:
            if back.most:
                self.fields[self.name_of(back)] = field = forms.IntegerField(
                    label=back.line.name,
                    required=False,
                    min_value=0,
                    max_value=back.most,
                    initial=back.most if back.due else None,
                    widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "num"}),
                )
                self._narrow(field)
        for way in {Way.CASH.value: None, **self.left}:
            self.fields[way] = AmountField(label=Way(way).label)
            self._wrap(self.fields[way], narrow=True)

    @staticmethod
    def name_of(back: Back) -> str:
        return f"line_{back.line.pk}"

    @property
    def rows(self) -> list[dict]:
        """Each line with its field, or with why it stays."""
        return [
            {"back": back, "field": self[self.name_of(back)] if back.most else None}
            for back in self.backs
        ]

    @property
    def way_fields(self) -> list:
        return [self[way] for way in Way.values if way in self.fields]

    @property
    def quantities(self) -> dict[int, int]:
        data = self.cleaned_data
        return {back.line.pk: data[self.name_of(back)] or 0 for back in self.backs if back.most}

    @property
    def ways(self) -> list[Paid] | None:
        """None: nothing was typed, so it goes back as it came."""
        typed = {way: self.cleaned_data[way] for way in Way.values if way in self.fields}
        found = [Paid(way, amount) for way, amount in typed.items() if amount]
        return found or None


class PaperForm(forms.Form):
    """On which paper a receipt is printed."""

    paper = forms.ChoiceField(choices=[("80", "80 mm"), ("58", "58 mm"), ("a5", "A5")])
