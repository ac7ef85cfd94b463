"""Forms of the review: reasons for a return, insisting on a sheet, signing a second time."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from prescriptions.forms import ReasonForm, password_holds
from prescriptions.objections import TITLES

REMARK = "remark-"


class ReturnForm(ReasonForm):
    """Items of the evaluation, words by drug, what is suggested; one of them is enough (R-38)."""

    codes = forms.MultipleChoiceField(required=False, choices=list(TITLES.items()))
    refuse = forms.BooleanField(required=False)

    def __init__(self, *args, items=(), **kwargs):
        self.items = list(items)
        words = {f"{REMARK}{i.pk.hex}": forms.CharField(max_length=100) for i in self.items}
        self.base_fields = {**self.base_fields, **words}
        super().__init__(*args, **kwargs)
        for name in ("reason", *words):
            self.fields[name].required = False

    def remarks(self) -> dict:
        """Words by row, where there are any."""
        words = {item.pk: self.cleaned_data[f"{REMARK}{item.pk.hex}"] for item in self.items}
        return {pk: text for pk, text in words.items() if text}

    def remark_fields(self) -> list:
        return [(item, self[f"{REMARK}{item.pk.hex}"]) for item in self.items]


class PasswordForm(CleanTextMixin, forms.Form):
    """Signing once more with one's own password; it is given back by no page."""

    def __init__(self, *args, request, **kwargs):
        super().__init__(*args, **kwargs)
        self.request = request

    def clean(self):
        cleaned = super().clean()
        if not self.errors and not password_holds(self.request, self.data.get("password", "")):
            self.add_error(
                None, _("Not signed: the password is wrong. Please type your own password again.")
            )
        return cleaned


class InsistForm(PasswordForm):
    """The doctor wants the returned sheet as it is (R-38)."""

    half_width_fields = ("version",)

    insist = forms.CharField(
        max_length=200,
        error_messages={"required": _("Please write why you insist on it.")},
    )
    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
