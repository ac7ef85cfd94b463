"""What is typed at the desk and in the consultation; rules are asked by the verbs."""

from decimal import Decimal

from django import forms
from django.urls import reverse
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from registration import conflicts, measured
from registration.models import Consultation, Period, Registration, Session
from registration.part_forms import FIELDS, PartsForm, shown
from registration.vitals import USUAL, VITALS, Doubt, Vital, as_text, implausible

# Where a page opens again that names no field.
AIMS = {"vitals": "", "after": "follow_up"}


class RegistrationForm(CleanTextMixin, forms.Form):
    """Which doctor, and whether somebody is called first (R-92)."""

    session = forms.ChoiceField(
        label=_("Doctor"),
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Please choose a doctor."),
            "invalid_choice": _("This doctor takes no more patients now. Please choose another."),
        },
    )
    because = forms.ChoiceField(label=_("Order"), required=False, widget=forms.RadioSelect)
    added = forms.BooleanField(label=_("Add a number beyond the quota"), required=False)

    def __init__(self, *args, offers, usual: str, **kwargs):
        """`offers` are boards.Offer rows; `usual` says what happens without a reason."""
        super().__init__(*args, **kwargs)
        reasons = [choice for choice in Registration.Reason.choices if choice[0] != "elderly"]
        self.fields["because"].choices = [("", usual), *reasons]
        self._offer(offers)
        if not self.is_bound or "added" in self.data:
            self._ask_what_fits(offers)

    def show(self, offers) -> None:
        """After a refusal; who is registered at once needs nothing of what only a page shows."""
        self._offer(offers)
        self._ask_what_fits(offers)

    def _offer(self, offers) -> None:
        self.sessions = {str(offer.session.pk): offer.session for offer in offers}
        self.fields["session"].choices = [
            (str(offer.session.pk), session_label(offer.session)) for offer in offers
        ]
        tiles = {str(o.session.pk): {"note": _note(o)} for o in offers}
        if not self.is_bound and self.initial.get("session") in tiles:
            tiles[self.initial["session"]]["autofocus"] = True
        self.fields["session"].widget.tiles = tiles
        self.fields["session"].widget.tiles_column = True

    def _ask_what_fits(self, offers) -> None:
        """Nobody adds a number while places are left."""
        if all(offer.left > 0 for offer in offers):
            self.fields.pop("added", None)

    def clean_session(self) -> Session:
        return self.sessions[self.cleaned_data["session"]]


_note = lazy(lambda offer: offer.note, str)  # only a page that is shown counts who waits


def session_label(session: Session) -> str:
    """A doctor's tile: name, department, room, part of the day."""
    clinician = session.clinician
    words = [clinician.user.full_name, clinician.department.name, session.room.name]
    return " ".join([*words, str(Period(session.period).label)])


class CancelForm(forms.Form):
    """Why a number is given back: a word to choose, so that nothing medical is typed."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=Registration.CancelReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose a reason.")},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["reason"].widget.tiles_column = True


def _number_field(vital: Vital) -> forms.DecimalField:
    widget = forms.TextInput(attrs={"inputmode": "decimal", "size": 5})
    return forms.DecimalField(
        label=vital.label,
        required=False,
        min_value=0,
        max_digits=6,
        decimal_places=vital.places,
        widget=widget,
        error_messages={
            "invalid": _("Please write a number, like 36.5."),
            "min_value": _("Please write a number, like 36.5."),
            "max_digits": _("This number is too long. Please look again."),
            "max_whole_digits": _("This number is too long. Please look again."),
            "max_decimal_places": _("Too many digits after the point. Please round it."),
        },
    )


# One field per vital sign, in their order.
_Numbers = type("_Numbers", (forms.Form,), {k: _number_field(v) for k, v in VITALS.items()})


class VitalsForm(CleanTextMixin, _Numbers):
    """Vital signs; a value out of range is asked about once, and then stands (R-159).

    The question comes with a box that names the value, and a button that says all shown are
    right; another value that is out of range is asked about again.
    """

    half_width_fields = tuple(VITALS)

    # What stood there when the page was opened: what is left so takes back nothing newer.
    shown = forms.CharField(required=False, max_length=300, widget=forms.HiddenInput)

    def __init__(self, *args, keys=tuple(VITALS), initial=None, **kwargs):
        initial = {"shown": measured.as_words(initial or {}), **(initial or {})}
        super().__init__(*args, initial=initial, **kwargs)
        self.doubts: list[Doubt] = []
        self.confirmed: list[str] = []
        self.conflicts: list[measured.Difference] = []
        self.undecided: list[str] = []
        self.keys = list(keys)
        for key in set(VITALS) - set(keys):
            del self.fields[key]

    @property
    def rows(self) -> list[dict]:
        """Bound field, unit and open questions of every value, for the page."""
        return [
            {
                "field": self[key],
                "unit": VITALS[key].unit,
                "doubts": [doubt for doubt in self.doubts if doubt.key == key],
            }
            for key in self.keys
        ]

    @property
    def values(self) -> dict[str, Decimal | None]:
        """Every field's number, None for what was left empty."""
        return {key: self.cleaned_data.get(key) for key in self.keys}

    @property
    def filled(self) -> dict[str, Decimal]:
        """Only what was typed: an empty field takes nothing away."""
        return {key: number for key, number in self.values.items() if number is not None}

    @property
    def opened(self) -> dict[str, str] | None:
        """The values as the page was opened; None when it did not say."""
        return measured.read(self.data["shown"]) if "shown" in self.data else None

    @property
    def changed(self) -> dict[str, Decimal | None]:
        """What was typed other than it stood there; an emptied field takes its value away."""
        opened = self.opened
        if opened is None:
            return self.values
        values = self.values.items()
        return {k: n for k, n in values if opened.get(k, "") != ("" if n is None else as_text(n))}

    def settle(self) -> None:
        """What was chosen where somebody else had measured meanwhile; see keep_on_top_of."""
        named = self.data.getlist("measured_twice") if hasattr(self.data, "getlist") else []
        for key in (key for key in named if key in self.keys):
            choice = self.data.get(f"choose_{key}", "")
            if choice == "theirs":
                self.data = self.data.copy()
                self.data[key] = (self.opened or {}).get(key, "")
            elif choice != "mine":
                self.undecided.append(key)

    def keep_on_top_of(self, now: dict | None) -> None:
        """Base what was typed on the values as they stand now: the next save, with a choice for
        each that both sides measured, goes through."""
        opened = self.opened if self.is_bound else measured.read(self.initial["shown"])
        if opened is None:
            return
        typed = {key: str(self[key].value() or "").strip() for key in self.keys}
        fresh, self.conflicts = measured.merged(opened, typed, now or {}, self.undecided)
        for difference in self.conflicts:
            difference.label = self.fields[difference.key].label
        words = measured.as_words({**opened, **{k: (now or {}).get(k, "") for k in self.keys}})
        if self.is_bound:
            self.data = self.data.copy()
            self.data.update({**fresh, "shown": words})
        else:
            self.initial.update({**fresh, "shown": words})

    @property
    def is_asking(self) -> bool:
        """Nothing is wrong but values that have not been confirmed."""
        return bool(self.doubts) and list(self.errors) == ["__all__"]

    @property
    def kept(self) -> dict[str, Decimal]:
        """Values that stay beside those typed."""
        return {}

    def clean(self):
        cleaned = super().clean()
        typed = {key: cleaned[key] for key in self.keys if cleaned.get(key) is not None}
        found = implausible({**self.kept, **typed})
        asked = {doubt.token for doubt in implausible(_numbers(self.initial))}
        named = self._named()
        self.doubts = [d for d in found if d.token not in named and d.token not in asked]
        self.confirmed = [d.token for d in found if d.token in named]
        if self.doubts:
            text = _("Not saved yet: please look again at what is marked. If it is right, save.")
            self.add_error(None, text)
        if self.undecided:
            self.add_error(None, _("Not saved: please choose for each value what is right."))
        for doubt in self.doubts:
            self.fields[doubt.key].widget.attrs["aria-invalid"] = "true"
        return cleaned

    def _named(self) -> set[str]:
        """The tokens of the values that somebody says are right: ticked, or all that were shown."""
        if not hasattr(self.data, "getlist"):
            return set()
        all_right = self.data.get("save") == "right"
        return set(self.data.getlist("confirmed") + (self.data.getlist("asked") * all_right))


def _numbers(vitals: dict) -> dict[str, Decimal]:
    """Stored values, which are numbers as text."""
    return {key: Decimal(vitals[key]) for key in VITALS if vitals.get(key)}


class RowVitalsForm(VitalsForm):
    """The usual few, typed in the consultation's own row; `initial` is what the record holds."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, keys=USUAL, **kwargs)
        for key in USUAL:
            attrs = self.fields[key].widget.attrs
            attrs.update({"class": "form-control d-inline-block w-auto", "autocomplete": "off"})

    @property
    def filled(self) -> dict[str, Decimal]:
        """Only what was typed here, and no value that stood there before."""
        return {key: number for key, number in self.changed.items() if number is not None}

    @property
    def kept(self) -> dict[str, Decimal]:
        return _numbers(self.initial)

    @property
    def is_used(self) -> bool:
        """True when something was typed, so that the page shows fields and not the values."""
        return self.is_bound and any(self.data.get(key) for key in USUAL)

    def aim(self, at: str) -> None:
        """Put the focus on the first wrong field, or the first when there are values to change."""
        wrong = [key for key in USUAL if self.is_bound and key in self.errors]
        if wrong or at == "vitals" and not (self.is_asking or self.conflicts):
            self.fields[[*wrong, USUAL[0]][0]].widget.attrs["autofocus"] = True


class RecordForm(PartsForm):
    """The parts of the outpatient record (R-70) and the field that looks for a diagnosis."""

    half_width_fields = (*PartsForm.half_width_fields, "version", "code")

    dx = forms.CharField(
        label=_("Diagnosis"),
        required=False,
        max_length=50,
        widget=forms.TextInput(attrs={"accesskey": "2", "class": "dx-in"}),
        error_messages={"max_length": _("This is too long for a diagnosis. Please shorten it.")},
    )
    template_name = forms.CharField(
        label=_("Name of the template"), required=False, max_length=30, widget=forms.TextInput
    )
    code = forms.CharField(required=False, max_length=21, widget=forms.HiddenInput)
    base = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)
    version = forms.IntegerField(
        min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput, label=_("Version")
    )

    def __init__(self, *args, record: Consultation, **kwargs):
        super().__init__(*args, **kwargs)
        self.record = record
        self.undecided: list[str] = []
        self.is_settled = False
        for field in self.fields.values():
            if not field.widget.is_hidden:
                is_list = isinstance(field.widget, forms.Select)
                classes = ["form-select" if is_list else "form-control"]
                classes.append(field.widget.attrs.get("class", ""))
                field.widget.attrs.update(
                    {"class": " ".join(filter(None, classes)), "autocomplete": "off"}
                )
        self.fields["follow_up"].widget.attrs["placeholder"] = _("7 or 2周")
        self.fields["dx"].widget.attrs.update(
            {
                "data-suggest-url": reverse("diagnosis_suggest"),
                "data-suggest-target": "id_code",
                "data-suggest-press": "find-dx",
                "placeholder": _("Pinyin, name or code; ? at the end: suspected"),
            }
        )

    def aim(self, at: str, *, read_only: bool) -> None:
        """Put the focus where work goes on: the first wrong field, else where `at` says."""
        if read_only:
            for field in self.fields.values():
                if not field.widget.is_hidden and not isinstance(field.widget, forms.Select):
                    field.widget.attrs["readonly"] = True
            self.fields["kind"].disabled = True
            return
        wrong = [name for name in self.fields if self.is_bound and name in self.errors]
        name = wrong[0] if wrong else AIMS.get(at, at or "complaint")
        if name in self.fields and not self.fields[name].widget.is_hidden:
            self.fields[name].widget.attrs["autofocus"] = True

    @classmethod
    def of(cls, consultation: Consultation, draft: dict | None = None) -> "RecordForm":
        """The form as it opens: the record, or the newer draft of it."""
        saved, draft = shown(consultation), draft or {"texts": {}, "version": consultation.version}
        is_stale = conflicts.is_open(draft, consultation.version)
        base = draft["base"] if is_stale else conflicts.marks(saved)
        initial = {**saved, **draft["texts"], "version": consultation.version, "base": base}
        return cls(initial=initial, record=consultation)

    def settle(self) -> None:
        """Put what was chosen between two windows into the fields; see registration.conflicts."""
        names = [name for name in self.data.getlist("differs") if name in FIELDS]
        if not names or self.data.get("version") != str(self.record.version):
            return  # nothing to choose, or saved once more meanwhile: to be looked at again
        theirs = shown(self.record)
        chosen, self.undecided = conflicts.settled(self.data, theirs, names)
        self.data = self.data.copy()
        self.data.update(chosen)
        self.is_settled = not self.undecided

    def clean(self):
        cleaned = super().clean()
        if self.undecided:
            text = _("Not saved: please choose for each field what is right.")
            self.add_error(None, text)
        return cleaned

    def keep_on_top_of(self, record: Consultation, draft: dict | None = None) -> list:
        """The fields in which the record differs from what was typed on an older version of it.

        What was typed is based on the record as it stands now, so that the next save, with a
        choice for each field, goes through.
        """
        theirs = shown(record)
        if self.is_bound and self.data.get("version") != str(record.version) or self.undecided:
            mine, base = self.data, self.data.get("base", "")
            self.data = self.data.copy()
            self.data["version"] = str(record.version)
        elif draft is not None and conflicts.is_open(draft, record.version):
            mine, base = theirs | draft["texts"], draft["base"]
        else:
            return []
        return conflicts.differences(self, mine=mine, theirs=theirs, base=base)
