"""A private MariaDB for the tests: on a socket in a temporary folder, gone afterwards."""

import contextlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from installer.setup.errors import SetupError
from installer.setup.mariadb_account import ACCOUNT
from installer.setup.paths import find_program as find
from installer.setup.system import is_root

START_SECONDS = 60
STOP_SECONDS = 30
# A test database may be lost in a power cut: durability is traded for speed.
OPTIONS = (
    "--skip-networking",
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-buffer-pool-size=128M",
    "--sync-binlog=0",
    "--skip-log-bin",
    "--max-connections=200",
    "--character-set-server=utf8mb4",
    "--collation-server=utf8mb4_unicode_ci",
)


@contextlib.contextmanager
def private_server() -> Iterator[str]:
    """Yields the server's DATABASE_URL; account root, no password, nobody else can enter."""
    with tempfile.TemporaryDirectory(prefix="clinic-mariadb-") as name:
        folder = Path(name)
        _hand_over(folder)
        _create(folder)
        server = _start(folder)
        try:
            yield f"mysql://root@localhost/clinic?unix_socket={folder / 'sock'}"
        finally:
            server.terminate()
            try:
                server.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()


def _hand_over(folder: Path) -> None:
    """The server refuses to run as root, so the folder is the server account's."""
    if is_root():
        shutil.chown(folder, ACCOUNT, ACCOUNT)
        folder.chmod(0o755)  # the tests, as another account, have to reach the socket


def _user_option() -> list[str]:
    return [f"--user={ACCOUNT}"] if is_root() else []


def _create(folder: Path) -> None:
    done = subprocess.run(
        [find("mariadb-install-db"), "--no-defaults", f"--datadir={folder / 'data'}",
         "--auth-root-authentication-method=normal", "--skip-test-db", *_user_option()],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SetupError(f"The private MariaDB can't be made: {done.stderr.strip()[-200:]}")


def _start(folder: Path) -> subprocess.Popen:
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(
            [find("mariadbd"), "--no-defaults", f"--datadir={folder / 'data'}",
             f"--socket={folder / 'sock'}", f"--pid-file={folder / 'pid'}", *OPTIONS,
             *_user_option()],
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        ping = [find("mariadb-admin"), "--no-defaults", f"--socket={folder / 'sock'}",
                "--user=root", "ping"]  # fmt: skip
        if subprocess.run(ping, capture_output=True, check=False).returncode == 0:
            return server
        time.sleep(0.1)
    server.kill()
    last = (folder / "log").read_text(errors="replace").strip()[-300:]
    raise SetupError(f"The private MariaDB does not start: {last}")
