"""What can be looked at from outside of the application: it may be stopped or broken.

Nothing here writes, and nothing needs a package: the doctor runs these when all else fails.
"""

import contextlib
import datetime as dt
import ipaddress
import os
import platform
import shutil
import sqlite3
import ssl
import time
import zoneinfo
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from installer.setup import control, envfile, going_back, paths, steps
from installer.setup import service as _service
from installer.setup.checks import memory_mb
from installer.setup.errors import SetupError
from installer.setup.findings import CARE, FAULT, NOTE, OK, Finding, Teller
from installer.setup.fingerprint import fingerprint
from installer.setup.machine import allowed_hosts, lan_addresses, require_port, served_names
from installer.setup.options import DEFAULT_PORT
from installer.setup.paths import DataDir
from installer.setup.system import WINDOWS

MB, GB, DAY = 1 << 20, 1 << 30, 86400
LEAST_FREE, NO_ROOM = 5 * GB, 300 * MB
LEAST_MEMORY_MB = 200
LARGE_LOGS = 300 * MB
LEAF_DAYS, AUTHORITY_DAYS = 21, 180
FUTURE_SECONDS = 300
ZONE = "Asia/Shanghai"


@dataclass
class Look:
    """One installation that is looked at, and the language for telling."""

    data: DataDir
    language: str = "zh"
    settings: dict = field(default_factory=dict)

    def tell(self, name: str, level: str, said: str, do: str = "") -> Finding:
        return Teller(self.language).tell(name, level, said, do)

    @property
    def port(self) -> int:
        return int(self.settings.get("CLINIC_PORT") or DEFAULT_PORT)


def look_at(data: DataDir, language: str) -> list[Finding]:
    """Every check; one that fails itself is a finding, too, and keeps no other from running."""
    look = Look(data, language)
    stop = list(unreachable(look))
    if stop:
        return stop
    look.settings = envfile.read(data.env)
    return [finding for check in CHECKS for finding in carefully(look, check)]


def carefully(look: Look, check: Callable[[Look], Iterator[Finding]]) -> list[Finding]:
    try:
        return list(check(look))
    except Exception as error:  # noqa: BLE001 - whatever it is: the doctor goes on
        said = f"Could not be looked at ({type(error).__name__})."
        do = "Run this again as administrator; if it stays, send the support bundle."
        return [look.tell(check.__name__, CARE, said, do)]


def unreachable(look: Look) -> Iterator[Finding]:
    """Why nothing can be said at all."""
    root, env, owner = look.data.root, look.data.env, owner_of(look.data.root)
    try:
        readable = root.is_dir() and os.access(root, os.R_OK | os.X_OK)
        there = readable and env.is_file()
        foreign = root.is_dir() and not readable or there and not os.access(env, os.R_OK)
    except PermissionError:
        foreign, there = True, False
    if foreign:
        said = f"{root} belongs to {owner}; this account can't read it."
        do = f"Run this again as {owner} or as administrator (sudo)."
        yield look.tell("program", FAULT, said, do)
    elif not there:
        do = "Name the right folder with --data-dir, or install."
        yield look.tell("program", FAULT, f"There is no installation in {root}.", do)


def owner_of(path: Path) -> str:
    with contextlib.suppress(OSError, KeyError, NotImplementedError):
        return path.owner()
    return "?"


def program(look: Look) -> Iterator[Finding]:
    built = paths.package()
    kind = built.platform if built else "from a checkout"
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    yield look.tell("program", OK, f"Clinic {paths.version()} ({kind}) on {system}.")
    if going_back.journal(look.data):
        said = "An upgrade is under way or was broken off."
        do = "If nobody is at it, run clinic repair: it puts the old version and its data back."
        yield look.tell("program", FAULT, said, do)
    elif steps.Journal(look.data).was_left_unfinished():
        do = "Run the set-up again: it goes on where it stopped."
        yield look.tell("program", FAULT, "The set-up was broken off.", do)


def service(look: Look) -> Iterator[Finding]:
    found = control.running(look.data)
    if not found:
        log = look.data.logs / "serve.log"
        last = last_words(log)
        said = f"Not running. Its last words: {last}" if last else "Not running."
        do = f"Run clinic start; if it ends again, the reason stands at the end of {log}."
        yield look.tell("service", FAULT, said, do)
        return
    pid = found["pid"]
    if found.get("fingerprint") != fingerprint(look.data):
        said = f"Running (process {pid}) with programs or settings older than those on the disk."
        do = "When nobody works: clinic stop, then clinic start."
        yield look.tell("service", CARE, said, do)
    elif WINDOWS or _service.installed(look.data):
        yield look.tell("service", OK, f"Running (process {pid}).")
    else:
        said = f"Running (process {pid}); nothing starts it again after a restart of this PC."
        yield look.tell("service", NOTE, said, "Run the set-up again with --service.")


def last_words(log: Path) -> str:
    """The last sentence that a start of ours ended with."""
    try:
        with log.open("rb") as stream:
            stream.seek(max(0, log.stat().st_size - 4096))
            lines = stream.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    said = [line for line in lines[-5:] if line.startswith("clinic: ")]
    return said[-1].removeprefix("clinic: ") if said else ""


def address(look: Look) -> Iterator[Finding]:
    found = control.running(look.data)
    port = (found or {}).get("port") or look.port
    where = f"https://localhost:{port}"
    others = ", ".join(f"https://{host}:{port}" for host in allowed_hosts(lan_addresses()))
    if not found:
        yield free_port(look, port)
    elif not control.answers(look.data, port):
        do = "Wait a minute and look again; then run clinic stop and clinic start."
        yield look.tell("address", FAULT, f"{where} does not answer.", do)
    elif others:
        yield look.tell("address", OK, f"{where} answers; for other PCs: {others}")
    else:
        yield look.tell("address", NOTE, f"{where} answers; this PC is in no network.")


def free_port(look: Look, port: int) -> Finding:
    try:
        require_port(port)
    except SetupError:
        said = f"Port {port} is taken by another program, or this account may not use it."
        do = "End the other program, or run the set-up again with another --port."
        return look.tell("address", FAULT, said, do)
    said = f"Port {port} is free; nothing answers while the clinic is not running."
    return look.tell("address", NOTE, said)


def certificate(look: Look) -> Iterator[Finding]:
    """Server certificate and authority: until when, and for which names."""
    tls, told = look.data.tls, partial(look.tell, "certificate")
    renew = "Run clinic stop and clinic start: a new one is made by itself."
    if not (tls / "server.crt").exists():
        yield told(NOTE, "None of the clinic's own; another front ends HTTPS.")
        return
    try:
        leaf, ca = decoded(tls / "server.crt"), decoded(tls / "ca.crt")
    except (OSError, ssl.SSLError) as error:
        file = getattr(error, "filename", None) or tls
        yield told(FAULT, f"The file {file} can't be read as a certificate.", renew)
        return
    names = {plain(value) for _kind, value in leaf.get("subjectAltName", ())}
    lacking = ", ".join(name for name in served_names() if plain(name) not in names)
    until, ca_until, now = ends(leaf), ends(ca), time.time()
    new_authority = (
        f"Choose a quiet day: run clinic stop, move ca.crt and ca.key out of {tls}, run the set-up "
        "again, then trust the new certificate on every PC (/help/other-pcs/)."
    )
    if min(until, ca_until) < now:
        do = renew if until < ca_until else new_authority
        said = f"It ended on {day(min(until, ca_until))}; browsers refuse the page."
        yield told(FAULT, said, do)
    elif until - now < LEAF_DAYS * DAY:
        yield told(CARE, f"It ends on {day(until)}; then browsers refuse the page.", renew)
    elif lacking:
        yield told(CARE, f"It does not name {lacking}.", renew)
    elif ca_until - now < AUTHORITY_DAYS * DAY:
        said = (
            f"The clinic's authority ends on {day(ca_until)}; then every PC must trust a new one."
        )
        yield told(CARE, said, new_authority)
    else:
        named = ", ".join(sorted(names))
        yield told(OK, f"Good until {day(until)} (authority until {day(ca_until)}), for {named}.")


def decoded(path: Path) -> dict:
    """As ssl tells the certificate of a peer; there is no other reader without a package."""
    path.read_bytes()  # one that is not there says so with its name
    return ssl._ssl._test_decode_cert(str(path))


def ends(certificate: dict) -> float:
    return ssl.cert_time_to_seconds(certificate["notAfter"])


def plain(name: str) -> str:
    """OpenSSL writes IPv6 addresses out, in capitals."""
    try:
        return str(ipaddress.ip_address(name))
    except ValueError:
        return name.lower()


def day(seconds: float) -> str:
    return dt.datetime.fromtimestamp(seconds).strftime("%Y-%m-%d")


MAKE_ROOM = "Make room before backups fail: move old backups away, or have a larger disk put in."


def space(look: Look) -> Iterator[Finding]:
    free = shutil.disk_usage(look.data.root).free
    level = OK if free >= LEAST_FREE else CARE if free >= NO_ROOM else FAULT
    said = f"{free / GB:.1f} GB free where the data lie ({look.data.root})."
    yield look.tell("space", level, said, "" if level == OK else MAKE_ROOM)


def memory(look: Look) -> Iterator[Finding]:
    total, free = memory_mb()
    if not total:
        yield look.tell("memory", NOTE, "This system does not tell.")
        return
    short = free < LEAST_MEMORY_MB
    do = "Close other programs on this PC; if it stays so, add memory." if short else ""
    yield look.tell("memory", CARE if short else OK, f"{free} MB of {total} MB free.", do)


def clock(look: Look) -> Iterator[Finding]:
    now = dt.datetime.now().astimezone()
    here, zone = now.strftime("%Y-%m-%d %H:%M"), now.strftime("UTC%z")
    right = "Run clinic stop, set date and time right (better: by the network), run clinic start."
    made = (paths.PROGRAM / "clinic" / "VERSION").stat().st_mtime
    newest, file = newest_file(look.data)
    wanted = other_zone(look, now)
    if now.timestamp() < made - DAY:
        yield look.tell("clock", FAULT, f"{here} is earlier than this program was made.", right)
    elif newest > now.timestamp() + FUTURE_SECONDS:
        later = dt.datetime.fromtimestamp(newest).strftime("%Y-%m-%d %H:%M")
        said = (
            f"{here}, but the file {file.name} is of {later}: the clock was set back or is wrong."
        )
        yield look.tell("clock", FAULT, said, right)
    elif wanted is not None:
        said = f"{here}, zone {zone}; the clinic's pages show the time of {wanted}."
        do = "If this PC's clock shows the wrong hour, set zone and time right."
        yield look.tell("clock", NOTE, said, do)
    else:
        yield look.tell("clock", OK, f"{here}, zone {zone}.")


def newest_file(data: DataDir) -> tuple[float, Path]:
    """The newest file that this installation writes as it works."""
    folders = (data.root, data.run, data.logs, data.root / "backups")
    found = (path for folder in folders if folder.is_dir() for path in folder.iterdir())
    files = [path for path in found if path.is_file()]
    return max(((path.stat().st_mtime, path) for path in files), default=(0, data.root))


def other_zone(look: Look, now: dt.datetime) -> str | None:
    """The clinic's zone where the PC's own clock runs in another one."""
    wanted = look.settings.get("CLINIC_TIME_ZONE") or ZONE
    try:
        theirs = now.astimezone(zoneinfo.ZoneInfo(wanted))
    except zoneinfo.ZoneInfoNotFoundError:  # Windows has no list of its own
        return None
    return None if theirs.utcoffset() == now.utcoffset() else wanted


def permissions(look: Look) -> Iterator[Finding]:
    if WINDOWS:
        said = (
            "Not looked at on Windows: set-up gives the folder to its service and the "
            "administrators."
        )
        yield look.tell("permissions", NOTE, said)
        return
    data = look.data
    private = (data.root, data.env, data.keyring.parent, data.keyring, data.tls / "ca.key")
    private += (data.tls / "server.key",)
    what = " ".join(str(path) for path in private if path.exists() and path.stat().st_mode & 0o077)
    if what:
        yield look.tell("permissions", FAULT, f"Others may open {what}.", f"Run: chmod go= {what}")
    else:
        said = f"{data.root} and the keys are for {owner_of(data.root)} alone."
        yield look.tell("permissions", OK, said)


def logs(look: Look) -> Iterator[Finding]:
    size = sum(path.stat().st_size for path in look.data.logs.glob("*") if path.is_file())
    said = f"{size / MB:.1f} MB in {look.data.logs}."
    if size <= LARGE_LOGS:
        yield look.tell("logs", OK, said)
        return
    do = "They are shortened once a day while the clinic runs; delete files that end in .1 to .5."
    yield look.tell("logs", CARE, said, do)


CHECKS = (
    program, service, address, certificate, space, memory, clock, permissions, logs,
)  # fmt: skip


def database(look: Look) -> Iterator[Finding]:
    """Only where the program can't be asked: SQLite's file, read and not written."""
    if look.settings.get("DATABASE_URL"):
        yield look.tell("database", NOTE, "A server's database; it is asked by the program only.")
        return
    file = look.data.root / "db.sqlite3"
    if not file.exists():
        yield look.tell("database", NOTE, "There is no database file yet.")
        return
    try:
        with contextlib.closing(sqlite3.connect(f"{file.as_uri()}?mode=ro", uri=True)) as opened:
            reason = opened.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        reason = type(error).__name__
    if reason == "ok":
        said = f"SQLite file {file}, {file.stat().st_size // MB} MB, quick check passed."
        yield look.tell("database", OK, said)
    else:
        said = f"SQLite file {file} is damaged or can't be opened: {reason[:200]}"
        do = "Change nothing, keep the last backups, and restore one with someone who knows how."
        yield look.tell("database", FAULT, said, do)
