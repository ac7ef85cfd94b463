"""What is typed around the queue: triage, handing over, cancelling after the doctor has begun."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from patients.models import Allergy, AllergyStatus
from registration.forms import CancelForm, VitalsForm
from registration.models import Clinician, HandOver, Registration
from registration.vitals import as_text


class TriageForm(VitalsForm):
    """Vital signs, the answer about allergies, and who is called first: one short form."""

    allergy = forms.ChoiceField(
        label=_("Allergies"),
        required=False,
        widget=forms.RadioSelect,
        choices=AllergyStatus.choices,
    )
    substance = forms.CharField(
        label=_("Drug or group"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "allergy-groups"}),
    )
    severity = forms.ChoiceField(
        label=_("Severity"), choices=[("", "—"), *Allergy.KNOWN], required=False
    )
    because = forms.ChoiceField(label=_("Order"), required=False, widget=forms.RadioSelect)
    # What stood there when the page was opened: what is left so takes back nothing newer.
    seen = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, *args, usual: str, **kwargs):
        """`usual` says what happens without a reason."""
        super().__init__(*args, **kwargs)
        reasons = [choice for choice in Registration.Reason.choices if choice[0] != "elderly"]
        self.fields["because"].choices = [("", usual), *reasons]
        self.fields["because"].widget.tiles = {"emergency": {"kind": "ask"}}
        self.fields["because"].widget.tiles_column = True
        # Nothing is chosen beforehand: an answer counts as asked today.
        self.fields["allergy"].widget.tiles = {
            "has": {"kind": "harm"},
            "not_asked": {"kind": "ask"},
        }
        if not self.is_bound:
            self.fields["temperature"].widget.attrs["autofocus"] = True

    def clean(self):
        """One press too many passes nobody over: an empty page is no triage."""
        cleaned = super().clean()
        answers = ("shown", "allergy", "substance", *self.keys)
        is_moved = cleaned.get("because") != cleaned.get("seen")
        if not self.errors and not is_moved and not any(cleaned.get(key) for key in answers):
            text = _("Not saved: nothing is filled in. Measure or ask, or choose “Later”.")
            self.add_error("temperature", text)
        return cleaned

    @property
    def filled(self) -> dict:
        """Only what was measured now; a number that was shown already is left as it stands."""
        shown = self.cleaned_data["shown"].split()
        return {k: n for k, n in super().filled.items() if f"{k}={as_text(n)}" not in shown}

    @property
    def answers(self) -> dict:
        """Everything but the numbers, as the verb takes it."""
        names = ("allergy", "substance", "severity")
        because = self.cleaned_data["because"]
        is_left = because == self.cleaned_data["seen"]
        return {name: self.cleaned_data[name] for name in names} | {
            "reason": None if is_left else because
        }


class HandOverForm(forms.Form):
    """To whom, and why: words to choose, so that nothing medical is typed."""

    clinician = forms.ChoiceField(
        label=_("Doctor"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose a doctor.")},
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=HandOver.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose a reason.")},
    )

    def __init__(self, *args, doctors: list[tuple[Clinician, str, str]], **kwargs):
        """`doctors` are those who see people today: the doctor, their words, how many wait."""
        super().__init__(*args, **kwargs)
        self.doctors = {str(one.pk): one for one, _label, _note in doctors}
        field = self.fields["clinician"]
        field.choices = [(str(one.pk), label) for one, label, _note in doctors]
        field.widget.tiles = {str(one.pk): {"note": note} for one, _label, note in doctors}
        for name in ("clinician", "reason"):
            self.fields[name].widget.tiles_column = True

    def clean_clinician(self) -> Clinician:
        return self.doctors[self.cleaned_data["clinician"]]


class NumberForm(CleanTextMixin, forms.Form):
    """The number of a visit of today."""

    half_width_fields = ("number",)

    number = forms.CharField(
        label=_("Queue number"),
        max_length=6,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True}),
        error_messages={"required": _("Please write the number, like A012.")},
    )


class BegunForm(CancelForm, NumberForm):
    """Which visit is cancelled although the doctor has begun, and why (R-102)."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["number"].widget = forms.HiddenInput()
