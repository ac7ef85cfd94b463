"""Names on Windows: of the service of an instance, its account, and who may read its data."""

import hashlib
import struct
from pathlib import Path

SERVICE = "Clinic"
USUAL = "clinic"
ALL_BELOW = "OICI"  # files and folders made in it inherit the entry


def service_name(data_root: Path) -> str:
    """`Clinic` for the usual data directory, `Clinic-NAME` for another one's folder name."""
    name = data_root.name
    return SERVICE if name == USUAL else f"{SERVICE}-{name}"


def service_account(name: str) -> str:
    """The virtual account that Windows keeps for a service: no password, no sign-in, no rights."""
    return f"NT SERVICE\\{name}"


def service_sid(name: str) -> str:
    """Its number, which Windows derives from the service's name in the same way."""
    digest = hashlib.sha1(name.upper().encode("utf-16-le"), usedforsecurity=False).digest()
    return "S-1-5-80-" + "-".join(str(part) for part in struct.unpack("<5I", digest))


def private_access(path: Path) -> str:
    """Full access for SYSTEM, Administrators, the service and the owner; for nobody else."""
    who = ("SY", "BA", service_sid(service_name(_root(path))), "OW")
    return "D:P" + "".join(f"(A;{ALL_BELOW};FA;;;{one})" for one in who)


def _root(path: Path) -> Path:
    """The data directory that `path` is, or is a room of."""
    rooms = {"backups", "files", "first", "keys", "logs", "run", "static", "tls"}
    return path.parent if path.name in rooms else path
