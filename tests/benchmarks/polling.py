"""What polling costs: twenty screens and thirty doctors' pages, every three seconds, for a minute.

    python -m tests.benchmarks.polling [--seconds 60]

A demo clinic of six doctors is installed and served by its own scripts; meanwhile people register
and are called as in a busy hour, and each doctor's queue is open on five screens. Counted are the
CPU seconds of all the server's programs (front, application, scheduler), less what they take
while nobody asks. The promise is 5 % of one core.
"""

import argparse
import contextlib
import http.client
import http.cookies
import os
import re
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import urlencode

from tests.browser import installation
from tests.installer.tools import descendants

SCREENS, PAGES, EVERY = 20, 30, 3.0
CHANGES = 6  # in a minute: a peak hour of the pilot
PROMISE = 5.0  # per cent of one core
DOCTORS = ["doctor", "doctor2", "doctor3", "doctor4", "doctor5", "doctor6"]
TICK = os.sysconf("SC_CLK_TCK")
ROWS = {"screen": "/display/rows/", "page": "/registration/queue/rows/"}


class Poller(threading.Thread):
    """One browser that stays connected and asks again and again, as screen.js and refresh.js do."""

    def __init__(self, clinic, number: int, cookie: str, stop: threading.Event):
        super().__init__(daemon=True)
        self.clinic, self.cookie, self.stop = clinic, cookie, stop
        self.kind = "page" if cookie else "screen"
        self.source = (
            f"127.0.0.{number + 2}",
            0,
        )  # of a PC of its own: the front counts by address
        self.answers: dict[int, int] = {}
        self.begins = EVERY * number / (SCREENS + PAGES)

    def run(self):
        link = connection(self.clinic, self.source)
        etag, due = "", time.monotonic() + self.begins
        with contextlib.closing(link):
            while not self.stop.wait(max(due - time.monotonic(), 0)):
                headers = {"If-None-Match": etag} if etag else {}
                headers |= {"Cookie": self.cookie} if self.cookie else {}
                link.request("GET", ROWS[self.kind], headers=headers)
                answer = link.getresponse()
                answer.read()
                etag = answer.headers.get("ETag", etag)
                self.answers[answer.status] = self.answers.get(answer.status, 0) + 1
                due += EVERY


def connection(clinic, source=None) -> http.client.HTTPSConnection:
    context = ssl.create_default_context(cafile=clinic.root / "tls" / "ca.crt")
    return http.client.HTTPSConnection(
        "localhost", clinic.port, timeout=20, context=context, source_address=source
    )


def signed_in(clinic, name: str) -> str:
    """The cookies of this person, who came in through the sign-in page."""
    jar = http.cookies.SimpleCookie()

    def ask(method: str, **form) -> str:
        link = connection(clinic)
        with contextlib.closing(link):
            cookie = "; ".join(f"{key}={morsel.value}" for key, morsel in jar.items())
            headers = {
                "Cookie": cookie,
                "Referer": f"{clinic.url}/login/",
                "Content-Type": "application/x-www-form-urlencoded",
            }
            link.request(method, "/login/", urlencode(form) if form else None, headers)
            answer = link.getresponse()
            for value in answer.headers.get_all("Set-Cookie", []):
                jar.load(value)
            return answer.read().decode()

    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', ask("GET"))[1]
    ask("POST", username=name, password=installation.PASSWORD, csrfmiddlewaretoken=token)
    assert any("session" in key for key in jar), f"{name} can't sign in"
    return "; ".join(f"{key}={morsel.value}" for key, morsel in jar.items())


def more_doctors(clinic) -> None:
    """The demo clinic has two."""
    code = f"""
from registration.models import Department
from security.models import User
from tests.factories.registration import ClinicianFactory, open_session
for name, letter in zip({DOCTORS[2:]!r}, "CDEF"):
    user = User.objects.create_user(name, "{installation.PASSWORD}", full_name="何静",
                                    must_change_password=False)
    user.groups.set(User.objects.get(username="doctor").groups.all())
    ClinicianFactory(user=user, letter=letter)
    open_session(user, quota=200)
"""
    clinic.manage("manage.py", "shell", "--verbosity", "0", "-c", code)


def busy_hour(clinic, seconds: float) -> subprocess.Popen:
    """People who come and are called, from a process that is not counted."""
    code = f"""
import time
from tests.factories import scene
from security.audit import acting_as
with acting_as(scene.user("frontdesk"), screen="benchmark"):
    for number in range(int({CHANGES} * {seconds} / 60)):
        time.sleep(60 / {CHANGES})
        doctor = {DOCTORS!r}[number % {len(DOCTORS)}]
        made = scene.visit(scene.person("测试", 200 + number), doctor)
        if number % 3 == 2:
            scene.called(made)
"""
    environment = {**installation.environment(), "CLINIC_DATA_DIR": str(clinic.root)}
    command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", code]
    return subprocess.Popen(command, env=environment, cwd=installation.CHECKOUT)


def cpu_seconds(pid: int) -> dict[str, float]:
    """Of each of the server's programs, by name and process."""
    found = {}
    for one in descendants(pid):
        with contextlib.suppress(OSError):
            name, _, fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")
            user, system = fields.split()[11:13]
            found[f"{name.partition('(')[2]} {one}"] = (int(user) + int(system)) / TICK
    return found


def spent(pid: int, seconds: float) -> float:
    """CPU seconds of all programs in this time."""
    before = cpu_seconds(pid)
    time.sleep(seconds)
    after = cpu_seconds(pid)
    for name, value in sorted(after.items()):
        print(f"    {name}: {value - before.get(name, 0):.2f} s")
    return sum(after.values()) - sum(before.get(name, 0) for name in after)


def measure(clinic, pid: int, seconds: float) -> bool:
    more_doctors(clinic)
    doctors = [signed_in(clinic, name) for name in DOCTORS]
    for cookie in (*doctors, ""):  # the first answers load what later ones find loaded
        warm = connection(clinic)
        with contextlib.closing(warm):
            warm.request("GET", ROWS["page" if cookie else "screen"], headers={"Cookie": cookie})
            assert warm.getresponse().status == 200
    time.sleep(15)  # the scheduler's first round
    print("nobody asks:")
    idle = spent(pid, 20) / 20
    stop = threading.Event()
    pollers = [Poller(clinic, n, "", stop) for n in range(SCREENS)]
    pollers += [Poller(clinic, SCREENS + n, doctors[n % len(doctors)], stop) for n in range(PAGES)]
    for poller in pollers:
        poller.start()
    time.sleep(2 * EVERY)
    before = sum(sum(p.answers.values()) for p in pollers)
    work = busy_hour(clinic, seconds)
    print("they poll:")
    took = spent(pid, seconds)
    asked = sum(sum(p.answers.values()) for p in pollers) - before
    stop.set()
    assert work.wait(60) == 0
    statuses: dict[int, int] = {}
    for poller in pollers:
        poller.join(30)
        for status, count in poller.answers.items():
            statuses[status] = statuses.get(status, 0) + count
    share = 100 * (took / seconds - idle)
    print(f"answers: {statuses}; {asked} in {seconds:.0f} s ({asked / seconds:.1f} a second)")
    print(f"idle {100 * idle:.1f} % of one core, polling {share:.1f} % more")
    print(f"{1000 * (took - idle * seconds) / asked:.2f} ms of CPU for each poll")
    is_kept = share <= PROMISE and set(statuses) <= {200, 304}
    print(f"promised: at most {PROMISE:.0f} %: {'kept' if is_kept else 'NOT KEPT'}")
    return is_kept


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="clinic-polling-") as folder:
        clinic = installation.install(Path(folder))
        process = installation.serve(clinic)
        try:
            return 0 if measure(clinic, process.pid, options.seconds) else 1
        finally:
            installation.stop(clinic)


if __name__ == "__main__":
    sys.exit(main())
