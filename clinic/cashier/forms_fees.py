"""What is typed about fee items. Forms clean; the verbs decide."""

from decimal import Decimal

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.cashier.models import FeeItem
from clinic.core.forms import CleanTextMixin
from patients.models import Payment as Category
from prescriptions.models import TreatmentService
from registration.models import Department

DAY = {"type": "date"}
MOST = Decimal("999999.99")
PRICE_WORDS = {"invalid": _("This is not a price. Please write it like 9.60.")}


def price_field() -> forms.DecimalField:
    return forms.DecimalField(
        label=_("price"),
        min_value=0,
        max_value=MOST,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "num"}),
        error_messages=PRICE_WORDS,
    )


class FeeForm(CleanTextMixin, forms.ModelForm):
    """What an item is; of one that exists the code and the kind stay."""

    half_width_fields = ("code",)

    class Meta:
        model = FeeItem
        fields = ["code", "name", "kind", "unit", "department", "service", "in_general_fee"]
        fields += ["active"]
        help_texts = {
            "department": _("Only visits in this department; empty: all."),
            "service": _("Charged by itself each time this treatment is ordered."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["department"].queryset = Department.objects.order_by("name")
        self.fields["service"].queryset = TreatmentService.objects.filter(active=True)
        for name in ("department", "service"):
            self.fields[name].empty_label = "–"
        if self.instance.pk:
            del self.fields["code"], self.fields["kind"]

    def validate_unique(self):
        """The verb says it, in words that help."""


class NewFeeForm(FeeForm):
    """With what it costs from now on."""

    half_width_fields = ("code", "price")

    price = price_field()
    document = forms.CharField(label=_("price document"), max_length=60)


class PriceForm(CleanTextMixin, forms.Form):
    """A line of a price document."""

    half_width_fields = ("price", "since")

    price = price_field()
    document = forms.CharField(label=_("price document"), max_length=60)
    since = forms.DateTimeField(
        label=_("in force from"),
        required=False,
        help_text=_("Empty: at once."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}),
    )


class ReductionForm(CleanTextMixin, forms.Form):
    """By how much for whom, why, from when until when."""

    half_width_fields = ("percent", "from_age", "since", "until")

    category = forms.ChoiceField(
        label=_("payment category"), choices=[("", _("All")), *Category.choices], required=False
    )
    from_age = forms.IntegerField(
        label=_("from the age of"), min_value=0, max_value=150, required=False
    )
    percent = forms.IntegerField(label=_("percent less"), min_value=1, max_value=100)
    reason = forms.CharField(label=_("reason"), max_length=60)
    since = forms.DateField(label=_("from"), widget=forms.DateInput(attrs=DAY))
    until = forms.DateField(label=_("last day"), required=False, widget=forms.DateInput(attrs=DAY))

    def __init__(self, data=None, **kwargs):
        super().__init__(data, initial={"since": timezone.localdate()}, **kwargs)
