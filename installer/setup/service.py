"""Starting with the machine: one systemd template, `clinic@NAME`, for all instances.

An instance whose data or program lie elsewhere than the template thinks, or that listens below
port 1024, has a drop-in that says so.
"""

import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

from installer.setup import control, envfile, listeners, ownership, versions
from installer.setup.errors import SetupError
from installer.setup.options import DEFAULT_PORT, INSTANCE
from installer.setup.paths import (
    PROGRAM,
    USUAL_INSTANCE,
    DataDir,
    data_home,
    interpreter,
    package,
)
from installer.setup.run import Log, must_run
from installer.setup.system import WINDOWS, is_root

if not WINDOWS:
    import pwd

UNITS = Path("/etc/systemd/system")
TEMPLATE = "clinic@.service"
HERE = Path(__file__).resolve().parent


def has_systemd() -> bool:
    """Whether systemd is what runs this machine, not merely installed."""
    return Path("/run/systemd/system").is_dir()


def require_systemd() -> None:
    """Say plainly when there is nothing that could start the clinic with the machine."""
    if not has_systemd():
        raise SetupError(
            "--service needs systemd, which does not run here; leave the option out and start "
            "the clinic with ./installer/serve.sh after each restart of the machine."
        )
    if not is_root():
        raise SetupError("--service writes to /etc/systemd/system; run this with sudo.")


def name_of(data: DataDir) -> str:
    """The instance's name, which stands behind the @ of its unit."""
    name = envfile.read(data.env).get("CLINIC_INSTANCE", USUAL_INSTANCE)
    if not INSTANCE.fullmatch(name):  # it goes into file names and settings of the system's
        raise SetupError(f"CLINIC_INSTANCE in {data.env} is no instance name: {name}.")
    return name


def unit_name(name: str) -> str:
    return f"clinic@{name}.service"


def _drop_in(name: str) -> Path:
    return UNITS / f"{unit_name(name)}.d" / "instance.conf"


def _enabled(name: str) -> Path:
    return UNITS / "multi-user.target.wants" / unit_name(name)


def installed(data: DataDir) -> bool:
    """Whether systemd starts this very data directory with the machine."""
    if WINDOWS:
        return False
    try:
        name = name_of(data)
    except SetupError:  # somebody else's, whose settings we may not read
        return False
    return _enabled(name).is_symlink() and _served_by(name) == data.root


def _served_by(name: str) -> Path:
    """The data directory that the unit of this name serves."""
    try:
        lines = _drop_in(name).read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    said = [line.removeprefix("# Data: ") for line in lines if line.startswith("# Data: ")]
    return Path(said[0]) if said else data_home() / name


def refuse_other_owner(data: DataDir, name: str) -> None:
    """Two checkouts do not know of each other, but systemd knows both."""
    if not WINDOWS and _enabled(name).is_symlink() and _served_by(name) != data.root:
        raise SetupError(
            f"The instance name {name} is taken by the clinic in {_served_by(name)}; "
            "give another one with --instance."
        )


def template() -> str:
    """The unit of an instance at its usual place."""
    text = (HERE / "clinic@.service.in").read_text(encoding="utf-8")
    values = {"COMMAND": _command(data_home() / "%i"), "DATA": str(data_home() / "%i")}
    for key, value in values.items():
        text = text.replace(f"@{key}@", value)
    return text


def _command(data: Path) -> str:
    """How this program serves: a package through `current`, which an upgrade turns."""
    home = versions.home()
    if home:
        return f'"{home}/current/bin/clinic" serve --data-dir "{data}"'
    return f'"{PROGRAM}/installer/serve.sh" --data-dir "{data}"'


def drop_in(data: DataDir, name: str, user: str, ports: set[int]) -> str:
    """What is different about this instance; empty when nothing is."""
    lines = []
    if user != f"clinic-{name}":
        lines += [f"User={user}", f"Group={pwd.getpwnam(user).pw_gid}"]
    if data.root != data_home() / name or not package():
        lines += ["ExecStart=", f"ExecStart={_command(data.root)}"]
        lines += [f'ReadWritePaths="{data.root}"']
    if not package():
        lines += [f'Environment="CLINIC_PYTHON={sys.executable}"']
        venv = os.environ.get("CLINIC_VENV")
        lines += [f'Environment="CLINIC_VENV={venv}"'] if venv else []
    lines += _opened(data)
    if min(ports) < 1024:
        lines += ["PrivateUsers=no"]
        lines += [f"{kind}=CAP_NET_BIND_SERVICE" for kind in _CAPABILITIES]
    if not lines:
        return ""
    return "\n".join([f"# Data: {data.root}", "[Service]", *lines, ""])


_CAPABILITIES = ("CapabilityBoundingSet", "AmbientCapabilities")


def _opened(data: DataDir) -> list[str]:
    """Folders that a service doesn't see, unless its own things lie in them."""
    own = [
        str(path.resolve()) for path in (data.root, PROGRAM, interpreter(), Path(sys.executable))
    ]
    lines = []
    if any(path.startswith(("/home/", "/root/", "/run/user/")) for path in own):
        lines += ["ProtectHome=no"]
    # Nothing is written there: a program in it needs PrivateTmp off.
    if any(path.startswith(("/tmp/", "/var/tmp/")) for path in own):  # noqa: S108  # nosec B108
        lines += ["PrivateTmp=no"]
    return lines


def account_for(name: str) -> str:
    """The account that serves an instance: its own one, which can't read any other's.

    In a checkout that belongs to a person it is that person. Never root, whose rights a web
    application must not have.
    """
    owner = pwd.getpwuid(PROGRAM.stat().st_uid).pw_name
    if owner != "root" and not package():
        return owner
    _refuse_closed_program()
    account = f"clinic-{name}"
    try:
        pwd.getpwnam(account)
    except KeyError:
        must_make_account(account)
    return account


def must_make_account(account: str) -> None:
    done = subprocess.run(
        ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent",
         "--shell", "/usr/sbin/nologin", account],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SetupError(f"The account {account} can't be made: {done.stderr.strip()}.")


def _refuse_closed_program() -> None:
    for path in (PROGRAM, interpreter().resolve(), Path(sys.executable).resolve()):
        blocked = next((p for p in (path, *path.parents) if not p.stat().st_mode & 0o001), None)
        if blocked:
            raise SetupError(
                f"The service runs under an account of its own, which can't enter {blocked}; "
                "move the checkout to /opt/clinic and run this again."
            )


def make_home() -> None:
    """The folder of all data directories: each account may pass through to its own one."""
    data_home().mkdir(parents=True, exist_ok=True)
    if is_root() and not WINDOWS:
        data_home().chmod(0o711)


def start(data: DataDir, port: int, log: Log) -> None:
    """Write the unit, hand the data to its account, start it and wait for an answer."""
    require_systemd()
    name = name_of(data)
    refuse_other_owner(data, name)
    account = account_for(name)
    with ownership.as_root():
        make_home()
        owner = pwd.getpwnam(account)
        ownership.give(data.root.resolve(), owner.pw_uid, owner.pw_gid)
        _write_unit(data, name, account)
    ownership.now_owner(data)
    failure = f"systemd does not start the clinic (journalctl -u {unit_name(name)} says why)."
    must_run(["systemctl", "daemon-reload"], failure=failure, log=log)
    must_run(["systemctl", "enable", unit_name(name)], failure=failure, log=log)
    must_run(["systemctl", "reset-failed", unit_name(name)], failure=failure, log=log)
    must_run(["systemctl", "restart", "--no-block", unit_name(name)], failure=failure, log=log)
    if not control.wait_for_answer(data, port, lambda: True):
        raise SetupError(failure)


def _write_unit(data: DataDir, name: str, account: str) -> None:
    """A package's template serves all; a checkout leaves another program's alone."""
    unit = UNITS / TEMPLATE
    if package() or not unit.exists():
        _write(unit, template())
    settings = envfile.read(data.env)
    ports = {int(settings.get("CLINIC_PORT", DEFAULT_PORT))}
    ports |= {one.port for one in listeners.wanted(settings)}
    text = drop_in(data, name, account, ports)
    if text:
        _drop_in(name).parent.mkdir(exist_ok=True)
        _drop_in(name).parent.chmod(0o755)
        _write(_drop_in(name), text)
    else:
        shutil.rmtree(_drop_in(name).parent, ignore_errors=True)


def _write(path: Path, text: str) -> None:
    envfile.replace_file(path, text.encode(), mode=0o644)


def tell(state: str) -> None:
    """Say something to systemd, when it started us and wants to know."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if address:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
            channel.connect(f"\0{address[1:]}" if address[0] == "@" else address)
            channel.sendall(state.encode())


def waits_for_us(data: DataDir, port: int) -> bool:
    """Whether a slow machine answers at last, within the time that the unit gives it."""
    patience = range(3) if os.environ.get("NOTIFY_SOCKET") else ()
    return any(control.wait_for_answer(data, port, lambda: True) for _ in patience)


def start_unit(data: DataDir, port: int) -> None:
    name = name_of(data)
    failure = f"systemd does not start the clinic (journalctl -u {unit_name(name)} says why)."
    _systemctl("start", name, failure, "--no-block")
    if not control.wait_for_answer(data, port, lambda: True):
        raise SetupError(failure)


def stop_unit(data: DataDir) -> None:
    """Told to systemd: a service that merely ends is started again by it."""
    name = name_of(data)
    _systemctl("stop", name, f"systemd does not stop the clinic ({unit_name(name)}).")


def _systemctl(verb: str, name: str, failure: str, *options: str) -> None:
    if not is_root():
        raise SetupError("The clinic runs as a service; run this with sudo.")
    done = subprocess.run(
        ["systemctl", verb, *options, unit_name(name)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SetupError(failure)


def remove(data: DataDir) -> bool:
    """Stop the service and take its unit away; False when there was none. The account stays as
    long as the data do: another account with its number could read them."""
    if not installed(data):
        return False
    require_systemd()
    name = name_of(data)
    subprocess.run(
        ["systemctl", "disable", "--now", unit_name(name)], check=True, capture_output=True
    )
    shutil.rmtree(_drop_in(name).parent, ignore_errors=True)
    if not any(UNITS.glob("multi-user.target.wants/clinic@*.service")):
        (UNITS / TEMPLATE).unlink(missing_ok=True)
    subprocess.run(["systemctl", "daemon-reload"], check=True, capture_output=True)
    return True


def remove_account(name: str, uid: int) -> None:
    """Only after its data are gone, and only if they were its own."""
    try:
        ours = pwd.getpwnam(f"clinic-{name}").pw_uid == uid
    except KeyError:
        return
    if ours:
        subprocess.run(["userdel", f"clinic-{name}"], check=False, capture_output=True)


if WINDOWS:  # the same by Windows' own service manager
    from installer.setup import service_windows

    installed, remove, start = (
        service_windows.installed,
        service_windows.remove,
        service_windows.start,
    )
    start_unit, stop_unit = service_windows.start_again, service_windows.stop
    waits_for_us = service_windows.waits_for_us
    require_systemd = service_windows.require_service
    refuse_other_owner = service_windows.refuse_other_owner
