"""Somebody is brought in and nobody knows who it is: a file at once, the name later (R-80)."""

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core.errors import RuleBroken
from clinic.core.numbers import next_number
from clinic.core.on_record import on_record
from clinic.core.transactions import atomic_retry
from patients import born
from patients.identity import OLDEST
from patients.models import IdType, Patient, Sex
from patients.services import register

# Names on file are Chinese in every language of the screen.
NAME = "无名氏{day:%Y%m%d}{serial:03d}"
# What one click guesses; corrected as soon as somebody knows more.
GUESSES = {
    8: gettext_lazy("Child"),
    25: gettext_lazy("Young adult"),
    45: gettext_lazy("Middle-aged"),
    70: gettext_lazy("Old"),
}


@atomic_retry
def open_unnamed(*, by, age: int, sex: str = Sex.UNKNOWN) -> Patient:
    """A file under a name that nobody else has, with a guess of the year of birth."""
    today = timezone.localdate()
    if not 0 <= age <= OLDEST:
        raise RuleBroken(_("Please guess the age, from 0 to %(limit)s.") % {"limit": OLDEST})
    day, precision = born.about(age, today)
    serial = next_number(f"patient.unnamed.{today:%Y%m%d}")
    return register(
        name=NAME.format(day=today, serial=serial),
        sex=sex,
        birth_date=day,
        birth_precision=precision,
        id_type=IdType.NONE.value,
        no_id_reason=on_record(gettext_lazy("Emergency, nobody knows who it is")),
        is_unnamed=True,
        by=by,
    )
