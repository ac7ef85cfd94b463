"""Three MariaDB nodes on one machine, each with its own directory, ports and socket.

As root they run as Debian's `mysql`: the copying of a whole node fails under root.
"""

import contextlib
import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path

import MySQLdb

from tests.ports import free_port

PROVIDER = Path("/usr/lib/galera/libgalera_smm.so")
ACCOUNT, PASSWORD, DATABASE = "clinic", "only-for-this-trial-7", "clinic"
SETTINGS = """[mysqld]
datadir={folder}/data
socket={folder}/s
pid-file={folder}/pid
log-error={folder}/log.err
port={port}
bind-address=127.0.0.1
skip-name-resolve
character-set-server=utf8mb4
collation-server=utf8mb4_unicode_ci
binlog_format=ROW
default_storage_engine=InnoDB
innodb_autoinc_lock_mode=2
innodb_flush_log_at_trx_commit=1
innodb_buffer_pool_size=96M
innodb_log_file_size=64M
max_connections=120
log_bin_trust_function_creators=1
wsrep_on=ON
wsrep_provider={provider}
wsrep_cluster_name=clinic-trial
wsrep_cluster_address=gcomm://{others}
wsrep_node_name={name}
wsrep_node_address=127.0.0.1:{group_port}
wsrep_sst_method=rsync
wsrep_sst_receive_address=127.0.0.1:{copy_port}
wsrep_provider_options="gmcast.listen_addr=tcp://127.0.0.1:{group_port};\
ist.recv_addr=127.0.0.1:{catch_up_port};gcache.size=64M"
"""


class ClusterError(Exception):
    """A node did not do what it was told to."""


@dataclass
class Node:
    """One server of the cluster."""

    name: str
    folder: Path
    port: int
    group_port: int
    copy_port: int
    catch_up_port: int
    process: subprocess.Popen | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def socket(self) -> str:
        return str(self.folder / "s")

    @property
    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def ask(self, sql: str, *, database: str = "") -> list[tuple]:
        """As the server's administrator, through its socket."""
        owner = _owner().pw_name
        connection = MySQLdb.connect(
            unix_socket=self.socket, user=owner, database=database, charset="utf8mb4"
        ) if os.geteuid() else MySQLdb.connect(
            unix_socket=self.socket, user="root", database=database, charset="utf8mb4"
        )  # fmt: skip
        try:
            connection.autocommit(True)
            cursor = connection.cursor()
            cursor.execute(sql)
            return list(cursor.fetchall() or ())
        finally:
            connection.close()

    def connect(self):
        """As the clinic does, with each statement a transaction of its own."""
        found = MySQLdb.connect(
            host="127.0.0.1", port=self.port, user=ACCOUNT, password=PASSWORD, database=DATABASE
        )
        found.autocommit(True)
        return found

    def status(self) -> dict[str, str]:
        """What Galera says of itself, without its prefix; nothing where the server is away."""
        try:
            rows = self.ask("SHOW GLOBAL STATUS LIKE 'wsrep_%'")
        except MySQLdb.Error:
            return {}
        return {name.removeprefix("wsrep_"): value for name, value in rows}

    def is_synced(self) -> bool:
        status = self.status()
        return status.get("local_state_comment") == "Synced" and status.get("ready") == "ON"


class Cluster:
    """Makes, starts, kills and looks at the nodes in `root`."""

    def __init__(self, root: Path, count: int = 3):
        if not PROVIDER.exists():
            raise ClusterError("galera-4 is not installed: apt-get install galera-4 rsync")
        self.root = root
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o755)
        ports = free_ports(4 * count)
        self.nodes = [
            Node(f"n{i + 1}", root / f"n{i + 1}", *ports[4 * i : 4 * i + 4]) for i in range(count)
        ]

    # -- making --

    @property
    def is_made(self) -> bool:
        return all((node.folder / "data").is_dir() for node in self.nodes)

    def make(self) -> None:
        """All empty; the first alone has tables of its own, which it gives to the others."""
        for node in self.nodes:
            shutil.rmtree(node.folder, ignore_errors=True)
            for folder in (node.folder, node.folder / "data"):
                folder.mkdir(mode=0o750)
                _give(folder)
        self.write_settings()
        self._install(self.nodes[0])

    def write_settings(self) -> None:
        for node in self.nodes:
            text = SETTINGS.format(
                folder=node.folder, port=node.port, provider=PROVIDER, name=node.name,
                group_port=node.group_port, copy_port=node.copy_port,
                catch_up_port=node.catch_up_port,
                others=",".join(f"127.0.0.1:{n.group_port}" for n in self.nodes),
            )  # fmt: skip
            (node.folder / "my.cnf").write_text(text)
            _give(node.folder / "my.cnf")

    def _install(self, node: Node) -> None:
        done = subprocess.run(
            ["mariadb-install-db", "--no-defaults", f"--datadir={node.folder}/data",
             "--skip-test-db", "--auth-root-authentication-method=socket",
             f"--auth-root-socket-user={'root' if not os.geteuid() else _owner().pw_name}"],
            capture_output=True, text=True, check=False, **_as_owner(),
        )  # fmt: skip
        if done.returncode:
            raise ClusterError(f"mariadb-install-db: {done.stderr[-500:]}")

    # -- life --

    def bootstrap(self, node: Node) -> float:
        """The first of a new cluster, or the one with the newest state of one that went down."""
        state = node.folder / "data" / "grastate.dat"
        if state.exists():
            state.write_text(state.read_text().replace("to_bootstrap: 0", "to_bootstrap: 1"))
        return self.start(node, "--wsrep-new-cluster")

    def start_all(self) -> float:
        """From nothing, or after all were stopped in the order of their names backwards."""
        began = time.monotonic()
        self.bootstrap(self.nodes[0])
        for node in self.nodes[1:]:
            self.start(node)
        self.wait_for_size(len(self.nodes))
        return time.monotonic() - began

    def start(self, node: Node, *more: str, seconds: float = 120) -> float:
        """Until it is synced; how many seconds that took."""
        began = time.monotonic()
        position = self.recovered(node) if (node.folder / "data" / "grastate.dat").exists() else ""
        started = [f"--wsrep_start_position={position}"] if position else []
        log = (node.folder / "out").open("ab")
        node.process = subprocess.Popen(
            ["mariadbd", f"--defaults-file={node.folder}/my.cnf", *started, *more],
            stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            **_as_owner(),
        )  # fmt: skip
        while not node.is_synced():
            if not node.is_running or time.monotonic() - began > seconds:
                raise ClusterError(f"{node.name} is not synced: {self.log_of(node)}")
            time.sleep(0.1)
        return time.monotonic() - began

    def recovered(self, node: Node) -> str:
        """Where a killed node stopped, as Debian's galera_recovery asks it: without it the whole
        database would be copied anew."""
        path = node.folder / "recovered"
        path.unlink(missing_ok=True)
        subprocess.run(
            ["mariadbd", f"--defaults-file={node.folder}/my.cnf", "--wsrep_recover",
             f"--log-error={path}"],
            capture_output=True, check=False, timeout=120, **_as_owner(),
        )  # fmt: skip
        text = path.read_text(errors="replace") if path.exists() else ""
        found = re.findall(r"WSREP: Recovered position:? ?(\S+)", text)
        return found[-1] if found and not found[-1].endswith(":-1") else ""

    def kill(self, node: Node) -> None:
        node.process.send_signal(signal.SIGKILL)
        node.process.wait()

    def stop(self, node: Node) -> None:
        if node.is_running:
            node.process.send_signal(signal.SIGTERM)
            try:
                node.process.wait(60)
            except subprocess.TimeoutExpired:
                self.kill(node)

    def stop_all(self) -> None:
        for node in reversed(self.nodes):
            with contextlib.suppress(ProcessLookupError):
                self.stop(node)

    def wait_for_size(self, count: int, seconds: float = 60) -> float:
        """Until every running node sees so many, and all are synced."""
        began = time.monotonic()
        while True:
            states = [node.status() for node in self.nodes if node.is_running]
            if states and all(
                one.get("cluster_size") == str(count) and one.get("ready") == "ON" for one in states
            ):
                return time.monotonic() - began
            if time.monotonic() - began > seconds:
                raise ClusterError(f"no cluster of {count}: {states}")
            time.sleep(0.1)

    def log_of(self, node: Node) -> str:
        path = node.folder / "log.err"
        return path.read_text(errors="replace")[-3000:] if path.exists() else ""

    # -- the clinic's database --

    def make_database(self) -> str:
        """Empty, with an account that has rights on it alone; its address over all nodes."""
        first = self.nodes[0]
        for sql in (
            f"CREATE DATABASE {DATABASE} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci",
            f"CREATE USER {ACCOUNT}@'127.0.0.1' IDENTIFIED BY '{PASSWORD}'",
            f"GRANT ALL ON {DATABASE}.* TO {ACCOUNT}@'127.0.0.1'",
            f"GRANT ALL ON {DATABASE}_scratch.* TO {ACCOUNT}@'127.0.0.1'",
            f"GRANT ALL ON `test\\_%`.* TO {ACCOUNT}@'127.0.0.1'",  # for tests/concurrency
        ):
            first.ask(sql)
        return self.url()

    def url(self, *nodes: Node) -> str:
        first, *others = nodes or self.nodes
        more = f"?others={','.join(node.address for node in others)}" if others else ""
        return f"mysql://{ACCOUNT}:{PASSWORD}@{first.address}/{DATABASE}{more}"


def _owner() -> pwd.struct_passwd:
    return pwd.getpwuid(os.geteuid()) if os.geteuid() else pwd.getpwnam("mysql")


def _as_owner() -> dict:
    if os.geteuid():
        return {}
    owner = _owner()
    return {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": [],
            "env": {**os.environ, "HOME": "/nonexistent"}}  # fmt: skip


def _give(path: Path) -> None:
    if not os.geteuid():
        os.chown(path, _owner().pw_uid, _owner().pw_gid)


def free_ports(count: int) -> list[int]:
    return [free_port() for _number in range(count)]
