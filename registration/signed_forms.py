"""Correcting a signed record, adding to it, and reporting a disease: what is typed."""

import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.forms import CleanTextMixin
from registration.models import Consultation
from registration.part_forms import PartsForm, shown
from registration.signing import LONGEST_ADDITION

ROWS = {"present_illness": 3, "examination": 3, "advice": 3}
# Here each stands alone; in the consultation's own line shorter words will do.
LABELS = {
    "follow_up": gettext_lazy("Follow-up date"),
    "sick_from": gettext_lazy("Sick leave from"),
    "sick_reason": gettext_lazy("Reason for the sick leave"),
}


class CorrectForm(PartsForm):
    """The parts of a signed record, and which diagnoses go or come."""

    half_width_fields = (*PartsForm.half_width_fields, "version", "add")

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    add = forms.CharField(
        label=gettext_lazy("One more diagnosis"),
        required=False,
        max_length=50,
        help_text=gettext_lazy("Code, pinyin or name; ? at the end: suspected"),
    )

    def __init__(self, *args, record: Consultation, standing, **kwargs):
        super().__init__(*args, **kwargs)
        self.record = record
        self.fields["remove"] = forms.MultipleChoiceField(
            label=_("Take off"),
            required=False,
            choices=[(str(d.pk), f"{d.words} {d.code}") for d in standing],
            widget=forms.CheckboxSelectMultiple,
        )
        for name, rows in ROWS.items():
            self.fields[name].widget.attrs["rows"] = rows
        for field in self.fields.values():
            field.widget.attrs.pop("accesskey", None)
        for name, label in LABELS.items():
            self.fields[name].label = label
        if not self.is_bound:  # afterwards the focus belongs to what is wrong
            self.fields["complaint"].widget.attrs["autofocus"] = True

    @classmethod
    def of(cls, record: Consultation, standing) -> "CorrectForm":
        initial = {**shown(record), "version": record.version}
        return cls(initial=initial, record=record, standing=standing)


class AdditionForm(CleanTextMixin, forms.Form):
    """Words under a record that is signed."""

    text = forms.CharField(
        label=gettext_lazy("Addition"),
        max_length=LONGEST_ADDITION,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": gettext_lazy("Please write the addition first.")},
    )


class ReportForm(CleanTextMixin, forms.Form):
    """When the card was sent and under which number, or why none is needed."""

    half_width_fields = ("at",)

    at = forms.CharField(label=gettext_lazy("Reported at"), required=False, max_length=16)
    number = forms.CharField(
        label=gettext_lazy("Number of the report card"), required=False, max_length=40
    )
    reason = forms.CharField(
        label=gettext_lazy("Why no report is needed"), required=False, max_length=200
    )

    @classmethod
    def now(cls) -> "ReportForm":
        return cls(initial={"at": timezone.localtime().strftime("%Y-%m-%d %H:%M")})

    def clean_at(self) -> datetime.datetime:
        typed = self.cleaned_data["at"]
        try:
            moment = datetime.datetime.strptime(typed, "%Y-%m-%d %H:%M")
            return timezone.make_aware(moment)
        except ValueError:
            if "spare" in self.data or "reopen" in self.data:  # then no time is asked for
                return timezone.now()
            raise forms.ValidationError(
                _("Please write day and time, like 2026-11-30 09:20.")
            ) from None
