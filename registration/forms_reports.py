"""What can be asked of a paper of the day: a period, a doctor."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.period import PeriodForm
from registration.reports import log, names
from registration.reports.table import Asked, Report


class PaperForm(PeriodForm):
    """Without an answer: today."""

    doctor = forms.TypedChoiceField(
        label=gettext_lazy("doctor"), required=False, coerce=int, empty_value=None
    )

    def __init__(self, *args, report: Report, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.report, self.user = report, user
        self.longest, self.too_long = report.longest - 1, report.too_long
        if report.by_doctor and log.may_read_all(user):
            self.fields["doctor"].choices = [("", _("All")), *names.every_doctor()]
        else:
            del self.fields["doctor"]

    @staticmethod
    def first_day(until: date) -> date:
        return until

    def asked(self, **more) -> Asked:
        """The answers, or today where they make no sense."""
        today = timezone.localdate()
        given = self.cleaned_data if self.is_valid() else {}
        return Asked(
            user=self.user,
            since=given.get("since") or today,
            until=given.get("until") or today,
            doctor=given.get("doctor"),
            **more,
        )


def usual_periods() -> list[dict]:
    """What is asked for most, as links."""
    today = timezone.localdate()
    yesterday = today - timedelta(days=1)
    return [
        {"label": label, "since": since, "until": until}
        for label, since, until in [
            (_("Today"), today, today),
            (_("Yesterday"), yesterday, yesterday),
            (_("Last 7 days"), today - timedelta(days=6), today),
            (_("This month"), today.replace(day=1), today),
        ]
    ]
