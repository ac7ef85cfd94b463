"""The allergy page's forms: an allergy with all that is known of it, and its group."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from clinic.core.errors import RuleBroken
from patients.allergy_groups import UNKNOWN
from patients.forms import AllergyForm
from patients.models import Allergy, AllergyStatus
from patients.since import tidy_since

NO_GROUP = "none"  # of the groups: a doctor looked, and it is none of them
BY_WORDS = gettext_lazy("By the words")


class WholeAllergyForm(AllergyForm):
    """Besides drug, reaction and severity: who says so, when it was, whether the drug is known.

    A doctor may name the group at once; everybody else's words lead to it (R-44).
    """

    half_width_fields = ("since",)

    unknown = forms.BooleanField(label=_("The drug isn't known"), required=False)
    source = forms.ChoiceField(
        label=_("Who says so"),
        choices=Allergy.Source.choices,
        initial=Allergy.Source.PATIENT,
        required=False,
    )
    since = forms.CharField(label=_("When"), max_length=20, required=False)
    group = forms.ChoiceField(label=pgettext_lazy("of an allergy", "Group"), required=False)

    def __init__(self, data=None, *, patient, groups: dict[str, str], may_settle: bool):
        super().__init__(data)
        self.patient = patient
        if data is None and patient.allergy_status == AllergyStatus.NOT_ASKED:
            self.fields["substance"].widget.attrs["autofocus"] = True
        self.fields["since"].widget.attrs["placeholder"] = _("year-month")
        if may_settle:
            self.fields["group"].choices = [("", BY_WORDS), *groups.items()]
        else:
            del self.fields["group"]

    def clean(self):
        if self.cleaned_data.get("unknown") and not self.cleaned_data.get("substance"):
            self.cleaned_data["substance"] = gettext("drug not known")
            self.errors.pop("substance", None)
        cleaned = super().clean()
        try:
            cleaned["since"] = tidy_since(
                cleaned.get("since") or "", field="since", patient=self.patient,
                today=timezone.localdate(),
            )  # fmt: skip
        except RuleBroken as problem:
            self.add_error("since", problem.message)
        return cleaned

    def entry(self) -> dict:
        """The arguments of `add_allergy`."""
        cleaned = dict(self.cleaned_data)
        named, is_unknown = cleaned.pop("group", ""), cleaned.pop("unknown")
        cleaned["source"] = cleaned["source"] or Allergy.Source.PATIENT.value
        return cleaned | {"group_code": UNKNOWN if is_unknown else named}


class GroupForm(forms.Form):
    """Which group an entry belongs to."""

    group = forms.ChoiceField(label=pgettext_lazy("of an allergy", "Group"))

    def __init__(self, data=None, *, groups: dict[str, str], initial: str = ""):
        super().__init__(data, initial={"group": initial or NO_GROUP})
        self.fields["group"].choices = [*groups.items(), (NO_GROUP, _("none of these groups"))]

    def code(self) -> str:
        chosen = self.cleaned_data["group"]
        return "" if chosen == NO_GROUP else chosen
