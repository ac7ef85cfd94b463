"""The file's form: cleans text, shows every broken rule at its field, keeps what was typed."""

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from patients import born, rules
from patients.models import Allergy, AllergyStatus, IdType, Patient, Payment, Sex

ROWS = 3
SEX_TILES = [(Sex.MALE, _("Male")), (Sex.FEMALE, _("Female")), (Sex.UNKNOWN, _("Unknown"))]
RELATIONS = [
    _("Father"), _("Mother"), _("Spouse"), _("Son"), _("Daughter"), _("Grandparent"),
    _("Brother or sister"), _("Guardian"),
]  # fmt: skip
REACTIONS = [
    _("Rash"), _("Hives"), _("Itching"), _("Breathing difficulty"), _("Anaphylactic shock"),
    _("Nausea"), _("Reaction not known"),
]  # fmt: skip
WHICH_ALLERGY = _("Which allergy? Please write the drug; if it isn't known, write “unknown”.")
HOW_BAD = _("How bad was it? Please choose a severity; “Severe” when life was in danger.")
DRUG_WRITTEN = _("A drug is written, so please choose “Has allergies”, or clear the drug.")
ID_TYPES = [
    (kind.value, kind.label)
    for kind in (
        IdType.RESIDENT, IdType.PASSPORT, IdType.BIRTH, IdType.NONE, IdType.HONG_KONG_MACAU,
        IdType.TAIWAN, IdType.HMT_RESIDENT, IdType.FOREIGN_RESIDENT, IdType.HOUSEHOLD,
        IdType.MILITARY, IdType.DRIVING, IdType.OTHER, IdType.OLD,
    )
]  # fmt: skip
TIME_FORMATS = ["%H:%M", "%H：%M", "%H%M", "%H.%M", "%H时%M分", "%H时"]
# Folded away on the page; the fold opens where one of them is filled or wrong.
RARE = ("reading", "health_no", "paper_no", "mother_id_number", "birth_time")


class BornField(forms.CharField):
    """A date of birth as far as it is known; cleaned to a Born, or None."""

    def clean(self, value):
        text = super().clean(value)
        if not text:
            return None
        try:
            return born.read_born(text, timezone.localdate())
        except ValueError:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid") from None


def _line(label, length: int, **attrs) -> forms.CharField:
    """One optional line of text; the rules say when it is needed."""
    return forms.CharField(
        label=label, max_length=length, required=False, widget=forms.TextInput(attrs=attrs)
    )


class SearchForm(CleanTextMixin, forms.Form):
    """The one field of the search page; posted, because it holds names and numbers."""

    q = forms.CharField(
        label=_("Find a patient"),
        max_length=60,
        error_messages={
            "required": _("Nothing was typed. Please type a name, pinyin, phone or number."),
            "max_length": _("This is too long for a search. Please type at most 60 characters."),
        },
    )


class PatientForm(CleanTextMixin, forms.Form):
    """What the file says about the person (R-59, R-62); used for opening and for correcting."""

    half_width_fields = (
        *("id_number", "birth_date", "phone", "contact_phone"),
        *("health_no", "paper_no", "mother_id_number", "birth_time"),
    )

    id_type = forms.ChoiceField(label=_("Document"), choices=ID_TYPES, initial=IdType.RESIDENT)
    id_number = _line(_("Document number"), 40, inputmode="text")
    no_id_reason = _line(_("Why no document"), 100)
    name = _line(_("Name"), rules.LONGEST_NAME)
    sex = forms.ChoiceField(
        label=_("Sex"), choices=SEX_TILES, required=False, widget=forms.RadioSelect
    )
    birth_date = BornField(
        label=_("Date of birth"),
        required=False,
        max_length=20,
        error_messages={"invalid": _("This is no date. Please write it like 1958-03-16.")},
    )
    differs = forms.ChoiceField(
        label=_("Which is right"),
        choices=[
            ("document", _("The document: fill in its birth date and sex")),
            ("typed", _("What is written here; I have checked it")),
        ],
        required=False,
        widget=forms.RadioSelect,
    )
    phone = _line(_("Own phone"), 30, inputmode="tel")
    contact_name = _line(_("Contact person"), rules.LONGEST_NAME)
    contact_relation = _line(_("Relation"), 20, list="relations")
    contact_phone = _line(_("Contact's phone"), 30, inputmode="tel")
    address = _line(_("Home address"), 200)
    payment = forms.ChoiceField(label=_("Payment category"), choices=Payment.choices)
    reading = _line(_("Pinyin of the name"), 100)
    health_no = _line(_("Health record number"), 30, inputmode="numeric")
    paper_no = _line(_("Number of the paper file"), 30)
    mother_id_number = _line(_("Mother's document number"), 40)
    birth_time = forms.TimeField(
        label=_("Time of birth"),
        required=False,
        input_formats=TIME_FORMATS,
        widget=forms.TimeInput(format="%H:%M", attrs={"maxlength": 10}),
        error_messages={"invalid": _("This is no time. Please write it like 03:25.")},
    )

    def __init__(self, *args, stored: Patient | None = None, **kwargs):
        self.stored, self.precision = stored, born.DAY
        if stored is not None:
            kwargs["initial"] = _written(stored)
        super().__init__(*args, **kwargs)
        self.fields["differs"].widget.tiles_column = True
        if stored is not None and stored.sex == Sex.UNSTATED:
            self.fields["sex"].choices = [*SEX_TILES, (Sex.UNSTATED, Sex.UNSTATED.label)]
        if stored is None and not self.is_bound:
            first = "name" if self.initial.get("newborn") else "id_number"
            self.fields[first].widget.attrs["autofocus"] = True
        self.asks_which, self.filled = False, set()

    def full_clean(self):
        """Errors in the order of the page, so that the focus goes to the first of them."""
        super().full_clean()
        order = {name: position for position, name in enumerate(self.fields)}
        for name in sorted(self._errors, key=lambda name: order.get(name, -1)):
            self._errors[name] = self._errors.pop(name)

    def clean_birth_date(self):
        found = self.cleaned_data["birth_date"]
        if found is None:
            return None
        self.precision = found.precision
        return found.day

    def clean(self):
        """All broken rules at once; what the document tells is filled in (R-77)."""
        cleaned = super().clean()
        cleaned["birth_precision"] = self.precision
        cleaned["is_unnamed"] = self.stored is not None and self.stored.is_unnamed
        answer = cleaned.get("differs")
        if answer == "document":
            cleaned["birth_date"] = cleaned["sex"] = None
        settled, problems = rules.settle(
            cleaned,
            today=timezone.localdate(),
            stored=self.stored,
            keep_typed=answer == "typed",
        )
        for problem in problems:
            if problem.field not in self.errors:
                self.add_error(problem.field, problem.message)
        self.asks_which = (
            answer == "typed"
            or "differs" in self.errors
            or any(isinstance(problem, rules.DocumentDiffers) for problem in problems)
        )
        self._show_filled(cleaned, settled)
        return {**cleaned, **settled}

    def _show_filled(self, cleaned: dict, settled: dict) -> None:
        """If the form comes back, it comes back with what the numbers told."""
        told = {"birth_date", "sex", "name"} - set(self.errors)
        filled = {name: settled[name] for name in told if not cleaned.get(name) and settled[name]}
        if filled:
            self.filled = set(filled)
            self.data = self.data.copy()
            for name, value in filled.items():
                self.data[self.add_prefix(name)] = str(value)
            self.data[self.add_prefix("differs")] = ""

    @property
    def rare_open(self) -> bool:
        """The fold hides no error and nothing that was written."""
        typed = any(name in self.errors or self[name].value() for name in RARE)
        return typed or bool(self.initial.get("newborn"))

    def person(self) -> dict:
        """The arguments of `register` and `correct`."""
        values = {name: self.cleaned_data[name] for name in rules.FIELDS}
        return {**values, "keep_typed": self.cleaned_data["differs"] == "typed"}


def _written(stored: Patient) -> dict:
    """What the file says, as the form shows it."""
    values = {name: getattr(stored, name) for name in rules.FIELDS}
    values["birth_date"] = born.written(stored.birth_date, stored.birth_precision)
    return values


class CorrectionForm(PatientForm):
    """An open file; `version` is the one the user saw."""

    reason = _line(_("Why it is corrected"), 200)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1, max_value=2**31 - 1)

    def __init__(self, *args, stored: Patient, **kwargs):
        super().__init__(*args, stored=stored, **kwargs)
        self.initial["version"] = stored.version
        self.meanwhile: list[dict] = []

    def show_meanwhile(self, stored: Patient) -> None:
        """A colleague was faster: list what now stands there, and let the next save through."""
        typed = self.person()
        typed["birth_date"] = born.written(typed["birth_date"], typed["birth_precision"])
        now = _written(stored)
        for name in (name for name in rules.FIELDS if name in self.fields):
            if now[name] != typed[name]:
                self.initial[name] = now[name]
                shown = getattr(stored, f"get_{name}_display", lambda n=name: now[n])()
                self.meanwhile.append({"label": self.fields[name].label, "value": shown})
        self.data = self.data.copy()
        self.data[self.add_prefix("version")] = str(stored.version)


class AllergyForm(CleanTextMixin, forms.Form):
    """One allergy: the drug as the patient calls it, what happened, how bad it was."""

    substance = _line(_("Drug or group"), 100, list="allergy-groups")
    reaction = _line(_("What happened"), 200, list="reactions")
    severity = forms.ChoiceField(
        label=_("Severity"), choices=[("", "—"), *Allergy.KNOWN], required=False
    )

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("substance") and "substance" not in self.errors:
            self.add_error("substance", WHICH_ALLERGY)
        if not cleaned.get("severity") and "severity" not in self.errors:
            self.add_error("severity", HOW_BAD)
        return cleaned


class NewPatientForm(PatientForm):
    """A new file: the person, and the answer about allergies with up to three of them (R-44)."""

    allergy_status = forms.ChoiceField(
        label=_("Allergies"),
        choices=[
            (AllergyStatus.HAS, AllergyStatus.HAS.label),
            (AllergyStatus.DENIED, AllergyStatus.DENIED.label),
            (AllergyStatus.NOT_ASKED, AllergyStatus.NOT_ASKED.label),
        ],
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose one of the three answers about allergies."),
        },
    )
    notice_given = forms.BooleanField(
        label=_("The notice on the use of personal data was explained, and the patient agreed"),
        required=False,
    )
    # As it stood on the screen: a newer one may come while somebody types.
    notice_version = forms.IntegerField(
        widget=forms.HiddenInput, required=False, min_value=1, max_value=32767
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        widget = self.fields["allergy_status"].widget
        widget.tiles = {
            "has": {"kind": "harm", "note": _("Write the drug below")},
            "denied": {"note": _("Asked, and there are none")},
            "not_asked": {"kind": "ask", "note": _("The doctor has to ask before prescribing")},
        }
        widget.tiles_column = True
        self.rows = [
            AllergyForm(self.data if self.is_bound else None, prefix=f"allergy{n}")
            for n in range(ROWS)
        ]
        for row in self.rows:
            row.empty_permitted, row.use_required_attribute = True, False

    def clean(self):
        cleaned = super().clean()
        filled = [row for row in self.rows if row.has_changed()]
        valid = [row.is_valid() for row in self.rows]  # every row says what is wrong with it
        if not all(valid):
            self.add_error(None, _("An allergy is not complete. Please look at its row."))
        status = cleaned.get("allergy_status")
        if status == AllergyStatus.HAS and not filled:
            self.rows[0].add_error("substance", WHICH_ALLERGY)
            self.add_error("allergy_status", _("Please write the drug below."))
        elif status in (AllergyStatus.DENIED, AllergyStatus.NOT_ASKED) and filled:
            self.add_error("allergy_status", DRUG_WRITTEN)
        return cleaned

    def allergies(self) -> list[dict]:
        """The `allergies` argument of `register`."""
        filled = [row.cleaned_data for row in self.rows if row.has_changed()]
        return [
            {"substance": r["substance"], "reaction": r["reaction"], "severity": r["severity"]}
            for r in filled
        ]


class ConsentForm(CleanTextMixin, forms.Form):
    """An answer to one of the texts: which version stood there, agreed or refused, by whom."""

    given_by = _line(_("Who answers, if not the patient"), rules.LONGEST_NAME)

    def __init__(self, *args, patient: Patient, texts: dict, **kwargs):
        super().__init__(*args, **kwargs)
        self.texts = texts
        if rules.is_minor(patient.birth_date, timezone.localdate()):
            self.fields["given_by"].label = _("Who answers: the guardian")
            self.initial["given_by"] = patient.contact_name or ""

    def clean(self):
        """The answer comes with its button: "notice 3 yes" for version 3."""
        kind, _space, rest = self.data.get("answer", "").partition(" ")
        version, _space, said = rest.partition(" ")
        text = self.texts.get(kind)
        if text is None or said not in ("yes", "no"):
            raise forms.ValidationError(_("Please press one of the buttons beside a text."))
        if version != str(text.version):
            raise forms.ValidationError(
                _("The text has a newer version. Please read it, then answer again.")
            )
        return {**super().clean(), "text": text, "agreed": said == "yes"}

    def answer(self) -> dict:
        """The arguments of the verb."""
        return {name: self.cleaned_data[name] for name in ("text", "agreed", "given_by")}
