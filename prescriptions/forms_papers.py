"""What is asked about papers: the layout of the sheet, and what is looked for in the archive."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from clinic.core.forms import CleanTextMixin
from clinic.core.period import PeriodForm
from prescriptions.layout import OPTIONAL, POINTS, USUAL, Layout
from prescriptions.models import PaperLayout, Prescription
from prescriptions.paper_models import FARTHEST

MILLIMETRES = {"step": "0.5", "min": -FARTHEST, "max": FARTHEST, "inputmode": "decimal"}


class LayoutForm(CleanTextMixin, forms.Form):
    """The clinic's own layout of its sheets (R-130)."""

    half_width_fields = ("shift_x", "shift_y")

    paper = forms.ChoiceField(label=_("Paper size"), choices=PaperLayout.Paper.choices)
    shift_x = forms.DecimalField(
        label=_("Move to the right, mm"),
        min_value=-FARTHEST,
        max_value=FARTHEST,
        max_digits=3,
        decimal_places=1,
        widget=forms.NumberInput(attrs=MILLIMETRES),
    )
    shift_y = forms.DecimalField(
        label=_("Move down, mm"),
        min_value=-FARTHEST,
        max_value=FARTHEST,
        max_digits=3,
        decimal_places=1,
        widget=forms.NumberInput(attrs=MILLIMETRES),
    )
    points = forms.ChoiceField(
        label=_("Size of letters"),
        choices=[(value, _("%(points)s points") % {"points": value}) for value in POINTS],
    )
    preprinted = forms.BooleanField(
        label=_("The paper is preprinted: leave out words and lines"), required=False
    )
    shown = forms.MultipleChoiceField(
        label=_("Also print"),
        choices=list(OPTIONAL.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    @property
    def layout(self) -> Layout:
        """What was chosen; what makes no sense is as usual, so that a preview is always there."""
        given = self.cleaned_data if self.is_bound and hasattr(self, "cleaned_data") else {}
        return Layout(
            shift_x=_half(given.get("shift_x")),
            shift_y=_half(given.get("shift_y")),
            paper=given.get("paper") or Layout.paper,
            preprinted=bool(given.get("preprinted")),
            points=given.get("points") or Layout.points,
            shown=tuple(given.get("shown", USUAL)),
        )


def _half(value: Decimal | None) -> str:
    return f"{value or Decimal(0):.1f}"


def initial_of(layout: Layout) -> dict:
    """The form's values of a saved layout."""
    return layout.as_plain()


class ArchiveForm(PeriodForm):
    """Number of the sheet or of the patient, name, doctor, class, days of issue."""

    half_width_fields = ("q",)

    q = forms.CharField(
        label=_("Prescription number, record number or name"), max_length=40, required=False
    )
    doctor = forms.CharField(label=_("Doctor"), max_length=40, required=False)
    kind = forms.ChoiceField(
        label=_("Class"), choices=[("", _("All")), *Prescription.Kind.choices], required=False
    )
    only = forms.ChoiceField(
        label=_("Retention"),
        choices=[("", _("All")), ("over", _("May be destroyed"))],
        required=False,
    )

    @staticmethod
    def first_day(until):
        """Without a day to begin with: a year, the shortest time that a sheet is kept."""
        return until.replace(year=until.year - 1, day=1)
