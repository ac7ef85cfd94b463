"""A price document in work: drugs found one by one, a new price beside each."""

import re
from datetime import datetime
from decimal import Decimal

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.forms import CleanTextMixin
from clinic.core.text import half_width
from pharmacy import catalogue
from pharmacy.forms import as_id
from pharmacy.models import Drug
from pharmacy.prices import MOST_LINES, NewPrice


class PriceHead(CleanTextMixin, forms.Form):
    """Why, and from when on."""

    half_width_fields = ("effective_at",)

    reason = forms.CharField(label=gettext_lazy("reason"), max_length=200)
    effective_at = forms.DateTimeField(
        label=gettext_lazy("in force from"),
        required=False,
        help_text=gettext_lazy("Empty: at once."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )


class PriceRow:
    """One drug and what was typed as its new price."""

    def __init__(self, drug: Drug, typed: str):
        self.drug, self.typed, self.error = drug, typed.strip()[:20], ""
        text = half_width(self.typed)
        self.price = Decimal(text) if re.fullmatch(r"[0-9]{1,6}(\.[0-9]{1,2})?", text) else None

    def judge(self) -> None:
        if self.price is None:
            self.error = _("This is not a price. Please write it like 9.60.")

    @property
    def change(self) -> Decimal | None:
        return None if self.price is None else self.price - self.drug.price


class PriceSheet:
    """What the page posts: `drug` and `price` once per row, and the field that finds a drug."""

    def __init__(self, posted=None, *, first: Drug | None = None):
        self.candidates: list[Drug] = []
        self.words, self.find_error = "", ""
        self.asks_drug = first is None and posted is None
        self.head = PriceHead(posted)
        self.rows = [PriceRow(first, "")] if first else []
        if posted is not None:
            self._read(posted)

    def _read(self, posted) -> None:
        typed = list(zip(posted.getlist("drug"), posted.getlist("price"), strict=False))
        typed = typed[:MOST_LINES]
        drugs = Drug.objects.in_bulk({as_id(pk) for pk, _price in typed})
        seen = set()
        for pk, price in typed:
            drug = drugs.get(as_id(pk))
            if drug and drug.pk not in seen:
                seen.add(drug.pk)
                self.rows.append(PriceRow(drug, price))

    def remove(self, pk: str) -> None:
        self.rows = [row for row in self.rows if row.drug.pk != as_id(pk)]

    def add(self, posted) -> None:
        """The drug that was chosen, or the only one that fits the words; else a choice of them."""
        self.words = posted.get("words", "").strip()[:100]
        drugs = Drug.objects.filter(active=True)
        drug = drugs.filter(pk=as_id(posted.get("pick"))).first()
        if drug is None and not self.words:
            self.asks_drug = True  # Enter in a price: on to the next drug
            return
        try:
            chosen = drugs.filter(pk=as_id(posted.get("found"))).first()
            drug = drug or catalogue.one_drug(self.words, chosen=chosen)
        except catalogue.NotOneDrug as error:
            self.find_error, self.candidates = error.message, error.candidates
            return
        self.words = ""
        if drug.pk not in {row.drug.pk for row in self.rows}:
            self.rows.append(PriceRow(drug, ""))

    def is_valid(self) -> bool:
        for row in self.rows:
            row.judge()
        return self.head.is_valid() and not any(row.error for row in self.rows)

    @property
    def lines(self) -> list[NewPrice]:
        return [NewPrice(row.drug, row.price) for row in self.rows]

    @property
    def effective_at(self) -> datetime | None:
        when = self.head.cleaned_data["effective_at"]
        return timezone.make_aware(when) if when and timezone.is_naive(when) else when
