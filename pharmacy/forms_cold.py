"""A refrigerator, and a reading of it."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from pharmacy.models import ColdUnit, Place, TemperatureRecord

DEGREES = {"inputmode": "decimal", "class": "w-q num"}
WORDS = {
    "required": _("Please write the degrees, such as 4.5."),
    "invalid": _("Please write the degrees, such as 4.5."),
    "max_decimal_places": _("One digit after the point is enough, such as 4.5."),
    "max_digits": _("Please write the degrees, such as 4.5."),
    "max_whole_digits": _("Please write the degrees, such as 4.5."),
}


class DegreesField(forms.DecimalField):
    """Degrees Celsius with one decimal, as the thermometer shows them."""

    def __init__(self, **options):
        widget = forms.TextInput(attrs=dict(DEGREES))
        super().__init__(
            max_digits=4, decimal_places=1, widget=widget, error_messages=WORDS, **options
        )

    def to_python(self, value):
        return super().to_python(value.replace("−", "-") if isinstance(value, str) else value)


class UnitForm(CleanTextMixin, forms.Form):
    """Name, place and limits; the place is asked only where goods lie in several."""

    half_width_fields = ("low", "high")

    name = forms.CharField(label=_("Name of the refrigerator"), max_length=50)
    place = forms.ModelChoiceField(Place.objects.none(), label=_("Place"), required=False)
    low = DegreesField(label=_("Lowest allowed, ℃"), initial=Decimal("2.0"))
    high = DegreesField(label=_("Highest allowed, ℃"), initial=Decimal("8.0"))
    memo = forms.CharField(
        label=_("Vaccines in it (memo)"),
        max_length=200,
        required=False,
        help_text=_("Only a note: vaccines are booked in the immunisation system."),
    )
    active = forms.BooleanField(label=_("Being used"), required=False, initial=True)

    def __init__(self, *args, unit: ColdUnit | None = None, several: bool, **kwargs):
        initial = {name: getattr(unit, name) for name in self.base_fields} if unit else None
        super().__init__(*args, initial=initial, **kwargs)
        self.fields["place"].queryset = Place.objects.filter(active=True)
        if not several:
            del self.fields["place"]


class ReadingForm(CleanTextMixin, forms.Form):
    """Degrees and, where they ask for it, a note."""

    half_width_fields = ("celsius",)

    slot = forms.ChoiceField(choices=TemperatureRecord.Slot.choices, widget=forms.HiddenInput)
    celsius = DegreesField(label=_("Temperature, ℃"))
    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class CorrectionForm(CleanTextMixin, forms.Form):
    """What it should have been, and what was wrong."""

    half_width_fields = ("celsius",)

    celsius = DegreesField(label=_("Right temperature, ℃"))
    note = forms.CharField(
        label=_("What was wrong"),
        max_length=200,
        error_messages={"required": _("Please write what was wrong with the first reading.")},
    )
