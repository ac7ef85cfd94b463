"""A Wine prefix that our package can be tried in, and the crutches that Wine 8 needs for it.

None of this is in the product: real Windows has wbemprox and bcryptprimitives, and Python's output
may go to a file there.
"""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
COMPILER = "x86_64-w64-mingw32-gcc"
OVERRIDES = r"Software\Wine\DllOverrides"
USERS = ("HKCU", r"HKU\.Default")  # services read the second one


class Prefix:
    """A fresh "Windows PC" in a folder."""

    def __init__(self, folder: Path):
        self.folder = folder
        self.drive = folder / "drive_c"
        self.somebody: subprocess.Popen | None = None

    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTHON", "CLINIC_"))}
        return {**kept, "WINEPREFIX": str(self.folder), "WINEDEBUG": "-all", "DISPLAY": "",
                "WINEDLLOVERRIDES": "mscoree,mshtml=", "WINEARCH": "win64", "LANG": "C.UTF-8",
                "LC_ALL": "C.UTF-8"}  # fmt: skip

    def create(self) -> None:
        self.run("wineboot", "-i", seconds=180)
        stub = self.drive / "windows" / "system32" / "bcryptprimitives.dll"
        subprocess.run(
            [COMPILER, "-O2", "-shared", "-o", stub, HERE / "bcryptprimitives.c", "-lbcrypt"],
            check=True,
        )
        for user in USERS:  # platform.* of Python 3.12 asks WMI, which crashes there
            self.run("wine", "reg", "add", rf"{user}\{OVERRIDES}", "/v", "wbemprox", "/d", "", "/f")
        # Windows gives a service 30 s to begin, Wine 10: too few beside other work.
        control = r"HKLM\System\CurrentControlSet\Control"
        self.run("wine", "reg", "add", control, "/v", "ServicesPipeTimeout", "/t", "REG_DWORD",
                 "/d", "120000", "/f")  # fmt: skip
        # A new prefix says that it is an older Windows.
        self.run("wine", "winecfg", "-v", "win10", seconds=120)

        self.run("wineserver", "-k", "-w", seconds=60)  # the next services know all of that

    def sit_down(self) -> None:
        """Somebody has a window open: Wine ends its services with the last ordinary program, and
        would take a killed Python for that."""
        self.somebody = subprocess.Popen(
            ["wine", "cmd"],
            env=self.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def run(self, *words, seconds: float = 60) -> subprocess.CompletedProcess:
        """To its end. Output goes nowhere: what stays in Wine would keep a pipe open."""
        return subprocess.run(
            [str(word) for word in words],
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=False,
        )

    def ask(self, *words, seconds: float = 120) -> str:
        """What a program that ends by itself says; a pipe, because files confuse Python there."""
        done = subprocess.run(
            [str(word) for word in words],
            env={**self.environment(), "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=seconds,
            check=False,
        )
        return done.stdout.decode("utf-8", "replace")

    def pids(self, program: str = "", word: str = "") -> list[int]:
        """Processes of this prefix that run `program`, with `word` in their command line."""
        mark = f"WINEPREFIX={self.folder}".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                ours = mark in (entry / "environ").read_bytes().split(b"\0")
                said = (entry / "cmdline").read_bytes().decode("utf-8", "replace").split("\0")
            except OSError:
                continue
            if ours and said[0].endswith(program) and any(word in one for one in said):
                found.append(int(entry.name))
        return found

    def kill(self, program: str = "", word: str = "") -> int:
        """End them as a crash would; how many there were."""
        found = self.pids(program, word)
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        return len(found)

    def switch_off(self) -> None:
        """End all its processes, by their ids."""
        if self.somebody:
            self.somebody.kill()
        deadline = time.monotonic() + 15
        while self.kill() and time.monotonic() < deadline:
            time.sleep(0.3)
