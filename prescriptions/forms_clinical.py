"""Clinical data in a pharmacist's hand: pairs and allergy groups (R-157)."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from patients.models import AllergyGroup
from pharmacy.models import Interaction


class PairForm(CleanTextMixin, forms.ModelForm):
    """A pair; its number is its name for good."""

    a_type = forms.ChoiceField(label=_("one side is"), choices=Interaction.Side.choices)
    b_type = forms.ChoiceField(label=_("other side is"), choices=Interaction.Side.choices)
    severity = forms.ChoiceField(label=_("severity"), choices=Interaction.Severity.choices)

    class Meta:
        model = Interaction
        fields = ["number", "a_type", "a_value", "b_type", "b_value", "severity", "effect"]
        fields += ["advice", "source", "checked"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            del self.fields["number"]


class GroupForm(CleanTextMixin, forms.ModelForm):
    """An allergy group; allergies on file point at its code."""

    class Meta:
        model = AllergyGroup
        fields = ["name", "members", "synonyms", "cross_reactivity", "default_action", "note"]
        fields += ["source", "checked"]
        widgets = {
            name: forms.Textarea(attrs={"rows": 2})
            for name in ("members", "synonyms", "cross_reactivity", "note")
        }
