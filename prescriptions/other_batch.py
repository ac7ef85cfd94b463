"""Another batch than the list proposes, chosen at the window for one row, with a reason (R-112)."""

from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import RuleBroken
from clinic.core.forms import CleanTextMixin
from clinic.core.on_record import on_record
from clinic.core.text import half_width
from pharmacy import choosing, stock
from pharmacy.units import packs_and_pieces
from prescriptions.portions import HAND_OUT
from prescriptions.quantity import MOST, Pack, parse_quantity

OTHER = "other"
REASONS = {
    "skin_test": gettext_lazy("Same lot as in the skin test"),
    "course": gettext_lazy("The proposed lot expires before the course ends"),
    "one_lot": gettext_lazy("One lot for the whole course"),
    "whole": gettext_lazy("Whole packs, nothing split"),
    "damaged": gettext_lazy("Proposed lot damaged or under inspection"),
    "missing": gettext_lazy("Proposed lot not found on its shelf"),
    OTHER: gettext_lazy("Other"),
}
MOST_BATCHES = 30


class OtherBatchForm(CleanTextMixin, forms.Form):
    """How much from which batch; nothing typed leaves the row to R-112."""

    reason = forms.ChoiceField(label=gettext_lazy("Reason"), required=False)
    words = forms.CharField(label=gettext_lazy("In words"), max_length=100, required=False)

    def __init__(self, data=None, *, line):
        self.line = line
        self.batches = line.batches[:MOST_BATCHES]
        names = [_name(batch) for batch in self.batches]
        self.half_width_fields = (*names, "reason")
        self.base_fields = {**_quantities(self.batches), **self.base_fields}  # of this form alone
        super().__init__(data, prefix=f"line{line.item.rank}")
        self.fields["reason"].choices = [("", _("Choose the reason")), *REASONS.items()]
        for field in self.fields.values():
            field.widget.attrs["form"] = HAND_OUT

    @property
    def is_open(self) -> bool:
        return self.is_bound and bool(was_typed(self.data, self.prefix) or self.errors)

    @property
    def bare(self) -> int:
        """The whole quantity as a number alone means it: base units, or packs that stay whole."""
        drug, quantity = self.line.item.drug, self.line.quantity
        return quantity if drug.divisible else quantity // drug.units_per_pack

    @property
    def more(self) -> int:
        """Batches that are not offered: they expire later than all that are."""
        return len(self.line.batches) - len(self.batches)

    @property
    def offers(self) -> list[dict]:
        """The batches with what the list proposes and the box for what somebody chooses."""
        usual = self.usual
        return [
            {
                "batch": batch,
                "place": batch.place.name if self.line.is_in_several_places else "",
                "shelf": batch.shelf or self.line.item.drug.shelf,
                "proposed": usual.get(batch.pk, 0),
                "box": self._box(self[_name(batch)]),
            }
            for batch in self.batches
        ]

    @property
    def faults(self) -> list[dict]:
        """What is wrong with the quantities, for one place under them; the boxes point there."""
        names = {_name(batch) for batch in self.batches}
        return [
            {"id": f"{self[name].auto_id}_error", "text": " ".join(texts)}
            for name, texts in self.errors.items()
            if name in names
        ]

    @property
    def usual(self) -> dict[int, int]:
        return {pick.batch.pk: pick.quantity for pick in self.line.picks}

    @property
    def choice(self) -> stock.Choice | None:
        """After is_valid(): what was chosen, or nothing."""
        parts = self._parts(self.cleaned_data)
        return stock.Choice(parts, self._reason(self.cleaned_data)) if parts else None

    def clean(self):
        cleaned = super().clean()
        pack = Pack.of(self.line.item.drug)
        for batch in self.batches:
            if _name(batch) in cleaned:
                self._read(batch, pack, cleaned)
        if self._is_any_gone():
            self.add_error(
                None, _("A batch you chose is no longer to be had. Please choose again.")
            )
        if cleaned.get("reason") == OTHER and not cleaned.get("words"):
            self.add_error("words", _("Please say in words what the other reason is."))
        if not self.errors and was_typed(self.data, self.prefix):
            self._judge(cleaned)
        return cleaned

    def _is_any_gone(self) -> bool:
        """True when something stands in a box that the page no longer has."""
        known = {self.add_prefix(name) for name in self.fields}
        start = f"{self.prefix}-b"
        return any(n.startswith(start) and self.data[n] and n not in known for n in self.data)

    def _read(self, batch, pack: Pack, cleaned: dict) -> None:
        """What was typed beside one batch, as base units."""
        name, text = _name(batch), cleaned[_name(batch)]
        units = parse_quantity(pack, text) if text else 0
        if units is None or units > MOST:
            self.add_error(
                name, _("Please write the quantity as 12 or 1%(pack)s.") % {"pack": pack.pack_unit}
            )
        elif units > batch.on_hand:
            self.add_error(
                name,
                _("Lot %(lot)s: only %(have)s lie there. Please correct the quantity.")
                % {"lot": batch.lot, "have": packs_and_pieces(batch.drug, batch.on_hand)},
            )
        else:
            cleaned[name] = units

    def _judge(self, cleaned: dict) -> None:
        item = self.line.item
        chosen = stock.Choice(self._parts(cleaned), self._reason(cleaned))
        try:
            choosing.judge(item.drug, self.line.quantity, chosen, self.usual)
        except RuleBroken as error:
            typed = [_name(b) for b in self.batches if cleaned.get(_name(b))]
            first = (typed or [_name(b) for b in self.batches] or [None])[0]
            self.add_error("reason" if error.field == "reason" else first, error.message)

    def _parts(self, cleaned: dict) -> dict[int, int]:
        parts = {batch.pk: cleaned.get(_name(batch)) or 0 for batch in self.batches}
        return {pk: part for pk, part in parts.items() if part}

    def _reason(self, cleaned: dict) -> str:
        """As the ledger keeps it, in words."""
        code, words = cleaned.get("reason", ""), cleaned.get("words", "")
        chosen = "" if code in ("", OTHER) else on_record(REASONS[code])
        return "：".join(part for part in (chosen, words) if part)

    def _box(self, bound):
        attrs = {"class": "form-control w-q", "autocomplete": "off", "aria-label": bound.label}
        if bound.errors:
            attrs["class"] += " is-invalid"
            attrs["aria-describedby"] = f"{bound.auto_id}_error"
        if bound.name == next(iter(self.errors), None):
            attrs["autofocus"] = True
        return bound.as_widget(attrs=attrs)


def forms_of(lines, data=None) -> dict[UUID, OtherBatchForm]:
    """A form for each row for which the shelf offers a choice, or for which one was made."""
    return {
        line.item.pk: OtherBatchForm(data, line=line)
        for line in lines
        if len(line.batches) > 1 or (data and was_typed(data, f"line{line.item.rank}"))
    }


def was_typed(data, prefix: str = "line") -> bool:
    """True when something stands in the fields of a choice."""
    start = f"{prefix}-" if prefix != "line" else prefix
    return any(name.startswith(start) and half_width(data[name]).strip() for name in data)


def _name(batch) -> str:
    return f"b{batch.pk}"


def _quantities(batches) -> dict[str, forms.CharField]:
    """One box for each batch; what is to leave it."""
    return {
        _name(batch): forms.CharField(
            label=_("Out of lot %(lot)s") % {"lot": batch.lot}, max_length=20, required=False
        )
        for batch in batches
    }
