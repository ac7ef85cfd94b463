"""The clinic adjusts its sheets itself: paper, place, letters, and what else is printed (R-130).

A layout is saved as a new version with its date and the one who made it. Sheets that are archived
keep the version they were archived with.
"""

from dataclasses import asdict, dataclass, replace
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import RuleBroken
from clinic.core.transactions import atomic_retry
from prescriptions.models import PaperLayout, Prescription
from prescriptions.paper_models import FARTHEST

Paper = PaperLayout.Paper
STEP = Decimal("0.5")  # millimetres
POINTS = ["12.0", "10.5", "9.5", "9.0"]
# What R-7 allows beside what it asks for; the rest is always printed.
OPTIONAL = {
    "weight": gettext_lazy("Weight"),
    "visit": gettext_lazy("First or return"),
    "phone": gettext_lazy("Phone"),
    "address": gettext_lazy("Address"),
    "allergies": gettext_lazy("Allergies"),
}
USUAL = ("weight", "visit", "allergies")


@dataclass(frozen=True)
class Layout:
    """How a sheet is printed, as plain values: what the archive keeps of it."""

    shift_x: str = "0.0"
    shift_y: str = "0.0"
    paper: str = Paper.A5.value
    preprinted: bool = False
    points: str = "10.5"
    shown: tuple[str, ...] = USUAL

    def shows(self, name: str) -> bool:
        return name in self.shown

    @property
    def across(self) -> int:
        """Pages beside each other on one piece of paper."""
        return 1 if self.paper == Paper.A5 else 2

    def as_plain(self) -> dict:
        return {**asdict(self), "shown": list(self.shown)}

    def classes(self) -> str:
        """The classes of css/print-rx-v1.css that move and strip the sheet."""
        shifts = [_shift("x", self.shift_x), _shift("y", self.shift_y)]
        moved = "is-moved" if any(shifts) else ""
        return " ".join(filter(None, [moved, *shifts, "is-bare" if self.preprinted else ""]))


def _shift(axis: str, millimetres: str) -> str:
    steps = int(Decimal(millimetres) / STEP)
    return f"d{axis}{'-' if steps > 0 else '-m'}{abs(steps)}" if steps else ""


def of_row(row: PaperLayout | None) -> Layout:
    """A saved version as plain values; the usual layout where nothing was saved."""
    if row is None:
        return Layout()
    return Layout(
        shift_x=f"{row.shift_x:.1f}",
        shift_y=f"{row.shift_y:.1f}",
        paper=row.paper,
        preprinted=row.preprinted,
        points=f"{row.points:.1f}",
        shown=tuple(name for name in row.shown.split(",") if name in OPTIONAL),
    )


def newest(form: str) -> PaperLayout | None:
    """The version in force of this form of sheet."""
    rows = PaperLayout.objects.filter(form=form).select_related("made_by")
    return rows.order_by("-pk").first()


def current(form: str) -> Layout:
    return of_row(newest(form))


def history(form: str) -> list[PaperLayout]:
    """The latest versions, the newest first."""
    rows = PaperLayout.objects.filter(form=form).select_related("made_by")
    return list(rows.order_by("-pk")[:20])


@atomic_retry
def save_layout(*, form_of_sheet: str, layout: Layout, by) -> PaperLayout:
    """A new version from now on; RuleBroken for what no printer can do."""
    if form_of_sheet not in Prescription.Form.values or layout.paper not in Paper.values:
        raise RuleBroken(_("Not saved: please choose the paper from the list."), field="paper")
    for field in ("shift_x", "shift_y"):
        moved = Decimal(getattr(layout, field))
        if abs(moved) > FARTHEST or moved % STEP:
            raise RuleBroken(
                _("Please write millimetres from -%(most)s to %(most)s in steps of 0.5.")
                % {"most": FARTHEST},
                field=field,
                rule="R-130",
            )
    if layout.points not in POINTS:
        raise RuleBroken(_("Please choose the size of letters from the list."), field="points")
    return PaperLayout.objects.create(
        form=form_of_sheet,
        shift_x=Decimal(layout.shift_x),
        shift_y=Decimal(layout.shift_y),
        paper=layout.paper,
        preprinted=layout.preprinted,
        points=Decimal(layout.points),
        shown=",".join(name for name in OPTIONAL if name in layout.shown),
        made_by=by,
    )


def for_kind(layout: Layout, kind: str) -> Layout:
    """A child's dose is judged by the weight: it stands on every child's sheet."""
    if kind != Prescription.Kind.PAEDIATRIC or layout.shows("weight"):
        return layout
    return replace(layout, shown=("weight", *layout.shown))
