"""Files of patients with cancer or chronic pain: consent, and a visit every three months (R-25).

While one is in force, the rules allow what R-25 does: injections for 3 days, slow release for 15,
other forms for 7.
"""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import RuleBroken
from clinic.core.forms import CleanTextMixin
from clinic.core.transactions import atomic_retry
from patients.in_force import held
from patients.models import Patient
from prescriptions.models import PainFile

EVERY = timedelta(days=92)  # three months
DAY = {"type": "date"}


def latest(patient) -> PainFile | None:
    """What is on file, in force or not."""
    return PainFile.objects.filter(patient=patient).select_related("made_by").last()


def is_current(row: PainFile) -> bool:
    """True until the next visit is overdue."""
    return timezone.localdate() - row.seen_on <= EVERY


def in_force(patient) -> bool:
    """True when consent is on file and the patient was seen within three months."""
    row = latest(patient)
    return row is not None and is_current(row)


@atomic_retry
def keep(*, patient: Patient, pain: str, consent_on: date, seen_on: date, by) -> PainFile:
    """Open the file, or note another visit; what was noted before stays."""
    today = timezone.localdate()
    if not consent_on <= seen_on <= today:
        raise RuleBroken(
            _("Not saved: consent comes first, then the visit, and neither lies ahead."),
            field="seen_on",
            rule="R-25",
        )
    return PainFile.objects.create(
        patient=held(patient.pk), pain=pain, consent_on=consent_on, seen_on=seen_on, made_by=by
    )


class PainFileForm(CleanTextMixin, forms.Form):
    """Consent and the latest visit."""

    half_width_fields = ("consent_on", "seen_on")

    pain = forms.ChoiceField(
        label=gettext_lazy("Pain"), choices=PainFile.Pain.choices, widget=forms.RadioSelect
    )
    consent_on = forms.DateField(
        label=gettext_lazy("Consent signed on"), widget=forms.DateInput(attrs=DAY)
    )
    seen_on = forms.DateField(
        label=gettext_lazy("Seen again on"), widget=forms.DateInput(attrs=DAY)
    )


def form_for(patient, data=None) -> PainFileForm:
    """Proposes what is on file, and today for the visit."""
    row, today = latest(patient), timezone.localdate().isoformat()
    initial = {"seen_on": today, "consent_on": today}
    if row is not None:
        initial |= {"pain": row.pain, "consent_on": row.consent_on.isoformat()}
    return PainFileForm(data, initial=initial)
