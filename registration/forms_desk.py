"""What is typed at the desk beside a registration for now: a time, a booking, a number on paper."""

import datetime

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from patients.models import Sex
from registration.choosing import Choice
from registration.forms_schedule import date_field
from registration.models import Session
from registration.models.paper import MOST_ON_SHEET
from registration.paper import next_unused

SEEN, WAITING, LEFT = "seen", "waiting", "left"  # what became of a number on paper
GONE = _("This time can't be chosen any more. Please choose another.")


class PlaceForm(forms.Form):
    """A session and a time of it: one tile each, full ones too."""

    place = forms.ChoiceField(
        label=_("Time"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose a time."), "invalid_choice": GONE},
    )
    added = forms.BooleanField(label=_("Add a number beyond the quota"), required=False)

    def __init__(self, *args, choices: list[Choice], **kwargs):
        super().__init__(*args, **kwargs)
        self.sessions = {str(one.session.pk): one.session for one in choices}
        self.groups = [{"choice": one, "tiles": self._tiles(one)} for one in choices]
        tiles = [tile for group in self.groups for tile in group["tiles"]]
        self.fields["place"].choices = [(tile["value"], tile["label"]) for tile in tiles]
        chosen = self.data.get("place") if self.is_bound else self._first(tiles)
        for tile in tiles:
            tile["checked"] = tile["value"] == chosen
            tile["autofocus"] = tile["checked"]

    @staticmethod
    def _tiles(one: Choice) -> list[dict]:
        key = one.session.pk
        tiles = [
            {
                "value": f"{key}@{opening.slot.starts:%H:%M}",
                "label": f"{opening.slot.starts:%H:%M}",
                "left": opening.left,
            }
            for opening in one.openings
        ]
        walk_in = {"value": f"{key}@", "label": _("Without a time"), "left": max(one.left, 0)}
        return [walk_in, *tiles] if one.is_today else tiles

    @staticmethod
    def _first(tiles: list[dict]) -> str | None:
        return next((tile["value"] for tile in tiles if tile["left"] > 0), None)

    def wanted(self) -> dict:
        """The arguments of the verbs: session=, slot=, added=."""
        key, _at, time = self.cleaned_data["place"].partition("@")
        session: Session = self.sessions[key]
        slot = datetime.time.fromisoformat(time) if time else None
        return {"session": session, "slot": slot, "added": self.cleaned_data["added"]}


class FindBookingForm(CleanTextMixin, forms.Form):
    """Whatever the person has at hand; posted, because it may be a document number."""

    half_width_fields = ("q",)

    q = forms.CharField(
        label=_("Find a booking: code, document number or phone"),
        max_length=40,
        error_messages={"required": _("Nothing was typed. Please type a code or number.")},
    )


class SheetForm(forms.Form):
    """For which doctors emergency numbers are printed, and how many for each."""

    clinicians = forms.MultipleChoiceField(
        label=_("Doctors"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one doctor.")},
    )
    count = forms.IntegerField(
        label=_("Numbers for each"), min_value=1, max_value=MOST_ON_SHEET, initial=20
    )

    def __init__(self, *args, clinicians, **kwargs):
        super().__init__(*args, **kwargs)
        self.doctors = {str(one.pk): one for one in clinicians}
        self.fields["clinicians"].choices = [
            (key, f"{one.letter} {one.user.full_name}") for key, one in self.doctors.items()
        ]

    def clean_clinicians(self) -> list:
        return [self.doctors[key] for key in self.cleaned_data["clinicians"]]


class PaperForm(CleanTextMixin, forms.Form):
    """One row of the pile: number, time, who; a person without a file in a few fields."""

    half_width_fields = ("number", "time", "phone", "birth_date", "contact_phone")

    day = date_field(_("Day"))
    number = forms.CharField(
        label=_("Emergency number"),
        max_length=8,
        error_messages={"required": _("Please write the number on the paper.")},
    )
    time = forms.TimeField(
        label=_("Given at"),
        input_formats=["%H:%M", "%H%M", "%H：%M"],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "placeholder": "08:05"}),
        error_messages={
            "required": _("Please write when the number was given."),
            "invalid": _("Please write a time like 08:05 or 0805."),
        },
    )
    q = forms.CharField(
        label=_("Patient: name, pinyin, phone or document number"), max_length=60, required=False
    )
    clinician = forms.ChoiceField(label=_("Doctor"), required=False)
    now = forms.ChoiceField(
        label=_("Where the patient is now"),
        widget=forms.RadioSelect,
        choices=[
            (SEEN, _("Seen by the doctor already")),
            (WAITING, _("Still waiting: to be called")),
            (LEFT, _("Left without being seen")),
        ],
        error_messages={"required": _("Please choose: only who still waits is called.")},
    )
    patient = forms.UUIDField(required=False, widget=forms.HiddenInput)
    # A new file, as short as the rules allow.
    name = forms.CharField(label=_("Name"), max_length=50, required=False)
    sex = forms.ChoiceField(
        label=_("Sex"),
        required=False,
        choices=[("", "—"), (Sex.MALE, Sex.MALE.label), (Sex.FEMALE, Sex.FEMALE.label)],
    )
    birth_date = forms.DateField(
        label=_("Date of birth"), required=False, input_formats=["%Y-%m-%d", "%Y%m%d"]
    )
    phone = forms.CharField(label=_("Phone"), max_length=20, required=False)
    contact_name = forms.CharField(label=_("Contact person"), max_length=50, required=False)
    contact_relation = forms.CharField(label=_("Relation"), max_length=20, required=False)
    contact_phone = forms.CharField(label=_("Contact's phone"), max_length=20, required=False)

    def __init__(self, *args, clinicians, **kwargs):
        super().__init__(*args, **kwargs)
        self.doctors = {str(one.pk): one for one in clinicians}
        self.fields["clinician"].choices = [
            ("", _("that of the number")),
            *((key, one.user.full_name) for key, one in self.doctors.items()),
        ]

    @classmethod
    def after(cls, visit, *, clinicians) -> "PaperForm":
        """The next row of the pile begins where the last one ended."""
        if visit is None:
            return cls(initial={"day": timezone.localdate()}, clinicians=clinicians)
        local = timezone.localtime(visit.registered_at)
        initial = {
            "day": visit.day,
            "number": next_unused(visit.number),
            "time": local.strftime("%H:%M"),
            # Who still waits is chosen each time: such a person is called over the screen.
            "now": SEEN if visit.started_at is not None else "",
        }
        return cls(initial=initial, clinicians=clinicians)

    def clean_clinician(self):
        return self.doctors.get(self.cleaned_data["clinician"])
