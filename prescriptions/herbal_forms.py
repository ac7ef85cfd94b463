"""The page of a herbal sheet: what holds for all pieces, and the piece in work."""

import re
from decimal import Decimal

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from pharmacy.models import Drug
from prescriptions.herb_words import methods, notes, usages
from prescriptions.herbal import Common, Piece, piece_by_id

ASK_GRAMS = _("Please write the grams of one dose as 9 or 1.5.")


class HerbalForm(CleanTextMixin, forms.Form):
    """One form, so that doses that were typed are never lost when a piece is added."""

    half_width_fields = ("doses", "drug", "drug_text", "dose")

    doses = forms.CharField(label=_("Number of doses"), max_length=6, required=False)
    method = forms.ChoiceField(
        label=_("Preparation"),
        error_messages={"invalid_choice": _("Please choose the preparation from the list.")},
    )
    usage = forms.ChoiceField(
        label=_("How it is taken"),
        error_messages={"invalid_choice": _("Please choose how it is taken from the list.")},
    )
    drug = forms.CharField(max_length=12, required=False, widget=forms.HiddenInput)
    drug_text = forms.CharField(label=_("Piece"), max_length=120, required=False)
    dose = forms.CharField(label=_("Grams a dose"), max_length=10, required=False)
    note = forms.ChoiceField(
        label=_("Boiling note"),
        required=False,
        error_messages={"invalid_choice": _("Please choose the note from the list.")},
    )
    remark = forms.CharField(label=_("Origin or processing"), max_length=20, required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["method"].choices = [(m.code, m.name) for m in methods().values()]
        self.fields["usage"].choices = [(u.code, u.name) for u in usages().values()]
        none = [("", _("no note"))]
        self.fields["note"].choices = none + [(n.code, n.name) for n in notes().values()]

    @property
    def has_piece(self) -> bool:
        """True once anything of a piece was typed."""
        return any(str(self[name].value() or "").strip() for name in ("drug_text", "dose"))

    def clean_doses(self) -> int | None:
        text = self.cleaned_data["doses"].rstrip("剂付帖 ")
        if not text:
            return None
        if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or not int(text):
            raise forms.ValidationError(_("Please write the doses as a number from 1."))
        return int(text)

    def clean_drug(self) -> Drug | None:
        return piece_by_id(self.cleaned_data["drug"])

    def clean_dose(self) -> Decimal | None:
        text = re.sub(r"(?:g|克)$", "", self.cleaned_data["dose"]).strip()
        if not self.has_piece:
            return None
        if not re.fullmatch(r"\d{1,4}(?:\.\d)?", text, re.ASCII) or not Decimal(text):
            raise forms.ValidationError(ASK_GRAMS)
        return Decimal(text)

    def clean(self):
        cleaned = super().clean()
        if self.has_piece and cleaned.get("drug") is None and "drug_text" not in self.errors:
            self.add_error("drug_text", _("Please choose the piece from the list."))
        return cleaned

    def judge_only(self, **errors) -> None:
        """What was typed stays and nothing else is called wrong: the piece isn't finished yet."""
        self._errors, self.cleaned_data = ErrorDict(), {}
        for name, message in errors.items():
            self.add_error(name, message)

    def common(self) -> Common:
        data = self.cleaned_data
        return Common(data["doses"], data["method"], data["usage"])

    def piece(self) -> Piece | None:
        """The piece in work; None where only the line above was written."""
        data = self.cleaned_data
        if not self.has_piece:
            return None
        return Piece(data["drug"], data["dose"], data["note"], data["remark"])

    def carry_errors(self) -> list[dict]:
        """Every wrong field with its words, for the line under the fields."""
        return [
            {"id": f"{self[name].auto_id}_error", "label": self[name].label, "errors": errors}
            for name, errors in self.errors.items()
            if name in self.fields
        ]
