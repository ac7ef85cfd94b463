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
from pathlib import Path

from installer.setup import control, envfile, paths
from installer.setup.doctor_words import in_language
from installer.setup.errors import SetupError
from installer.setup.findings import CARE, FAULT, NOTE, OK, Finding, Teller
from installer.setup.fingerprint import fingerprint
from installer.setup.machine import allowed_hosts, lan_addresses, require_port, served_names
from installer.setup.options import DEFAULT_PORT
from installer.setup.paths import DataDir
from installer.setup.system import WINDOWS

MB, GB = 1 << 20, 1 << 30
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

    def tell(self, name: str, level: str, said: str, do: str = "", **values) -> Finding:
        return Teller(self.language).tell(name, level, said, do, **values)

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
        return [
            look.tell(
                check.__name__,
                CARE,
                "Could not be looked at ({reason}).",
                "Run this again as administrator; if it stays, send the support bundle.",
                reason=type(error).__name__,
            )
        ]


def unreachable(look: Look) -> Iterator[Finding]:
    """Why nothing can be said at all."""
    root = look.data.root
    try:
        readable = root.is_dir() and os.access(root, os.R_OK | os.X_OK)
        there = readable and look.data.env.is_file()
        foreign = root.is_dir() and not readable or there and not os.access(look.data.env, os.R_OK)
    except PermissionError:
        foreign, there = True, False
    if foreign:
        yield look.tell(
            "program",
            FAULT,
            "{folder} belongs to {owner}; this account can't read it.",
            "Run this again as {owner} or as administrator (sudo).",
            folder=root,
            owner=owner_of(root),
        )
    elif not there:
        yield look.tell(
            "program",
            FAULT,
            "There is no installation in {folder}.",
            "Name the right folder with --data-dir, or install.",
            folder=root,
        )


def owner_of(path: Path) -> str:
    with contextlib.suppress(OSError, KeyError, NotImplementedError):
        return path.owner()
    return "?"


def program(look: Look) -> Iterator[Finding]:
    built = paths.package()
    kind = built.platform if built else in_language("from a checkout", look.language)
    yield look.tell(
        "program",
        OK,
        "Clinic {version} ({kind}) on {system}.",
        version=paths.version(),
        kind=kind,
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
    )


def service(look: Look) -> Iterator[Finding]:
    found = control.running(look.data)
    if not found:
        last = last_words(look.data.logs / "serve.log")
        said = "Not running. Its last words: {last}" if last else "Not running."
        do = "Start it; if it ends again, the reason stands at the end of {log}."
        log = look.data.logs / "serve.log"
        yield look.tell("service", FAULT, said, do, last=last, log=log)
    elif found.get("fingerprint") != fingerprint(look.data):
        said = "Running (process {pid}) with programs or settings older than those on the disk."
        do = "Restart it when nobody works: stop, then start."
        yield look.tell("service", CARE, said, do, pid=found["pid"])
    else:
        yield look.tell("service", OK, "Running (process {pid}).", pid=found["pid"])


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
    if not found:
        yield free_port(look, port)
    elif not control.answers(look.data, port):
        do = "Wait a minute and look again; then restart the clinic."
        yield look.tell("address", FAULT, "{address} does not answer.", do, address=where)
    else:
        others = [f"https://{host}:{port}" for host in allowed_hosts(lan_addresses())]
        if others:
            said = "{address} answers; for other PCs: {others}"
            yield look.tell("address", OK, said, address=where, others=", ".join(others))
        else:
            said = "{address} answers; this PC is in no network."
            yield look.tell("address", NOTE, said, address=where)


def free_port(look: Look, port: int) -> Finding:
    try:
        require_port(port)
    except SetupError:
        return look.tell(
            "address",
            FAULT,
            "Port {port} is taken by another program, or this account may not use it.",
            "End the other program, or run the set-up again with another --port.",
            port=port,
        )
    said = "Port {port} is free; nothing answers while the clinic is not running."
    return look.tell("address", NOTE, said, port=port)


def certificate(look: Look) -> Iterator[Finding]:
    """Server certificate and authority: until when, and for which names."""
    server, authority = look.data.tls / "server.crt", look.data.tls / "ca.crt"
    if not server.exists():
        said = "None of the clinic's own; another front ends HTTPS."
        yield look.tell("certificate", NOTE, said)
        return
    renew = "Restart the clinic: it makes a new one by itself."
    try:
        leaf, ca = decoded(server), decoded(authority)
    except (OSError, ssl.SSLError) as error:
        said = "The file {file} can't be read as a certificate."
        file = getattr(error, "filename", None) or look.data.tls
        yield look.tell("certificate", FAULT, said, renew, file=file)
        return
    until, ca_until = ends(leaf), ends(ca)
    names = {plain(value) for _kind, value in leaf.get("subjectAltName", ())}
    missing = [name for name in served_names() if plain(name) not in names]
    ended = until < time.time()
    if ended or ca_until < time.time():
        said = "It ended on {day}; browsers refuse the page."
        do = renew if ended else AUTHORITY_DO
        values = {"day": day(min(until, ca_until)), "folder": look.data.tls}
        yield look.tell("certificate", FAULT, said, do, **values)
    elif until - time.time() < LEAF_DAYS * 86400:
        said = "It ends on {day}; then browsers refuse the page."
        yield look.tell("certificate", CARE, said, renew, day=day(until))
    elif missing:
        said = "It does not name {missing}."
        yield look.tell("certificate", CARE, said, renew, missing=", ".join(missing))
    elif ca_until - time.time() < AUTHORITY_DAYS * 86400:
        said = "The clinic's authority ends on {day}; then every PC must trust a new one."
        values = {"day": day(ca_until), "folder": look.data.tls}
        yield look.tell("certificate", CARE, said, AUTHORITY_DO, **values)
    else:
        said = "Good until {day} (authority until {authority}), for {names}."
        values = {"day": day(until), "authority": day(ca_until), "names": ", ".join(sorted(names))}
        yield look.tell("certificate", OK, said, **values)


AUTHORITY_DO = (
    "Choose a quiet day: stop the clinic, move ca.crt and ca.key out of {folder}, run the "
    "set-up again, then trust the new certificate on every PC (/help/other-pcs/)."
)


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
    do = "" if level == OK else MAKE_ROOM
    said = "{free} GB free where the data lie ({folder})."
    yield look.tell("space", level, said, do, free=f"{free / GB:.1f}", folder=look.data.root)


def memory(look: Look) -> Iterator[Finding]:
    found = memory_mb()
    if found is None:
        yield look.tell("memory", NOTE, "This system does not tell.")
        return
    free, total = found
    short = free < LEAST_MEMORY_MB
    do = "Close other programs on this PC; if it stays so, add memory." if short else ""
    said = "{free} MB of {total} MB free."
    yield look.tell("memory", CARE if short else OK, said, do, free=free, total=total)


def memory_mb() -> tuple[int, int] | None:
    """(free, all) as the system tells it: what programs could still get, not what lies idle."""
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    told = {line.split(":")[0]: int(line.split()[1]) // 1024 for line in lines if "kB" in line}
    return told["MemAvailable"], told["MemTotal"]


def clock(look: Look) -> Iterator[Finding]:
    now = dt.datetime.now().astimezone()
    values = {"now": now.strftime("%Y-%m-%d %H:%M"), "zone": now.strftime("UTC%z")}
    right = "Stop the clinic, set date and time right (better: by the network), start it again."
    made = (paths.PROGRAM / "clinic" / "VERSION").stat().st_mtime
    newest, file = newest_file(look.data)
    if now.timestamp() < made - 86400:
        said = "{now} is earlier than this program was made."
        yield look.tell("clock", FAULT, said, right, **values)
    elif newest > now.timestamp() + FUTURE_SECONDS:
        said = "{now}, but the file {file} is of {later}: the clock was set back or is wrong."
        later = dt.datetime.fromtimestamp(newest).strftime("%Y-%m-%d %H:%M")
        yield look.tell("clock", FAULT, said, right, file=file.name, later=later, **values)
    elif (wanted := other_zone(look, now)) is not None:
        said = "{now}, zone {zone}; the clinic's pages show the time of {wanted}."
        do = "If this PC's clock shows the wrong hour, set zone and time right."
        yield look.tell("clock", NOTE, said, do, wanted=wanted, **values)
    else:
        yield look.tell("clock", OK, "{now}, zone {zone}.", **values)


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
    open_to_others = [path for path in private if path.exists() and path.stat().st_mode & 0o077]
    if open_to_others:
        what, do = " ".join(map(str, open_to_others)), "Run: chmod go= {what}"
        yield look.tell("permissions", FAULT, "Others may open {what}.", do, what=what)
    else:
        said = "{folder} and the keys are for {owner} alone."
        owner = owner_of(data.root)
        yield look.tell("permissions", OK, said, folder=data.root, owner=owner)


def logs(look: Look) -> Iterator[Finding]:
    size = sum(path.stat().st_size for path in look.data.logs.glob("*") if path.is_file())
    large = size > LARGE_LOGS
    do = (
        "They are shortened once a day while the clinic runs; delete files that end in .1 to .5."
        if large
        else ""
    )
    values = {"size": f"{size / MB:.1f}", "folder": look.data.logs}
    yield look.tell("logs", CARE if large else OK, "{size} MB in {folder}.", do, **values)


CHECKS = (
    program, service, address, certificate, space, memory, clock, permissions, logs,
)  # fmt: skip


def database(look: Look) -> Iterator[Finding]:
    """Only where the program can't be asked: SQLite's file, read and not written."""
    if look.settings.get("DATABASE_URL"):
        said = "A server's database; it is asked by the program only."
        yield look.tell("database", NOTE, said)
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
        said = "SQLite file {file}, {size} MB, quick check passed."
        yield look.tell("database", OK, said, file=file, size=file.stat().st_size // MB)
    else:
        said = "SQLite file {file} is damaged or can't be opened: {reason}"
        do = "Change nothing, keep the last backups, and restore one with someone who knows how."
        yield look.tell("database", FAULT, said, do, file=file, reason=reason[:200])
