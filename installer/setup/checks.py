"""What may stand in the way of set-up: looked at before anything is touched, said all at once."""

import datetime as dt
import importlib.util
import os
import platform
import re
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from installer.setup import listeners, mariadb_private, mariadb_server, versions
from installer.setup.errors import SetupError
from installer.setup.machine import DATA_MB, VENV_MB, require_disk, require_port
from installer.setup.paths import PROGRAM, interpreter, package, venv_dir
from installer.setup.system import WINDOWS, is_root

MEMORY_MB = 1700  # a PC of 2 GB says so; the clinic itself takes 160 MB, its browser the rest
FREE_MB = 250
GLIBC = (2, 28)  # UOS 20, Kylin V10, openEuler 20.03
MACHINES = {"x86_64", "amd64", "aarch64", "arm64"}
PACKAGED = {"x86_64", "amd64"}
MEMORY_TOLD_BY = Path("/proc/meminfo")
DAY = 24 * 3600
MOST_YEARS = 10  # a clock so far after the program was made is a wrong clock


def refuse_all(work) -> None:
    """Everything that is in the way, as one failure with a line for each."""
    found = list(dict.fromkeys(said for check in CHECKS for said in _said(check, work)))
    if found:
        raise SetupError("\n".join(found))


def _said(check: Callable, work) -> Iterator[str]:
    try:
        yield from check(work) or ()
    except SetupError as error:
        yield str(error)


def system(work) -> Iterator[str]:
    """The kind of machine and of operating system."""
    if sys.maxsize <= 2**32:
        yield "This is a 32-bit system; the clinic needs a 64-bit one."
    known = PACKAGED if package() else MACHINES
    if platform.machine().lower() not in known:
        yield f"This machine has a processor of the kind {platform.machine()}, which isn't served."
    found = glibc()
    if found and found < GLIBC:
        yield (
            f"This system's C library is {'.'.join(map(str, found))}, but at least "
            f"{'.'.join(map(str, GLIBC))} is needed; use a newer system."
        )


def glibc() -> tuple[int, ...] | None:
    """None on a system that has another C library."""
    try:
        name = os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, ValueError, OSError):
        return None
    return tuple(int(number) for number in re.findall(r"\d+", name)[:2]) or None


def python(work) -> Iterator[str]:
    """A checkout makes its environment with the system's Python."""
    if package() or interpreter().exists():
        return
    if importlib.util.find_spec("venv") is None:
        yield "This Python has no module venv; install the package python3-venv."


def space(work) -> Iterator[str]:
    if not package():
        yield from _said(
            lambda _: require_disk(venv_dir(), 20 if interpreter().exists() else VENV_MB), work
        )
    require_disk(work.data.root, DATA_MB)


def memory(work) -> Iterator[str]:
    """Only the machine's size is a reason to refuse; what is free changes every second."""
    total, free = memory_mb()
    if total and total < MEMORY_MB:
        yield f"This machine has {total} MB of memory; the clinic needs 2 GB at least."
    elif free and free < FREE_MB and not work.running:
        yield f"Only {free} MB of memory are free; close other programs and run this again."


def memory_mb() -> tuple[int, int]:
    """All and free; zeros where the system doesn't tell."""
    if WINDOWS:
        return _windows_memory_mb()
    try:
        lines = MEMORY_TOLD_BY.read_text().splitlines()
    except OSError:
        return 0, 0
    found = {
        name: int(rest.split()[0]) // 1024 for name, _, rest in (x.partition(":") for x in lines)
    }
    swap = found.get("SwapFree", 0)
    return found.get("MemTotal", 0), found.get("MemAvailable", 0) + swap


def _windows_memory_mb() -> tuple[int, int]:
    import ctypes

    names = "total available total_page available_page total_virtual available_virtual extended"

    class Status(ctypes.Structure):
        _fields_ = [("length", ctypes.c_uint32), ("load", ctypes.c_uint32)] + [
            (name, ctypes.c_uint64) for name in names.split()
        ]

    status = Status(length=ctypes.sizeof(Status))
    if not ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status)):
        return 0, 0
    return status.total >> 20, status.available_page >> 20


def clock(work) -> Iterator[str]:
    """A wrong clock makes certificates that no browser takes, and days that never were."""
    now = time.time()
    made = (PROGRAM / "clinic" / "VERSION").stat().st_mtime
    if now < made - DAY:
        yield (
            f"This machine's clock says {_day(now)}, but this program was made on {_day(made)}; "
            "set its date and time right."
        )
    elif now > made + MOST_YEARS * 365 * DAY and made > 1.7e9:  # older: no date was kept
        yield (
            f"This machine's clock says {_day(now)}, long after this program was made "
            f"({_day(made)}); set its date and time right."
        )
    last = max((p.stat().st_mtime for p in work.data.root.glob("*.sqlite3*")), default=now)
    if last > now + DAY:
        yield (
            f"This machine's clock says {_day(now)}, but the data were written on {_day(last)}; "
            "set its date and time right."
        )


def _day(moment: float) -> str:
    return dt.datetime.fromtimestamp(moment).strftime("%Y-%m-%d")


def folder(work) -> Iterator[str]:
    """The data directory can be made or written, and holds nothing else and nothing newer."""
    data = work.data
    data.refuse_foreign()
    versions.refuse_newer(data)
    existing = next(p for p in (data.root, *data.root.parents) if p.exists())
    if _read_only(existing):
        yield f"{existing} is on a disk that can only be read; choose another one by --data-dir."
    elif not may_write(existing):
        yield (
            f"This account may not write to {existing}; use the account that it belongs to, "
            "or choose another folder by --data-dir."
        )
    elif data.root.exists() and not WINDOWS and not is_root():
        if data.root.stat().st_uid != os.geteuid():
            yield f"{data.root} belongs to another account; run this as that one."


def may_write(folder: Path) -> bool:
    effective = os.access in os.supports_effective_ids
    return os.access(folder, os.W_OK | os.X_OK, effective_ids=effective)


def _read_only(path: Path) -> bool:
    if WINDOWS:
        return False
    return bool(os.statvfs(path).f_flag & os.ST_RDONLY)


def ports(work) -> Iterator[str]:
    """The clinic's port, and those of the pages for patients and screens, are nobody else's."""
    if not work.options.no_start and (work.running or {}).get("port") != work.port:
        yield from _said(lambda _: require_port(work.port), work)
    taken = {work.port}
    for one in listeners.wanted({**work.settings, **work.public_options}):
        if one.port in taken:
            yield (
                f"Port {one.port} is the clinic's own; choose another one with --{one.name}-port."
            )
        elif not work.options.no_start and not work.running:
            yield from _said(
                lambda _, one=one: require_port(one.port, option=f"--{one.name}-port"), work
            )
        taken.add(one.port)


def database(work) -> Iterator[str]:
    """What --database asks for can be done here."""
    if work.options.database == "mariadb":
        mariadb_private.refuse_other_data(work.data)
        if not mariadb_private.is_used(work.data):
            mariadb_server.require_source(mariadb_private.home(work.data))
    return
    yield


CHECKS = [system, python, space, memory, clock, folder, ports, database]
