"""A small disk of the clinic's own, seen by this program and its children alone.

The program starts itself again in a mount namespace, where it may mount what it likes.
"""

import os
import subprocess
import sys
import time
from pathlib import Path

INSIDE = "FAULTS_INSIDE"
SPARE_MB = 24  # what is free when the clinic begins its day


def enter_namespace() -> None:
    """Comes back only in the namespace."""
    if os.environ.get(INSIDE):
        return
    own = [] if os.geteuid() == 0 else ["--map-root-user"]
    argv = ["unshare", "--mount", *own, sys.executable, "-m", "tests.faults", *sys.argv[1:]]
    os.execvpe(argv[0], argv, {**os.environ, INSIDE: "1"})  # noqa: S606


def run(*argv: object) -> None:
    subprocess.run([str(one) for one in argv], check=True, stdin=subprocess.DEVNULL)


class Memory:
    """A disk in memory that is as small as wanted."""

    def __init__(self, place: Path):
        self.place = place
        place.mkdir(parents=True)
        run("mount", "-t", "tmpfs", "-o", "size=1500m,mode=0700", "tmpfs", place)

    def shrink(self) -> None:
        """Just a little more than lies on it."""
        state = os.statvfs(self.place)
        used = (state.f_blocks - state.f_bfree) * state.f_frsize // 2**20
        run("mount", "-o", f"remount,size={used + SPARE_MB}m", self.place)

    def fill(self) -> None:
        """Until not one more byte fits."""
        with (self.place / "filler").open("wb", buffering=0) as stream:
            for size in (2**20, 2**12, 1):
                try:
                    while True:
                        stream.write(b"x" * size)
                except OSError:
                    continue

    def free(self) -> None:
        (self.place / "filler").unlink()

    def leave(self) -> None:
        run("umount", "-l", self.place)


class Failing:
    """A real file system that becomes read-only at once, as the kernel makes it after a fault of
    the disk: what is written from then on is an error, also to files that are open."""

    def __init__(self, place: Path, image: Path):
        self.place, self.image = place, image
        place.mkdir(parents=True)
        run("truncate", "-s", "1500M", image)
        run("mkfs.ext4", "-q", "-F", image)
        self.mount()
        place.chmod(0o700)
        (place / "lost+found").rmdir()

    def mount(self) -> None:
        run("mount", "-o", "loop,errors=remount-ro", self.image, self.place)

    def fail(self) -> None:
        run("mount", "-o", "remount,abort", self.place)

    def mend(self) -> None:
        """What the next start of the machine does by itself."""
        for _ in range(50):  # whoever was killed lets go of it in a moment
            if not subprocess.run(["umount", str(self.place)], capture_output=True).returncode:
                break
            time.sleep(0.1)
        subprocess.run(["fsck.ext4", "-p", str(self.image)], check=False, stdout=subprocess.DEVNULL)
        self.mount()

    def leave(self) -> None:
        run("umount", "-l", self.place)
