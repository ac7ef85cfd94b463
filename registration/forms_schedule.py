"""What is typed into the week: hours of one part of a day, a doctor away, a public holiday."""

import datetime

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from registration.models import Period, Room, Session
from registration.planning import Hours

# What is usual, for a part of the day that has no hours yet.
USUAL_HOURS = {
    Period.MORNING: (datetime.time(8, 0), datetime.time(12, 0)),
    Period.AFTERNOON: (datetime.time(14, 0), datetime.time(17, 30)),
    Period.NIGHT: (datetime.time(18, 0), datetime.time(21, 0)),
}
MOST_PLACES = 500
# A moved working day, by the weekday whose plan it follows.
WORKED_AS = [
    (0, _("worked as a Monday")),
    (1, _("worked as a Tuesday")),
    (2, _("worked as a Wednesday")),
    (3, _("worked as a Thursday")),
    (4, _("worked as a Friday")),
    (5, _("worked as a Saturday")),
    (6, _("worked as a Sunday")),
]
TIME = {"invalid": _("Please write a time like 08:30."), "required": _("Please write a time.")}
NUMBER = {
    "invalid": _("Please write a whole number."),
    "required": _("Please write a number."),
}


def _time(label) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages=TIME,
    )


def _count(label, low: int, high: int) -> forms.IntegerField:
    return forms.IntegerField(
        label=label,
        min_value=low,
        max_value=high,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages=NUMBER,
    )


def date_field(label) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "invalid": _("Please write a date like 2026-10-01."),
            "required": _("Please write a date."),
        },
    )


class HoursForm(forms.Form):
    """One part of one day, of a date or of the usual week."""

    starts = _time(_("From"))
    ends = _time(_("To"))
    room = forms.ModelChoiceField(label=_("Room"), queryset=Room.objects.none(), required=False)
    quota = _count(_("Numbers"), 1, MOST_PLACES)
    online_quota = _count(_("Of these, online"), 0, MOST_PLACES)
    slot_minutes = _count(_("Minutes of a slot"), 5, 240)
    active = forms.BooleanField(label=_("Held every week"), required=False)
    knowingly = forms.BooleanField(label=_("They are told"), required=False)

    def __init__(self, *args, is_plan: bool, of=None, period: str = "", **kwargs):
        """`of` is the session or plan as it stands; without it the usual hours of `period`."""
        super().__init__(*args, **{"initial": self._begun_with(of, period), **kwargs})
        self.fields["room"].queryset = Room.objects.order_by("name")
        self.fields["room"].empty_label = _("the doctor's own")
        del self.fields["knowingly" if is_plan else "active"]
        self.asks_knowing = False
        if not self.is_bound:
            self.fields["starts"].widget.attrs["autofocus"] = True

    @staticmethod
    def _begun_with(of, period: str) -> dict:
        if of is None:
            starts, ends = USUAL_HOURS[Period(period)]
            usual = {"quota": 30, "online_quota": 0, "slot_minutes": 30, "active": True}
            return {"starts": starts, "ends": ends, **usual}
        names = ("starts", "ends", "quota", "online_quota", "slot_minutes")
        values = {name: getattr(of, name) for name in names}
        return {**values, "room": of.room_id, "active": getattr(of, "active", True)}

    def hours(self) -> Hours:
        names = ("starts", "ends", "room", "quota", "online_quota", "slot_minutes")
        return Hours(**{name: self.cleaned_data[name] for name in names})


class AwayForm(CleanTextMixin, forms.Form):
    """A doctor is away, on these days or for one part of them (R-100)."""

    clinician = forms.ChoiceField(
        label=_("Doctor"), error_messages={"required": _("Please choose a doctor.")}
    )
    since = date_field(_("First day"))
    until = date_field(_("Last day"))
    period = forms.ChoiceField(
        label=_("Part of the day"), required=False, choices=[("", _("Whole day")), *Period.choices]
    )
    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=Session.StopReason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose a reason.")},
    )

    def __init__(self, *args, clinicians, **kwargs):
        super().__init__(*args, **kwargs)
        self.doctors = {str(one.pk): one for one in clinicians}
        self.fields["clinician"].choices = [
            ("", "—"),
            *((key, f"{one.letter} {one.user.full_name}") for key, one in self.doctors.items()),
        ]

    def clean_clinician(self):
        return self.doctors[self.cleaned_data["clinician"]]


class HolidayForm(CleanTextMixin, forms.Form):
    """One date: closed, or worked as another weekday. A date that is there is written anew."""

    date = date_field(_("Date"))
    name = forms.CharField(
        label=_("Holiday"),
        max_length=20,
        error_messages={"required": _("Please write the name of the holiday.")},
    )
    as_weekday = forms.TypedChoiceField(
        label=_("On this day"),
        required=False,
        choices=[("", _("Closed")), *WORKED_AS],
        coerce=int,
        empty_value=None,
    )
