"""What can be asked of a report: a period, a category, words, a number of months."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.period import PeriodForm
from pharmacy.models import Drug
from pharmacy.reports.table import Asked


class ReportForm(PeriodForm):
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

    def asked(self, **more) -> Asked:
        """The answers, or this month where they make no sense."""
        today = timezone.localdate()
        names = ("since", "until", "category", "text", "group", "months")
        given = self.cleaned_data if self.is_valid() else {}
        defaults = {"since": today.replace(day=1), "until": today}
        values = {name: given[name] for name in names if given.get(name)}
        return Asked(**{**defaults, **values, **more})
