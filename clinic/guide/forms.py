"""What is typed in the first steps, with sensible values already there."""

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core import modules
from clinic.core.errors import RuleBroken
from clinic.core.forms import CleanTextMixin
from clinic.core.models import Institution
from patients.pinyin import full_pinyin
from registration.models import Clinician, Department, Room
from security.models import User
from security.permissions import Role
from security.roles import check_roles

MOST_LINES = 40
# Roles that only a part of the system has work for.
PARTS = {Role.CASHIER: "charges"}
PARTS |= dict.fromkeys([Role.PHARMACIST, Role.TECHNICIAN, Role.REMOTE_PHARMACIST], "pharmacy")
PARTS |= dict.fromkeys([Role.SECOND_CHECKER, Role.STOREKEEPER], "pharmacy")


class ClinicForm(CleanTextMixin, forms.ModelForm):
    """The clinic itself, and the parts of the system it uses."""

    half_width_fields = ("code", "phone")
    uses = forms.MultipleChoiceField(
        label=_("What the clinic uses"),
        required=False,
        choices=modules.WORDS.items,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Institution
        fields = ["name", "short_name", "kind", "phone", "address", "code"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["phone"].required = True
        self.initial["uses"] = [code for code, on in modules.switched().items() if on]

    def own_fields(self) -> dict:
        return {name: self.cleaned_data[name] for name in self.Meta.fields}


def _lines(field: str):
    def clean(self):
        lines = [" ".join(line.split()) for line in self.cleaned_data[field].splitlines()]
        lines = [line for line in lines if line]
        longest = self.longest[field]
        if len(lines) > MOST_LINES or any(len(line) > longest for line in lines):
            raise forms.ValidationError(
                _("Please write at most %(lines)s lines of %(letters)s characters."),
                params={"lines": MOST_LINES, "letters": longest},
            )
        return lines

    return clean


class PlacesForm(CleanTextMixin, forms.Form):
    """Departments and rooms, one on each line."""

    longest = {"departments": 30, "rooms": 20}
    departments = forms.CharField(
        label=_("Departments, one on each line"), widget=forms.Textarea(attrs={"rows": 4})
    )
    rooms = forms.CharField(
        label=_("Consulting rooms, one on each line"), widget=forms.Textarea(attrs={"rows": 4})
    )
    clean_departments = _lines("departments")
    clean_rooms = _lines("rooms")

    @staticmethod
    def begun_with() -> dict:
        departments = Department.objects.filter(active=True).values_list("name", flat=True)
        rooms = Room.objects.values_list("name", flat=True)
        return {
            "departments": "\n".join(departments) or "全科",
            "rooms": "\n".join(rooms) or "1诊室",
        }


class PersonForm(CleanTextMixin, forms.Form):
    """A person who works here; the last four fields are for doctors."""

    half_width_fields = ("username", "licence_no")
    full_name = forms.CharField(label=_("Name"), max_length=50)
    username = forms.RegexField(
        r"^[A-Za-z0-9._-]+$",
        label=_("Signs in as"),
        max_length=40,
        required=False,
        help_text=_("Left empty: the name in pinyin."),
        error_messages={"invalid": _("Please use letters, digits, dot or hyphen.")},
    )
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=Role.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one role.")},
    )
    department = forms.ModelChoiceField(
        label=_("Works in department"), queryset=Department.objects.none(), required=False
    )
    room = forms.ModelChoiceField(
        label=_("Consulting room"), queryset=Room.objects.none(), required=False
    )
    title = forms.ChoiceField(
        label=_("Title"), choices=Clinician.Title.choices, initial=Clinician.Title.RESIDENT
    )
    licence_no = forms.CharField(
        label=_("Number of the doctor's licence"), max_length=30, required=False
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        departments = Department.objects.filter(active=True).order_by("pk")
        rooms = Room.objects.order_by("name")
        self.fields["department"].queryset, self.fields["room"].queryset = departments, rooms
        taken = Clinician.objects.filter(active=True).values("room")
        free = rooms.exclude(pk__in=taken).first() or rooms.first()
        self.fields["department"].initial, self.fields["room"].initial = departments.first(), free
        self.fields["title"].required = False
        used = {code for code, on in modules.switched().items() if on} | {""}
        self.fields["roles"].choices = [
            (role.value, role.label) for role in Role if PARTS.get(role, "") in used
        ]

    def clean_roles(self):
        try:
            check_roles(set(self.cleaned_data["roles"]))
        except RuleBroken as error:
            raise forms.ValidationError(error.message) from error
        return self.cleaned_data["roles"]

    def clean(self):
        cleaned = super().clean()
        if cleaned.get("full_name") and not cleaned.get("username") and not self.errors:
            cleaned["username"] = _free_name(full_pinyin(cleaned["full_name"])[:36])
        return cleaned

    def place(self) -> dict:
        given = {name: self.cleaned_data[name] for name in ("department", "room", "licence_no")}
        return {**given, "title": self.cleaned_data["title"] or Clinician.Title.RESIDENT}


def _free_name(wanted: str) -> str:
    """`linhaisheng`, or with a number behind it for the second person of that name."""
    known = set(User.objects.filter(username__startswith=wanted).values_list("username", flat=True))
    tries = [wanted, *(f"{wanted}{number}" for number in range(2, 100))]
    return next((name for name in tries if name not in known), wanted)


class BackupForm(CleanTextMixin, forms.Form):
    """Where the second copy goes."""

    folder = forms.CharField(
        label=_("Folder on a USB disk or a network share"),
        max_length=400,
        error_messages={"required": _("Please write the whole path of the folder.")},
    )
