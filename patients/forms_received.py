"""Forms about a file of another institution: the file, the comparison, a new file."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from patients import born
from patients.exchange.fhir_in import GROUPS, compare, person_of
from patients.exchange.fhir_load import LARGEST
from patients.exchange.fhir_parcel import Parcel
from patients.exchange.fhir_taking import new_allergies
from patients.forms import PatientForm
from patients.models import Allergy, Patient

OURS, THEIRS = "ours", "theirs"


class BundleForm(forms.Form):
    """The file; nothing else is asked before it was looked at."""

    file = forms.FileField(
        label=_("FHIR file of another institution (JSON, at most 10 MB)"),
        error_messages={
            "required": _("No file came. Please choose one of at most 10 MB."),
            "empty": _("The file is empty. Please choose another one."),
        },
        widget=forms.FileInput(attrs={"accept": ".json,application/fhir+json,application/json"}),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST:
            raise forms.ValidationError(
                gettext("The file is bigger than 10 MB. Please ask for one patient's file.")
            )
        return file


class FindForm(CleanTextMixin, forms.Form):
    """Another file of ours, by its number."""

    half_width_fields = ("record_no",)
    record_no = forms.CharField(
        label=_("Record number of another file"),
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class SeveritiesMixin:
    """How bad each allergy was that doesn't say so itself; never guessed (R-44)."""

    def ask_severities(self, patient: Patient | None, parcel: Parcel) -> None:
        self.allergies = []
        for number, said in new_allergies(patient, parcel):
            field = ""
            if not said["severity"]:
                field = f"severity_{number}"
                self.fields[field] = forms.ChoiceField(
                    label=gettext("How bad was it: %(substance)s")
                    % {"substance": said["substance"]},
                    choices=[("", Allergy.Severity.UNKNOWN.label), *Allergy.KNOWN],
                    required=False,
                )
            self.allergies.append({"said": said, "field": field})

    def shown_allergies(self) -> list[dict]:
        """substance, reaction, since, severity in words or the field that asks for it."""
        return [
            {
                **row["said"],
                "severity_label": dict(Allergy.Severity.choices).get(row["said"]["severity"], ""),
                "ask": self[row["field"]] if row["field"] else None,
            }
            for row in self.allergies
        ]

    def severities(self) -> dict[int, str]:
        return {
            int(name.removeprefix("severity_")): value
            for name, value in self.cleaned_data.items()
            if name.startswith("severity_")
        }


class CompareForm(SeveritiesMixin, forms.Form):
    """For each thing in which the two files differ: which one is right. Ours, unless chosen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)
    form = forms.BooleanField(label=_("Take the basic information as well"), required=False)

    def __init__(self, *args, patient: Patient, parcel: Parcel, **kwargs):
        super().__init__(*args, **kwargs)
        self.initial["version"] = patient.version
        self.differences = compare(patient, parcel)
        for row in self.differences:
            if not row.is_same:
                self.fields[f"take_{row.name}"] = forms.ChoiceField(
                    label=row.label,
                    choices=[(OURS, row.ours or "–"), (THEIRS, row.theirs)],
                    initial=OURS,
                    required=False,
                    widget=forms.RadioSelect,
                )
        if parcel.form is None:
            del self.fields["form"]
        self.ask_severities(patient, parcel)

    def rows(self) -> list[dict]:
        """Each difference with its two answers; what is the same in both is only said."""
        found = []
        for row in self.differences:
            chosen = self[f"take_{row.name}"].value() if not row.is_same else OURS
            found.append({"row": row, "name": f"take_{row.name}", "chosen": chosen})
        return found

    def arguments(self) -> dict:
        """Of `take_in`."""
        data = self.cleaned_data
        return {
            "version": data["version"],
            "groups": [name for name in GROUPS if data.get(f"take_{name}") == THEIRS],
            "severities": self.severities(),
            "with_basics": bool(data.get("form")),
        }


class NewFileForm(SeveritiesMixin, PatientForm):
    """A new file, filled with what came; whoever opens it reads and completes it."""

    def __init__(self, *args, parcel: Parcel, **kwargs):
        said = person_of(parcel)
        day = said.pop("birth_date")
        initial = said | {"birth_date": born.written(day, said["birth_precision"]) if day else ""}
        super().__init__(*args, initial=initial, **kwargs)
        self.ask_severities(None, parcel)

    def arguments(self) -> dict:
        """Of `take_in`."""
        return {"person": self.person(), "severities": self.severities(), "with_basics": True}
