"""A computer with no network, no Python, no compiler, and one fresh ordinary user."""

import shutil
import subprocess
from pathlib import Path

from tests.installer.tools import environment

HOME = "/home/nurse"
# Every program of the target system that a package may call; nothing else is there.
TOOLS = (
    "awk", "cat", "chmod", "cut", "date", "df", "dirname", "env", "flock", "getconf", "gzip",
    "head", "id", "mkdir", "mv", "readlink", "rm", "sed", "sh", "sha256sum", "sleep", "sort",
    "sync", "tail", "tar", "tr", "uname", "wc",
)  # fmt: skip
# What every system has in /etc.
ETC = {
    "hosts": "127.0.0.1 localhost\n::1 localhost\n",
    "passwd": f"root:x:0:0::/root:/bin/sh\nnurse:x:1234:1234::{HOME}:/bin/sh\n",
    "group": "root:x:0:\nnurse:x:1234:\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
}


def run(home: Path, *command: str, files: tuple[Path, ...] = (), timeout: float = 300):
    """Run `command` in it; `files` lie in /media as on a USB stick."""
    argv = [
        "bwrap", "--unshare-all", "--die-with-parent", "--uid", "1234", "--gid", "1234",
        "--ro-bind", "/usr/lib", "/usr/lib", "--ro-bind", "/usr/lib64", "/usr/lib64",
        "--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64",
        "--symlink", "usr/bin", "/bin", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/dev/shm",
        "--tmpfs", "/tmp", "--bind", str(home), HOME, "--chdir", HOME,
    ]  # fmt: skip
    for name, text in ETC.items():
        (home / name).write_text(text)
        argv += ["--ro-bind", str(home / name), f"/etc/{name}"]
    for tool in TOOLS:
        argv += ["--ro-bind", str(Path(shutil.which(tool)).resolve()), f"/usr/bin/{tool}"]
    for path in files:
        argv += ["--ro-bind", str(path), f"/media/{path.name}"]
    return subprocess.run(
        [*argv, *command],
        env=environment(HOME=HOME, PATH="/usr/bin", LC_ALL="C.UTF-8"),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
    )  # fmt: skip
