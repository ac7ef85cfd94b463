"""What is typed when a treatment is ordered or carried out; rules are asked by the verbs."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from prescriptions.courses import MOST_TURNS
from prescriptions.models import TreatmentService
from prescriptions.treatments import LONGEST_WORDS, MOST_DAYS_BETWEEN


class OrderForm(CleanTextMixin, forms.Form):
    """What, where and how, how often."""

    half_width_fields = ("times", "every")

    service = forms.CharField(
        label=_("Treatment to order"),
        max_length=60,
        widget=forms.TextInput(
            attrs={"list": "services", "autocomplete": "off", "placeholder": _("name or initials")}
        ),
        error_messages={"required": _("Please choose the treatment.")},
    )
    words = forms.CharField(label=_("Where and how"), max_length=LONGEST_WORDS, required=False)
    times = forms.IntegerField(label=_("Times"), min_value=1, max_value=MOST_TURNS)
    every = forms.IntegerField(
        label=_("Every so many days"), min_value=1, max_value=MOST_DAYS_BETWEEN
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **{"initial": {"times": 1, "every": 1}, **kwargs})
        self.services = TreatmentService.objects.filter(active=True)
        if not self.is_bound:
            self.fields["service"].widget.attrs["autofocus"] = True

    def clean_service(self) -> TreatmentService:
        """By name or initials, or by a part of them that fits one alone."""
        text = self.cleaned_data["service"]
        rows = list(self.services)
        for fits in (_is_called, _begins_with, _holds):
            found = [row for row in rows if fits(row, text)]
            if len(found) == 1:
                return found[0]
            if found:
                names = "、".join(row.name for row in found)
                raise forms.ValidationError(
                    gettext("Several fit: %(names)s. Please write more of the name.")
                    % {"names": names}
                )
        raise forms.ValidationError(
            gettext("No treatment is called so. Please choose one of the list.")
        )


def _is_called(row: TreatmentService, text: str) -> bool:
    return row.name == text or row.initials == text.upper()


def _begins_with(row: TreatmentService, text: str) -> bool:
    return row.name.startswith(text) or row.initials.startswith(text.upper())


def _holds(row: TreatmentService, text: str) -> bool:
    return text in row.name or text.upper() in row.initials


class TurnForm(CleanTextMixin, forms.Form):
    """One press of the nurse: what was checked, how it went, or why not."""

    checked = forms.BooleanField(
        label=_("Name and record number compared with the patient"), required=False
    )
    result = forms.CharField(label=_("Result"), max_length=LONGEST_WORDS, required=False)
    reaction = forms.CharField(label=_("Reaction"), max_length=LONGEST_WORDS, required=False)
    reason = forms.CharField(label=_("Reason"), max_length=LONGEST_WORDS, required=False)


class StopForm(CleanTextMixin, forms.Form):
    """Why the doctor stops what is left."""

    reason = forms.CharField(label=_("Why it is stopped"), max_length=LONGEST_WORDS, required=False)
