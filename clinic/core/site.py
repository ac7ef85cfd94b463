"""The site's settings: every key with type, default and help; values are edited in the admin."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.core import together
from clinic.core.models import Institution, Setting
from clinic.core.prepared import prepared
from clinic.core.setting_types import Definition

log = logging.getLogger("clinic.settings")
# Where somebody goes in who was late or was called before (registration.order).
PLACES = {
    "after": _("behind the next few"),
    "slot": _("at the end of the running slot"),
    "session": _("at the end of the session"),
    "usual": _("by class and time"),
}

DEFINITIONS = {
    definition.key: definition
    for definition in [
        Definition("site.charges", False, _("Patients pay before drugs are dispensed.")),
        Definition(
            "site.pharmacy",
            True,
            _("The clinic has a pharmacy: stock, review of prescriptions, dispensing."),
        ),
        Definition("site.booking", True, _("Patients book online.")),
        Definition("site.treatments", True, _("The clinic has a treatment room.")),
        Definition("site.follow_up", True, _("The clinic keeps files of long care (follow-ups).")),
        Definition(
            "cashier.part_payment", False, _("A bill may be paid in part; the rest is owed.")
        ),
        Definition(
            "cashier.receipt_paper",
            "80",
            _("Paper of receipts: a roll of 80 or 58 mm, or A5."),
            choices={"80": "80 mm", "58": "58 mm", "a5": "A5"},
        ),
        Definition("site.check_in_at_desk", True, _("Registration at the desk checks in as well.")),
        Definition(
            "site.slip_paper_mm", 80, _("Width of the slip printer's paper, 58 or 80."), 58, 80
        ),
        Definition(
            "queue.priority_age", 65, _("Age from which a patient is called first (R-92)."), 1, 150
        ),
        Definition(
            "queue.recalled",
            "after",
            _(
                "Where somebody goes in who was passed over or comes back from an examination "
                "(R-91)."
            ),
            choices=PLACES,
        ),
        Definition(
            "queue.recalled_after", 2, _("A recalled patient waits for this many (R-167)."), 0, 100
        ),
        Definition(
            "queue.late",
            "after",
            _("The same for whoever checks in after the promised time is over (R-90)."),
            choices=PLACES,
        ),
        Definition("queue.late_after", 2, _("A late patient waits for this many (R-91)."), 0, 100),
        Definition(
            "queue.booked_first",
            True,
            _("Booked patients are called before those who simply came (R-92)."),
        ),
        Definition(
            "queue.fair_minutes",
            30,
            _(
                "After two priority calls in a row, whoever waits in usual order for more than so "
                "many minutes comes next (R-93)."
            ),
            1,
            600,
        ),
        Definition(
            "queue.early_minutes",
            1440,
            _(
                "Check-in opens so many minutes before the promised time; 1440: at any time of "
                "the day (R-90)."
            ),
            0,
            1440,
        ),
        Definition(
            "queue.next_finishes",
            False,
            _("Calling the next patient finishes the record that is open (R-94)."),
        ),
        Definition(
            "visit.return_days",
            30,
            _("A visit so many days after an earlier one is a return visit (R-104)."),
            1,
            3650,
        ),
        Definition(
            "record.paper",
            "a4",
            _("Paper on which outpatient records are printed."),
            choices={"a4": "A4", "a5": "A5"},
        ),
        Definition("booking.days", 7, _("Online booking is open for so many days ahead."), 1, 60),
        Definition(
            "booking.close_minutes",
            30,
            _("Online booking closes so many minutes before a session (R-103)."),
            0,
            1440,
        ),
        Definition(
            "booking.per_day", 2, _("Online bookings of one person for one day, at most."), 1, 20
        ),
        Definition(
            "booking.missed_stops",
            False,
            _("Who did not come to 3 online bookings in 90 days books at the desk only (R-103)."),
        ),
        Definition(
            "record.archive_hours",
            24,
            _("Hours for which a doctor may correct a signed record; then it is archived (R-145)."),
            0,
            72,
        ),
        Definition(
            "record.assistants_independent",
            False,
            _("Assistant doctors practise alone here (townships, villages): no countersigning."),
        ),
        Definition("display.number_only", False, _("The waiting-room screen shows no names.")),
        Definition(
            "display.voice",
            "name",
            _("What the screen says aloud of a call."),
            choices={
                "name": _("number and masked name"),
                "number": _("the number alone"),
                "off": _("nothing"),
            },
        ),
        Definition("display.notice", "", _("The line at the foot of the waiting-room screen.")),
        Definition(
            "display.address",
            "",
            _("Address that patients' phones reach."),
            example="http://192.168.1.10:8081",
        ),
        Definition(
            "prescription.child_age",
            14,
            _("Below this age a prescription is paediatric (R-10)."),
            1,
            30,
        ),
        Definition(
            "dispensing.alone",
            True,
            _(
                "One pharmacist on duty may hand out what they reviewed themselves, signing again "
                "with the password (R-33); no: another person always hands out."
            ),
        ),
        Definition(
            "prescription.label_paper",
            "70x50",
            _("Labels for the bags of drugs in mm: 60×40 or 70×50 (R-161)."),
            choices={"60x40": "60×40 mm", "70x50": "70×50 mm"},
        ),
        Definition("prescription.max_days", 7, _("Usual longest supply in days (R-23)."), 1, 365),
        Definition(
            "prescription.solvents_free",
            False,
            _("Solvents of infusions are not counted among the five drugs of a sheet (R-14)."),
        ),
        Definition(
            "skin_test.minutes",
            20,
            _("A skin test is read so many minutes after it was put on (R-45)."),
            1,
            120,
        ),
        Definition(
            "antibiotics.into_vein",
            False,
            _("The county approved antibiotics into a vein for this station or clinic (R-50)."),
        ),
        Definition(
            "allergy.confirm_days",
            180,
            _("Allergies are confirmed again after days (R-44)."),
            1,
            3650,
        ),
        Definition(
            "security.open_file_hours",
            4,
            _("A file opened with a reason stays open for hours."),
            1,
            72,
        ),
        Definition("security.codes_for_all", False, _("Everybody signs in with a one-time code.")),
        Definition(
            "audit.many_files",
            150,
            _("So many files opened by one person in a week stand out."),
            1,
        ),
        Definition("security.idle_minutes", 60, _("Sign-out after minutes without work."), 1, 600),
        Definition(
            "security.idle_minutes_admin",
            15,
            _("The same for administrator and auditor, if it is less."),
            1,
            600,
        ),
        Definition(
            "security.password_profile",
            "default",
            _("Password rules; those of classified protection: 90 days, 3 of 4 kinds."),
            choices={"default": _("usual rules"), "mlps": _("classified protection")},
        ),
        Definition("security.one_time_days", 7, _("One-time passwords are good for days."), 1, 90),
        Definition(
            "security.unused_days",
            90,
            _("Accounts that nobody used for days are closed; 0 leaves them open."),
            0,
            3650,
        ),
        Definition(
            "stock.supplier_licence",
            True,
            _("Goods come only from suppliers with a licence in force on file (R-110)."),
        ),
        Definition(
            "help.phones",
            "",
            _("Whom to call in trouble, on the help page and the quick cards; semicolons between."),
            example="王建国 13800000000; 120",
        ),
        Definition(
            "practice.address",
            "",
            _("Address of the practice clinic; in the practice clinic that of the real one."),
            example="https://192.168.1.10:8444",
        ),
        Definition("backup.daily_hour", 12, _("Hour of the daily backup, 0 to 23."), 0, 23),
        Definition("backup.hourly", True, _("Also back up every hour when something changed.")),
        Definition(
            "backup.second_place",
            "",
            _("Folder for a second copy of each backup, on a USB disk or a network share."),
            folder=True,
        ),
        Definition(
            "backup.overdue_hours",
            26,
            _("The backup is overdue after hours without a good one."),
            1,
            720,
        ),
        Definition(
            "backup.verify_days", 7, _("A backup is restored on trial every so many days."), 1, 365
        ),
        Definition(
            "pharmacy.slow_days", 90, _("Drugs nobody wanted for days are slow movers."), 14, 1000
        ),
        Definition(
            "pharmacy.quiet_days",
            7,
            _("A stock warning that was dealt with comes back after days if it is still true."),
            1,
            365,
        ),
        Definition(
            "pharmacy.stock_days",
            45,
            _("Upper stock limit: enough for so many days (R-114)."),
            7,
            365,
        ),
        Definition(
            "pharmacy.reserve_days",
            3,
            _("Lower stock limit: until the next delivery and so many days more (R-114)."),
            0,
            90,
        ),
        Definition(
            "security.pin_hours",
            12,
            _("Hours for which the PIN is enough after a password."),
            1,
            24,
        ),
    ]
}


# Within a request: all typed values, once they were asked for; {} before, None outside of one.
_known: ContextVar[dict | None] = ContextVar("settings", default=None)


@prepared
def _every():
    return Setting.objects.values_list("key", "value")


def unknown_settings() -> list[tuple]:
    """The question for all of them, where a request has not asked it yet (clinic.core.together)."""
    return [(_every, ())] if _known.get() == {} else []


@prepared
def _own(keys: tuple[str, ...]):
    return Setting.objects.filter(key__in=keys).values_list("key", "value")


@prepared
def _institution():
    return Institution.objects.order_by("pk")[:1]


def setting(key: str):
    """The typed value of a setting: the site's own, or its default. Unknown keys raise KeyError.

    A row that makes no sense counts as none: no page may stop because of it.
    """
    return settings_of(key)[key]


def settings_of(*keys: str) -> dict:
    """The typed values of several settings in one query; within a request one for all."""
    known = _known.get()
    if known is None:
        return _read(keys, dict(_own(keys)))
    if not known:
        known.update(_read(DEFINITIONS, dict(_every())))
    return {key: known[key] for key in keys}


def _read(keys: Iterable[str], stored: dict[str, str]) -> dict:
    return {key: _typed(DEFINITIONS[key], stored.get(key)) for key in keys}


@contextmanager
def settings_remembered() -> Iterator[None]:
    """What is asked inside is asked of the database once."""
    token = _known.set({})
    try:
        with together.answers_kept():
            yield
    finally:
        _known.reset(token)


def forget_settings(**_signal) -> None:
    """One was changed: ask again."""
    together.forget()
    if known := _known.get():
        known.clear()


def _typed(definition: Definition, text: str | None):
    if text is None:
        return definition.default
    if definition.folder:
        return text  # who uses it says what is wrong; silence would be taken for a copy
    try:
        return definition.parse(text)
    except ValidationError:
        log.error("the setting %s makes no sense and is ignored", definition.key)
        return definition.default


def institution() -> Institution:
    """The clinic's row; an unsaved one with a plain name before it was set up."""
    return _institution.first() or Institution(name=str(_("Clinic")), short_name=str(_("Clinic")))
