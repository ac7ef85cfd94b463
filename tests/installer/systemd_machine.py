"""A machine that systemd runs: this one's files, seen from namespaces of its own, without network.

What is written goes to a folder that outlives a reboot. Needs root, overlayfs and a kernel that
lets root make namespaces.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from pathlib import Path

BOOT = """
set -e
mount --make-rprivate /
mount -t overlay overlay -o lowerdir=/,upperdir={folder}/written,workdir={folder}/work {folder}/root
cd {folder}/root
mount -t proc proc proc
mount --bind -o ro proc/sys proc/sys && mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t tmpfs -o mode=755 tmpfs dev
for one in null zero full random urandom tty; do
    touch dev/$one
    mount --bind /dev/$one dev/$one
done
mkdir dev/shm dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t cgroup2 cgroup2 sys/fs/cgroup
{mounts}
ip link set lo up
mkdir -p .old
pivot_root . .old
umount -l /.old
mount --make-rshared /
exec env -i container=tests PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    /lib/systemd/systemd --log-target=console --unit=multi-user.target >/run/console 2>&1
"""
# Other people's services have no business here.
UNWANTED = ("mariadb", "nginx", "postgresql", "rsync", "systemd-firstboot", "systemd-networkd",
            "systemd-networkd.socket", "systemd-networkd-wait-online", "systemd-sysctl",
            "systemd-timesyncd", "systemd-udevd", "cron")  # fmt: skip
BOOT_SECONDS = 60


class Machine:
    def __init__(self, folder: Path, mounts: dict[str, Path] | None = None):
        self.folder = folder
        self.mounts = mounts or {}
        for name in ("written", "work", "root"):
            (folder / name).mkdir(parents=True)
        units = folder / "written" / "etc" / "systemd" / "system"
        units.mkdir(parents=True)
        for name in UNWANTED:
            (units / (name if "." in name else f"{name}.service")).symlink_to("/dev/null")
        self.holder: subprocess.Popen | None = None
        self.first = 0

    def boot(self) -> None:
        with (self.folder / "boot.log").open("wb") as log:
            self.holder = subprocess.Popen(
                ["unshare", "--fork", "--pid", "--mount", "--cgroup", "--uts", "--ipc", "--net",
                 "sh", "-c", BOOT.format(folder=self.folder, mounts=self._mounts())],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + BOOT_SECONDS
        while time.monotonic() < deadline and self.holder.poll() is None:
            self.first = self._first_process()
            if self.first and self.run("systemctl", "is-system-running").stdout.strip() in (
                "running",
                "degraded",
            ):
                return
            time.sleep(0.2)
        raise AssertionError(f"no machine: {self.console()}")

    def _mounts(self) -> str:
        """Read-only views of folders that the machine's own /tmp and /root would hide."""
        return "\n".join(
            f"mkdir -p .{to} && mount --bind {source} .{to} && mount -o remount,bind,ro .{to}"
            for to, source in self.mounts.items()
        )

    def _first_process(self) -> int:
        children = Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children").read_text()
        pid = int(children.split()[0]) if children else 0
        is_up = pid and b"/lib/systemd/systemd" in Path(f"/proc/{pid}/cmdline").read_bytes()
        return pid if is_up else 0

    def console(self) -> str:
        if self.first:
            return self.run("tail", "-30", "/run/console").stdout
        self.power_off()
        return (self.folder / "boot.log").read_text(errors="replace")[-2000:]

    def run(self, *command: str, check=False, env=None) -> subprocess.CompletedProcess:
        into = ["nsenter", "-t", str(self.first), "-p", "-m", "-C", "-u", "-i", "-n"]
        done = subprocess.run(
            [*into, *map(str, command)], stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=300, env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", **(env or {})},
        )  # fmt: skip
        assert not check or done.returncode == 0, done.stdout + done.stderr
        return done

    def as_user(self, user: str, *command: str) -> subprocess.CompletedProcess:
        return self.run("setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *command)

    def power_off(self) -> None:
        """The plug is pulled: no program is asked."""
        if self.holder and self.holder.poll() is None:
            with contextlib.suppress(ProcessLookupError, ValueError):
                children = Path(f"/proc/{self.holder.pid}/task/{self.holder.pid}/children")
                os.kill(int(children.read_text().split()[0]), signal.SIGKILL)
            self.holder.wait(30)
        self.first = 0

    def reboot(self) -> None:
        self.power_off()
        self.boot()

    def __enter__(self):
        self.boot()
        return self

    def __exit__(self, *_):
        self.power_off()
        shutil.rmtree(self.folder, ignore_errors=True)
