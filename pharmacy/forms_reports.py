"""What can be asked of a report: a period, a category, words, a number of months."""

from datetime import timedelta

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.days import clamped
from clinic.core.forms import CleanTextMixin
from pharmacy.models import Drug
from pharmacy.reports.table import Asked

LONGEST = 366 * 3  # days


class ReportForm(CleanTextMixin, forms.Form):
    since = forms.DateField(
        label=gettext_lazy("from"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    until = forms.DateField(
        label=gettext_lazy("to"), required=False, widget=forms.DateInput(attrs={"type": "date"})
    )
    months = forms.TypedChoiceField(
        label=gettext_lazy("expires within months"),
        choices=[(n, str(n)) for n in (1, 3, 6, 12)],
        coerce=int,
        required=False,
        empty_value=6,
    )
    category = forms.ChoiceField(label=gettext_lazy("category"), required=False)
    text = forms.CharField(label=gettext_lazy("drug"), max_length=100, required=False)
    group = forms.CharField(required=False, max_length=10, widget=forms.HiddenInput)

    def __init__(self, *args, report, **kwargs):
        super().__init__(*args, **kwargs)
        for name in set(self.fields) - set(report.asks):
            del self.fields[name]
        if "category" in self.fields:
            names = Drug.objects.values_list("category", flat=True).distinct().order_by("category")
            self.fields["category"].choices = [("", _("All")), *((name, name) for name in names)]

    def clean(self):
        cleaned = super().clean()
        today = timezone.localdate()
        until = clamped(cleaned.get("until") or today)
        since = clamped(cleaned.get("since") or until.replace(day=1))
        if since > until and not self.errors:
            raise ValidationError(_("The period ends before it begins. Please correct the dates."))
        if until - since > timedelta(days=LONGEST):
            raise ValidationError(
                _("A report covers at most three years. Please choose a shorter period.")
            )
        return {**cleaned, "since": since, "until": until}

    def asked(self, **more) -> Asked:
        """The answers, or this month where they make no sense."""
        today = timezone.localdate()
        names = ("since", "until", "category", "text", "group", "months")
        given = self.cleaned_data if self.is_valid() else {}
        defaults = {"since": today.replace(day=1), "until": today}
        values = {name: given[name] for name in names if given.get(name)}
        return Asked(**{**defaults, **values, **more})
