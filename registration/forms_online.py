"""What is typed on the public pages: who will come, a time, a code."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from clinic.core.errors import RuleBroken
from clinic.core.forms import CleanTextMixin
from patients import rules
from patients.identity import WrongCheckDigit, read_number
from patients.models import IdType
from registration import challenge
from registration.online import Person
from registration.online_offers import Offer
from security.normalise import normalise_last4_query

# Whoever has no document comes to the desk.
DOCUMENTS = [
    (kind.value, kind.label)
    for kind in (
        IdType.RESIDENT,
        IdType.PASSPORT,
        IdType.BIRTH,
        IdType.HONG_KONG_MACAU,
        IdType.TAIWAN,
        IdType.HMT_RESIDENT,
        IdType.FOREIGN_RESIDENT,
    )
]
# "No document" can't be chosen here.
NOT_THIS_NUMBER = _(
    "The last character of the document number does not fit. "
    "Please type it again from the document."
)


class PersonForm(CleanTextMixin, forms.Form):
    """Who will come, and the question that simple programs can't answer."""

    half_width_fields = ("id_number", "phone")

    question = forms.CharField(widget=forms.HiddenInput, max_length=300, required=False)
    name = forms.CharField(
        label=_("Name of the patient"),
        max_length=rules.LONGEST_NAME,
        error_messages={"required": _("The name is missing. Please write it as on the document.")},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    id_type = forms.ChoiceField(label=_("Document"), choices=DOCUMENTS, initial=IdType.RESIDENT)
    id_number = forms.CharField(
        label=_("Document number"),
        max_length=30,
        error_messages={
            "required": _("The number is missing. Please write it as on the document.")
        },
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    phone = forms.CharField(
        label=_("Phone"),
        max_length=30,
        help_text=_("For a child, the phone of whoever comes along."),
        error_messages={"required": _("The phone is missing. The clinic calls it if need be.")},
        widget=forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"}),
    )
    answer = forms.CharField(
        max_length=10,
        error_messages={"required": _("Please answer the question, in digits or words.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    # Nobody sees it; programs fill it in.
    fax = forms.CharField(required=False, max_length=100)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.question = challenge.read(self.data.get("question", "")) if self.is_bound else None
        self.fields["answer"].label = self.question.words if self.question else ""
        if self.question is None:
            self.ask_anew()
        self.answered_wrong = False

    def ask_anew(self) -> None:
        """Another question in place of one that was used, is too old or was answered wrong."""
        asked = challenge.ask()
        self["answer"].label = self.fields["answer"].label = asked.words
        self.initial["question"] = asked.token
        if self.is_bound:
            self.data = self.data.copy()
            self.data["question"], self.data["answer"] = asked.token, ""

    def clean_name(self) -> str:
        name = rules.tidy_name(self.cleaned_data["name"])
        problem = rules.name_problem(name)
        if problem:
            raise forms.ValidationError(problem)
        return name

    def clean_phone(self) -> str:
        return self._by_rule("phone", lambda: rules.tidy_phone(self.cleaned_data["phone"]))

    def clean(self):
        cleaned = super().clean()
        if "id_type" in cleaned and "id_number" in cleaned:
            self._read_document(cleaned)
        if "answer" in cleaned:
            self._check_answer(cleaned)
        return cleaned

    @property
    def person(self) -> Person:
        return Person(
            **{name: self.cleaned_data[name] for name in ("name", "id_type", "id_number", "phone")}
        )

    def _read_document(self, cleaned: dict) -> None:
        today = timezone.localdate()
        try:
            told = read_number(cleaned["id_type"], cleaned["id_number"], today)
        except WrongCheckDigit:
            self.add_error("id_number", NOT_THIS_NUMBER)
            return
        except RuleBroken as problem:
            self.add_error("id_number", problem.message)
            return
        cleaned["id_type"], cleaned["id_number"] = str(told.id_type), told.number

    def _check_answer(self, cleaned: dict) -> None:
        if self.question is None:
            words = gettext("The question was asked too long ago. Please answer the new one.")
        elif cleaned.get("fax") or not self.question.is_answered_by(cleaned["answer"]):
            self.answered_wrong = True
            words = gettext("This is not the answer. Please answer the new question.")
        else:
            return
        self.add_error("answer", words)
        self.ask_anew()

    def _by_rule(self, field: str, read):
        try:
            return read()
        except RuleBroken as problem:
            raise forms.ValidationError(str(problem.message)) from None


class CodeForm(CleanTextMixin, forms.Form):
    """Code and the end of the phone number; posted, so that neither stands in an address."""

    half_width_fields = ("code", "last4")

    code = forms.CharField(
        label=_("Booking code"),
        max_length=20,
        error_messages={"required": _("Please type the code that you wrote down.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
    last4 = forms.CharField(
        label=_("Last four digits of the phone"),
        max_length=10,
        error_messages={"required": _("Please type the last four digits of the phone.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "numeric"}),
    )

    def clean_last4(self) -> str:
        try:
            return normalise_last4_query(self.cleaned_data["last4"])
        except ValueError:
            raise forms.ValidationError(_("Please type four digits.")) from None


class OtherTimeForm(forms.Form):
    """Another time of the same doctor; those that are full are not shown."""

    place = forms.ChoiceField(
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose a time."),
            "invalid_choice": _("This time can't be chosen any more. Please choose another."),
        },
    )

    def __init__(self, *args, offers: list[Offer], **kwargs):
        super().__init__(*args, **kwargs)
        self.groups = [
            {
                "offer": offer,
                "tiles": [self._tile(offer, one) for one in offer.openings if one.left],
            }
            for offer in offers
            if offer.left
        ]
        self.by_value = {
            tile["value"]: (group["offer"].session, tile["starts"])
            for group in self.groups
            for tile in group["tiles"]
        }
        self.fields["place"].choices = [(value, value) for value in self.by_value]

    @staticmethod
    def _tile(offer: Offer, opening) -> dict:
        starts = opening.slot.starts
        value = f"{offer.session.pk}@{starts:%H:%M}"
        return {"value": value, "starts": starts, "left": opening.left}

    def wanted(self) -> dict:
        """The arguments of the verb: session=, slot=."""
        session, slot = self.by_value[self.cleaned_data["place"]]
        return {"session": session, "slot": slot}
