"""What every export asks: the purpose; and the copy, the list and the data sets what they need."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from clinic.core.period import PeriodForm
from patients.exchange import lists
from patients.exchange.datasets import data_sets
from patients.exchange.exporting import ASKERS
from patients.models import AllergyStatus, Payment, Purpose, Sex

ANY = [("", _("Any"))]


class PurposeForm(CleanTextMixin, forms.Form):
    """Why the data leave the house (R-151)."""

    purpose = forms.ChoiceField(
        label=_("What is it for?"),
        choices=[("", _("Please choose")), *Purpose.choices],
        error_messages={"required": _("Please choose what it is for.")},
    )
    words = forms.CharField(
        label=_("In a few words"),
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def asked(self) -> dict:
        return {name: self.cleaned_data[name] for name in ("purpose", "words")}


class CopyForm(PurposeForm):
    """Who asks for the copy, with which paper, of which visits (R-73)."""

    asker = forms.ChoiceField(
        label=_("Who asks for it?"),
        choices=list(ASKERS.items()),
        initial="self",
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose who asks for the copy.")},
    )
    asker_name = forms.CharField(
        label=_("Name, and which paper was seen"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    seen = forms.BooleanField(
        label=_("I have seen the identity document and, of an agent, the authorisation"),
        error_messages={
            "required": _("Please look at the identity document first, then tick this.")
        },
    )
    visits = forms.MultipleChoiceField(
        label=_("Visits"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("This visit can't be copied. Please choose again.")},
    )

    def __init__(self, *args, lines=(), **kwargs):
        super().__init__(*args, **kwargs)
        open_ones = [(str(line.pk), line.words) for line in lines if not line.is_closed]
        self.fields["visits"].choices = open_ones
        self.fields["visits"].initial = [key for key, _words in open_ones]

    def asked(self) -> dict:
        names = ("asker", "asker_name", "visits")
        return super().asked() | {name: self.cleaned_data[name] for name in names}


def _day(label) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"})
    )


def _age(label) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=0,
        max_value=150,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "w-n"}),
    )


def _choice(label, choices) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=[*ANY, *choices], required=False)


class ListForm(PurposeForm):
    """Which patients, which columns, which kind of file; posted, because it can hold a name."""

    half_width_fields = ("age_from", "age_to")
    FILTERS = ("q", "age_from", "age_to", "sex", "payment", "allergy", "complete", "since", "until")

    q = forms.CharField(
        label=_("Search words"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    age_from, age_to = _age(_("Age from")), _age(_("Age to"))
    sex = _choice(_("Sex"), Sex.choices)
    payment = _choice(_("Payment category"), Payment.choices)
    allergy = _choice(_("Allergy status"), AllergyStatus.choices)
    complete = _choice(
        _("Completeness of the file"),
        [("yes", _("Complete")), ("no", _("Something is missing"))],
    )
    since, until = _day(_("Seen from")), _day(_("Seen until"))
    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        choices=[(key, column.label) for key, column in lists.COLUMNS.items()],
        initial=lists.USUAL,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one column.")},
    )
    full = forms.MultipleChoiceField(
        label=_("In full, not masked"),
        choices=[(key, lists.COLUMNS[key].label) for key in lists.MASKED],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    file_format = forms.ChoiceField(
        label=_("File format"),
        choices=[
            ("xlsx", _("Excel (xlsx)")),
            ("csv:utf-8", _("CSV for other programs, UTF-8")),
            ("csv:gb18030", _("CSV for older programs, GB18030")),
        ],
        initial="xlsx",
        widget=forms.RadioSelect,
    )

    def clean(self):
        cleaned = super().clean()
        low, high = cleaned.get("age_from"), cleaned.get("age_to")
        if low is not None and high is not None and low > high:
            self.add_error(
                "age_to", gettext("The second age is below the first. Please correct it.")
            )
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", gettext("The period ends before it begins. Please correct it."))
        return cleaned

    def wanted(self) -> dict:
        """The filter as the verb takes it: what was left open is left out."""
        found = {name: self.cleaned_data.get(name) for name in self.FILTERS}
        for name in ("since", "until"):
            found[name] = found[name].isoformat() if found[name] else ""
        return {name: value for name, value in found.items() if value not in ("", None)}

    def asked(self) -> dict:
        file_format, _colon, encoding = self.cleaned_data["file_format"].partition(":")
        return super().asked() | {
            "wanted": self.wanted(),
            "columns": self.cleaned_data["columns"],
            "full": self.cleaned_data["full"],
            "file_format": file_format,
            "encoding": encoding or "utf-8",
        }


class DataSetsForm(PurposeForm, PeriodForm):
    """Which data sets, of which days."""

    sets = forms.MultipleChoiceField(
        label=_("Data sets"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one data set.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        known = data_sets()
        self.fields["sets"].choices = [
            (found.key, f"{found.title}（{found.standard}）") for found in known
        ]
        self.fields["sets"].initial = [found.key for found in known]
        today = timezone.localdate()
        self.fields["since"].initial, self.fields["until"].initial = today.replace(day=1), today

    def asked(self) -> dict:
        names = ("since", "until", "sets")
        return super().asked() | {name: self.cleaned_data[name] for name in names}
