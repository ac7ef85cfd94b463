"""The clinics of this machine: one data directory each, with nothing in common.

An instance has its own name (in its cookies), port, keys, secrets, database, service, log and,
as a service, its own account of the system. Those whose data lie where nobody said otherwise are
found by looking; `elsewhere.json` beside them names the others.
"""

import json
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from installer.setup import control, envfile, listeners, ownership, service, versions
from installer.setup.envfile import replace_file
from installer.setup.errors import SetupError
from installer.setup.machine import is_free
from installer.setup.options import DEFAULT_PORT
from installer.setup.paths import (
    USUAL_INSTANCE,
    DataDir,
    data_home,
    package,
    usual_data_dir,
    version,
)
from installer.setup.system import WINDOWS, is_root, take_lock

ROOTS_HOME = Path("/var/lib/clinic")
PORTS_TRIED = 200


@dataclass(frozen=True)
class Instance:
    """A clinic of this machine, as its settings describe it."""

    data: DataDir
    name: str
    port: int
    ports: frozenset[int]  # that one, and those of its listeners

    @property
    def running(self) -> dict | None:
        return control.running(self.data)

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}"


def all_instances() -> list[Instance]:
    """Every clinic of this machine that this account may look into, by name."""
    found = filter(None, map(read, _folders()))
    return sorted(found, key=lambda one: (one.name, str(one.data.root)))


def read(folder: Path) -> Instance | None:
    """None where nothing is installed, or where this account may not look."""
    data = DataDir(folder)
    try:
        settings = envfile.read(data.env)
        port = int(settings.get("CLINIC_PORT", DEFAULT_PORT))
    except (SetupError, OSError, ValueError):
        return None
    if "CLINIC_SECRET_KEY" not in settings:
        return None
    beside = (one.port for one in listeners.wanted(settings))
    name = settings.get("CLINIC_INSTANCE", USUAL_INSTANCE)
    return Instance(data, name, port, frozenset({port, *beside}))


def _folders() -> Iterator[Path]:
    seen = set()
    try:
        beside = sorted(data_home().iterdir())
    except OSError:
        beside = []
    for folder in (usual_data_dir(USUAL_INSTANCE), *beside, *_elsewhere()):
        if folder.resolve() not in seen:
            seen.add(folder.resolve())
            yield folder


def _registry() -> Path:
    return data_home() / "elsewhere.json"


def _elsewhere() -> list[Path]:
    try:
        return [Path(text) for text in json.loads(_registry().read_text(encoding="utf-8"))]
    except (OSError, ValueError):
        return []


def is_usual(data: DataDir) -> bool:
    """Whether this folder is found without being remembered."""
    return data.root.parent == data_home() or data.root == usual_data_dir(USUAL_INSTANCE)


def remember(data: DataDir) -> None:
    """From now on this clinic belongs to the list, wherever its data lie."""
    if not is_usual(data) and data.root not in _elsewhere():
        _change(lambda known: [*known, data.root])


def forget(data: DataDir) -> None:
    """Its data were removed, or are nobody's business any more."""
    if data.root in _elsewhere():
        _change(lambda known: [folder for folder in known if folder != data.root])


def _change(to: Callable[[list[Path]], list[Path]]) -> None:
    """The list, read again while nobody else writes it: two clinics may be set up at once."""
    with ownership.as_root():
        service.make_home()
        lock = os.open(_registry().with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            while not take_lock(lock):
                time.sleep(0.05)
            there = [str(folder) for folder in to(_elsewhere()) if DataDir(folder).env.exists()]
            replace_file(_registry(), json.dumps(there, indent=1).encode(), mode=0o644)
        finally:
            os.close(lock)


def find(name: str) -> Instance:
    """The one with this name; a sentence when there is none."""
    known = all_instances()
    for one in known:
        if one.name == name:
            return one
    if not known:
        raise SetupError("No clinic is installed on this machine." + hidden())
    names = ", ".join(one.name for one in known)
    raise SetupError(f"There is no instance {name} on this machine; there are: {names}.")


def refuse_taken(data: DataDir, name: str, ports: set[int]) -> None:
    """Before anything is changed: nobody else has this name or one of these ports."""
    for other in all_instances():
        if other.data.root == data.root:
            continue
        if other.name == name:
            raise SetupError(
                f"The instance name {name} is taken by the clinic in {other.data.root}; "
                "give another one with --instance."
            )
        for port in sorted(ports & other.ports):
            raise SetupError(
                f"Port {port} belongs to the instance {other.name}; "
                f"port {free_port(data, port)} is free."
            )
    service.refuse_other_owner(data, name)


def ports_of_others(data: DataDir) -> set[int]:
    """Every port of the other clinics, of those that are stopped too."""
    others = (one for one in all_instances() if one.data.root != data.root)
    return {port for other in others for port in other.ports}


def free_port(data: DataDir, wanted: int = DEFAULT_PORT) -> int:
    """`wanted`, or the next port that neither an instance nor another program has."""
    taken = ports_of_others(data)
    for port in range(wanted, min(wanted + PORTS_TRIED, 65536)):
        if port not in taken and is_free(port):
            return port
    raise SetupError(f"No free port was found from {wanted} on; give one with --port.")


def start(instance: Instance) -> bool:
    """As it was set up, and waited for until it answers; False when it ran already."""
    if instance.running:
        return False
    if service.installed(instance.data):
        service.start_unit(instance.data, instance.port)
    else:
        control.start_in_background(instance.data, instance.port)
    return True


def stop(instance: Instance) -> bool:
    """In good order; False when it did not run. What starts it again is told to leave it."""
    return halt(instance.data)


def halt(data: DataDir) -> bool:
    """`stop` for a data directory alone: a service that is merely ended would come back."""
    if service.installed(data):
        was_running = control.running(data) is not None
        service.stop_unit(data)
        return was_running
    return control.stop(data)


def list_instances(arguments: list[str]) -> int:
    """The verb `list`: a line for each clinic; with --json for programs."""
    known = all_instances()
    if "--json" in arguments:
        print(json.dumps([_described(one) for one in known], indent=1, ensure_ascii=False))
        return 0
    if not known:
        raise SetupError("No clinic is installed on this machine." + hidden())
    rows = [("NAME", "PORT", "VERSION", "STATE", "MEMORY", "DATA"), *map(_row, known)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        print(
            "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        )
    return 0


def hidden() -> str:
    """What an ordinary account can't see, said so that nobody believes that it isn't there."""
    if package() and not WINDOWS and not is_root() and ROOTS_HOME.is_dir():
        return " Those that start with the machine are shown by: sudo clinic list."
    return ""


def _described(one: Instance) -> dict:
    running = one.running
    served = versions.remembered(one.data)
    return {
        "name": one.name,
        "port": one.port,
        "address": one.address,
        "version": served.version if served else version(),
        "running": bool(running),
        "service": service.installed(one.data),
        "memory_mb": memory_mb(running["pid"]) if running else None,
        "data": str(one.data.root),
    }


def _row(one: Instance) -> tuple[str, ...]:
    said = _described(one)
    memory = said["memory_mb"]
    state = "running" if said["running"] else "stopped"
    return (
        one.name,
        str(one.port),
        said["version"],
        f"{state} (service)" if said["service"] else state,
        f"{memory:.0f} MB" if memory else "-",
        said["data"],
    )


def memory_mb(supervisor: int) -> float | None:
    """All programs of a running instance, shared memory counted once; None where unknown."""
    try:
        return sum(map(_proportional_kb, _family(supervisor))) / 1024
    except OSError:
        return None


def _family(pid: int) -> list[int]:
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [pid, *(found for child in children for found in _family(int(child)))]


def _proportional_kb(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # ended meanwhile
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
