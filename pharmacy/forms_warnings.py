"""What was done about the warnings that are ticked."""

from django import forms
from django.utils.translation import gettext_lazy

from clinic.core.forms import CleanTextMixin
from pharmacy.models import StockWarning


class HandleForm(CleanTextMixin, forms.Form):
    how = forms.ChoiceField(
        label=gettext_lazy("What was done"),
        choices=StockWarning.How.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Please choose what was done.")},
    )
    note = forms.CharField(label=gettext_lazy("note"), max_length=200, required=False)
    chosen = forms.TypedMultipleChoiceField(coerce=int, required=False)

    def __init__(self, *args, rows, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["chosen"].choices = [(row.pk, row.pk) for row in rows]
