"""When a file of each kind is due: R-63 to R-68."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from patients.age import age_years
from patients.models import CareFile, CareKind

SOON = timedelta(days=14)  # uncontrolled, referred, not reached: two weeks
QUARTER = 3  # months: at least four times a year
YEAR = 12
# Kinds whose next date follows from the last one; the others have a plan from the first day.
PERIODIC = {CareKind.HYPERTENSION: QUARTER, CareKind.DIABETES: QUARTER, CareKind.ELDERLY: YEAR}
ELDERLY_FROM, CHILD_BELOW = 65, 7
REFERRAL, AGAIN = "referral", "again"
STILL_WORTH_IT = timedelta(days=30)  # a date of a plan that passed so lately is made up for
PREGNANCY = timedelta(days=280)
FIRST_BY = timedelta(weeks=13)


@dataclass(frozen=True)
class Step:
    """One date of a fixed plan: due `days` or `months` after its anchor."""

    key: str
    label: object = ""
    months: int = 0
    days: int = 0


# The windows of the antenatal visits are from memory of GW3; each date lies inside its window.
CHILD = [
    Step("home", gettext_lazy("Newborn, home visit"), days=7),  # after discharge
    Step("d30", gettext_lazy("Newborn, 28 to 30 days"), days=30),
    *(Step(f"m{months}", months=months) for months in (3, 6, 8, 12, 18, 24, 30, 36)),
    *(Step(f"y{years}", months=years * 12) for years in (4, 5, 6)),
]
ANTENATAL = [
    Step("an1", gettext_lazy("1st antenatal visit, before 13 weeks"), days=13 * 7 - 1),
    Step("an2", gettext_lazy("2nd antenatal visit, 16 to 20 weeks"), days=18 * 7),
    Step("an3", gettext_lazy("3rd antenatal visit, 21 to 24 weeks"), days=23 * 7),
    Step("an4", gettext_lazy("4th antenatal visit, 28 to 36 weeks"), days=32 * 7),
    Step("an5", gettext_lazy("5th antenatal visit, 37 to 40 weeks"), days=38 * 7),
]
POSTPARTUM = [
    Step("pp7", gettext_lazy("Postpartum visit, within 7 days"), days=7),
    Step("pp42", gettext_lazy("Postpartum check, 42 days"), days=42),
]
LABELS = {step.key: step.label for step in [*CHILD, *ANTENATAL, *POSTPARTUM]} | {
    REFERRAL: gettext_lazy("Check of the referral"),
    AGAIN: gettext_lazy("Another try"),
}


def label(step: str) -> str:
    """What the date is for, in words; a usual one of a chronic file needs none."""
    if words := LABELS.get(step):
        return str(words)
    unit, count = step[:1], step[1:]
    if not count.isdigit():
        return ""
    words = _("%(count)s months old") if unit == "m" else _("%(count)s years old")
    return words % {"count": count}


def add_months(day: date, months: int) -> date:
    """The same day of a later month; the last one where the month is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in range(day.day, 27, -1):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    return date(year, month + 1, day.day)


def first_dates(kind: str, facts: dict, *, born: date, opened_on: date) -> list[tuple[str, date]]:
    """(step, day) of everything that is planned when a file is opened."""
    if kind in PERIODIC:
        return [("", opened_on)]
    if kind == CareKind.CHILD:
        dates = [(step.key, _child_day(step, facts, born)) for step in CHILD]
    else:
        last_period = date.fromisoformat(facts["last_period"])
        dates = [(step.key, last_period + timedelta(days=step.days)) for step in ANTENATAL]
        # Filed late: the first visit is what is done at the opening.
        dates[0] = ("an1", max(dates[0][1], opened_on))
    return [(key, day) for key, day in dates if day >= opened_on - STILL_WORTH_IT]


def _child_day(step: Step, facts: dict, born: date) -> date:
    if step.months:
        return add_months(born, step.months)
    since = date.fromisoformat(facts.get("discharged") or born.isoformat())
    return (since if step.key == "home" else born) + timedelta(days=step.days)


def after_delivery(delivered_on: date, discharged_on: date | None) -> list[tuple[str, date]]:
    """The postpartum visits: within 7 days of discharge, and 42 days after the birth (R-67)."""
    home, later = POSTPARTUM
    return [
        (home.key, (discharged_on or delivered_on) + timedelta(days=home.days)),
        (later.key, delivered_on + timedelta(days=later.days)),
    ]


def next_date(kind: str, done_on: date, *, soon: bool) -> date | None:
    """The latest day of the next follow-up; None where a plan of its own goes on (R-68)."""
    if kind not in PERIODIC:
        return None
    return done_on + SOON if soon else add_months(done_on, PERIODIC[kind])


def weeks_of(care_file: CareFile, on: date) -> str:
    """Completed weeks and days of a pregnancy: 24+3."""
    days = (on - date.fromisoformat(care_file.facts["last_period"])).days
    return f"{days // 7}+{days % 7}"


def opening_problem(kind: str, facts: dict, *, born: date, sex: str, on: date) -> tuple | None:
    """(field, words) of why no file of this kind is opened for this person."""
    years = age_years(born, on)
    if kind == CareKind.ELDERLY and years < ELDERLY_FROM:
        return "kind", _("The file of the elderly begins at 65; this person is %(years)s.") % {
            "years": years
        }
    if kind == CareKind.CHILD and years >= CHILD_BELOW:
        return "kind", _("The file of a child ends at 6; this person is %(years)s.") % {
            "years": years
        }
    if kind == CareKind.CHILD and facts.get("discharged", born.isoformat()) < born.isoformat():
        return "discharged", _("The day of discharge lies before the birth. Please check it.")
    return _pregnancy_problem(facts, sex, on) if kind == CareKind.PREGNANCY else None


def _pregnancy_problem(facts: dict, sex: str, on: date) -> tuple | None:
    if sex == "1":
        return "kind", _("The patient's file says male. Please correct it there first.")
    if not facts.get("last_period"):
        return "last_period", _("Please write the first day of the last period, like 2026-05-01.")
    days = (on - date.fromisoformat(facts["last_period"])).days
    if not 0 <= days <= 44 * 7:
        return "last_period", _("This day is no last period of a pregnancy now. Please check it.")
    return None
