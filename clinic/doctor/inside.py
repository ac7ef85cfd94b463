"""What only the application knows: database, migrations, backups, keys, audit log, jobs."""

import logging
import platform
import ssl
from collections.abc import Callable, Iterator
from datetime import timedelta

import django
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clinic.core import scheduler
from clinic.core.models import Job
from clinic.doctor.findings import CARE, FAULT, NOTE, OK, Finding
from security import encryption_check, keyring, machine_notes, verdict
from security.backup.status import status as backup_status
from security.checks import keyring_fault
from security.models import AuditEntry

log = logging.getLogger("clinic.doctor")
TITLES = {
    "database": gettext_lazy("Database"),
    "migrations": gettext_lazy("Tables of the database"),
    "backups": gettext_lazy("Backups"),
    "keys": gettext_lazy("Encryption keys"),
    "audit": gettext_lazy("Audit log"),
    "clock": gettext_lazy("Clock"),
    "versions": gettext_lazy("Versions"),
    "jobs": gettext_lazy("Work that runs by itself"),
}
FUTURE = timedelta(minutes=5)
FIRST_BACKUP, BEGINNING = timedelta(hours=1), timedelta(minutes=5)
LATELY = timedelta(days=7)
MOST_NAMED = 5


def look() -> list[Finding]:
    """Every check; without its database the rest of them would only say the same again."""
    found = list(versions())
    told = _carefully("database", database)
    found += told
    if any(finding.level == FAULT for finding in told):
        return found
    pending = _carefully("migrations", migrations)
    found += pending
    if any(finding.level == FAULT for finding in pending):
        return found
    for name, check in CHECKS.items():
        found += _carefully(name, check)
    return found


def _carefully(name: str, check: Callable[[], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check())
    except Exception as error:  # whatever it is: the other checks go on
        log.exception("the doctor's check %s failed", name)
        kind = type(error).__name__
        said = _("Could not be looked at (%(kind)s).") % {"kind": kind}
        return [_finding(name, FAULT, said, _("Send the support bundle to who looks after it."))]


def _finding(name: str, level: str, said: str, do: str = "") -> Finding:
    return Finding(name, level, str(said), str(do), str(TITLES[name]))


def versions() -> Iterator[Finding]:
    said = f"Python {platform.python_version()}, Django {django.__version__}, "
    yield _finding("versions", OK, said + ssl.OPENSSL_VERSION)


def database() -> Iterator[Finding]:
    """Is it there, what is it, and are SQLite's pages whole? A server minds its own files."""
    try:
        version, fault = _ask_database()
    except DatabaseError as error:
        said = _("It can't be reached (%(kind)s).") % {"kind": type(error).__name__}
        do = _(
            "Start the database's server, or correct DATABASE_URL; for a file: look whether it is "
            "there and the disk isn't full."
        )
        yield _finding("database", FAULT, said, do)
        return
    if fault:
        said = _("%(version)s is damaged: the quick check found faults.") % {"version": version}
        do = _(
            "Change nothing, keep the last backups, and have the last good one restored by "
            "somebody who knows how."
        )
        yield _finding("database", FAULT, said, do)
    else:
        yield _finding("database", OK, _("%(version)s answers.") % {"version": version})


def _ask_database() -> tuple[str, bool]:
    """Its name with the version, and whether its quick check found something."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sqlite_version()")
            version = f"SQLite {cursor.fetchone()[0]}"
            cursor.execute("PRAGMA quick_check(1)")
            return version, cursor.fetchone()[0] != "ok"
        cursor.execute("SELECT VERSION()")
        name = "MariaDB" if connection.mysql_is_mariadb else "MySQL"
        return f"{name} {cursor.fetchone()[0]}", False


def migrations() -> Iterator[Finding]:
    executor = MigrationExecutor(connection)
    pending = executor.migration_plan(executor.loader.graph.leaf_nodes())
    if not pending:
        yield _finding("migrations", OK, _("They fit this version of the program."))
        return
    said = _("%(count)s changes of this version are not yet made.") % {"count": len(pending)}
    do = _("Run the set-up again: it makes a backup first and then brings the tables up to date.")
    yield _finding("migrations", FAULT, said, do)


def backups() -> Iterator[Finding]:
    now, state = timezone.now(), backup_status()
    if state.last is None:
        said = _("There is no good backup yet.")
        if _is_new(now, FIRST_BACKUP):
            do = _("Leave the PC on: the first one is made by itself within the hour.")
            yield _finding("backups", NOTE, said, do)
            return
        yield _finding("backups", FAULT, said, _("Press Back up now, and leave the PC on."))
        return
    said = _("The last good one is of %(time)s.") % {"time": _moment(state.last.started_at)}
    if state.backup_overdue:
        said += " " + _("It is overdue.")
        do = _("Press Back up now; if it fails, read the reason in the list of backups.")
        yield _finding("backups", FAULT, said, do)
    elif state.last.started_at > now + FUTURE:
        do = _("Set date and time of this PC right.")
        yield _finding("backups", FAULT, said + " " + _("That lies in the future."), do)
    else:
        yield _finding("backups", OK, said)
    yield from _trial_restore(state)
    yield from _second_place(state)


def _is_new(now, span: timedelta) -> bool:
    """Set up just now: nobody can have missed anything."""
    first = AuditEntry.objects.order_by("pk").first()
    return first is not None and first.timestamp > now - span


def _trial_restore(state) -> Iterator[Finding]:
    if state.last.verify_error:
        said = _("The trial restore of the last backup failed.")
        do = _("Read the reason in the list of backups; keep the older backups.")
        yield _finding("backups", FAULT, said, do)
    elif state.verify_overdue:
        said = _("None was restored on trial lately.")
        do = _("Leave the PC on for an hour; it happens by itself.")
        yield _finding("backups", CARE, said, do)
    else:
        time = _moment(state.verified.verified_at)
        said = _("The last trial restore was on %(time)s, and all was there.") % {"time": time}
        yield _finding("backups", OK, said)


def _second_place(state) -> Iterator[Finding]:
    if not state.second_wanted:
        said = _("They lie on this PC only.")
        do = _(
            "Name a folder on a USB disk or a network share as the second place, under "
            "Administration, Settings."
        )
        yield _finding("backups", CARE, said, do)
    elif state.last.second == state.last.Second.FAILED:
        said = _("The copy to the second place failed.")
        do = _("Plug the disk in or connect the share; the next backup tries again.")
        yield _finding("backups", FAULT, said, do)
    else:
        yield _finding("backups", OK, _("There is a copy in the second place."))


def keys() -> Iterator[Finding]:
    fault = keyring_fault()
    if fault:
        do = _("Put back the key ring of this installation, or type it in from the key sheet.")
        yield _finding("keys", FAULT, fault, do)
        return
    wrap = keyring.ring().wrap
    said = _("They are readable and fit the database.")
    said += " " + (_("No passphrase guards them.") if wrap == "none" else _("They are wrapped."))
    yield _finding("keys", OK, said)
    printed = AuditEntry.objects.filter(event="key_sheet").order_by("-pk").first()
    newer = AuditEntry.objects.filter(event="key_new", pk__gt=printed.pk if printed else 0)
    if printed is not None and not newer.exists():
        yield _key_sheet(printed)
        return
    said = _("The key sheet was never printed.")
    if printed is not None:
        said = _("There are newer keys than on the key sheet of %(time)s.")
        said %= {"time": _moment(printed.timestamp)}
    do = _(
        "Print it with clinic manage key_sheet, and put it into the safe: without keys no "
        "backup opens."
    )
    yield _finding("keys", CARE, said, do)


def _key_sheet(printed: AuditEntry) -> Finding:
    """What set-up makes waits to be printed by a person, and nobody tells us whether it was."""
    time = {"time": _moment(printed.timestamp)}
    if printed.screen != "set_up":
        return _finding("keys", OK, _("The key sheet was printed on %(time)s.") % time)
    said = _(
        "The key sheet was made by the set-up on %(time)s; whether it was printed isn't known."
    )
    do = _("Look whether it lies in the safe; if not, print it with clinic manage key_sheet.")
    return _finding("keys", NOTE, said % time, do)


def audit() -> Iterator[Finding]:
    broken, unopened, note = verdict.broken(), encryption_check.broken(), machine_notes.log()
    do = _("Change nothing, keep the last backups, and call whoever looks after the system.")
    if broken:
        said = _("The log was tampered with or damaged; found on %(time)s.")
        yield _finding("audit", FAULT, said % {"time": _moment(broken.timestamp)}, do)
    if unopened:
        said = _("Something encrypted can't be opened; found on %(time)s.")
        yield _finding("audit", FAULT, said % {"time": _moment(unopened.timestamp)}, do)
    if note and _is_new(timezone.now(), BEGINNING):
        said = _("This clinic was set up just now; the log's first seal comes within minutes.")
        yield _finding("audit", NOTE, said)
    elif note:
        yield _finding("audit", CARE, note.words)
    if not (broken or unopened or note):
        yield _finding("audit", OK, _("It is sealed and was verified."))


def clock() -> Iterator[Finding]:
    """The log knows what time it was; files are looked at from outside."""
    newest = AuditEntry.objects.order_by("-timestamp").first()
    if newest is None or newest.timestamp <= timezone.now() + FUTURE:
        return
    said = _("The last entry of the audit log is of %(time)s, which lies in the future.")
    said %= {"time": _moment(newest.timestamp)}
    do = _("The clock was set back or is wrong: set date and time of this PC right.")
    yield _finding("clock", FAULT, said, do)


def jobs() -> Iterator[Finding]:
    state, quiet = scheduler.state(), False
    if state.is_alive:
        said, quiet = _("They run; %(count)s kinds of work."), True
        yield _finding("jobs", OK, said % {"count": state.tasks})
    elif _is_new(timezone.now(), BEGINNING):
        said = _("This clinic was set up just now; they begin within minutes.")
        yield _finding("jobs", NOTE, said)
    else:
        said = _("Nobody does them: no backup, no seal, no warning is made.")
        yield _finding("jobs", FAULT, said, _("Restart the clinic; look again in two minutes."))
    if state.failed:
        said = _("Failed at the last try: %(names)s.")
        yield _finding("jobs", CARE, said % {"names": ", ".join(state.failed)}, _failed_do())
    since = timezone.now() - LATELY
    broken = Job.objects.filter(state=Job.State.FAILED, finished_at__gte=since)
    kinds = list(broken.order_by("kind").values_list("kind", "error").distinct()[:MOST_NAMED])
    if kinds:
        names = ", ".join(f"{kind} ({error})" for kind, error in kinds)
        said = _("Broken off within seven days: %(names)s.") % {"names": names}
        level = CARE if quiet else NOTE
        yield _finding("jobs", level, said, _("Try again; if it happens again, send the bundle."))


def _failed_do() -> str:
    return _("It is tried again by itself; if it stays so for an hour, send the support bundle.")


def _moment(time) -> str:
    return date_format(timezone.localtime(time), "Y-m-d H:i")


CHECKS = {
    "backups": backups,
    "keys": keys,
    "audit": audit,
    "clock": clock,
    "jobs": jobs,
}
