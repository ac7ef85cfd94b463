"""What is tried on the cluster: each trial yields (held, what was seen)."""

import json
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import MySQLdb
import requests

from clinic.databases.cluster.nodes import CAUGHT_UP
from tests.faults import servers
from tests.faults.balancer import Balancer
from tests.faults.galera import DATABASE, Cluster, Node

Seen = Iterator[tuple[bool, str]]
LEASE = "SELECT holder FROM core_lease WHERE name = 'scheduler'"
TABLES = f"FROM information_schema.tables t WHERE t.table_schema = '{DATABASE}'"
KEYLESS = (
    f"SELECT t.table_name {TABLES} AND NOT EXISTS (SELECT 1 FROM "  # noqa: S608 # ours
    "information_schema.table_constraints c WHERE c.table_schema = t.table_schema "
    "AND c.table_name = t.table_name AND c.constraint_type = 'PRIMARY KEY')"
)
TRIGGERS = f"FROM information_schema.triggers WHERE trigger_schema = '{DATABASE}'"
PAIRS, READS = 20, 500
NOTHING = ""
TAKEN_OVER = 150.0  # the lease ends 90 s after it was last renewed; rounds are 20 s apart
ANSWERS = 60.0  # seconds in which a clinic has to answer again


@dataclass
class Stage:
    """What the trials play on."""

    cluster: Cluster
    served: list[servers.Server]
    password: str
    visits: int
    minutes: float
    seed: int

    @property
    def nodes(self) -> list[Node]:
        return self.cluster.nodes


# --- the state ------------------------------------------------------------------------------------


def same_everywhere(stage: Stage) -> Seen:
    """The tables on all nodes: InnoDB, with a key, guarded, and with the same rows"""
    first = stage.nodes[0]
    keyless = [name for (name,) in first.ask(KEYLESS)]
    yield not keyless, f"tables without a primary key: {keyless or 'none'}"
    other = first.ask(f"SELECT t.table_name {TABLES} AND t.engine <> 'InnoDB'")
    yield not other, f"tables of another engine: {other or 'none'}"
    triggers = {node.ask(f"SELECT COUNT(*) {TRIGGERS}")[0][0] for node in stage.nodes}
    yield len(triggers) == 1 and 0 not in triggers, f"triggers on the nodes: {triggers}"
    steps = {node.ask("SELECT @@auto_increment_offset")[0][0] for node in stage.nodes}
    yield len(steps) == len(stage.nodes), f"numbers given by the nodes begin at {steps}"
    yield from _same_rows(stage)


def _same_rows(stage: Stage) -> Seen:
    """While nobody writes: the sums of all tables."""
    for server in stage.served:
        server.stop()
    names = [name for (name,) in stage.nodes[0].ask(f"SELECT t.table_name {TABLES}")]
    sql = "CHECKSUM TABLE " + ", ".join(f"`{name}`" for name in names)
    sums = [dict(node.ask(sql, database=DATABASE)) for node in stage.nodes]
    different = [name for name in sums[0] if len({one[name] for one in sums}) > 1]
    yield not different, f"{len(names)} tables compared on {len(sums)} nodes; other: {different}"
    for server in stage.served:
        server.start()


# --- two servers, one clinic ----------------------------------------------------------------------


def one_session(stage: Stage) -> Seen:
    """Who signed in at one server goes on at the other, and is signed out of both"""
    a, b = stage.served
    with requests.Session() as browser:
        browser.trust_env, browser.verify = False, str(a.authority)
        page = browser.get(f"{a.url}/login/")
        told = {"username": "frontdesk", "password": stage.password}
        home = _send(browser, page, told)
        yield "/login" not in home.url, f"A: signed in, {home.url}"
        there = browser.get(f"{b.url}/")
        yield there.status_code == 200 and "/login" not in there.url, f"B: {there.url}"
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', there.text)[1]
        browser.post(f"{b.url}/logout/", {"csrfmiddlewaretoken": token},
                     headers={"Referer": there.url})  # fmt: skip
        back = browser.get(f"{a.url}/")
        yield "/login" in back.url, f"A, after signing out at B: {back.url}"


def _send(browser, page, told: dict):
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
    return browser.post(page.url, {**dict(hidden), **told}, headers={"Referer": page.url})


STORE = """
from clinic.core import files
from security.models import User
by = User.objects.get(username="admin")
print(files.store(content=b"of A", purpose="trial", media_type="text/plain", by=by).pk)
"""
READ = """
from clinic.core import files
from clinic.core.models import StoredFile
file = StoredFile.objects.get(pk="{}")
print(files.read(file) == b"of A")
"""


def one_storage(stage: Stage) -> Seen:
    """A file of one server opens on the other; a new key of one is the other's, too"""
    a, b = stage.served
    key = a.must("shell", "--no-imports", "-c", STORE).strip().splitlines()[-1]
    opened = b.must("shell", "--no-imports", "-c", READ.format(key)).strip()
    yield opened.endswith("True"), f"B opens the file of A: {opened[-5:]}"
    a.must("rotate_keys")
    after = requests.get(f"{b.url}/healthz", verify=str(b.authority), timeout=20)
    yield after.status_code == 200, f"B after A's new key: {after.status_code}"
    yield b.manage("verify_audit").returncode == 0, "B: verify_audit with A's keys"


def one_backup(stage: Stage) -> Seen:
    """What one server backs up, the other restores on trial"""
    a, b = stage.served
    made = a.manage("backup")
    yield made.returncode == 0, f"A: backup: {(made.stdout or made.stderr).strip()[-160:]}"
    tried = b.manage("verify_backup")
    yield tried.returncode == 0, f"B: {(tried.stdout or tried.stderr).strip()[-160:]}"


def readers_see_it(stage: Stage) -> Seen:
    """Written on one node, read at once on another: never an old value after the request's look"""
    one, other = (node.connect() for node in stage.nodes[1:])
    one.query("UPDATE core_counter SET value = 0 WHERE name = 'reader'")
    one.query("INSERT IGNORE INTO core_counter (name, value) VALUES ('reader', 0)")
    old = {look: _old_values(one, other, look) for look in (NOTHING, CAUGHT_UP)}
    for connection in (one, other):
        connection.close()
    yield old[CAUGHT_UP] == 0, f"with the look {old[CAUGHT_UP]} of {READS} were old"
    yield old[NOTHING] > 0, f"without it {old[NOTHING]} of {READS} (so this trial can tell)"


def _old_values(one, other, look: str) -> int:
    old = 0
    for number in range(READS):
        one.query(f"UPDATE core_counter SET value = {number} + 1 WHERE name = 'reader'")  # noqa: S608 # ours
        if look:
            other.query(look)
            other.store_result()
        old += _value(other) != number + 1
    return old


def _value(connection) -> int:
    connection.query("SELECT value FROM core_counter WHERE name = 'reader'")
    return int(connection.store_result().fetch_row()[0][0])


def locks_count(stage: Stage) -> Seen:
    """Two nodes lock the same row: with the fence one of the two is refused, without it none"""
    both = {}
    for how in ("without", "with"):
        done = subprocess.run(
            [sys.executable, "-m", "tests.faults.two_nodes", how, str(PAIRS)], cwd=servers.CHECKOUT,
            env={**servers.environment(), "CLINIC_DATA_DIR": str(stage.served[0].root)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            raise servers.ServerError(done.stderr[-800:])
        both[how] = int(done.stdout.split()[-1])
    yield both["with"] == 0, f"with the fence {both['with']} of {PAIRS} pairs both committed"
    yield both["without"] > 0, f"without it {both['without']} of {PAIRS} (so this trial can tell)"


# --- the day --------------------------------------------------------------------------------------


def a_day_without_its_first_node(stage: Stage) -> Seen:
    """A simulated day through both servers; the node that is written to dies and comes back"""
    balancer = Balancer([server.port for server in stage.served])
    balancer.start()
    watch = Watch(stage)
    out = stage.cluster.root / "day.json"
    out.unlink(missing_ok=True)
    a = stage.served[0]
    a.must("simulate_day", "--only-prepare", "--visits", str(stage.visits), "--password",
           stage.password, "--seed", str(stage.seed))  # fmt: skip
    arguments = [
        *("simulate_day", "--url", balancer.url, "--password", stage.password),
        *("--visits", str(stage.visits), "--minutes", str(stage.minutes), "--json", str(out)),
        *("--journal", str(stage.cluster.root / "day.jsonl"), "--grace", "600"),
        *("--seed", str(stage.seed)),
    ]
    day = threading.Thread(target=lambda: arguments.append(a.manage(*arguments, seconds=7200)))
    watch.start()
    day.start()
    time.sleep(stage.minutes * 60 * 0.4)
    yield from _die_and_come_back(stage)
    day.join()
    watch.stop()
    done = arguments[-1]
    told = json.loads(out.read_text()) if out.exists() else {}
    yield from _what_the_day_says(told, done)
    yield min(balancer.taken.values()) > 0, f"connections by server: {dict(balancer.taken)}"
    yield from watch.told()
    balancer.stop()


def _what_the_day_says(told: dict, done) -> Seen:
    """Its proofs. A press or a page on its way when the node died may be told to be sent again
    (503): whether it was half done is what the other proofs are for."""
    yield bool(told.get("proofs")), f"the day came to its proofs: exit status {done.returncode}"
    if not told.get("proofs"):
        yield False, (done.stdout + done.stderr)[-2000:]
    for words in told.get("complaints", []):
        yield False, str(words)
    for proof in told.get("proofs", []):
        wrong = [one for one in proof["faults"] if not one.endswith("× 503")]
        yield not wrong, f"{proof['name']}: {proof['faults'] or 'holds'}"


def _die_and_come_back(stage: Stage) -> Seen:
    writer = stage.nodes[0]
    before = _connections(stage)
    stage.cluster.kill(writer)
    killed = time.monotonic()
    answered = _writes_again(stage, killed)
    yield (
        answered < ANSWERS,
        f"{writer.name} killed; a form was written again after {answered:.1f} s",
    )
    time.sleep(stage.minutes * 60 * 0.15)
    yield True, f"connections by node before {before}, now {_connections(stage)}"
    back = stage.cluster.start(writer)
    log = (writer.folder / "log.err").read_text(errors="replace")
    how = "IST" if "Receiving IST" in log.rpartition("starting as process")[2] else "SST"
    yield True, f"{writer.name} is back and synced after {back:.1f} s (by {how})"
    time.sleep(75)
    yield True, f"connections by node 75 s later {_connections(stage)}"


def _connections(stage: Stage) -> dict[str, int]:
    sql = "SELECT COUNT(*) FROM information_schema.processlist WHERE user = 'clinic'"
    return {node.name: node.ask(sql)[0][0] for node in stage.nodes if node.is_running}


def _writes_again(stage: Stage, since: float) -> float:
    """A try to sign in, with a wrong password: it reads, writes and is recorded."""
    server = stage.served[1]
    while time.monotonic() - since < ANSWERS:
        with requests.Session() as browser:
            browser.trust_env, browser.verify = False, str(server.authority)
            try:
                page = browser.get(f"{server.url}/login/", timeout=30)
                told = {"username": "nobody", "password": "wrong"}
                if _send(browser, page, told).status_code == 200:
                    return time.monotonic() - since
            except requests.RequestException:
                pass
        time.sleep(0.2)
    return time.monotonic() - since


class Watch(threading.Thread):
    """Who held the scheduler's lease while the day was lived."""

    def __init__(self, stage: Stage):
        super().__init__(daemon=True)
        self.stage, self.holders, self._end = stage, [], threading.Event()

    def run(self) -> None:
        while not self._end.wait(1):
            for node in self.stage.nodes[1:]:
                try:
                    holder = node.ask(LEASE, database=DATABASE)[0][0]
                except MySQLdb.Error:
                    holder = None  # a node may be away; the other one tells
                if holder:
                    if self.holders[-1:] != [holder]:
                        self.holders.append(holder)
                    break

    def stop(self) -> None:
        self._end.set()
        self.join(10)

    def told(self) -> Seen:
        yield bool(self.holders), f"the scheduler's lease went through {self.holders}"
        a = self.stage.served[0]
        for command in ("seal_audit", "verify_audit", "check_stock", "check_cash"):
            done = a.manage(command)
            yield done.returncode == 0, f"{command}: {(done.stdout or done.stderr).strip()[-120:]}"


def one_server_dies(stage: Stage) -> Seen:
    """The server that holds the scheduler's lease is killed: people and tasks go on at the other"""
    a, b = stage.served
    holder = _holder(stage)
    dying, other = (a, b) if holder in _programs(a) else (b, a)
    with requests.Session() as browser:
        browser.trust_env, browser.verify = False, str(a.authority)
        told = {"username": "doctor", "password": stage.password}
        _send(browser, browser.get(f"{dying.url}/login/"), told)
        dying.kill()
        there = browser.get(f"{other.url}/")
        yield there.status_code == 200 and "/login" not in there.url, f"goes on at {there.url}"
    began = time.monotonic()
    while _holder(stage) == holder and time.monotonic() - began < TAKEN_OVER:
        time.sleep(1)
    seconds, now = time.monotonic() - began, _holder(stage)
    yield now in _programs(other), f"the lease of {holder} is {now}'s after {seconds:.0f} s"
    dying.start()


def _holder(stage: Stage) -> str:
    return stage.nodes[0].ask(LEASE, database=DATABASE)[0][0]


def _programs(server: servers.Server) -> set[str]:
    """The names under which its programs would hold a lease."""
    return {f"{socket.gethostname()}:{pid}" for pid in server.family()}


# --- the majority is lost -------------------------------------------------------------------------


def two_of_three_lost(stage: Stage) -> Seen:
    """Two nodes die: nothing is written, people are told; a person makes the third one whole"""
    left, *lost = stage.nodes
    for node in lost:
        stage.cluster.kill(node)
    time.sleep(12)
    status = left.status()
    yield status["cluster_status"] != "Primary", f"{left.name}: {status['cluster_status']}"
    server = stage.served[0]
    page = requests.get(f"{server.url}/login/", verify=str(server.authority), timeout=60)
    yield page.status_code == 503, f"the sign-in page: {page.status_code}"
    began = time.monotonic()
    left.ask("SET GLOBAL wsrep_provider_options = 'pc.bootstrap=YES'")
    while time.monotonic() - began < ANSWERS:
        page = requests.get(f"{server.url}/login/", verify=str(server.authority), timeout=60)
        if page.status_code == 200:
            break
        time.sleep(0.2)
    yield (
        page.status_code == 200,
        f"after pc.bootstrap: {page.status_code} in {time.monotonic() - began:.1f} s",
    )
    for node in lost:
        yield True, f"{node.name} is back and synced after {stage.cluster.start(node):.1f} s"
    stage.cluster.wait_for_size(len(stage.nodes))


TRIALS = [
    *(same_everywhere, one_session, one_storage, one_backup, readers_see_it, locks_count),
    *(a_day_without_its_first_node, one_server_dies, two_of_three_lost, same_everywhere),
]
NAMES = [trial.__name__ for trial in TRIALS]
