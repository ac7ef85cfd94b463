"""The period of a book, and the counts of a handover."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from pharmacy.handing_over import Counted
from pharmacy.models import Batch
from pharmacy.special_book import Period, this_month
from pharmacy.units import MOST
from security.second_person import SecondPersonForm

LONGEST_DAYS = 366
DAY = {"type": "date", "class": "form-control w-auto"}


class PeriodForm(CleanTextMixin, forms.Form):
    """From one day to another, a year at most; this month when nothing is asked."""

    since = forms.DateField(label=_("From"), widget=forms.DateInput(attrs=DAY))
    until = forms.DateField(label=_("To"), widget=forms.DateInput(attrs=DAY))
    lot = forms.CharField(
        label=_("Lot"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"class": "form-control w-d", "autocomplete": "off"}),
    )

    def __init__(self, data):
        month = this_month()
        usual = {"since": month.since.isoformat(), "until": month.until.isoformat()}
        super().__init__({**usual, "lot": "", **{name: data[name] for name in data}})

    def clean(self):
        cleaned = super().clean()
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and not 0 <= (until - since).days <= LONGEST_DAYS:
            self.add_error("until", _("Please choose a period of at most one year."))
        if since and not 1900 <= since.year <= 2990 or until and not 1900 <= until.year <= 2990:
            self.add_error("since", _("Please correct the year."))
        return cleaned

    def period(self) -> Period:
        if not self.is_valid():
            return this_month()
        return Period(self.cleaned_data["since"], self.cleaned_data["until"])

    def lot_asked(self) -> str:
        return self.cleaned_data["lot"] if self.is_valid() else ""


class CountForm(CleanTextMixin, forms.Form):
    """One batch: how many base units lie there, and why it is not what the book says."""

    half_width_fields = ("counted",)

    counted = forms.IntegerField(
        label=_("Counted"),
        min_value=0,
        max_value=MOST,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "w-q num"}),
        error_messages={
            "required": _("Please count this batch."),
            "invalid": _("Please write a whole number."),
        },
    )
    reason = forms.CharField(label=_("Reason of a difference"), max_length=200, required=False)

    def __init__(self, *args, batch: Batch, **kwargs):
        super().__init__(*args, prefix=f"b{batch.pk}", **kwargs)
        self.batch = batch


class TakerForm(SecondPersonForm):
    """Who takes over, and what else is to be said."""

    note = forms.CharField(label=_("Note"), max_length=200, required=False)


class Counts:
    """The lines of a handover."""

    def __init__(self, batches: list[Batch], data=None):
        self.lines = [CountForm(data, batch=batch) for batch in batches]

    def is_valid(self) -> bool:
        wrong = [line for line in self.lines if not line.is_valid()]  # each says what is wrong
        return not wrong

    def counted(self) -> dict[int, Counted]:
        return {
            line.batch.pk: Counted(line.cleaned_data["counted"], line.cleaned_data["reason"])
            for line in self.lines
        }

    def mark(self, lines: dict[int, str]) -> None:
        for line in self.lines:
            if line.batch.pk in lines:
                line.add_error("counted", lines[line.batch.pk])
