"""Freezing, opening and closing a recall: the words people type."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from pharmacy.models import Recall


class HoldForm(CleanTextMixin, forms.Form):
    """Freeze or release this batch, or its lot wherever it lies."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        error_messages={"required": _("Please write the reason.")},
    )
    do = forms.ChoiceField(choices=[("freeze", ""), ("unfreeze", "")])
    everywhere = forms.BooleanField(required=False)


class LotForm(CleanTextMixin, forms.Form):
    """Which lot the letter speaks of."""

    half_width_fields = ("lot",)

    lot = forms.CharField(
        label=_("Lot"), max_length=40, widget=forms.TextInput(attrs={"autofocus": True})
    )


class RecallForm(CleanTextMixin, forms.Form):
    """What the letter says."""

    batch = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**62)
    source = forms.ChoiceField(
        label=_("Called back by"), choices=Recall.Source.choices, widget=forms.RadioSelect
    )
    level = forms.ChoiceField(
        label=_("Level"), choices=Recall.Level.choices, widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("What the letter says"),
        max_length=200,
        error_messages={"required": _("Please write the reason.")},
    )


class CloseForm(CleanTextMixin, forms.Form):
    """How it ended."""

    outcome = forms.CharField(
        label=_("How it ended"),
        max_length=200,
        error_messages={
            "required": _("Please write how it ended: what was returned, what was written off.")
        },
    )
