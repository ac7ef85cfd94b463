"""The form that makes two files one: which value holds where they differ, and why it is the same
person."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from patients import merging
from patients.models import Patient

KEEP, TAKE = "keep", "take"


class OtherForm(CleanTextMixin, forms.Form):
    """Which other file, by its number."""

    other = forms.CharField(
        label=_("Record number of the other file"),
        max_length=12,
        error_messages={"required": _("Please write the number of the other file.")},
    )


class MergeForm(CleanTextMixin, forms.Form):
    """One choice per field that differs."""

    reason = forms.CharField(
        label=_("Why it is the same person"),
        max_length=200,
        error_messages={"required": _("Please say why these are the same person.")},
    )

    def __init__(self, *args, kept: Patient, merged: Patient, **kwargs):
        super().__init__(*args, **kwargs)
        self.names = merging.differences(kept, merged)
        for name in self.names:
            self.fields[name] = forms.ChoiceField(
                label=Patient._meta.get_field(name).verbose_name,
                choices=[(KEEP, _shown(kept, name)), (TAKE, _shown(merged, name))],
                initial=KEEP,
                widget=forms.RadioSelect,
            )
            self.fields[name].widget.tiles = {}

    def differing(self) -> list:
        return [self[name] for name in self.names]

    def taken(self) -> list[str]:
        return [name for name in self.names if self.cleaned_data[name] == TAKE]


def _shown(patient: Patient, name: str):
    display = getattr(patient, f"get_{name}_display", None)
    value = display() if display else getattr(patient, name)
    if name == "id_number":
        return f"{patient.get_id_type_display()} {value}"
    if name == "contact_name":
        parts = (patient.contact_name, patient.contact_relation, patient.contact_phone)
        return " ".join(part for part in parts if part)
    return value.isoformat() if hasattr(value, "isoformat") else value
