"""What can go wrong with a move, in words: what happened and what to do next."""

from django.utils.translation import gettext_lazy as _

WORDS = {
    "url": _(
        "%(detail)s is no database to move to. Give mysql://user:password@host/name, or sqlite."
    ),
    "here": _("The clinic's data lie in this database already. Nothing was changed."),
    "running": _("The clinic is running in %(detail)s. Stop it first, then move."),
    "elsewhere": _(
        "DATABASE_URL is set outside of %(detail)s and would win over what is written there. "
        "Take it out of the environment first. Nothing was changed."
    ),
    "old_version": _(
        "The present database is not that of this version. Run migrate first. Nothing was changed."
    ),
    "strange": _(
        "The present database holds tables that this program does not know (%(detail)s). "
        "Take them out first. Nothing was changed."
    ),
    "others": _(
        "%(detail)s more programs are connected to the present database. End them first. Nothing "
        "was changed."
    ),
    "driver": _(
        "The driver for MySQL is not installed here (%(detail)s). Install PyMySQL, for instance "
        "with the list installer/requirements/mysql-pure.txt. Nothing was changed."
    ),
    "not_fit": _("The new database can't be used. Nothing was changed.\n%(detail)s"),
    "not_empty": _(
        "The new database is not empty: it holds %(detail)s tables. Give an empty one. Nothing was "
        "changed."
    ),
    "room": _("There is not enough room in %(detail)s for the new database. Free some room."),
    "table": _(
        "A table could not be copied: %(detail)s. The old database is untouched and in use."
    ),
    "differs": _(
        "The copy is not equal to the old database: %(detail)s. The old database is untouched and "
        "in use."
    ),
    "triggers": _(
        "The new database lets us make no triggers, which guard the audit log and the ledgers. "
        "Give the account the TRIGGER right. The old database is untouched and in use."
    ),
    "proof": _(
        "The copy does not pass the checks:\n%(detail)s\nThe old database is untouched and in use."
    ),
}


class MoveError(Exception):
    """A move can't go on; `code` names the sentence, `detail` its blank."""

    def __init__(self, code: str, detail: object = ""):
        super().__init__(code, str(detail))
        self.code = code
        self.detail = str(detail)

    def __str__(self) -> str:
        return str(WORDS[self.code]) % {"detail": self.detail}
