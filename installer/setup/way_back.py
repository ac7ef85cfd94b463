"""One upgrade under way: leaving it by an error, or by a signal, undoes it."""

import datetime as dt
import signal
import time
from pathlib import Path

from installer.setup import everyday, going_back, mariadb_private, ownership, versions, words
from installer.setup.application import Application
from installer.setup.errors import SetupError
from installer.setup.fronts import service_environment
from installer.setup.leftovers import end_leftovers
from installer.setup.paths import DataDir
from installer.setup.run import Log, must_run, run
from installer.setup.supervisor import MARK

CHECKED_DAYS = 7
LOG = "upgrade.log"


def proofs() -> dict[str, list[str]]:
    """Quick ones: the seals of the last days, the stock."""
    since = (dt.date.today() - dt.timedelta(days=CHECKED_DAYS)).isoformat()
    return {"audit log": ["verify_audit", "--since", since], "stock": ["check_stock"]}


def unsound_before(data: DataDir, log: Log, program: Path) -> set[str]:
    """Which of them fail already, asked of the old program while it serves."""
    env, account = service_environment(data), ownership.run_as_owner(data)
    with mariadb_private.awake(data):
        return {
            name
            for name, command in proofs().items()
            if run(_of(program, *command), log=log, env=env, **account).returncode
        }


def _of(program: Path, *command: str) -> list:
    """A management command of another version."""
    return [versions.command(program)[0], program / "app" / "manage.py", *command]


class Interrupted(SetupError):
    """Somebody ended the upgrade from outside."""


class WayBack:
    """How far it came is on the disk, so that any later start can undo it as well."""

    def __init__(self, data: DataDir, log: Log, *, was_running: bool):
        last = versions.remembered(data)
        self.data, self.log, self.was_running = data, log, was_running
        self.note = going_back.Journal(
            old=last.version if last else "",
            new=versions.version(),
            state=going_back.BEGUN,
            was_running=was_running,
            port=everyday.port(data),
            had_note=bool(last),
        )
        self.began = self.closed = time.monotonic()

    def begin(self, app: Application) -> None:
        """`app` is this program, which has to get along with the older data."""
        self.app = app
        self.log.write(f"{dt.datetime.now():%Y-%m-%d %H:%M:%S} {self.note.old} -> {self.note.new}")
        self.note = self.note.note(self.data)
        ownership.hand_over(self.data)

    def __enter__(self) -> "WayBack":
        self._signals = {name: signal.signal(name, _interrupted) for name in _ending()}
        self.begin(Application(self.data, self.log, **{MARK: "1"}))
        return self

    def backup(self) -> None:
        """Sealed, by the program that the data belong to, where it is here."""
        command = ("backup", "--before-upgrade", "--skip-checks")
        failure = "The backup before the upgrade can't be made."
        program = versions.folder_of(self.data)
        if program:
            with mariadb_private.awake(self.data):
                said = must_run(
                    _of(program, *command),
                    failure=failure,
                    log=self.log,
                    env=service_environment(self.data),
                    **ownership.run_as_owner(self.data),
                )
        else:
            said = self.app.manage(*command, failure=failure)
        path = said.strip().splitlines()[-1].rpartition(" (")[0]
        self.note = self.note.note(self.data, backup=path)

    def stop(self) -> None:
        self.app.close()
        if everyday.is_running(self.data):
            everyday.stop(self.data)
        self.closed = time.monotonic()
        end_leftovers(self.data)

    def changing(self) -> None:
        going_back.keep_data(self.data)
        self.note = self.note.note(self.data, state=going_back.CHANGING)

    def starting(self) -> None:
        self.app.close()
        versions.remember(self.data)
        self.note = self.note.note(self.data, state=going_back.STARTING)
        ownership.hand_over(self.data)

    def compare(self, before: set[str] | None) -> None:
        """What was sound before must be sound now; what nobody could ask before is only said."""
        self.app.ask("seal_audit")  # entries that wait too long for their seal count as a fault
        for name, command in proofs().items():
            if name in (before or ()) or not self.app.ask(*command)["status"]:
                continue
            sentence = f"After the upgrade the {name} does not agree any more."
            if before is not None:
                raise SetupError(sentence)
            words.complain(sentence)

    def arrived(self) -> None:
        """It answered; the server may have noted that itself."""
        going_back.make_final(self.data)
        words.say(f"Version {self.note.new} serves {self.data.root}.")
        if self.was_running:
            words.say(f"The clinic was closed for {time.monotonic() - self.closed:.1f} s.")

    def __exit__(self, kind, error, _trace) -> None:
        self.app.close()
        try:
            if error and going_back.journal(self.data):
                raise SetupError(self._undo(error)) from error
        finally:
            for name, handler in self._signals.items():
                signal.signal(name, handler)

    def _undo(self, error: BaseException) -> str:
        """Put everything back; the sentence about it."""
        for name in self._signals:
            signal.signal(name, signal.SIG_IGN)
        reason = self._reason(error)
        if self.note.state == going_back.BEGUN:
            going_back.recover(self.data, self.log)
            said = f"{reason} Nothing was changed; the details are in {self.log.path}."
            return f"{said} {self._serve_again()}".strip()
        if everyday.is_running(self.data):
            everyday.stop(self.data)
        if going_back.journal(self.data) is None:  # it answered at the last moment
            return f"{reason} {self._serve_again()}".strip()
        going_back.recover(self.data, self.log)
        old, details = self.note.old, self.log.path
        trouble = self._serve_again()
        if trouble:
            return (
                f"{reason} The data are back as they were, with version {old}, which does not "
                f"start: {trouble} The details are in {details}."
            )
        if everyday.is_running(self.data):
            return (
                f"{reason} The data are back as they were, and version {old} serves them again; "
                f"the details are in {details}."
            )
        return (
            f"{reason} The data are back as they were, with version {old}; "
            f"the details are in {details}."
        )

    def _serve_again(self) -> str:
        """By the version that the data belong to; a sentence when it does not start."""
        there = versions.folder_of(self.data) or not versions.is_behind(self.data)
        if self.was_running and there and not everyday.is_running(self.data):
            try:
                everyday.start_anew(self.data, self.log)
            except SetupError as error:
                return str(error)
        return ""

    def _reason(self, error: BaseException) -> str:
        if isinstance(error, SetupError):
            return str(error).replace(f" The details are in {self.log.path}.", "")
        if isinstance(error, OSError) and error.errno == 28:
            return "The disk is full."
        if isinstance(error, KeyboardInterrupt):
            return "The upgrade was interrupted."
        return f"The upgrade failed: {type(error).__name__}: {error}."


def _ending() -> list[int]:
    """Signals by which a closed window or a stopped machine ends us."""
    names = ("SIGTERM", "SIGHUP")
    return [getattr(signal, name) for name in names if hasattr(signal, name)]


def _interrupted(*_) -> None:
    raise Interrupted("The upgrade was interrupted.")
