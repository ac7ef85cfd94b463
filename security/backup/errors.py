"""What can go wrong with a backup, in words: what happened and what to do next."""

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

WORDS = {
    "damaged": _(
        "The file %(detail)s is damaged, incomplete or was made with another key ring. "
        "Use another backup, or put back the key ring that belongs to it."
    ),
    "not_ours": _("The file %(detail)s is no backup of this program. Choose another file."),
    "no_key": _(
        "This backup was made with backup key %(detail)s, which the key ring does not hold. "
        "Put back the key ring that belongs to it."
    ),
    "no_file": _("There is no backup in %(detail)s. Make one, or name the file."),
    "unreadable": _("The file %(detail)s can't be read. Check that it is there and its rights."),
    "disk_full": _(
        "There is not enough room in %(detail)s for a backup. Free some room or choose another "
        "disk; the earlier backups are whole."
    ),
    "no_room": _(
        "There is not enough room in %(detail)s to unpack the backup. Free some room and try "
        "again; the backup is whole."
    ),
    "cannot_write": _(
        "The backup could not be written: %(detail)s. Check the folder and its rights; the earlier "
        "backups are whole."
    ),
    "at_work": _("A backup or restore is already at work. Wait until it has ended."),
    "broken_off": _("The work was broken off (power, restart). The earlier backups are whole."),
    "database": _(
        "The database could not be read to the end (%(detail)s). Try again; if it happens again, "
        "have the database looked at."
    ),
    "engine": _(
        "This backup is of another kind of database (%(detail)s) than this installation uses. "
        "Set up an installation with that kind and restore there."
    ),
    "practice": _(
        "This is a backup of a practice clinic: its people are invented. Nothing was changed. "
        "Choose a backup of this clinic."
    ),
    "real": _(
        "This backup holds real patients, and this is a practice clinic. Nothing was changed. "
        "Restore it in an installation that was set up without --demo."
    ),
    "newer": _(
        "This backup was made by a newer version of the program (%(detail)s). Install that version "
        "first, then restore."
    ),
    "scratch": _(
        "The scratch database %(detail)s can't be made. Give the clinic's database account all "
        "rights on it, or check the room on the disk."
    ),
    "differs": _("What was restored differs from what was backed up: %(detail)s."),
    "second_gone": _(
        "The second place %(detail)s is not there. Plug the disk in or connect the share; the "
        "folder must exist on it."
    ),
    "second_same": _(
        "The second place %(detail)s lies in the clinic's own folder and would be lost with it. "
        "Choose a folder on another disk or on a network share."
    ),
    "second_failed": _("The copy to the second place failed: %(detail)s."),
    "running": _("The clinic is running in %(detail)s. Stop it first, then restore."),
    "not_agreed": _(
        "Nothing was changed. The present database would be replaced (a copy of it is kept); "
        "run restore with --yes to do it."
    ),
    "in_use": _(
        "The database %(detail)s is in use by another program. End it first, then restore."
    ),
    "keys": _("The backup was restored, but the key ring does not fit it. %(detail)s"),
    "half": _(
        "The restore was broken off and the database is incomplete. Run restore again; what was "
        "there before lies in %(detail)s."
    ),
    "unexpected": _("The backup failed for an unexpected reason (%(detail)s); see the log."),
}


def in_words(code: str, detail: str = ""):
    """The sentence for a code, in the language of whoever reads it."""
    return _sentence(code, detail)


def _in_words(code, detail):
    return str(WORDS.get(code, WORDS["unexpected"])) % {"detail": detail or code}


_sentence = lazy(_in_words, str)


class BackupError(Exception):
    """A backup, check or restore can't go on; `code` names the sentence, `detail` its blank."""

    def __init__(self, code: str, detail: object = ""):
        super().__init__(code, str(detail))
        self.code = code
        self.detail = str(detail)

    def __str__(self) -> str:
        return str(in_words(self.code, self.detail))
