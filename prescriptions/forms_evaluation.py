"""What is typed while evaluating: decisions, an item of one's own, handwritten sheets, a period."""

import re

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from clinic.core.period import PeriodForm
from prescriptions.evaluation.paper import MOST_DRUGS
from prescriptions.evaluation.reading import SHOWN, TITLES
from prescriptions.evaluation.verbs import Added, Said
from prescriptions.models import PaperPrescription
from registration.models import Clinician
from registration.reports import names
from registration.reports.table import Asked

FAULT, SOUND = "1", "0"


class _Decisions(forms.Form):
    """Two fields for each finding: what it is, and why."""

    code = forms.ChoiceField(label=_("Item"), required=False)
    words = forms.CharField(label=_("What you found"), max_length=300, required=False)

    def __init__(self, *args, findings, **kwargs):
        super().__init__(*args, **kwargs)
        items = [(number, f"{number} {title}") for number, title in TITLES.items()]
        self.fields["code"].choices = [("", _("No further item")), *items]
        self.findings = findings
        choices = [(FAULT, _("Unreasonable")), (SOUND, _("Reasonable"))]
        for finding in findings:
            start = "" if finding.fault is None else FAULT if finding.fault else SOUND
            self.fields[f"fault_{finding.pk}"] = forms.ChoiceField(
                choices=choices, required=False, initial=start
            )
            self.fields[f"words_{finding.pk}"] = forms.CharField(max_length=300, required=False)


class JudgeForm(CleanTextMixin, _Decisions):
    """A sheet's points and one further item."""

    def said(self) -> list[Said]:
        given = [(f.pk, self.cleaned_data[f"fault_{f.pk}"]) for f in self.findings]
        return [
            Said(pk, fault == FAULT, self.cleaned_data[f"words_{pk}"])
            for pk, fault in given
            if fault
        ]

    def added(self) -> list[Added]:
        code, words = self.cleaned_data["code"], self.cleaned_data["words"]
        return [Added(code, words)] if code or words else []

    def rows(self):
        """Each finding beside what was chosen and typed for it."""
        for finding in self.findings:
            fault, words = f"fault_{finding.pk}", f"words_{finding.pk}"
            yield {"finding": finding, "fault": self[fault], "words": self[words]}


class AnswerForm(CleanTextMixin, forms.Form):
    words = forms.CharField(
        label=_("Your answer"),
        max_length=300,
        error_messages={"required": _("Not sent: please write your answer.")},
    )


class PaperSheetForm(CleanTextMixin, forms.Form):
    """One handwritten sheet: no name, no diagnosis, no drug."""

    half_width_fields = ("drugs", "codes")

    day = forms.DateField(label=_("date"), widget=forms.DateInput(attrs={"type": "date"}))
    clinician = forms.ModelChoiceField(label=_("doctor"), queryset=Clinician.objects.none())
    kind = forms.ChoiceField(label=_("kind"), choices=PaperPrescription.Kind.choices)
    drugs = forms.IntegerField(label=_("number of drugs"), min_value=1, max_value=MOST_DRUGS)
    codes = forms.CharField(
        label=_("items found"),
        max_length=100,
        required=False,
        help_text=_("Such as 1-1 2-5; empty when it is reasonable."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        doctors = Clinician.objects.select_related("user").order_by("letter")
        self.fields["clinician"].queryset = doctors
        self.fields["clinician"].label_from_instance = lambda one: one.user.full_name

    def clean_codes(self) -> list[str]:
        return [part for part in re.split(r"[\s,;，；、]+", self.cleaned_data["codes"]) if part]


class FilterForm(PeriodForm):
    """Which sheets: a period, a doctor, an item, what has become of them."""

    doctor = forms.TypedChoiceField(label=_("doctor"), required=False, coerce=int, empty_value=None)
    code = forms.ChoiceField(label=_("Item"), required=False)
    show = forms.ChoiceField(required=False, choices=[(name, name) for name in SHOWN])

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["doctor"].choices = [("", _("All")), *names.every_doctor()]
        numbers = [(number, f"{number} {title}") for number, title in TITLES.items()]
        self.fields["code"].choices = [("", _("All")), *numbers]
        self.fields["show"].widget = forms.HiddenInput()


class FiguresForm(PeriodForm):
    """The period of a report and, where it can be asked, a doctor; without an answer this month."""

    doctor = forms.TypedChoiceField(label=_("doctor"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args, report, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user = user
        self.longest, self.too_long = report.longest - 1, report.too_long
        self.fields["doctor"].choices = [("", _("All")), *names.every_doctor()]

    def asked(self, **more) -> Asked:
        today = timezone.localdate()
        given = self.cleaned_data if self.is_valid() else {}
        return Asked(
            user=self.user,
            since=given.get("since") or today.replace(day=1),
            until=given.get("until") or today,
            doctor=given.get("doctor"),
            **more,
        )
