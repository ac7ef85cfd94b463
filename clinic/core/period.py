"""The period that a report is asked for."""

from datetime import date, timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.days import clamped
from clinic.core.forms import CleanTextMixin


class PeriodForm(CleanTextMixin, forms.Form):
    """From a day to a day, both included; an empty end is today."""

    longest = 366 * 3  # days
    too_long = gettext_lazy("A report covers at most three years. Please choose a shorter period.")

    since = forms.DateField(
        label=gettext_lazy("from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("to"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )

    @staticmethod
    def first_day(until: date) -> date:
        """Where a period begins of which only the end was said."""
        return until.replace(day=1)

    def clean(self):
        cleaned = super().clean()
        until = clamped(cleaned.get("until") or timezone.localdate())
        since = clamped(cleaned.get("since") or self.first_day(until))
        if since > until and not self.errors:
            raise ValidationError(_("The period ends before it begins. Please correct the dates."))
        if until - since > timedelta(days=self.longest):
            raise ValidationError(self.too_long)
        return {**cleaned, "since": since, "until": until}
