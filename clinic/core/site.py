"""The site's settings: every key with type, default and help; values are edited in the admin."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clinic.core.models import Institution, Setting

YES, NO = {"yes", "是"}, {"no", "否"}


@dataclass(frozen=True)
class Definition:
    """One setting: its key, its default (which also gives the type) and what it does."""

    key: str
    default: object
    help: str
    choices: tuple[str, ...] = ()  # of a text; none: any text

    @property
    def default_text(self) -> str:
        """The default as people write it: yes, no, or the number."""
        if isinstance(self.default, bool):
            return f"({_('yes') if self.default else _('no')})"
        return f"({self.default})"

    def parse(self, text: str):
        """The typed value of `text`; ValidationError when it does not fit the type."""
        if isinstance(self.default, bool):
            if text.strip() not in YES | NO:
                raise ValidationError(_("Please write yes or no."))
            return text.strip() in YES
        if isinstance(self.default, int):
            if not text.strip().isascii() or not text.strip().isdigit():
                raise ValidationError(_("Please write a whole number."))
            return int(text)
        if self.choices and text.strip() not in self.choices:
            words = {"choices": ", ".join(self.choices)}
            raise ValidationError(_("Please write one of these: %(choices)s.") % words)
        return text.strip() if self.choices else text


DEFINITIONS = {
    definition.key: definition
    for definition in [
        Definition("site.charges", False, _("Patients pay before drugs are dispensed.")),
        Definition("site.check_in_at_desk", True, _("Registration at the desk checks in as well.")),
        Definition("site.slip_paper_mm", 80, _("Width of the slip printer's paper, 58 or 80.")),
        Definition("queue.priority_age", 65, _("Age from which a patient is called first (R-92).")),
        Definition("queue.recalled_after", 2, _("A recalled patient waits for this many (R-167).")),
        Definition("display.number_only", False, _("The waiting-room screen shows no names.")),
        Definition(
            "prescription.child_age", 14, _("Below this age a prescription is paediatric (R-10).")
        ),
        Definition("prescription.max_days", 7, _("Usual longest supply in days (R-23).")),
        Definition(
            "allergy.confirm_days", 180, _("Allergies are confirmed again after days (R-44).")
        ),
        Definition(
            "security.open_file_hours", 4, _("A file opened with a reason stays open for hours.")
        ),
        Definition("security.codes_for_all", False, _("Everybody signs in with a one-time code.")),
        Definition("security.idle_minutes", 60, _("Sign-out after minutes without work.")),
        Definition(
            "security.idle_minutes_admin",
            15,
            _("The same for administrator and auditor, if it is less."),
        ),
        Definition(
            "security.password_profile",
            "default",
            _("Password rules: default, or mlps (classified protection: 90 days, 3 of 4 kinds)."),
            ("default", "mlps"),
        ),
        Definition("security.one_time_days", 7, _("One-time passwords are good for days.")),
        Definition(
            "security.unused_days",
            90,
            _("Accounts that nobody used for days are closed; 0 leaves them open."),
        ),
        Definition("backup.daily_hour", 12, _("Hour of the daily backup, 0 to 23.")),
        Definition("backup.hourly", True, _("Also back up every hour when something changed.")),
        Definition(
            "backup.second_place",
            "",
            _("Folder for a second copy of each backup, on a USB disk or a network share."),
        ),
        Definition(
            "backup.overdue_hours", 26, _("The backup is overdue after hours without a good one.")
        ),
        Definition("backup.verify_days", 7, _("A backup is restored on trial every so many days.")),
        Definition(
            "security.pin_hours", 12, _("Hours for which the PIN is enough after a password.")
        ),
    ]
}


def setting(key: str):
    """The typed value of a setting: the site's own, or its default. Unknown keys raise KeyError."""
    definition = DEFINITIONS[key]
    row = Setting.objects.filter(key=key).only("value").first()
    return definition.default if row is None else definition.parse(row.value)


def institution() -> Institution:
    """The clinic's row; an unsaved one with a plain name before it was set up."""
    return Institution.objects.order_by("pk").first() or Institution(
        name=str(_("Clinic")), short_name=str(_("Clinic"))
    )
