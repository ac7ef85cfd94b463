"""Keeps the installation's programs running: `python -I -S supervisor.py PLAN LOCK_FD`.

A file of its own that imports next to nothing: it stays in memory as long as the clinic is
open. serve.py checks everything, writes the plan and then becomes this program.

Signals: SIGTERM or SIGINT stops all, first the front (requests in flight finish), then the rest;
SIGHUP lets the front read its certificate again. A child that dies is started again, after a
pause that doubles from one second to thirty.
"""

import json
import os
import signal
import sys
import time

STEADY_SECONDS = 10  # a child that lived this long was a good start
TRIES = 4  # starts in a row without one good one: give up
KILLED = -9  # by somebody, or because memory ran out: no start that failed
STOP_SECONDS = 14
FRONT_SECONDS = 6
DATABASE_SECONDS = 14
SETTLED_SECONDS = 2  # until then a program may not know the signal yet, and die of it
HEARD_SECONDS = 3  # in this time a front that heard the signal has started a new worker
ASKED = 3  # times in all
BEAT_SECONDS = 10  # so often an application says that it lives, where nobody else watches it
HUNG_SECONDS = 30  # so long it may be silent
HOUSEKEEPING_SECONDS = 300  # mostly it sees that nothing changed, and ends
RENEWED = 10  # housekeeping made a new certificate
MARK = "CLINIC_SUPERVISED"  # tells our programs from a command that somebody runs
FAILURES = "CLINIC_FAILED_STARTS"  # how often this child failed in a row until now
WATCHED = {  # Windows has only the first two
    getattr(signal, name)
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGCHLD")
    if hasattr(signal, name)
}


class Child:
    """One program and what became of it; a subclass may start it in another way."""

    def __init__(self, plan: dict):
        self.plan = plan
        self.name = plan["name"]
        self.pid = 0
        self.started = 0.0
        self.due = 0.0
        self.pause = 1
        self.failures = 0
        self.steady_once = False
        self.reload_due = 0.0  # when to ask for a reload, or to see whether it was heard
        self.asked = 0
        self.workers: set[str] | None = None
        self.beat = 0.0  # what its heartbeat's file says, and since when: 0 until the first one
        self.beat_seen = 0.0

    def start(self) -> None:
        self.beat, self.beat_seen = self.last_beat(), 0.0
        self.pid = self.launch()
        self.started = time.monotonic()

    def launch(self) -> int:
        """Start it in a session of its own; returns its process id."""
        argv = self.plan["argv"]
        if self.plan.get("ready"):
            remove_file(self.plan["ready"])  # a killed one's
        return os.posix_spawn(
            argv[0],
            argv,
            {**os.environ, **self.plan["env"], MARK: "1", FAILURES: str(self.failures)},
            setsid=True,
            setsigmask=[],
            setsigdef=WATCHED,
        )

    def send(self, name: str) -> None:
        if self.pid:
            try:
                os.kill(self.pid, getattr(signal, f"SIG{name}"))
            except ProcessLookupError:
                pass

    def want_reload(self) -> None:
        """Ask for it now, or as soon as the program is ready to hear."""
        self.reload_due = max(time.monotonic(), self.started + SETTLED_SECONDS)
        self.asked = 0

    def reload(self, how: str) -> None:
        """Ask, and ask again when no worker of its was started since: a signal that came at the
        wrong moment must not leave an old certificate in use."""
        self.reload_due = 0.0
        if how == "restart":
            self.send("TERM")
        elif not self.asked or self.workers == self.now_working():
            self.workers = self.now_working()
            self.send(how)
            self.asked += 1
            if self.workers is not None and self.asked < ASKED:
                self.reload_due = time.monotonic() + HEARD_SECONDS

    def is_hung(self) -> bool:
        """It had begun to work and is silent: its heartbeat is the same for half a minute of our
        own time, whatever the clock says, though the file could be written."""
        beat, now = self.last_beat(), time.monotonic()
        if beat != self.beat:
            self.beat, self.beat_seen = beat, now
        if not self.pid or not self.beat_seen or now - self.beat_seen <= HUNG_SECONDS:
            return False
        try:
            os.utime(self.plan["heartbeat"])
        except OSError:
            return False
        return True

    def last_beat(self) -> float:
        try:
            return os.stat(self.plan["heartbeat"]).st_mtime
        except (KeyError, OSError):
            return 0.0

    def now_working(self) -> set[str] | None:
        """The program's own children; None where the system doesn't tell."""
        try:
            with open(f"/proc/{self.pid}/task/{self.pid}/children") as stream:
                return set(stream.read().split())
        except OSError:
            return None

    def kill_group(self) -> None:
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass

    def ended(self) -> None:
        """Note the end and when to start again."""
        lived = time.monotonic() - self.started
        if lived >= STEADY_SECONDS:
            self.steady_once, self.failures, self.pause = True, 0, 1
        else:
            self.failures += 1
        self.kill_group()  # its own children must not linger on the socket
        self.pid = 0
        self.reload_due = 0.0  # it reads everything when it starts
        self.due = time.monotonic() + self.pause
        self.pause = min(self.pause * 2, 30)

    @property
    def hopeless(self) -> bool:
        return self.failures >= TRIES and not self.steady_once


class Supervisor:
    """Keeps `children` running until it is told to stop."""

    def __init__(self, children: list[Child]):
        self.children = children
        self.status = 0

    def run(self) -> int:
        """The exit status: 0 when told to stop, 1 when a child can't be started at all."""
        try:
            self.keep_running()
        finally:  # a fault of our own leaves nobody behind on the port
            self.stop()
        return self.status

    def keep_running(self) -> None:
        """Returns when it is time to stop."""
        while True:
            self.start_due()
            received = signal.sigtimedwait(WATCHED, self.seconds_to_wait())
            if received and received.si_signo in (signal.SIGTERM, signal.SIGINT):
                return
            if received and received.si_signo == signal.SIGHUP:
                self.reload()
            self.reap()
            if any(child.hopeless for child in self.children):
                say(self.hopeless_words)
                self.status = 1
                return

    hopeless_words = "The clinic does not start; the reason stands in the lines above."

    def start_due(self) -> None:
        now = time.monotonic()
        for child in self.children:
            needed = child.plan.get("needs")  # what a child before it makes when it is ready
            if not child.pid and child.due <= now and (not needed or os.path.exists(needed)):
                child.start()
            if child.pid and 0 < child.reload_due <= now:
                child.reload(child.plan["reload"])
            if child.is_hung():
                say(f"{child.name} does not answer any more; ending it")
                child.beat_seen = 0.0
                child.kill_group()

    def seconds_to_wait(self) -> float:
        times = [child.due for child in self.children if not child.pid]
        times += [child.reload_due for child in self.children if child.pid and child.reload_due]
        if any(child.plan.get("heartbeat") for child in self.children):
            times.append(time.monotonic() + BEAT_SECONDS)
        return max(0.05, min(times) - time.monotonic()) if times else 3600

    def reap(self) -> None:
        """Take note of every child that has ended."""
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if not pid:
                return
            self.ended(pid, os.waitstatus_to_exitcode(status))

    def ended(self, pid: int, code: int) -> None:
        for child in self.children:
            if child.pid == pid:
                failures = child.failures
                child.ended()
                if code == KILLED:
                    child.failures = min(failures, child.failures)
                if not child.hopeless:
                    say(f"{child.name} ended ({describe(code)}); starting it again")

    def reload(self) -> None:
        """The certificate is a new one: the front has to read it."""
        for child in self.children:
            if child.pid and child.plan.get("reload"):
                child.want_reload()

    def stop(self) -> None:
        """The front first, so that no request arrives at an application that is gone."""
        began = time.monotonic()
        self.signal_wave(1)
        self.wait_until(began + FRONT_SECONDS, waves=(1,))
        self.signal_wave(2)
        in_time = self.wait_until(began + STOP_SECONDS, waves=(1, 2))
        self.kill_waves(1, 2)
        self.signal_wave(3)  # the database last: now nobody asks it any more
        in_time = self.wait_until(time.monotonic() + DATABASE_SECONDS, waves=(3,)) and in_time
        self.kill_waves(3)
        if not in_time:
            say("Not all programs ended in time; the rest was killed.")

    def kill_waves(self, *waves: int) -> None:
        for child in self.children:
            if child.pid and child.plan["wave"] in waves:
                child.kill_group()

    def signal_wave(self, wave: int) -> None:
        for child in self.children:
            if child.plan["wave"] == wave:
                child.send(child.plan["stop"])

    def wait_until(self, deadline: float, waves: tuple[int, ...]) -> bool:
        """Whether the children of these waves ended before `deadline`."""
        while True:
            for child in self.children:
                if child.pid and os.waitpid(child.pid, os.WNOHANG)[0]:
                    child.pid = 0
            if not any(c.pid for c in self.children if c.plan["wave"] in waves):
                return True
            left = deadline - time.monotonic()
            if left <= 0:
                return False
            signal.sigtimedwait({signal.SIGCHLD}, min(left, 0.5))


class Installation(Supervisor):
    """The supervisor of a whole data directory: also announces it and keeps it tidy."""

    child = Child

    def __init__(self, plan: dict):
        super().__init__([self.child(child) for child in plan["children"]])
        self.plan = plan
        self.once: dict[int, str] = {}
        self.next_housekeeping = time.monotonic() + HOUSEKEEPING_SECONDS
        self.run_once("announce")

    def run_once(self, name: str) -> None:
        """A short-lived helper that is not started again."""
        pid = Child({"name": name, "argv": self.plan[name], "env": {}}).launch()
        self.once[pid] = name

    def start_due(self) -> None:
        super().start_due()
        if time.monotonic() >= self.next_housekeeping:
            self.next_housekeeping = time.monotonic() + HOUSEKEEPING_SECONDS
            self.run_once("housekeeping")

    def seconds_to_wait(self) -> float:
        return min(super().seconds_to_wait(), max(0.05, self.next_housekeeping - time.monotonic()))

    def ended(self, pid: int, code: int) -> None:
        if self.once.pop(pid, None) == "housekeeping" and code == RENEWED:
            self.reload()
        super().ended(pid, code)

    def stop(self) -> None:
        for pid in self.once:
            try:
                os.killpg(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        super().stop()


def remove_file(path: str) -> None:
    try:
        os.unlink(path)
    except FileNotFoundError:
        pass


def describe(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"status {code}"


def say(text: str) -> None:
    try:
        print(f"clinic: {text}", file=sys.stderr, flush=True)
    except OSError:
        pass  # the log's disk is full or read-only: no reason to end the clinic


def main() -> int:
    with open(sys.argv[1]) as stream:
        plan = json.load(stream)
    os.set_inheritable(int(sys.argv[2]), False)  # the lock is ours, not our children's
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    os.chdir(plan["cwd"])
    status = Installation(plan).run()
    if plan["volatile"]:
        remove_folder(plan["volatile"])
    return status


def remove_folder(root: str) -> None:
    """The folder in memory goes with the programs that used it."""
    for folder, folders, names in os.walk(root, topdown=False):
        for name in names:
            os.unlink(os.path.join(folder, name))
        for name in folders:
            os.rmdir(os.path.join(folder, name))
    os.rmdir(root)


if __name__ == "__main__":
    sys.exit(main())
