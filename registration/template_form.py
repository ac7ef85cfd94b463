"""The form of a template: name, kind, texts, diagnoses, whether colleagues use it too."""

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.forms import CleanTextMixin
from registration import icd10
from registration.consultation import MOST_DIAGNOSES
from registration.models import RecordTemplate
from registration.part_forms import PartsForm
from registration.parts import REUSED

LONGEST = {name: PartsForm.base_fields[name].max_length for name in REUSED}


def _text(name: str) -> forms.CharField:
    return forms.CharField(
        label=PartsForm.base_fields[name].label,
        required=False,
        max_length=LONGEST[name],
        widget=forms.Textarea(attrs={"rows": 1 if name == "complaint" else 3}),
    )


_Texts = type("_Texts", (forms.Form,), {name: _text(name) for name in REUSED})


class TemplateForm(CleanTextMixin, _Texts):
    """A phrase takes its text from the findings alone."""

    half_width_fields = ("codes",)

    name = forms.CharField(label=gettext_lazy("Name of the template"), max_length=30)
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=RecordTemplate.Kind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please choose what it is.")},
    )
    codes = forms.CharField(
        label=gettext_lazy("Codes of its diagnoses"), required=False, max_length=130
    )
    shared = forms.BooleanField(label=gettext_lazy("Colleagues use it too"), required=False)

    field_order = ["name", "kind", *REUSED, "codes", "shared"]

    @classmethod
    def of(cls, template: RecordTemplate) -> "TemplateForm":
        return cls(
            initial={
                "name": template.name,
                "kind": template.kind,
                "shared": template.shared,
                "codes": " ".join(template.codes or []),
                **template.texts,
            }
        )

    def close(self) -> None:
        """Only to be read."""
        for field in self.fields.values():
            field.disabled = True

    def clean_codes(self) -> list[str]:
        codes = list(dict.fromkeys(self.cleaned_data["codes"].upper().replace(",", " ").split()))
        unknown = [code for code in codes if icd10.get(code) is None]
        if unknown:
            raise forms.ValidationError(
                _("No diagnosis with the code %(code)s. Please look it up in a record.")
                % {"code": unknown[0]}
            )
        if len(codes) > MOST_DIAGNOSES:
            raise forms.ValidationError(_("At most 10 diagnoses, please."))
        return codes

    def arguments(self) -> dict:
        """For record_templates.keep."""
        cleaned = self.cleaned_data
        return {
            "name": cleaned["name"],
            "kind": cleaned["kind"],
            "texts": {name: cleaned[name] for name in REUSED},
            "codes": cleaned["codes"],
            "shared": cleaned["shared"],
        }
