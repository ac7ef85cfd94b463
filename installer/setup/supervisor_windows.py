"""supervisor.py on Windows: no signals there, but an event that says stop and jobs of processes.

Runs inside serve's own process. All that it starts lies in a job that Windows ends with it, so a
killed supervisor leaves nobody on the port.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from ctypes import wintypes

from installer.setup import supervisor
from installer.setup.supervisor import FAILURES, MARK, Child, Installation
from installer.setup.system_windows import advapi32, end, kernel32, stop_event

LOOK_MS = 300  # how often the children are looked at
WAIT_OBJECT_0 = 0
KILL_ON_CLOSE = 0x2000
EXTENDED_LIMITS = 9
ASKED = 77  # clinic-service.c doesn't start again what ends with it
PATIENCE = 12  # seconds until a program that was asked to end is ended
# Whoever made it, the system and administrators may set the event.
EVENT_ACCESS = "D:(A;;GA;;;SY)(A;;GA;;;BA)"

kernel32.CreateJobObjectW.restype = wintypes.HANDLE
kernel32.CreateEventW.restype = wintypes.HANDLE
kernel32.GetCurrentProcess.restype = wintypes.HANDLE


class Limits(ctypes.Structure):
    """JOBOBJECT_EXTENDED_LIMIT_INFORMATION."""

    _fields_ = (
        ("times", ctypes.c_int64 * 2),
        ("flags", wintypes.DWORD),
        ("sizes", ctypes.c_size_t * 2),
        ("processes", wintypes.DWORD),
        ("affinity", ctypes.c_size_t),
        ("classes", wintypes.DWORD * 2),
        ("counters", ctypes.c_uint64 * 6),
        ("memory", ctypes.c_size_t * 4),
    )


class SecurityAttributes(ctypes.Structure):
    """SECURITY_ATTRIBUTES."""

    _fields_ = (
        ("length", wintypes.DWORD),
        ("descriptor", ctypes.c_void_p),
        ("inherit", wintypes.BOOL),
    )


class Job:
    """Processes that end together; with the last handle on it when nobody ends them before."""

    def __init__(self):
        self.handle = wintypes.HANDLE(kernel32.CreateJobObjectW(None, None))
        limits = Limits(flags=KILL_ON_CLOSE)
        kernel32.SetInformationJobObject(
            self.handle, EXTENDED_LIMITS, ctypes.byref(limits), ctypes.sizeof(limits)
        )

    def take(self, process: int) -> None:
        kernel32.AssignProcessToJobObject(self.handle, wintypes.HANDLE(process))

    def end(self) -> None:
        kernel32.TerminateJobObject(self.handle, 1)
        kernel32.CloseHandle(self.handle)


class Program(Child):
    """A child in a job of its own."""

    process: subprocess.Popen | None = None
    job: Job | None = None
    patience_ends = 0.0

    def launch(self) -> int:
        if self.plan.get("ready"):
            supervisor.remove_file(self.plan["ready"])  # a killed one's
        self.process = subprocess.Popen(
            self.plan["argv"],
            env={**os.environ, **self.plan["env"], MARK: "1", FAILURES: str(self.failures)},
            stdin=subprocess.DEVNULL,
            creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
        )
        self.job = Job()
        self.job.take(int(self.process._handle))
        self.patience_ends = 0.0
        return self.process.pid

    def send(self, name: str) -> None:
        """Ctrl-Break is what Windows has for SIGTERM; who doesn't hear it is ended later."""
        if self.pid and not self.patience_ends:
            self.patience_ends = time.monotonic() + PATIENCE
            with contextlib.suppress(OSError):
                os.kill(self.pid, signal.CTRL_BREAK_EVENT)

    def now_working(self) -> None:
        return None

    def kill_group(self) -> None:
        if self.job:
            self.job.end()
            self.job = None

    def exit_status(self) -> int | None:
        """None while it runs."""
        if self.process is None:
            return 0
        if self.patience_ends and time.monotonic() > self.patience_ends:
            self.kill_group()
        return self.process.poll()


class WindowsInstallation(Installation):
    """The same care for the same children, looked at several times a second."""

    child = Program

    def __init__(self, plan: dict):
        self.helpers: list[tuple[str, Program]] = []
        self.asked = _new_event(stop_event(os.getpid()))
        super().__init__(plan)

    def wait(self, milliseconds: int) -> bool:
        """Sleep; True when somebody asked this program to stop."""
        return kernel32.WaitForSingleObject(self.asked, milliseconds) == WAIT_OBJECT_0

    def keep_running(self) -> None:
        while not self.wait(LOOK_MS):
            self.start_due()
            self.reap()
            if any(child.hopeless for child in self.children):
                supervisor.say(self.hopeless_words)
                self.status = 1
                return

    def run_once(self, name: str) -> None:
        helper = Program({"name": name, "argv": self.plan[name], "env": {}})
        helper.start()
        self.helpers.append((name, helper))
        self.once[helper.pid] = name

    def reap(self) -> None:
        programs = [*self.children, *(helper for _, helper in self.helpers)]
        for program in programs:
            status = program.exit_status() if program.pid else None
            if status is not None:
                self.ended(program.pid, status)
        for one in [one for one in self.helpers if one[1].exit_status() is not None]:
            one[1].kill_group()
            self.helpers.remove(one)

    def wait_until(self, deadline: float, waves: tuple[int, ...]) -> bool:
        while True:
            for child in self.children:
                if child.pid and child.exit_status() is not None:
                    child.kill_group()
                    child.pid = 0
            if not any(c.pid for c in self.children if c.plan["wave"] in waves):
                return True
            if time.monotonic() >= deadline:
                return False
            time.sleep(0.1)

    def stop(self) -> None:
        for _, helper in self.helpers:
            helper.kill_group()
        self.once.clear()
        super().stop()


def _new_event(name: str) -> wintypes.HANDLE:
    descriptor = ctypes.c_void_p()
    advapi32.ConvertStringSecurityDescriptorToSecurityDescriptorW(
        EVENT_ACCESS, 1, ctypes.byref(descriptor), None
    )
    access = SecurityAttributes(ctypes.sizeof(SecurityAttributes), descriptor, False)
    return wintypes.HANDLE(kernel32.CreateEventW(ctypes.byref(access), True, False, name))


def pass_on(command: list[str]) -> int:
    """Another version serves; whoever asks this program to stop means that one."""
    asked = _new_event(stop_event(os.getpid()))
    other = subprocess.Popen(command)
    while other.poll() is None:
        if kernel32.WaitForSingleObject(asked, LOOK_MS) == WAIT_OBJECT_0:
            end(other.pid)
            return other.wait()
    return other.returncode


def run(plan: dict) -> int:
    """Keep the installation running; ASKED when it was told to stop."""
    everything = Job()
    everything.take(kernel32.GetCurrentProcess())
    os.chdir(plan["cwd"])
    status = WindowsInstallation(plan).run()
    sys.stderr.flush()
    return status or ASKED
