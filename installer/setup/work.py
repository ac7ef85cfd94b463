"""One run of set-up: what was asked for, what is there, and what it said so far."""

import sys
from argparse import Namespace
from dataclasses import dataclass, field
from pathlib import Path

from installer.setup import instances, listeners, machine, mariadb_private
from installer.setup.application import Application
from installer.setup.options import DEFAULT_PORT, USUAL_PORT
from installer.setup.paths import USUAL_INSTANCE, DataDir, package
from installer.setup.run import Log
from installer.setup.system import WINDOWS
from installer.setup.way_back import WayBack


def public_options(options: Namespace) -> dict[str, str]:
    """What was said this time about the pages on ports of their own, as `.env` keeps it."""
    given = {
        "CLINIC_PUBLIC_URL": options.public_url,
        "CLINIC_PUBLIC_PORT": options.public_port,
        "CLINIC_PUBLIC_PROXY": options.public_proxy,
        "CLINIC_PUBLIC_PROXIES": options.public_proxies,
        "CLINIC_SCREEN_PORT": options.screen_port,
    }
    return {name: str(value) for name, value in given.items() if value is not None}


@dataclass
class Work:
    """Made before anything is touched; the steps change `settings` and what follows it."""

    options: Namespace
    data: DataDir
    log: Log
    settings: dict[str, str]
    running: dict | None
    fresh: bool = False  # nobody can have worked with it yet
    was: dict[Path, bytes | None] = field(default_factory=dict)
    passphrase_file: Path | None = None
    one_time_password: str = ""
    demo_password: str = ""
    loaded: dict[str, int] = field(default_factory=dict)
    way_back: WayBack | None = None  # while data of an older program are brought up to date
    _port: int = 0

    def __post_init__(self):
        self.app = Application(self.data, self.log)
        self.was_running = bool(self.running)

    @property
    def port(self) -> int:
        """As asked for, as it runs, as it is stored, or the first free one of the usual."""
        said = self.options.port or (self.running or {}).get("port")
        said = said or self.settings.get("CLINIC_PORT") or self._port
        if not said:
            said = self._port = usual_port(self.data)
        return int(said)

    @property
    def name(self) -> str:
        """Cookies know no ports: beside another clinic on the same machine a name is due."""
        usual = "practice" if self.is_practice else USUAL_INSTANCE
        return self.options.instance or self.settings.get("CLINIC_INSTANCE", usual)

    @property
    def public_options(self) -> dict[str, str]:
        return public_options(self.options)

    @property
    def is_practice(self) -> bool:
        """Invented people from its first day on; a real clinic never becomes one."""
        flags = (self.settings.get(name) for name in ("CLINIC_PRACTICE", "CLINIC_DEMO"))
        empty = not self.settings and not (self.data.root / "db.sqlite3").exists()
        return "True" in flags or (self.options.demo and empty)

    @property
    def wants_demo(self) -> bool:
        return self.options.demo and "CLINIC_DEMO" not in self.settings

    @property
    def first(self) -> Path:
        """What the first administrator needs once; goes when the password was changed."""
        return self.data.root / "first"

    @property
    def elsewhere(self) -> bool:
        """Whether the data lie on a server, where another run can't simply begin anew."""
        named = "DATABASE_URL" in self.settings or bool(self.options.database_url)
        return named and not self.own_server

    @property
    def own_server(self) -> bool:
        """A database server of the installation's own, below its data directory."""
        return self.options.database == "mariadb" or mariadb_private.is_used(self.data)

    @property
    def may_ask(self) -> bool:
        """Somebody sits there who could answer; the Windows package has no terminal."""
        seen = sys.stdin is not None and sys.stdin.isatty()
        return seen and not self.options.quiet and not WINDOWS

    def listens(self) -> list[str]:
        """The addresses for other computers, the one that is shown first at first."""
        hosts = machine.allowed_hosts(machine.lan_addresses())
        hosts.sort(key=lambda host: host.startswith("["))
        return [address(host, self.port) for host in hosts]

    def screens(self) -> list[str]:
        return listeners.screen_addresses(self.settings)


def address(host: str, port: int) -> str:
    return f"https://{host}" if port == USUAL_PORT else f"https://{host}:{port}"


def usual_port(data: DataDir) -> int:
    """A package takes the port that nobody has to type, where it is free and allowed; another
    clinic of this machine has its own, whether it runs or not."""
    taken = instances.ports_of_others(data)
    if package() and USUAL_PORT not in taken and machine.is_free(USUAL_PORT):
        return USUAL_PORT
    if package() or DEFAULT_PORT in taken:
        return instances.free_port(data)  # nobody types options after a double click
    return DEFAULT_PORT
