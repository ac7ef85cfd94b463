"""What is typed while writing, reviewing and handing out; rules are asked by the verbs."""

import re

from django import forms
from django.contrib.auth import authenticate
from django.forms.utils import ErrorDict
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from pharmacy.models import Drug
from prescriptions import doses
from prescriptions.dictionary import find_frequency, find_route
from prescriptions.doses import Dose
from prescriptions.groups import parse_drip
from prescriptions.models import RecallContact
from prescriptions.quantity import MOST, Pack, parse_quantity

LONGEST_PASSWORD = 256


class RowForm(CleanTextMixin, forms.Form):
    """The row in work: a drug of the library and its usage, as people write it."""

    half_width_fields = ("drug", "dose", "frequency", "days", "quantity", "group", "drip")

    drug = forms.CharField(max_length=12, required=False, widget=forms.HiddenInput)
    drug_text = forms.CharField(label=_("Drug"), max_length=120, required=False)
    dose = forms.CharField(
        label=_("Each time"),
        max_length=20,
        error_messages={"required": _("Please write the dose as 0.5g or 2片.")},
    )
    route = forms.CharField(
        label=_("Route"),
        max_length=20,
        error_messages={"required": _("Please choose the route from the list.")},
    )
    frequency = forms.CharField(
        label=_("Frequency"),
        max_length=20,
        error_messages={"required": _("Please choose the frequency from the list.")},
    )
    days = forms.CharField(label=_("Days"), max_length=6, required=False)
    quantity = forms.CharField(label=_("Quantity"), max_length=20, required=False)
    remark = forms.CharField(label=_("When and how to take it"), max_length=50, required=False)
    outside = forms.BooleanField(label=_("Bought outside"), required=False)
    group = forms.CharField(label=_("Given together, group"), max_length=2, required=False)
    drip = forms.CharField(label=_("Drip rate"), max_length=20, required=False)

    def clean_drug(self) -> Drug | None:
        """The drug chosen from the list; what was only typed is no choice yet."""
        text = self.cleaned_data["drug"]
        if not (text.isascii() and text.isdigit()):
            return None
        return Drug.objects.filter(pk=int(text), active=True).first()

    def clean_dose(self) -> Dose:
        dose = doses.parse_dose(self.cleaned_data["dose"])
        if dose is None:
            raise forms.ValidationError(_("Please write a number and a unit, such as 0.5g or 2片."))
        return dose

    def clean_route(self) -> str:
        route = find_route(self.cleaned_data["route"])
        if route is None:
            raise forms.ValidationError(_("Please choose the route from the list."))
        return route.code

    def clean_frequency(self) -> str:
        frequency = find_frequency(self.cleaned_data["frequency"])
        if frequency is None:
            raise forms.ValidationError(_("Please choose the frequency from the list."))
        return frequency.code

    def clean_days(self) -> int | None:
        text = self.cleaned_data["days"].rstrip("天日 ")
        if not text:
            return None
        if not re.fullmatch(r"\d{1,3}", text, re.ASCII) or not int(text):
            raise forms.ValidationError(_("Please write the days as a number from 1."))
        return int(text)

    def clean_group(self) -> int | None:
        text = self.cleaned_data["group"]
        if text and not (text.isascii() and text.isdigit()):
            raise forms.ValidationError(_("Please write the group as a number from 1 to 5."))
        return int(text) if text else None

    def clean_drip(self) -> str:
        rate = parse_drip(self.cleaned_data["drip"]) if self.cleaned_data["drip"] else ""
        if rate is None:
            raise forms.ValidationError(
                _("Please write the drip rate as 40滴/分 or 100ml/h, for a drip into a vein only.")
            )
        return rate

    def clean(self):
        cleaned = super().clean()
        if "drug" in cleaned and cleaned["drug"] is None:
            self.add_error("drug_text", _("Please choose the drug from the list."))
        self._settle_days(cleaned)
        self._settle_quantity(cleaned)
        return cleaned

    def _settle_days(self, cleaned) -> None:
        """One dose at once needs no days."""
        frequency = find_frequency(cleaned.get("frequency") or "")
        if "days" in cleaned and cleaned["days"] is None and frequency is not None:
            if frequency.needs_days:
                self.add_error("days", _("Please write the days as a number from 1."))
            else:
                cleaned["days"] = 1

    def _settle_quantity(self, cleaned) -> None:
        text, drug = cleaned.get("quantity"), cleaned.get("drug")
        if not text:
            cleaned["quantity"] = None
        elif drug is not None:
            units = parse_quantity(Pack.of(drug), text)
            if units is None or not 1 <= units <= MOST:
                self.add_error(
                    "quantity",
                    _("Please write the quantity as 12 or 1%(pack)s.") % {"pack": drug.pack_unit},
                )
            cleaned["quantity"] = units

    def judge_only(self, **errors) -> None:
        """What was typed stays and nothing else is called wrong: the row isn't finished yet."""
        self._errors, self.cleaned_data = ErrorDict(), {}
        for name, message in errors.items():
            self.add_error(name, message)

    def usage(self) -> dict:
        """The arguments of add_item and change_item."""
        data = self.cleaned_data
        return {
            "drug": data["drug"],
            "dose": data["dose"].amount,
            "dose_unit": data["dose"].unit,
            "route": data["route"],
            "frequency": data["frequency"],
            "days": data["days"],
            "quantity": data["quantity"],
            "remark": data["remark"],
            "outside": data["outside"],
            "group": data["group"],
            "drip": data["drip"],
        }

    def carry_errors(self) -> list[dict]:
        """Every wrong field with its words, for the line under the row."""
        return [
            {"id": f"{self[name].auto_id}_error", "label": self[name].label, "errors": errors}
            for name, errors in self.errors.items()
            if name in self.fields
        ]


class SignForm(CleanTextMixin, forms.Form):
    """Insisting on an alert: a reason from its list, and the password again (R-20)."""

    fingerprint = forms.CharField(max_length=32)
    reason = forms.CharField(
        max_length=20, error_messages={"required": _("Please choose a reason.")}
    )
    text = forms.CharField(max_length=100, required=False)

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not password_holds(self.request, self.data.get("password", "")):
            self.add_error(
                None, _("Not signed: the password is wrong. Please type your own password again.")
            )
        return cleaned


def password_holds(request, password: str) -> bool:
    """True when this is the signed-in person's password; wrong tries count towards the lock-out."""
    if not 0 < len(password) <= LONGEST_PASSWORD or "\0" in password:
        return False
    user = authenticate(request, username=request.user.get_username(), password=password)
    return user is not None and user.pk == request.user.pk


class ReasonForm(CleanTextMixin, forms.Form):
    """A decision that is refused without words: return, send back, void."""

    half_width_fields = ("version",)

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        error_messages={
            "required": _("Please write the reason: which drug, why, what you suggest.")
        },
    )
    version = forms.IntegerField(
        required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput
    )


class TermsForm(CleanTextMixin, forms.Form):
    """What is stated about the whole sheet."""

    half_width_fields = ("extra_days",)

    extra_days = forms.TypedChoiceField(choices=[(n, n) for n in range(4)], coerce=int)
    assessment = forms.CharField(max_length=300, required=False)
    patient_agreed = forms.BooleanField(required=False)


class VersionForm(CleanTextMixin, forms.Form):
    """A decision about the sheet as it was shown."""

    half_width_fields = ("version",)

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)


class SkinTestForm(CleanTextMixin, forms.Form):
    """The state chosen for a skin test, the lot, and when it was put on if that was on paper."""

    half_width_fields = ("put_on_at",)

    state = forms.CharField(max_length=10)
    lot = forms.CharField(label=_("Lot"), max_length=40, required=False)
    put_on_at = forms.TimeField(
        label=_("Put on at"), required=False, input_formats=["%H:%M", "%H%M", "%H:%M:%S"]
    )


class ContactForm(CleanTextMixin, forms.Form):
    """What came of one call to a patient who got a recalled lot."""

    patient = forms.UUIDField()
    outcome = forms.ChoiceField(choices=RecallContact.Outcome.choices)
    note = forms.CharField(max_length=200, required=False)
