"""What this machine offers: free disk, a free port, its names and addresses."""

import ipaddress
import re
import shutil
import socket
from pathlib import Path

from installer.setup.errors import SetupError

MB = 1024 * 1024
VENV_MB = 300
DATA_MB = 200
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9-]+)*")


def require_disk(path: Path, needed_mb: int) -> None:
    """Refuse when the disk that will hold `path` has less than `needed_mb` free."""
    existing = next(p for p in (path, *path.parents) if p.exists())
    free_mb = shutil.disk_usage(existing).free // MB
    if free_mb < needed_mb:
        raise SetupError(
            f"The disk that holds {path} has only {free_mb} MB free; "
            f"make room for at least {needed_mb} MB and run this again."
        )


def require_port(port: int, option: str = "--port") -> None:
    """Refuse when another program listens on `port`, or this account may not."""
    for family, address in listen_addresses():
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # On Windows SO_REUSEADDR would let us share the port of a program that runs.
            alone = getattr(socket, "SO_EXCLUSIVEADDRUSE", socket.SO_REUSEADDR)
            probe.setsockopt(socket.SOL_SOCKET, alone, 1)
            if family == socket.AF_INET6:
                probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
            try:
                probe.bind((address, port))
            except PermissionError as error:
                raise SetupError(
                    f"This account may not listen on port {port}; "
                    f"choose one above 1023 by {option}."
                ) from error
            except OSError as error:
                raise SetupError(
                    f"Port {port} is taken by another program; choose another one with {option}."
                ) from error


def is_free(port: int) -> bool:
    """Whether this account could listen on `port` now."""
    try:
        require_port(port)
    except SetupError:
        return False
    return True


def listen_addresses() -> list[tuple[int, str]]:
    """All addresses, IPv4 first; IPv6 only where the machine has it."""
    both = [(socket.AF_INET, "0.0.0.0")]  # noqa: S104  # nosec B104 # other PCs must reach it
    if socket.has_ipv6:
        try:
            with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
                probe.bind(("::1", 0))
            both.append((socket.AF_INET6, "::"))
        except OSError:
            pass  # IPv6 is switched off here
    return both


def host_name() -> str | None:
    """The machine's own name, when browsers could use it."""
    name = socket.gethostname().lower()
    usable = _HOST.fullmatch(name) and name != "localhost" and len(name) < 64
    return name if usable and not could_be_the_worlds(name) else None


def could_be_the_worlds(name: str) -> bool:
    """Whether the name is one word of letters alone, as the ends of the internet's names are:
    `clinic`, `doctor`, `health` and a thousand more. An authority that may vouch for such a name
    may do so for every site below it, on every PC that trusts it."""
    return name.isalpha() or (name.startswith("xn--") and "." not in name)


def lan_addresses() -> list[str]:
    """This machine's addresses in its network; empty when it stands alone."""
    found = set()
    for family, elsewhere in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
        try:
            # Connecting a datagram socket sends nothing; it only asks which address would.
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((elsewhere, 9))
                found.add(probe.getsockname()[0])
        except OSError:
            continue
    usable = (ipaddress.ip_address(text.partition("%")[0]) for text in found)
    return sorted(str(a) for a in usable if not (a.is_loopback or a.is_link_local))


def served_names() -> list[str]:
    """Every name and address under which a browser may ask for this machine."""
    return ["localhost", "127.0.0.1", "::1", *filter(None, [host_name()]), *lan_addresses()]


def allowed_hosts(names: list[str]) -> list[str]:
    """`names` as Django's ALLOWED_HOSTS wants them: IPv6 in brackets."""
    return [f"[{name}]" if ":" in name else name for name in names]
