"""The ten figures of the pilot: what each is, what it was, what was reached (DOMAIN 10)."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from django.utils.translation import gettext_lazy as _

from clinic.statistics import tallies
from clinic.statistics.tallies import TENTH, Tally

D = Decimal


@dataclass(frozen=True)
class Figure:
    """`original` and `target` are the paper's values before and after its pilot."""

    key: str
    title: object
    unit: object
    original: Decimal
    target: Decimal
    compute: Callable[[Tally], Decimal | None]
    short: object  # on the card, in one line
    meaning: object  # in full
    group: object  # what the group is made of
    less_is_better: bool = False
    by_doctor: bool = True
    anonymous: bool = False  # a small group is shown to nobody

    @property
    def is_share(self) -> bool:
        return self.compute is tallies.share

    @property
    def is_time(self) -> bool:
        return self.compute is _median

    def meets(self, value: Decimal) -> bool:
        if self.key == "allergies":
            return value < self.target  # “below 2 %”
        return value <= self.target if self.less_is_better else value >= self.target

    def gap(self, value: Decimal) -> Decimal:
        """How far from the target; never nothing where it is missed."""
        return max(TENTH, abs(value - self.target).quantize(TENTH, ROUND_CEILING))


def _median(tally: Tally) -> Decimal | None:
    return tallies.median(tally.seconds)


MINUTES, PERCENT = _("min"), "%"
SATISFIED = 4  # “satisfied” and “very satisfied” of five

FIGURES = [
    Figure(
        "waiting", _("Waiting time"), MINUTES, D(22), D(5), _median,
        _("Check-in to first call, median."),
        _("From the check-in (where there is none, from the registration) to the first call; the "
          "median and the value that nine in ten did not exceed. Cancelled visits don't count."),
        _("People called"), less_is_better=True,
    ),
    Figure(
        "consultation", _("Consultation time"), MINUTES, D(38), D(14), _median,
        _("Start to finish, median, without examinations."),
        _("From the start of the consultation to its end, without the time from being sent for an "
          "examination until back with the doctor; the median and the value that nine in ten did "
          "not exceed. Finished visits."),
        _("Finished visits"), less_is_better=True,
    ),
    Figure(
        "daily", _("Daily visits"), _("visits per doctor-day"), D(18), D(27), tallies.per_day,
        _("Finished visits by doctor-days."),
        _("Finished visits divided by doctor-days: the days on which each doctor finished at "
          "least one visit."),
        _("Finished visits"),
    ),
    Figure(
        "files", _("File completeness"), PERCENT, D(58), D(100), tallies.share,
        _("Files of those seen that hold all that is required."),
        _("Of the patients whom a doctor saw in the period: those whose file holds name, sex, "
          "date of birth, document or the reason for none, phone or contact, allergy status and "
          "earlier illness (from 7 years). As the files are today."),
        _("Patients seen"), by_doctor=False,
    ),
    Figure(
        "electronic", _("E-prescription rate"), PERCENT, D(42), D(97), tallies.share,
        _("Written in the system, of all dispensed."),
        _("Dispensed prescriptions that were written in the system, of all that were dispensed, "
          "the registered handwritten ones included; by the day of writing. Voided and expired "
          "ones were not dispensed."),
        _("Dispensed prescriptions"),
    ),
    Figure(
        "compliance", _("Prescription compliance"), PERCENT, D(64), D(98), tallies.share,
        _("None of the 28 items stands on it."),
        _("Evaluated prescriptions on which none of the 28 items of the evaluation stands, the "
          "registered handwritten ones included. A point that nobody has decided counts as "
          "reasonable until then."),
        _("Evaluated prescriptions"),
    ),
    Figure(
        "stock", _("Stock accuracy"), PERCENT, D(76), D("99.5"), tallies.share,
        _("Batches whose book was right at stock-takes."),
        _("Of the batches counted in the stock-takes posted in the period: those whose count was "
          "what the book said. For the whole clinic."),
        _("Batches counted"), by_doctor=False,
    ),
    Figure(
        "allergies", _("Missed allergy history"), PERCENT, D(31), D(2), tallies.share,
        _("Visits with a prescription, allergies not asked."),
        _("Of the visits with an evaluated prescription: those in which the allergies had not "
          "been asked when one was handed in. The pilot came to below 2 %."),
        _("Visits with a prescription"), less_is_better=True,
    ),
    Figure(
        "patients", _("Patient satisfaction"), PERCENT, D(78), D(96), tallies.share,
        _("“Satisfied” or better, by the slip's code."),
        _("Answers “satisfied” and “very satisfied” of all to the question behind the "
          "slip's code, anonymous, from the next day on. For the whole clinic; fewer than 5 are "
          "shown to nobody."),
        _("Answers"), by_doctor=False, anonymous=True,
    ),
    Figure(
        "staff", _("Staff satisfaction"), PERCENT, D(72), D(93), tallies.share,
        _("“Satisfied” or better, asked once a month."),
        _("Answers “satisfied” and “very satisfied” of all to the monthly question on the home "
          "page, anonymous. Of whole calendar months that are over; fewer than 5 are shown to "
          "nobody."),
        _("Answers"), by_doctor=False, anonymous=True,
    ),
]  # fmt: skip
BY_KEY = {figure.key: figure for figure in FIGURES}
DOCTORS = [figure for figure in FIGURES if figure.by_doctor]
