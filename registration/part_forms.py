"""The fields of the outpatient record (R-70): texts, kind of visit, sick note, follow-up."""

from datetime import date, timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.forms import CleanTextMixin
from registration.day_text import read_day
from registration.models import Consultation
from registration.parts import TEXTS

FIRST, RETURN, EMERGENCY = "first", "return", "emergency"
KINDS = [
    (FIRST, gettext_lazy("First visit")),
    (RETURN, gettext_lazy("Return visit")),
    (EMERGENCY, gettext_lazy("Emergency")),
]
LONGEST_SICK = 366
FURTHEST = 3 * 366
# Sections that are folded away while there is nothing in them.
FOLDS = {
    "past_history": ("past_history",),
    "auxiliary": ("auxiliary",),
    "after": (
        "follow_up",
        "sick_days",
        "sick_from",
        "sick_reason",
        "referral_to",
        "referral_reason",
    ),
}


def _line(label, longest: int, *, key: str = "", **attrs) -> forms.CharField:
    attrs = {**attrs, "accesskey": key} if key else attrs
    return forms.CharField(
        label=label, required=False, max_length=longest, widget=forms.TextInput(attrs=attrs)
    )


def _text(label, *, key: str, rows: int = 1) -> forms.CharField:
    attrs = {"rows": rows, "accesskey": key, **({"class": "two"} if rows > 1 else {})}
    return forms.CharField(
        label=label, required=False, max_length=2000, widget=forms.Textarea(attrs=attrs)
    )


class PartsForm(CleanTextMixin, forms.Form):
    """What is typed into a record, besides vital signs and diagnoses."""

    half_width_fields = ("follow_up", "sick_days", "sick_from")

    complaint = _line(gettext_lazy("Complaint"), 500, key="1")
    present_illness = _text(gettext_lazy("Illness"), key="4", rows=2)
    past_history = _text(gettext_lazy("Past history"), key="5")
    examination = _text(gettext_lazy("Findings"), key="6")
    auxiliary = _text(gettext_lazy("Test results"), key="7")
    advice = _text(gettext_lazy("Opinion"), key="8")
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind of visit"), required=False, choices=KINDS, widget=forms.Select
    )
    follow_up = _line(gettext_lazy("Follow-up"), 20, key="9", **{"class": "w-d"})
    sick_days = forms.IntegerField(
        label=gettext_lazy("Sick leave, days"),
        required=False,
        min_value=1,
        max_value=LONGEST_SICK,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "w-n"}),
        error_messages={
            "invalid": gettext_lazy("Please write the days as a number, like 3."),
            "min_value": gettext_lazy("Please write the days as a number, like 3."),
            "max_value": gettext_lazy("A sick note covers 366 days at most."),
        },
    )
    sick_from = _line(gettext_lazy("from (day)"), 20, **{"class": "w-d"})
    sick_reason = _line(gettext_lazy("Reason"), 200)
    referral_to = _line(gettext_lazy("Refer to"), 100)
    referral_reason = _line(gettext_lazy("Reason of the referral"), 500)

    @property
    def day(self) -> date:
        """Days are counted from the day of the visit, also when midnight has passed."""
        record = getattr(self, "record", None)
        return timezone.localdate(record.started_at) if record else timezone.localdate()

    def clean_follow_up(self) -> date | None:
        due = self._day("follow_up")
        if due is None:
            return None
        if not self.day < due <= self.day + timedelta(days=FURTHEST):
            raise forms.ValidationError(
                _("Please write a day after this visit, like 7 (days), 2周 or 2026-11-30.")
            )
        return due

    def clean_sick_from(self) -> date | None:
        first = self._day("sick_from")
        if first is not None and abs((first - self.day).days) > LONGEST_SICK:
            raise forms.ValidationError(_("This day is too far away. Please look again."))
        return first

    def _day(self, name: str) -> date | None:
        words = self.cleaned_data[name]
        if not words:
            return None
        found = read_day(words, self.day)
        if found is None:
            raise forms.ValidationError(
                _("Please write a day, like 2026-11-30 or 11-30, or in how many days, like 7.")
            )
        return found

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("sick_from") and not cleaned.get("sick_days"):
            if "sick_days" not in self.errors:
                self.add_error("sick_days", _("Please write how many days the sick note covers."))
        return cleaned

    def parts(self) -> dict[str, object]:
        """What goes into the record (registration.parts)."""
        cleaned = self.cleaned_data
        days = cleaned["sick_days"]
        first = (cleaned["sick_from"] or self.day) if days else None
        kind = {
            FIRST: {"first_visit": True, "emergency": False},
            RETURN: {"first_visit": False, "emergency": False},
            EMERGENCY: {"emergency": True},
        }
        return {
            **{name: cleaned[name] for name in TEXTS},
            **kind.get(cleaned["kind"], {}),
            "follow_up_on": cleaned["follow_up"],
            "sick_from": first,
            "sick_until": first + timedelta(days=days - 1) if first else None,
        }

    def is_open(self, fold: str, *, at: str = "") -> bool:
        """True for a section that shows its fields: something stands in it, or is wrong with it."""
        names = FOLDS[fold]
        if fold == "past_history" and self["kind"].value() == FIRST:
            return True
        return at == fold or any(self[name].value() or self[name].errors for name in names)


FIELDS = tuple(PartsForm.base_fields)


def kind_of(record: Consultation) -> str:
    """Which of the three kinds of record this is (R-70)."""
    if record.emergency:
        return EMERGENCY
    return FIRST if record.first_visit else RETURN


def shown(record: Consultation) -> dict[str, str]:
    """The record's parts as the form's fields show them: plain text, which drafts keep too."""
    days = (record.sick_until - record.sick_from).days + 1 if record.sick_until else ""
    return {
        **{name: getattr(record, name) or "" for name in TEXTS},
        "kind": kind_of(record),
        "follow_up": _iso(record.follow_up_on),
        "sick_days": str(days),
        "sick_from": _iso(record.sick_from),
    }


def _iso(day: date | None) -> str:
    return day.isoformat() if day else ""
