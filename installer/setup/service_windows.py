"""service.py on Windows: an entry of the service manager, made and asked by its own calls."""

import ctypes
import subprocess
import sys
import time
from ctypes import wintypes
from pathlib import Path

from installer.setup import control, surroundings_windows
from installer.setup.accounts_windows import service_account, service_name
from installer.setup.errors import SetupError
from installer.setup.paths import PROGRAM, DataDir, interpreter
from installer.setup.run import Log
from installer.setup.system import is_root

HERE = Path(__file__).resolve().parent
MANAGER_ALL, SERVICE_ALL, OWN_PROCESS, AUTO_START, REPORT_ERRORS = 0xF003F, 0xF01FF, 0x10, 2, 1
NO_CHANGE = 0xFFFFFFFF
DESCRIPTION, FAILURE_ACTIONS, DELAYED_START, FAILURE_FLAG, SID_TYPE, PRIVILEGES = 1, 2, 3, 4, 5, 6
RESTART, UNRESTRICTED_SID = 1, 1
STOPPED, STOP = 1, 1
EXISTS_NOT, RUNS_ALREADY, RUNS_NOT, GOING, TOO_SLOW = 1060, 1056, 1062, 1072, 1053
STOP_SECONDS = 90  # the service itself ends its program after 25; a busy PC takes longer
PATIENCE = 4  # times a minute, for a slow disk and a virus scanner
FORGET_SECONDS = 24 * 3600

advapi32 = ctypes.WinDLL("advapi32", use_last_error=True) if sys.platform == "win32" else None


class Action(ctypes.Structure):
    _fields_ = (("type", ctypes.c_int), ("delay", wintypes.DWORD))


class Actions(ctypes.Structure):
    """SERVICE_FAILURE_ACTIONSW."""

    _fields_ = (
        ("reset", wintypes.DWORD),
        ("reboot", wintypes.LPWSTR),
        ("command", wintypes.LPWSTR),
        ("count", wintypes.DWORD),
        ("actions", ctypes.POINTER(Action)),
    )


class Status(ctypes.Structure):
    """SERVICE_STATUS."""

    _fields_ = tuple(
        (name, wintypes.DWORD)
        for name in ("type", "state", "accepted", "exit", "own_exit", "checkpoint", "hint")
    )


def command_line(data: DataDir, port: int) -> str:
    """What the service manager starts: clinic-service.exe, and what that keeps running."""
    program = PROGRAM.parent / "clinic-service.exe"
    words = [program, service_name(data.root), data.logs / "serve.log",
             interpreter(), HERE, "serve", "--data-dir", data.root, "--port", port]  # fmt: skip
    return subprocess.list2cmdline(str(word) for word in words)


def require_service() -> None:
    """Say plainly when the clinic can't start with this PC."""
    if not is_root():
        raise SetupError("A service needs an administrator's rights; start this as administrator.")
    if not (PROGRAM.parent / "clinic-service.exe").exists():
        raise SetupError("Only the Windows package has a service; leave --service out here.")


class Manager:
    """An open service manager, and in it one service that may not be there."""

    def __init__(self, name: str):
        for function in (advapi32.OpenSCManagerW, advapi32.OpenServiceW, advapi32.CreateServiceW):
            function.restype = ctypes.c_void_p
        self.name = name
        self.manager = ctypes.c_void_p(advapi32.OpenSCManagerW(None, None, MANAGER_ALL))
        if not self.manager:
            raise SetupError(f"Windows' service manager refuses: {_why()}.")
        opened = advapi32.OpenServiceW(self.manager, name, SERVICE_ALL)
        if not opened and ctypes.get_last_error() != EXISTS_NOT:
            raise SetupError(f"The service {name} can't be reached: {_why()}.")
        self.service = ctypes.c_void_p(opened)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for handle in (self.service, self.manager):
            if handle:
                advapi32.CloseServiceHandle(handle)

    def write(self, command: str) -> None:
        """Make the service, or let the one that is there start `command` from now on."""
        account = service_account(self.name)
        if self.service:
            _must(
                advapi32.ChangeServiceConfigW(
                    self.service, OWN_PROCESS, AUTO_START, REPORT_ERRORS, command,
                    None, None, None, account, None, self.name,
                ),
                self.name,
            )  # fmt: skip
        else:
            self.service = ctypes.c_void_p(
                advapi32.CreateServiceW(
                    self.manager, self.name, self.name, SERVICE_ALL, OWN_PROCESS, AUTO_START,
                    REPORT_ERRORS, command, None, None, None, account, None,
                )
            )  # fmt: skip
            _must(self.service, self.name)
        self._refine()

    def _refine(self) -> None:
        """Late start, started again whatever happens, and no right that the account needs not."""
        self._set(DESCRIPTION, ctypes.c_wchar_p("诊所管理系统 · Clinic management system"))
        self._set(DELAYED_START, wintypes.BOOL(True))
        again = (Action * 3)(*(Action(RESTART, seconds * 1000) for seconds in (2, 10, 30)))
        self._set(FAILURE_ACTIONS, Actions(FORGET_SECONDS, None, None, 3, again))
        self._set(SID_TYPE, wintypes.DWORD(UNRESTRICTED_SID))

    def _set(self, what: int, value) -> None:
        advapi32.ChangeServiceConfig2W(self.service, what, ctypes.byref(value))

    def start(self) -> None:
        """A busy PC may need more than the half minute that Windows gives each try."""
        for _ in range(PATIENCE):
            if advapi32.StartServiceW(self.service, 0, None):
                return
            if ctypes.get_last_error() == RUNS_ALREADY:
                return
            if ctypes.get_last_error() != TOO_SLOW:
                break
        raise SetupError(f"Windows does not start the service {self.name}: {_why()}.")

    def stop(self) -> bool:
        """Ask it to stop and wait until it has; False when it did not run."""
        status = Status()
        if not self.service or not advapi32.ControlService(
            self.service, STOP, ctypes.byref(status)
        ):
            return False
        deadline = time.monotonic() + STOP_SECONDS
        while self.state() != STOPPED:
            if time.monotonic() > deadline:
                raise SetupError(f"The service {self.name} does not stop.")
            time.sleep(0.2)
        return True

    def state(self) -> int:
        status = Status()
        advapi32.QueryServiceStatus(self.service, ctypes.byref(status))
        return status.state

    def delete(self) -> None:
        if not advapi32.DeleteService(self.service) and ctypes.get_last_error() != GOING:
            raise SetupError(f"The service {self.name} can't be removed: {_why()}.")


def _why() -> str:
    return ctypes.FormatError(ctypes.get_last_error()).strip().rstrip(".。")


def _must(done, name: str) -> None:
    if not done:
        raise SetupError(f"The service {name} can't be set up: {_why()}.")


def installed(data: DataDir) -> bool:
    """Whether this installation starts with the PC."""
    if not is_root():
        return False
    with Manager(service_name(data.root)) as manager:
        return bool(manager.service)


def start(data: DataDir, port: int, log: Log) -> None:
    """Make or change the service, start it, and wait for an answer."""
    require_service()
    with Manager(service_name(data.root)) as manager:
        manager.stop()
        command = command_line(data, port)
        log.write(f"service {manager.name}: {command}")
        manager.write(command)
        manager.start()
    if not waits_for_us(data, port):
        raise SetupError(
            f"The service was set up but does not answer; {data.logs / 'serve.log'} says why."
        )
    surroundings_windows.set_up(data, port)


def waits_for_us(data: DataDir, port: int) -> bool:
    """Whether a slow PC answers at last."""
    return any(control.wait_for_answer(data, port, lambda: True) for _ in range(PATIENCE))


def start_again(data: DataDir, port: int) -> None:
    """Also after an upgrade: the service starts this version's program from now on."""
    start(data, port, Log(data.logs / "install.log"))


def refuse_other_owner(data: DataDir, name: str) -> None:
    """A service has no other program's data here: its name comes from the folder's."""


def stop(data: DataDir) -> bool:
    """Stop the service; False when there is none that runs."""
    with Manager(service_name(data.root)) as manager:
        return manager.stop()


def remove(data: DataDir) -> bool:
    """Stop the service and take it away; False when there was none."""
    if not installed(data):
        return False
    with Manager(service_name(data.root)) as manager:
        manager.stop()
        manager.delete()
    surroundings_windows.take_away(data)
    return True
