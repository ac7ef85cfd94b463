"""A MariaDB of the clinic's own: below its data directory, on a unix socket, for nobody else.

On Windows, where there are no such sockets for it, on a port of 127.0.0.1 (not tried there).
`.env` says that it is used, by a DATABASE_URL with this socket or port. The supervisor
starts it before the application and stops it after it; commands that find it asleep wake it for as
long as they run.
"""

import contextlib
import os
import secrets
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from installer.setup import (
    control,
    envfile,
    mariadb_account,
    mariadb_server,
    ownership,
    sizing,
)
from installer.setup.errors import SetupError
from installer.setup.mariadb_server import Server
from installer.setup.paths import DataDir
from installer.setup.run import Log, run
from installer.setup.supervisor import MARK
from installer.setup.system import WINDOWS, keep_private

START_SECONDS = 300  # after a power cut it puts its tables right first
STOP_SECONDS = 60
LONGEST_SOCKET = 100  # bytes; the system takes no longer path
NAME = "clinic"
MADE = "made"  # a note of the server's version, written when everything is there


def home(data: DataDir) -> Path:
    return data.root / "mariadb"


def socket_path(data: DataDir) -> Path:
    return home(data) / "sock"


def is_used(data: DataDir) -> bool:
    """Whether this installation's data lie in a server of its own."""
    return is_own(envfile.read(data.env).get("DATABASE_URL", ""), data)


def is_own(url: str, data: DataDir) -> bool:
    if not url or (WINDOWS and not (home(data) / "port").exists()):
        return False
    return url.endswith(_place(data))


def _place(data: DataDir) -> str:
    """The end of the server's DATABASE_URL."""
    if WINDOWS:
        return f"@127.0.0.1:{port(data)}/{NAME}"
    return f"@localhost/{NAME}?unix_socket={quote(str(socket_path(data)))}"


def address(data: DataDir, password: str) -> str:
    return f"mysql://{NAME}:{password}{_place(data)}"


def port(data: DataDir) -> int:
    """Where there are no sockets: a free port, chosen once."""
    note = home(data) / "port"
    if not note.exists():
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            note.write_text(str(probe.getsockname()[1]), encoding="ascii")
    return int(note.read_text(encoding="ascii"))


def refuse_other_data(data: DataDir) -> None:
    """An installation with data changes its database by moving them, not by an option."""
    if is_used(data):
        return
    if envfile.read(data.env).get("DATABASE_URL") or (data.root / "db.sqlite3").exists():
        raise SetupError(
            f"{data.root} already has its data in another database; `clinic own-database` moves "
            "them into a server of its own."
        )


# --- making it ------------------------------------------------------------------------------------


def prepare(data: DataDir, log: Log) -> str:
    """Make the server's folders, tables and account; its DATABASE_URL. Made already: the old one.

    An attempt that was broken off is begun anew: nothing but `.env` knows the password.
    """
    known = envfile.read(data.env).get("DATABASE_URL", "")
    if is_used(data) and (home(data) / MADE).exists():
        return known
    if not WINDOWS and len(os.fsencode(socket_path(data))) > LONGEST_SOCKET:
        raise SetupError(
            f"The path {data.root} is too long for a database server of its own; "
            "give a shorter --data-dir."
        )
    server = mariadb_server.obtain(home(data), log)
    _remove_unfinished(data)
    for folder in (home(data), home(data) / "data", home(data) / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
        keep_private(folder, 0o700)
    _hand_over(data)
    password = secrets.token_urlsafe(24)
    _make_tables(data, server, log)
    _make_account(data, server, password)
    (home(data) / MADE).write_text(server.version, encoding="utf-8")
    return address(data, password)


def _remove_unfinished(data: DataDir) -> None:
    """What lies there holds nothing yet: it was never named in `.env`."""
    for name in ("data", "tmp"):
        shutil.rmtree(home(data) / name, ignore_errors=True)


def _make_tables(data: DataDir, server: Server, log: Log) -> None:
    """The server's own tables. Its administrator is whoever owns the folder: no password."""
    owner = "" if WINDOWS else mariadb_account.own_name(data.root)
    account = ownership.run_as_owner(data)
    other = "" if account else mariadb_account.other(data.root)
    argv = server.install_command(home(data) / "data", owner, other)
    done = run(argv, log=log, env=server.environment(), secret=True, **account)
    if done.returncode:
        raise SetupError(f"The database server's tables can't be made. See {log.path}.")


def _make_account(data: DataDir, server: Server, password: str) -> None:
    """Said to the server by a file that only it and we can read, and that goes at once."""
    words = home(data) / "account.sql"
    envfile.replace_file(words, account_sql(password).encode())
    _hand_over(data)
    try:
        with running(data, server, f"--init-file={words}"):
            pass
    finally:
        words.unlink()


def account_sql(password: str) -> str:
    """The database and its account: everything in it and in the trial database of the backups."""
    return (
        f"CREATE DATABASE {NAME} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;\n"
        f"CREATE USER {NAME}@localhost IDENTIFIED BY '{password}';\n"
        f"GRANT ALL ON {NAME}.* TO {NAME}@localhost;\n"
        f"GRANT ALL ON {NAME}_scratch.* TO {NAME}@localhost;\n"
    )


# --- whose it is ----------------------------------------------------------------------------------


def _hand_over(data: DataDir) -> None:
    """As root: the server's folder is its account's, and it may walk (not look) through ours."""
    other = mariadb_account.other(data.root)
    if not other:
        return
    if not mariadb_account.exists(other):
        raise SetupError(
            "A database server must not run as root, and this system has no account mysql for it; "
            "install the clinic as an ordinary user."
        )
    if other == mariadb_account.ACCOUNT:
        data.root.chmod(0o711)
        blocked = next((p for p in data.root.parents if not p.stat().st_mode & 0o001), None)
        if blocked:
            raise SetupError(
                f"The database server runs under an account of its own, which can't enter "
                f"{blocked}; give another --data-dir."
            )
    mariadb_account.hand_over(home(data), other)


# --- running it -----------------------------------------------------------------------------------


def write_settings(data: DataDir, server: Server) -> Path:
    """The server's settings, made anew at each start: the folder may have moved, memory grown."""
    values = {
        "datadir": home(data) / "data",
        "tmpdir": home(data) / "tmp",
        **_listening(data),
        "pid-file": home(data) / "pid",
        **server.places(),
        **sizes(sizing.mariadb_buffer_mb()),
    }
    lines = [f"{name} = {value}" for name, value in values.items()]
    lines += [line for line in FIXED.strip().splitlines() if server.knows(line)]
    other = mariadb_account.other(data.root)
    if other:
        lines.append(f"user = {other}")
    path = home(data) / "my.cnf"
    envfile.replace_file(path, ("[mysqld]\n" + "\n".join(lines) + "\n").encode())
    return path


def _listening(data: DataDir) -> dict[str, object]:
    if WINDOWS:
        return {"bind-address": "127.0.0.1", "port": port(data)}
    return {"socket": socket_path(data)}


# Nothing that was said to be kept is lost in a power cut; nobody reaches it but by the socket.
FIXED = """
skip-networking
skip-log-bin
skip-external-locking
skip-symbolic-links
skip-name-resolve
innodb_flush_log_at_trx_commit = 1
innodb_doublewrite = ON
innodb_flush_method = O_DIRECT
character-set-server = utf8mb4
collation-server = utf8mb4_unicode_ci
local-infile = OFF
performance-schema = OFF
max_connections = 100
max_allowed_packet = 64M
aria_pagecache_buffer_size = 8M
key_buffer_size = 1M
table_open_cache = 600
table_definition_cache = 600
"""


def sizes(pool: int) -> dict[str, str]:
    """`pool` MB for what is read often, and a log that fits it."""
    return {
        "innodb_buffer_pool_size": f"{pool}M",
        "innodb_log_file_size": f"{min(max(pool // 4, 32), 128)}M",
    }


def command(data: DataDir, server: Server) -> list[str]:
    return [server.daemon, f"--defaults-file={write_settings(data, server)}"]


def child(data: DataDir) -> dict | None:
    """The server as the supervisor's plan wants it; None where there is none of our own."""
    if not is_used(data):
        return None
    server = require_server(data)
    _hand_over(data)
    argv = command(data, server)
    _hand_over(data)
    return {
        "name": "database",
        "argv": argv,
        "env": server.environment_changes(),
        "stop": "TERM",
        "wave": 3,
        "ready": str(home(data) / "pid" if WINDOWS else socket_path(data)),
    }


def require_server(data: DataDir) -> Server:
    found = mariadb_server.find(home(data))
    if not found:
        raise SetupError(
            "This clinic's data lie in a MariaDB of its own, whose program is gone; install "
            "mariadb-server again."
        )
    return found


def answers(data: DataDir, *, greets: bool = False) -> bool:
    """Whether somebody listens: it opens its socket only when its tables are in order.

    It greets only when it has carried out what it was told at its start (--init-file), too.
    """
    family = socket.AF_INET if WINDOWS else socket.AF_UNIX
    with socket.socket(family) as probe:
        probe.settimeout(5)
        try:
            probe.connect(("127.0.0.1", port(data)) if WINDOWS else str(socket_path(data)))
            return not greets or bool(probe.recv(1))
        except OSError:
            return False


@contextlib.contextmanager
def awake(data: DataDir) -> Iterator[None]:
    """Inside, the installation's own server answers; whoever finds it running leaves it so."""
    if not is_used(data) or answers(data) or control.running(data):
        yield
        return
    with running(data, require_server(data)):
        yield


@contextlib.contextmanager
def running(data: DataDir, server: Server, *more: str) -> Iterator[None]:
    log = data.logs / "mariadb.log"
    argv = [*command(data, server), *more]
    _hand_over(data)
    with log.open("ab") as stream:
        process = subprocess.Popen(
            argv,
            env={**server.environment(), MARK: "1", "CLINIC_DATA_DIR": str(data.root)},
            stdin=subprocess.DEVNULL,
            stdout=stream,
            stderr=stream,
            start_new_session=True,
            **ownership.run_as_owner(data),
        )
    try:
        _wait(data, process)
        yield
    finally:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(data: DataDir, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        if answers(data, greets=True):
            return
        time.sleep(0.1)
    raise SetupError(
        f"The clinic's database server does not start; see {data.logs / 'mariadb.log'}."
    )


# --- a newer server -------------------------------------------------------------------------------


def bring_up_to_date(data: DataDir, log: Log) -> None:
    """The system's updates bring newer servers: their own tables follow; older ones are refused."""
    if not is_used(data):
        return
    server, note = require_server(data), home(data) / MADE
    made = note.read_text(encoding="utf-8").strip() if note.exists() else ""
    if made == server.version:
        return
    if _numbers(made) > _numbers(server.version):
        raise SetupError(
            f"The data were written by MariaDB {made}, and here is {server.version}; install the "
            "newer one again."
        )
    if _numbers(made)[:2] != _numbers(server.version)[:2]:
        with running(data, server, "--skip-grant-tables"):  # nobody else gets to its folder
            _upgrade_tables(data, server, log)
    note.write_text(server.version, encoding="utf-8")


def _upgrade_tables(data: DataDir, server: Server, log: Log) -> None:
    where = [f"--port={port(data)}"] if WINDOWS else [f"--socket={socket_path(data)}"]
    argv = [server.upgrade, "--no-defaults", *where, "--silent"]
    account = ownership.run_as_owner(data)
    if run(argv, log=log, env=server.environment(), **account).returncode:
        raise SetupError(
            f"The database server's tables can't be brought up to date. See {log.path}."
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdigit())
