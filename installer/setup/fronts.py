"""Who ends TLS: nginx before gunicorn where nginx is to be had, else granian alone.

Both keep answering while others hold silent or slow connections; gunicorn's own TLS does not.
"""

import hashlib
import os
import shutil
import socket
from pathlib import Path

from installer.setup import envfile, listeners, mariadb_private, sizing
from installer.setup.errors import SetupError
from installer.setup.listeners import Listener
from installer.setup.machine import listen_addresses
from installer.setup.paths import PROGRAM, SYSTEM_PATH, DataDir, interpreter
from installer.setup.system import WINDOWS, is_root

ANYWHERE = "0.0.0.0"  # noqa: S104  # nosec B104 # the clinic's other PCs must reach it
HERE = Path(__file__).resolve().parent


# Where in a line something failed is not kept: 1 MB less, and no ~~~^^^ below a traceback's lines.
COMPACT = ("-X", "no_debug_ranges")

# glibc keeps an arena for each thread, and after the first large block that is freed (a password
# hash takes 19 MB) keeps such blocks for good: 70 MB more in the first hour of a clinic.
THRIFTY_MALLOC = {
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": "131072",
    "MALLOC_TRIM_THRESHOLD_": "131072",
}


def find_nginx() -> str | None:
    """nginx lies in sbin, which is not on an ordinary user's PATH."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:{SYSTEM_PATH}")


def choose() -> str:
    """`nginx` or `granian`; CLINIC_FRONT forces one."""
    wanted = os.environ.get("CLINIC_FRONT", "")
    if WINDOWS:
        return "granian"
    if wanted not in ("", "nginx", "granian"):
        raise SetupError(f"CLINIC_FRONT is {wanted}, but only nginx and granian are known.")
    if wanted == "nginx" and not find_nginx():
        raise SetupError("CLINIC_FRONT asks for nginx, which is not installed here.")
    return wanted or ("nginx" if find_nginx() else "granian")


def volatile_dir(data: DataDir) -> Path:
    """A private folder in memory for sockets and request bodies: short path, nothing on disk."""
    if WINDOWS:
        return data.run
    memory = Path("/dev/shm")  # noqa: S108  # nosec B108 # made private and checked below
    if not (memory.is_dir() and os.access(memory, os.W_OK)):
        return data.run
    mark = hashlib.sha256(str(data.root).encode()).hexdigest()[:12]
    folder = memory / f"clinic-{os.geteuid()}-{mark}"
    folder.mkdir(mode=0o700, exist_ok=True)
    state = folder.lstat()
    if folder.is_symlink() or state.st_uid != os.geteuid() or state.st_mode & 0o077:
        raise SetupError(f"{folder} belongs to somebody else; remove it and start again.")
    return folder


def children(front: str, data: DataDir, port: int) -> list[dict]:
    """The programs of a running installation, as the supervisor's plan wants them; a database
    server of its own is there before anything that asks it."""
    database = mariadb_private.child(data)
    if not database:
        return _children(front, data, port)
    others = [{**one, "needs": database["ready"]} for one in _children(front, data, port)]
    return [database, *others]


def _children(front: str, data: DataDir, port: int) -> list[dict]:
    if front == "granian":
        beside = [_granian_beside(one) for one in wanted(data)]
        return [_granian(data, port), *beside]
    volatile = volatile_dir(data)
    conf = data.run / "nginx.conf"
    conf.write_text(nginx_conf(data, volatile, port), encoding="utf-8")
    return [_host(volatile), _nginx(data, conf)]


def _host(volatile: Path) -> dict:
    return {
        "name": "application",
        "argv": [str(interpreter()), *COMPACT, str(HERE / "host.py")],
        "env": {"CLINIC_TRUSTED_FRONT": "unix", "CLINIC_VOLATILE_DIR": str(volatile)},
        "stop": "TERM",
        "wave": 2,
    }


def _nginx(data: DataDir, conf: Path) -> dict:
    return {
        "name": "front",
        "argv": [find_nginx(), "-p", str(data.run), "-e", "stderr", "-c", str(conf)],
        "env": {},
        "stop": "QUIT",  # lets requests in flight finish; TERM would cut them
        "wave": 1,
        "reload": "HUP",
    }


# One worker, as on Windows, which is the scheduler too: granian's workers share no memory, and two
# of them go over the budget of a small PC.
GRANIAN = (
    "--interface wsgi --http 1 --no-ws --workers 1 --blocking-threads {threads} "
    "--backlog 1024 --backpressure 1024 --http1-header-read-timeout 10000 "
    "--http1-buffer-size 32768 --respawn-failed-workers --respawn-interval 1 "
    "--workers-kill-timeout 10 --log-level error"
)


APPLICATION = "clinic.wsgi:application"
FEW = 8  # threads of a port that serves small pages


def threads(data: DataDir) -> int:
    return int(sizes(data)["CLINIC_THREADS"])


def sizes(data: DataDir) -> dict[str, str]:
    """Chosen by the size of this machine, unless `.env` says otherwise."""
    chosen = sizing.environment(sizing.chosen(sizing.this_machine(data.root)))
    settings = envfile.read(data.env)
    return {name: settings.get(name) or value for name, value in chosen.items()}


def _granian(data: DataDir, port: int) -> dict:
    tls = [
        "--ssl-protocol-min",
        "tls1.2",
        "--ssl-certificate",
        str(data.tls / "server.crt"),
        "--ssl-keyfile",
        str(data.tls / "server.key"),
    ]
    heartbeat = str(volatile_dir(data) / "heartbeat")
    return {
        **_granian_program("application", ANYWHERE, port, threads(data), [*tls, APPLICATION]),
        "env": {
            "CLINIC_TRUSTED_FRONT": "direct",
            "CLINIC_SCHEDULER": "here",
            "CLINIC_HEARTBEAT": heartbeat,
        },
        "reload": "restart",
        "heartbeat": heartbeat,  # granian watches no worker of its own; gunicorn does
    }


def _granian_beside(listener: Listener) -> dict:
    """A few pages on a port of their own; the application is loaded once more for it."""
    target = ["installer.setup.narrow:application"]
    return {
        **_granian_program(f"{listener.name} pages", listener.address, listener.port, FEW, target),
        "env": {"CLINIC_TRUSTED_FRONT": "direct", "CLINIC_LISTENER": listener.name},
    }


def _granian_program(name: str, address: str, port: int, threads: int, rest: list[str]) -> dict:
    where = ["--host", address, "--port", str(port)]
    options = GRANIAN.format(threads=threads).split()
    return {
        "name": name,
        "argv": [str(interpreter()), "-m", "granian", *options, *where, *rest],
        "stop": "TERM",
        "wave": 1,
    }


def wanted(data: DataDir) -> list[Listener]:
    """The listeners beside the clinic's own port."""
    return listeners.wanted(envfile.read(data.env))


def nginx_conf(data: DataDir, volatile: Path, port: int) -> str:
    """nginx's settings for this installation; every path lies in its own folders."""
    listen = [
        f"        listen {'[::]:' if family == socket.AF_INET6 else ''}{port} ssl http2"
        f"{' ipv6only=on' if family == socket.AF_INET6 else ''};"
        for family, _ in listen_addresses()
    ]
    values = {
        "USER": "user root;" if is_root() else "",
        "VOLATILE": str(volatile),
        "LOGS": str(data.logs),
        "TLS": str(data.tls),
        "PAGES": str(HERE / "pages"),
        "LISTEN": "\n".join(listen),
        "LISTENERS": listeners.nginx_blocks(wanted(data), data.logs),
    }
    text = (HERE / "nginx.conf.in").read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


OF_ONE_CLINIC = {"DATABASE_URL", "CLINIC_SECRET_KEY", "CLINIC_INSTANCE"}


def service_environment(data: DataDir) -> dict[str, str]:
    """What every program of the installation finds in its environment; whose data it works on is
    said by `.env` alone, as set-up itself reads it, and not by what a shell still holds of another
    clinic."""
    inherited = {name: value for name, value in os.environ.items() if name not in OF_ONE_CLINIC}
    return {
        **inherited,
        "CLINIC_DATA_DIR": str(data.root),
        **listeners.told(envfile.read(data.env)),
        **THRIFTY_MALLOC,
        **sizes(data),
        "PYTHONUNBUFFERED": "1",
        "PYTHONUTF8": "1",  # also where the system's own encoding is another
        "PATH": os.pathsep.join([os.environ.get("PATH", "/usr/bin:/bin"), SYSTEM_PATH]),
        "PWD": str(PROGRAM),
    }
