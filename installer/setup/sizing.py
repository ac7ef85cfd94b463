"""Settings by the size of the machine: memory, processors, and whether its disk turns.

One table with its reasons; whoever starts a program asks `chosen`. The usual PC of a clinic has
4 GB, 2 processors and a disk that turns (docs/small-machines.md).
"""

import os
from dataclasses import asdict, dataclass
from pathlib import Path

BLOCKS = Path("/sys/dev/block")
MEMORY = Path("/proc/meminfo")
SMALL_MB, LARGE_MB = 3_000, 7_500  # 4 GB show as 3,700 to 3,900, 8 GB as 7,700
FEW = 2  # processors


@dataclass(frozen=True)
class Machine:
    memory_mb: int
    processors: int
    turning_disk: bool


@dataclass(frozen=True)
class Sizes:
    """What is chosen for a machine."""

    threads: int
    sqlite_cache_kb: int
    sqlite_mmap_mb: int
    mariadb_buffer_mb: int
    log_mb: int
    pace_seconds: int


# The reasons stand here, the figures in docs/small-machines.md. Each value may be set in `.env`
# under the name that `environment` gives it.
USUAL = Sizes(
    threads=24,  # a slow page holds one: with 8, ten slow pages kept everybody waiting (tried)
    sqlite_cache_kb=1_000,  # for each thread that keeps its connection: 24 MB at most
    sqlite_mmap_mb=0,  # what is mapped counts as ours while it is read
    mariadb_buffer_mb=128,
    log_mb=5,  # six files of each log: 30 MB
    pace_seconds=20,  # how often what is due is looked for, and the audit log sealed
)
SMALL = {
    "threads": 12,
    "sqlite_cache_kb": 500,  # with half the threads: a quarter of the memory
    "mariadb_buffer_mb": 64,
    "log_mb": 2,
}
LARGE = {
    "sqlite_cache_kb": 4_000,
    "sqlite_mmap_mb": 256,  # read without copying
    "mariadb_buffer_mb": 512,
}
FEW_PROCESSORS = {
    "threads": 12,  # one Python works at a time; more threads only change places on one processor
}
TURNING = {
    "sqlite_mmap_mb": 0,  # a mapped page that has to be fetched stops every thread, not just one
    "pace_seconds": 30,  # each look writes, and waits until the disk has it
}


def chosen(machine: Machine | None = None) -> Sizes:
    """The sizes for `machine`, or for this one."""
    machine = machine or this_machine()
    changes: dict[str, int] = {}
    if machine.memory_mb >= LARGE_MB:
        changes |= LARGE
    if machine.memory_mb < SMALL_MB:
        changes |= SMALL
    if machine.processors < FEW:
        changes |= FEW_PROCESSORS
    if machine.turning_disk:
        changes |= TURNING
    return Sizes(**{**asdict(USUAL), **changes})


def environment(sizes: Sizes) -> dict[str, str]:
    """As the programs are told of it."""
    return {
        "CLINIC_THREADS": str(sizes.threads),
        "CLINIC_SQLITE_CACHE_KB": str(sizes.sqlite_cache_kb),
        "CLINIC_SQLITE_MMAP_MB": str(sizes.sqlite_mmap_mb),
        "CLINIC_PACE_SECONDS": str(sizes.pace_seconds),
    }


def mariadb_buffer_mb(machine: Machine | None = None) -> int:
    """InnoDB's buffer pool for a private MariaDB on this machine."""
    return chosen(machine).mariadb_buffer_mb


def this_machine(data: Path | None = None) -> Machine:
    """As far as the system tells; what it doesn't tell is taken as usual."""
    return Machine(memory_mb(), os.cpu_count() or FEW, turns(data or Path.cwd()))


def memory_mb() -> int:
    """All memory of the machine; the usual 4 GB where nobody tells."""
    try:
        lines = MEMORY.read_text().splitlines()
        return next(int(line.split()[1]) // 1024 for line in lines if line.startswith("MemTotal:"))
    except (OSError, StopIteration):
        pass
    try:  # a service sees no /proc/meminfo
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2**20
    except (AttributeError, ValueError, OSError):
        return _memory_of_windows() or 4_000


def _memory_of_windows() -> int:
    try:
        from ctypes import Structure, byref, c_ulong, c_ulonglong, sizeof, windll
    except ImportError:
        return 0

    class Status(Structure):
        _fields_ = [
            ("length", c_ulong),
            ("load", c_ulong),
            *((name, c_ulonglong) for name in ("total", "free", "a", "b", "c", "d", "e")),
        ]

    status = Status(length=sizeof(Status))
    windll.kernel32.GlobalMemoryStatusEx(byref(status))
    return status.total // 2**20


def turns(folder: Path) -> bool:
    """Whether the disk under `folder` has a head that moves; False where nobody tells."""
    existing = next((p for p in (folder, *folder.parents) if p.exists()), folder)
    try:
        device = existing.stat().st_dev
        block = (BLOCKS / f"{os.major(device)}:{os.minor(device)}").resolve()
        # A partition has no queue of its own, its disk has.
        queue = next(p / "queue" for p in (block, block.parent) if (p / "queue").is_dir())
        return (queue / "rotational").read_text().strip() == "1"
    except (OSError, AttributeError, StopIteration):
        return False
