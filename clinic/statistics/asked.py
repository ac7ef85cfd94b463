"""What is asked for: which days, whose; and who may see what (R-142)."""

from dataclasses import dataclass

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.days import clamped
from clinic.core.forms import CleanTextMixin
from clinic.statistics.spans import KINDS, LONGEST, MONTH, OWN, Span, so_far, whole
from registration.models import Clinician
from security.permissions import P

DATE, SELECT = {"type": "date", "class": "form-control"}, {"class": "form-select"}


@dataclass(frozen=True)
class Doctor:
    """A doctor as far as figures name one."""

    pk: int
    name: str
    department: int
    department_name: str
    user: int


def doctors() -> list[Doctor]:
    """Also those who work here no more; one query."""
    rows = Clinician.objects.order_by("letter")
    fields = ("pk", "user__full_name", "department", "department__name", "user")
    return [Doctor(*row) for row in rows.values_list(*fields)]


def compares(user) -> bool:
    """Sees every doctor by name; others see the clinic and their own line."""
    return user.has_perm(P.COMPARE_DOCTORS)


def sees_small_groups(user) -> bool:
    """Whoever works with the patients' records anyway."""
    return user.has_perm(P.READ_CHART) or user.has_perm(P.REVIEW_PRESCRIPTION)


@dataclass(frozen=True)
class Asked:
    """One page of figures: for whom, over which days, of whom."""

    user: object
    span: Span
    doctors: tuple[Doctor, ...]
    doctor: int | None = None
    department: int | None = None

    @property
    def whose(self) -> dict:
        return {"doctor": self.doctor, "department": self.department}

    @property
    def is_whole(self) -> bool:
        return not (self.doctor or self.department)

    @property
    def named(self) -> list[Doctor]:
        """The doctors who have a line of their own."""
        if not compares(self.user):
            return [one for one in self.doctors if one.user == self.user.pk]
        return [
            one
            for one in self.doctors
            if (not self.doctor or one.pk == self.doctor)
            and (not self.department or one.department == self.department)
        ]

    @property
    def query(self) -> dict:
        """What leads to the same page."""
        words = {"period": self.span.kind, "since": self.span.since.isoformat()}
        words["until"] = self.span.until.isoformat()
        return {**words, **{name: pk for name, pk in self.whose.items() if pk}}


class AskForm(CleanTextMixin, forms.Form):
    """Days by name (`period` and its first day) or of one's own; a department, a doctor."""

    period = forms.ChoiceField(
        required=False, choices=[(kind, kind) for kind in KINDS], widget=forms.HiddenInput
    )
    since = forms.DateField(
        label=gettext_lazy("from"), required=False, widget=forms.DateInput(attrs=DATE)
    )
    until = forms.DateField(
        label=gettext_lazy("to"), required=False, widget=forms.DateInput(attrs=DATE)
    )
    department = forms.TypedChoiceField(
        label=gettext_lazy("department"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select(attrs=SELECT),
    )
    doctor = forms.TypedChoiceField(
        label=gettext_lazy("doctor"),
        required=False,
        coerce=int,
        empty_value=None,
        widget=forms.Select(attrs=SELECT),
    )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.user, self.known = user, doctors()
        named = [one for one in self.known if compares(user) or one.user == user.pk]
        self.fields["doctor"].choices = [
            ("", _("All doctors")),
            *((one.pk, one.name) for one in named),
        ]
        departments = {one.department: one.department_name for one in self.known}
        if compares(user) and len(departments) > 1:
            self.fields["department"].choices = [("", _("All departments")), *departments.items()]
        else:
            del self.fields["department"]

    def clean(self):
        cleaned = super().clean()
        today, kind = timezone.localdate(), cleaned.get("period") or OWN
        since, until = cleaned.get("since"), cleaned.get("until")
        since = clamped(since) if since else _start(kind, until, today)
        span = so_far(kind, since, today) if kind else None
        if span is None or span.since != since or (until and until != span.until):
            span = Span(OWN, since, clamped(until or today))
        if span.since > span.until and not self.errors:
            raise ValidationError(_("The period ends before it begins. Please correct the dates."))
        if span.length > LONGEST:
            raise ValidationError(
                _("This report covers at most a year. Please choose a shorter period.")
            )
        return {**cleaned, "span": span}

    def asked(self) -> Asked:
        """The answers, or this month where they make no sense."""
        given = self.cleaned_data if self.is_valid() else {}
        return Asked(
            user=self.user,
            span=given.get("span") or so_far(MONTH, timezone.localdate(), timezone.localdate()),
            doctors=tuple(self.known),
            doctor=given.get("doctor"),
            department=given.get("department"),
        )


def _start(kind: str, until, today):
    """The first day where only the last was said, or nothing."""
    return whole(kind or MONTH, clamped(until or today)).since
