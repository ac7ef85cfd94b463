"""A clinic full of records, the people who work in it, and a request that leaves nothing behind.

Every request is carried out inside a transaction that is taken back afterwards, so that each
meets the same clinic; what it wrote is looked at before.
"""

import contextlib
import functools
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.hostile import judge
from tests.hostile.values import MARK

WRITES = re.compile(r"\s*(?:INSERT (?:OR \w+ )?INTO|UPDATE|DELETE FROM|REPLACE INTO)\s+[`\"]?(\w+)")
# What is noted whether or not the thing itself was done.
NOTES = re.compile(
    r"security_(auditentry|audit|wrongtries|device|opensession|read|throttle|session)|"
    r"core_(draft|oncetoken)|axes_|django_session|sqlite_sequence"
)
MEANT = "/countersign/"  # the one form whose work is to write into a colleague's record
WORK, SLOW = 10.0, 90.0  # seconds of computing, and on a clock that a busy machine spoils


@dataclass(frozen=True)
class Request:
    """What is sent, and a word for what it tries."""

    title: str
    method: str
    address: str
    body: bytes = b""
    kind: str = "application/x-www-form-urlencoded"
    headers: dict = field(default_factory=dict)
    about: str = ""  # of which page and field
    plain: Callable | None = None  # the same form as it is meant, to see what that shows anyway


@dataclass(frozen=True)
class Fault:
    """One thing that must never be."""

    what: str
    who: str
    request: Request
    detail: str = ""

    def key(self) -> tuple:
        place = re.sub(r"[0-9a-f-]{36}|\d+", "N", self.request.address.split("?")[0])
        who = self.who if self.what == "another's data" else ""
        return (self.what, place, self.detail[:160], who)


class Watch:
    """What Python itself reports while a request is at work: files, programs, hosts.

    A hook stays until the process ends: there is one, and it sleeps between requests.
    """

    EVENTS = {"open", "os.system", "subprocess.Popen", "socket.getaddrinfo", "import"}

    def __init__(self):
        self.seen: list[str] = []
        self.awake = False
        sys.addaudithook(self._hook)

    def _hook(self, event: str, arguments) -> None:
        if not self.awake:
            return
        with contextlib.suppress(Exception):
            if event in self.EVENTS and MARK in (told := repr(arguments)):
                self.seen.append(f"{event} {told[:200]}")
            elif event == "socket.connect" and not _is_here(arguments[1]):
                self.seen.append(f"{event} {arguments[1]}")

    def taken(self) -> list[str]:
        seen, self.seen = self.seen, []
        return seen


def _is_here(address) -> bool:
    """The database's socket, or this machine."""
    return isinstance(address, str | bytes) or address[0] in ("127.0.0.1", "::1", "localhost")


@functools.cache
def the_watch() -> Watch:
    return Watch()


class Lab:
    """`send(who, request)`: the answer, after it was judged; faults gather in `faults`."""

    def __init__(self, clients: dict, *, secrets=(), owners=None, progress=None):
        from django.db import connection

        self.connection = connection
        self.clients = clients  # name -> signed-in client
        self.secrets = secrets  # judge.Secrets, or nothing
        self.watch = the_watch()
        self.faults: dict[tuple, Fault] = {}
        self.again = Counter()
        self.count = Counter()
        self.statuses = Counter()
        self.slowest: list[tuple[float, str]] = []
        self.before: dict[str, dict] = {}
        self.errors: list[str] = []
        self.progress = progress
        self._listen()

    def _listen(self) -> None:
        """The traceback of a fault of ours, which its page must not tell."""
        from django.core.signals import got_request_exception

        def note(sender, **_more):
            kind, value, trace = sys.exc_info()
            place = ""
            while trace is not None:
                name = trace.tb_frame.f_code.co_filename
                if f"{os.sep}site-packages{os.sep}" not in name:
                    place = f"{os.path.relpath(name)}:{trace.tb_lineno}"
                trace = trace.tb_next
            self.errors.append(f"{kind.__name__} at {place}: {str(value)[:150]}")

        self._note = note
        got_request_exception.connect(note)

    def report(self, what: str, who: str, request: Request, detail: str = "") -> None:
        fault = Fault(what, who, request, detail)
        self.again[fault.key()] += 1
        if fault.key() not in self.faults:
            self.faults[fault.key()] = fault
            if self.progress:
                self.progress(fault)

    def rows(self, table: str) -> dict:
        """Every row of a table by its key."""
        name = self.connection.ops.quote_name(table)
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {name}")  # noqa: S608 # our tables
            return {row[0]: row for row in cursor.fetchall()}

    def remember(self) -> None:
        """The clinic as it stands before the first request."""
        for table in self.connection.introspection.django_table_names(only_existing=True):
            if not NOTES.match(table):
                self.before[table] = self.rows(table)

    def send(self, who: str, request: Request, part: str = "requests"):
        from django.db import IntegrityError, transaction

        client = self.clients[who]
        cookies = {name: morsel.value for name, morsel in client.cookies.items()}
        written, self.errors = set(), []

        def note(execute, sql, params, many, context):
            found = WRITES.match(sql)
            if found:
                written.add(found.group(1))
            return execute(sql, params, many, context)

        began, worked = time.perf_counter(), time.process_time()
        with transaction.atomic():
            with self.connection.execute_wrapper(note):
                self.watch.awake = True
                answer = self._ask(client, request)
                self.watch.awake = False
            took, worked = time.perf_counter() - began, time.process_time() - worked
            if written and self.connection.vendor == "sqlite":  # MariaDB asks at once
                try:
                    self.connection.check_constraints(table_names=sorted(written))
                except IntegrityError as error:
                    self.report("a row that leads nowhere", who, request, str(error))
            kept = {t for t in written if t in self.before}
            if kept and answer is not None:
                changed = {t: self.rows(t) for t in kept}
                changed = {t: rows for t, rows in changed.items() if rows != self.before[t]}
                if changed and answer.status_code >= 400:
                    self.report("half saved", who, request, ", ".join(sorted(changed)))
                self._look_at_owners(who, request, changed)
            transaction.set_rollback(True)
        client.cookies.clear()
        for name, value in cookies.items():
            client.cookies[name] = value
        self.count[part] += 1
        if answer is not None:
            self.statuses[answer.status_code] += 1
            if took > SLOW or worked > WORK:
                self.report("slow", who, request, f"{worked:.0f} s of work, {took:.0f} in all")
            self._judge(who, request, answer)
            self.slowest = sorted([*self.slowest, (worked, f"{request.about} {request.title}")])
            del self.slowest[:-5]
        return answer

    def _ask(self, client, request: Request):
        path, _mark, query = request.address.partition("?")
        try:
            return client.generic(
                request.method,
                path,
                request.body,
                content_type=request.kind,
                QUERY_STRING=query,
                **request.headers,
            )
        except Exception as error:
            self.report("an exception past the handler", "", request, repr(error)[:200])
            return None

    def _look_at_owners(self, who, request, changed) -> None:
        if self.secrets and MEANT not in request.address:
            for table, key in self.secrets.not_theirs(who, changed, self.before):
                self.report("another's record changed", who, request, f"{table} {key}")

    def _judge(self, who, request, answer) -> None:
        for seen in self.watch.taken():
            self.report("carried out", who, request, seen)
        if answer.status_code >= 500:
            why = self.errors[-1] if self.errors else ""
            self.report(f"status {answer.status_code}", who, request, why)
            return
        for what in judge.faults_of(answer):
            self.report("carried out", who, request, what)
        if self.secrets and self.secrets.leaked(who, request, answer):
            self._learn(who, request)
            for what in self.secrets.leaked(who, request, answer):
                self.report("another's data", who, request, what)

    def _learn(self, who, request) -> None:
        """What the form shows this person when nothing is wrong with it."""
        if request.plain is None:
            return
        self.secrets.learning = True
        for meant in request.plain():
            self.send(who, meant, "as meant")
        self.secrets.learning = False
