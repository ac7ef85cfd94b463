"""The machine's names and addresses change while the clinic runs: a router hands out another
address, somebody renames the PC. The settings and the certificate follow by themselves."""

import datetime as dt
import json

from installer.setup import certificates, envfile, logs
from installer.setup.machine import allowed_hosts, served_names
from installer.setup.paths import DataDir

HOSTS = "CLINIC_ALLOWED_HOSTS"


def keep_up(data: DataDir) -> bool:
    """Asked every few minutes; works once a day and after a change. True when the front has to
    read a new certificate."""
    note = data.run / "kept-up.json"
    now = {"day": dt.date.today().isoformat(), "names": served_names()}
    if _read(note) == now:
        return False
    logs.rotate(data.logs)
    grow(data)
    renewed = certificates.ensure(data, check_lock=True)
    envfile.replace_file(note, json.dumps(now).encode())
    return renewed


def _read(note) -> dict | None:
    try:
        return json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def grow(data: DataDir) -> None:
    """Browsers may use every name this machine has now; a name it had once may still be one. The
    running application sees it (clinic/core/hosts.py)."""
    listed = [host for host in envfile.read(data.env).get(HOSTS, "").split(",") if host]
    if "*" not in listed:
        both = dict.fromkeys([*listed, *allowed_hosts(served_names())])
        envfile.write(data.env, {HOSTS: ",".join(both)})
