"""The form of one follow-up, made from patients.followup.sheets; and the small ones beside it."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.days import DATE_FORMATS
from clinic.core.forms import CleanTextMixin
from clinic.core.identifiers import identifier
from patients.followup import sheets
from patients.models import CareKind, FollowUp

NO_DAY = gettext_lazy("This is no date. Please write it like 2026-11-28.")
MISSING_DAY = gettext_lazy("A date is missing. Please write it like 2026-11-28.")
CLOSE_REASONS = [
    gettext_lazy("moved away"), gettext_lazy("died"), gettext_lazy("can't be reached"),
    gettext_lazy("declined"), gettext_lazy("followed up elsewhere"),
    gettext_lazy("follow-up ended"),
]  # fmt: skip


def _day(label, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        input_formats=DATE_FORMATS,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"maxlength": 20}),
        error_messages={"invalid": NO_DAY, "required": MISSING_DAY},
    )


class FollowUpForm(CleanTextMixin, forms.Form):
    """Findings of one date. Chronic kinds also say when to come again; empty: by the rule."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    visit = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, data=None, *, row: FollowUp, initial: dict | None = None):
        self.kind, self.step = row.care_file.kind, row.step
        self.parts = sheets.parts_of(self.kind, self.step)
        self.asks = sheets.asks_of(self.kind, self.step)
        self.filled = set(initial or {}) & set(self.asks)
        super().__init__(data, initial={"version": row.version, **(initial or {})})
        self.fields["done_on"] = _day(gettext_lazy("Day of this follow-up"))
        for ask in self.asks.values():
            self.fields[ask.key] = _field(ask)
        self.fields["next_on"] = _day(gettext_lazy("Next follow-up"), required=False)
        self.half_width_fields = ("done_on", "next_on", *self._numbers())
        for name in self.fields:
            self._clean_text(name)
        self.initial.setdefault("done_on", timezone.localdate())
        first = next((key for key in self.asks if self.initial.get(key) in (None, "")), None)
        if first and not self.is_bound and self.asks[first].how != "many":
            self.fields[first].widget.attrs["autofocus"] = True

    def leave_focus(self) -> None:
        """To another form of the page, where something is to be corrected."""
        for field in self.fields.values():
            field.widget.attrs.pop("autofocus", None)

    def clean_visit(self) -> UUID | None:
        """It says only which visit's values were filled in; what is no number of ours is left."""
        return identifier(self.cleaned_data["visit"])

    def _clean_text(self, name: str) -> None:
        """As CleanTextMixin does for the fields of a class."""
        field = self.fields[name]
        if isinstance(field, forms.CharField):
            self._wrap(field, narrow=False)
        elif name in self.half_width_fields:
            self._narrow(field)

    def _numbers(self) -> list[str]:
        return [key for key, ask in self.asks.items() if ask.how == "number"]

    def clean(self):
        cleaned = super().clean()
        phone = cleaned.get("mode") == "3"  # whoever is called was not measured by us
        for key in NEEDED.get(self.kind, ()):
            if key in self.asks and cleaned.get(key) is None and key not in self.errors:
                if not phone:
                    self.add_error(key, _("A value is missing. Please measure and write it."))
        systolic, diastolic = cleaned.get("systolic"), cleaned.get("diastolic")
        if systolic is not None and diastolic is not None and systolic <= diastolic:
            text = _("The systolic pressure is not above the diastolic one. Please check both.")
            self.add_error("diastolic", text)
        if not self.errors and self.kind in CHRONIC and phone and not cleaned.get("grade"):
            if any(cleaned.get(key) is None for key in NEEDED[self.kind]):
                text = _("Nothing was measured: please choose the class the patient reports.")
                self.add_error("grade", text)
        return cleaned

    def follow(self, row: FollowUp) -> bool:
        """True when a colleague was faster: the next save is over what stands there now."""
        overtaken = str(row.version) != self.data.get("version")
        if overtaken:
            self.data = {**self.data.dict(), **self._lists(), "version": str(row.version)}
        return overtaken

    def _lists(self) -> dict:
        many = [key for key, ask in self.asks.items() if ask.how == "many"]
        return {key: self.data.getlist(key) for key in many}

    def findings(self) -> dict:
        """The answers as they are kept: text, and lists for several choices."""
        return {key: _kept(self.cleaned_data.get(key)) for key in self.asks}

    def rows(self) -> list[tuple[object, list[dict]]]:
        """Parts with their fields, for the page."""
        return [(part.title, [self._shown(ask) for ask in part.asks]) for part in self.parts]

    def _shown(self, ask: sheets.Ask) -> dict:
        needed = ask.needed or ask.key in NEEDED.get(self.kind, ())
        return {
            "field": self[ask.key],
            "ask": ask,
            "need": _("required") if needed else "",
            "note": _("Empty: by the values.") if ask.key == "grade" else ask.unit,
            "filled": ask.key in self.filled,
        }


CHRONIC = (CareKind.HYPERTENSION, CareKind.DIABETES)
NEEDED = {
    CareKind.HYPERTENSION: ("systolic", "diastolic"),
    CareKind.DIABETES: ("glucose", "systolic", "diastolic"),
    CareKind.CHILD: ("weight", "length"),
    CareKind.PREGNANCY: ("systolic", "diastolic"),
}


def _kept(value):
    if isinstance(value, Decimal):
        text = format(value, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    return value or ""


def _field(ask: sheets.Ask) -> forms.Field:
    if ask.how == "number":
        return _number(ask)
    if ask.how == "many":
        return forms.MultipleChoiceField(
            label=ask.label, choices=ask.options(), required=False,
            widget=forms.CheckboxSelectMultiple,
        )  # fmt: skip
    if ask.how == "one":
        return forms.ChoiceField(
            label=ask.label, choices=[("", "—"), *ask.options()], required=ask.needed,
            error_messages={"required": gettext_lazy("Please choose one.")},
        )  # fmt: skip
    return forms.CharField(label=ask.label, max_length=ask.length, required=False)


def _number(ask: sheets.Ask) -> forms.DecimalField:
    words = gettext_lazy("Please check: usually %(low)s to %(high)s.")
    outside = words % {"low": ask.low, "high": ask.high}
    return forms.DecimalField(
        label=ask.label,
        required=False,
        min_value=Decimal(ask.low),
        max_value=Decimal(ask.high),
        max_digits=8,
        decimal_places=ask.places,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "maxlength": 10}),
        error_messages={
            "invalid": gettext_lazy("Please write a number."),
            "min_value": outside,
            "max_value": outside,
            "max_decimal_places": gettext_lazy("Please write fewer digits after the point."),
        },
    )


class OpenForm(CleanTextMixin, forms.Form):
    """A new file of long care; the days that a kind needs."""

    half_width_fields = ("diagnosed", "discharged", "last_period")

    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of file"),
        choices=[("", "—"), *CareKind.choices],
        error_messages={"required": gettext_lazy("Please choose one.")},
    )
    doctor = forms.ChoiceField(label=gettext_lazy("Responsible doctor"), required=False)
    diagnosed = _day(gettext_lazy("Diagnosed on"), required=False)
    discharged = _day(gettext_lazy("Child: discharged from hospital on"), required=False)
    last_period = _day(gettext_lazy("Pregnancy: first day of the last period"), required=False)

    def __init__(self, *args, doctors, **kwargs):
        super().__init__(*args, **kwargs)
        self.doctors = {str(one.pk): one for one in doctors}
        self.fields["doctor"].choices = [
            ("", "—"), *((key, one.full_name) for key, one in self.doctors.items())
        ]  # fmt: skip

    def facts(self) -> dict:
        days = {name: self.cleaned_data[name] for name in self.half_width_fields}
        return {name: day.isoformat() for name, day in days.items() if isinstance(day, date)}


class BesideForm(CleanTextMixin, forms.Form):
    """A small form beside others: its ids are its own, by `row` where there are many."""

    name = ""

    def __init__(self, data=None, *, row="", **kwargs):
        super().__init__(data, auto_id=f"{self.name}{row}-%s", **kwargs)


class MoveForm(BesideForm):
    """Another day, or nobody reached; the reason in words."""

    name, half_width_fields = "move", ("due_on",)

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    due_on = _day(gettext_lazy("Another day"), required=False)
    reason = forms.CharField(label=gettext_lazy("Why, or what was tried"), max_length=100,
                             required=False)  # fmt: skip


class CloseForm(BesideForm):
    name = "close"
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=100, required=False,
                             widget=forms.TextInput(attrs={"list": "close-reasons"}))  # fmt: skip


class DeliveryForm(BesideForm):
    name, half_width_fields = "birth", ("delivered_on", "discharged_on")

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    delivered_on = _day(gettext_lazy("Day of birth"))
    discharged_on = _day(gettext_lazy("Discharged on"), required=False)
