"""Starting with the machine: a systemd unit, where systemd runs."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

try:
    import pwd
except ImportError:  # Windows, see below
    pwd = None

from installer.setup import control
from installer.setup.errors import SetupError
from installer.setup.paths import PROGRAM, DataDir
from installer.setup.run import Log, must_run
from installer.setup.system import WINDOWS, is_root

UNITS = Path("/etc/systemd/system")
UNIT = """\
# Written by installer/install.sh --service.
[Unit]
Description=Clinic management system ({data})
After=network.target

[Service]
Type=exec
User={user}
ExecStart="{script}" --data-dir "{data}" --port {port}
Environment=CLINIC_PYTHON={python}
Restart=on-failure
RestartSec=5
KillMode=mixed
TimeoutStopSec=30
UMask=0077
NoNewPrivileges=yes
PrivateTmp=yes
ProtectSystem=strict
ProtectHome={protect_home}
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes
RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6
LockPersonality=yes
CapabilityBoundingSet={capabilities}
AmbientCapabilities={capabilities}
ReadWritePaths="{data}" /dev/shm

[Install]
WantedBy=multi-user.target
"""


def require_systemd() -> None:
    """Say plainly when there is nothing that could start the clinic with the machine."""
    if not Path("/run/systemd/system").is_dir():
        raise SetupError(
            "--service needs systemd, which does not run here; leave the option out and start "
            "the clinic with ./installer/serve.sh after each restart of the machine."
        )
    if not is_root():
        raise SetupError("--service writes to /etc/systemd/system; run this with sudo.")


def unit_path(data: DataDir) -> Path:
    mark = hashlib.sha256(str(data.root).encode()).hexdigest()[:8]
    return UNITS / f"clinic-{mark}.service"


def installed(data: DataDir) -> bool:
    return unit_path(data).exists()


def unit_text(data: DataDir, port: int, user: str) -> str:
    home = str(data.root).startswith("/home/") or str(PROGRAM).startswith("/home/")
    return UNIT.format(
        data=data.root,
        user=user,
        port=port,
        script=PROGRAM / "installer" / "serve.sh",
        python=sys.executable,
        protect_home="no" if home or user == "root" else "yes",
        capabilities="CAP_NET_BIND_SERVICE" if port < 1024 else "",
    )


def service_user() -> str:
    """Whoever owns the checkout; never root, whose rights a web application must not have."""
    owner = pwd.getpwuid(PROGRAM.stat().st_uid).pw_name
    if owner != "root":
        return owner
    blocked = next((p for p in (PROGRAM, *PROGRAM.parents) if not p.stat().st_mode & 0o001), None)
    if blocked:
        raise SetupError(
            f"The service runs under an account of its own, which can't enter {blocked}; "
            "move the checkout to /opt/clinic and run this again."
        )
    try:
        pwd.getpwnam("clinic")
    except KeyError:
        subprocess.run(
            ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", "clinic"],
            check=True,
        )
    return "clinic"


def start(data: DataDir, port: int, log: Log) -> None:
    """Write the unit, hand the data to its account, start it and wait for an answer."""
    require_systemd()
    user = service_user()
    account = pwd.getpwnam(user)
    for folder, _, names in os.walk(data.root):
        for path in (folder, *(os.path.join(folder, name) for name in names)):
            shutil.chown(path, account.pw_uid, account.pw_gid)
    unit = unit_path(data)
    unit.write_text(unit_text(data, port, user), encoding="utf-8")
    unit.chmod(0o644)
    failure = f"systemd does not start the clinic (journalctl -u {unit.stem} says why)."
    must_run(["systemctl", "daemon-reload"], failure=failure, log=log)
    must_run(["systemctl", "enable", unit.name], failure=failure, log=log)
    must_run(["systemctl", "restart", unit.name], failure=failure, log=log)
    if not control.wait_for_answer(data, port, lambda: True):
        raise SetupError(failure)


def remove(data: DataDir) -> bool:
    """Stop the service and take its unit away; False when there was none."""
    unit = unit_path(data)
    if not unit.exists():
        return False
    require_systemd()
    subprocess.run(["systemctl", "disable", "--now", unit.name], check=True, capture_output=True)
    unit.unlink()
    subprocess.run(["systemctl", "daemon-reload"], check=True, capture_output=True)
    return True


if WINDOWS:  # the same by Windows' own service manager
    from installer.setup import service_windows

    installed, remove, start = (
        service_windows.installed,
        service_windows.remove,
        service_windows.start,
    )
    require_systemd = service_windows.require_service
