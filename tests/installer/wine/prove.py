"""The Windows package from its building to its uninstallation, on a fresh "PC" of Wine.

    ./installer/prove-windows.sh [--keep]
Ends with a table of figures, or with the first thing that was not as it has to be; --keep leaves
the "PC" for a look (its folder is the last line).
"""

import contextlib
import hashlib
import http.client
import json
import os
import shutil
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[3]
sys.path[0] = str(CHECKOUT)

from installer.build import cache, source  # noqa: E402 - the path comes first
from installer.setup import needs  # noqa: E402 - the path comes first
from tests.installer import first_visit  # noqa: E402
from tests.installer.wine.prefix import Prefix  # noqa: E402
from tests.ports import free_port  # noqa: E402

LIMIT = 25 * 60  # seconds for everything
STEP = 10 * 60
NEWER = "99.0.0"


class Wrong(Exception):
    """Something is not as it has to be."""


class Proof:
    """One PC, and what was measured on it."""

    def __init__(self, folder: Path):
        self.began = time.monotonic()
        self.folder = folder
        self.pc = Prefix(folder / "pc")
        self.port = free_port()
        self.home = self.pc.drive / "Program Files" / "Clinic"
        self.data = self.pc.drive / "ProgramData" / "Clinic" / "clinic"
        self.desktop = self.pc.drive / "users" / "Public" / "Desktop"
        self.figures: list[tuple[str, str]] = []
        self.packages: list[Path] = []

    def note(self, what: str, value: str) -> None:
        self.figures.append((what, value))
        print(f"  {what}: {value}", flush=True)

    @contextlib.contextmanager
    def timed(self, what: str):
        began = time.monotonic()
        yield
        self.note(what, f"{time.monotonic() - began:.1f} s")

    # --- the steps ------------------------------------------------------------------------------

    def build(self) -> None:
        """The package and one that calls itself newer, both compressed hastily. Those of a commit
        are kept in the build's cache until there is another."""
        self.packages = [self._package(), self._package("--version", NEWER)]
        self.note("package (hasty)", f"{self.packages[0].stat().st_size / 1e6:.1f} MB")

    def _package(self, *options: str) -> Path:
        made_of = source.look()
        if made_of.dirty:
            return self._build(self.folder / (options[-1] if options else "own"), *options)
        name = f"proof-{made_of.commit[:16]}"
        for old in cache.home().glob("proof-*"):
            if not old.name.startswith(name):
                shutil.rmtree(old, ignore_errors=True)
        folder = cache.made(
            f"{name}-{cache.key(*options)}", lambda part: self._build(part, *options)
        )
        return next(folder.glob("ClinicSetup-*.exe"))

    def _build(self, dist: Path, *options: str) -> Path:
        with self.timed(f"built {' '.join(options)}".strip()):
            subprocess.run(
                [CHECKOUT / "installer" / "build.sh", "windows", "--dist", dist, *options],
                env={**os.environ, "CLINIC_BUILD_HASTY": "1"}, check=True, timeout=STEP,
                stdout=subprocess.DEVNULL,
            )  # fmt: skip
        return next(dist.glob("ClinicSetup-*.exe"))

    def start_pc(self) -> None:
        with self.timed("a fresh Wine prefix"):
            self.pc.create()
        self.pc.sit_down()

    def install(self) -> None:
        with self.timed("set-up (/S), to its end"):
            began = time.monotonic()
            done = self.pc.run(
                "wine", self.packages[0], "/S", "--", "--port", self.port, seconds=STEP
            )
        expect(done.returncode == 0, f"set-up ended with {done.returncode}: {self.log()}")
        self.wait_for_answer(240)
        self.note("from double click to the first answer", f"{time.monotonic() - began:.1f} s")
        version = self.version()
        size = sum(p.stat().st_size for p in self.home.rglob("*") if p.is_file())
        self.note("unpacked", f"{size / 1e6:.0f} MB")
        self.look_at_files(version)
        self.look_at_service(version)
        self.look_at_trust()

    def look_at_files(self, version: str) -> None:
        for name in ("app/manage.py", "python/python.exe", "clinic-service.exe", "package.json",
                     "sbom.json", "bin/clinic.cmd"):  # fmt: skip
            path = self.home / "versions" / version / name
            expect(path.is_file(), f"{path} is missing")
        said = json.loads((self.home / "versions" / version / "package.json").read_text())
        expect(
            said["release"] is False, "a package with the carrier's Python calls itself a release"
        )
        icon = self.desktop / "诊所系统.url"
        expect(f"https://localhost:{self.port}/" in icon.read_text(), "the icon leads elsewhere")
        expect((self.data / "first" / "sheet.html").is_file(), "there is no sheet to print")

    def look_at_service(self, version: str) -> None:
        key = r"HKLM\System\CurrentControlSet\Services\Clinic"
        said = self.pc.ask("wine", "reg", "query", key)
        for wanted in (rf"versions\{version}\clinic-service.exe", r"NT SERVICE\Clinic", "0x2"):
            expect(wanted in said, f"the service's entry lacks {wanted}: {said}")

    def look_at_trust(self) -> None:
        key = r"HKLM\Software\Microsoft\SystemCertificates\Root\Certificates"
        said = self.pc.ask("wine", "reg", "query", key)
        expect(self.thumbprint() in said.upper(), "Windows does not trust the certificate")

    def thumbprint(self) -> str:
        content = ssl.PEM_cert_to_DER_cert((self.data / "tls" / "ca.crt").read_text())
        return hashlib.sha1(content, usedforsecurity=False).hexdigest().upper()

    def sign_in(self) -> None:
        password = (self.data / "first" / "password").read_text().strip()
        url, opener = f"https://localhost:{self.port}", first_visit.browser(self.data)
        with self.timed("first page"):
            page = first_visit.first_page(opener, url, time.monotonic() + 60)
        with self.timed("sign-in"):
            arrived = first_visit.sign_in(opener, url, page, password)
        expect("/login/" not in arrived, f"the one-time password led to {arrived}")

    def kill(self) -> None:
        """The web server first, then all Pythons at once: nobody is there to start them again but
        the service."""
        for what, word in (("web server", "granian"), ("all of Python", "")):
            expect(self.pc.kill("python.exe", word) > 0, f"no {what} was found to be killed")
            began = time.monotonic()
            time.sleep(0.5)
            self.wait_for_answer(240)
            self.note(f"{what} killed, answers again", f"{time.monotonic() - began:.1f} s")

    def upgrade(self) -> None:
        before = self.people()
        with self.timed("upgrade (/S), to its end"):
            done = self.pc.run("wine", self.packages[1], "/S", seconds=STEP)
        expect(done.returncode == 0, f"the upgrade ended with {done.returncode}: {self.log()}")
        self.wait_for_answer(120)
        self.look_at_service(NEWER)
        expect(self.version() == NEWER, f"the data belong to {self.version()}")
        expect(self.people() == before, "people were lost on the way")

    def uninstall(self) -> None:
        """It goes on in a copy of itself, so the end is when the folder is gone."""
        kept = self.people()
        with self.timed("uninstallation (/S)"):
            self.pc.run("wine", self.home / "Uninstall.exe", "/S", seconds=STEP)
            wait(lambda: not self.home.exists(), 180, f"{self.home} is still there: {self.left()}")
        expect(self.people() == kept, "data were lost")
        expect(not list(self.desktop.glob("*.url")), "icons are left")
        expect(not self.pc.pids("python.exe"), "a Python is left")
        said = self.pc.ask("wine", "reg", "query", r"HKLM\System\CurrentControlSet\Services\Clinic")
        expect("clinic-service" not in said, "the service is left")
        said = self.pc.ask(
            "wine", "reg", "query", r"HKLM\Software\Microsoft\SystemCertificates\Root\Certificates"
        )
        expect(self.thumbprint() not in said.upper(), "the certificate is still trusted")

    # --- what they share ------------------------------------------------------------------------

    def answers(self) -> bool:
        try:
            context = ssl.create_default_context(cafile=str(self.data / "tls" / "ca.crt"))
            connection = http.client.HTTPSConnection(
                "localhost", self.port, timeout=5, context=context
            )
            with contextlib.closing(connection):
                connection.request("GET", "/healthz")
                return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False

    def wait_for_answer(self, seconds: float) -> None:
        wait(self.answers, seconds, f"nothing answers: {self.log()}")

    def version(self) -> str:
        return json.loads((self.data / "program.json").read_text())["version"]

    def people(self) -> list:
        uri = f"file:{self.data / 'db.sqlite3'}?mode=ro"
        with contextlib.closing(sqlite3.connect(uri, uri=True, timeout=20)) as database:
            return database.execute("SELECT id, username FROM security_user").fetchall()

    def left(self) -> list[str]:
        return [str(path) for path in self.home.rglob("*") if path.is_file()][:5]

    def log(self) -> str:
        logs = sorted((self.data / "logs").glob("*.log"))
        return "\n".join(f"== {p.name}\n{p.read_text(errors='replace')[-2500:]}" for p in logs)

    def table(self) -> None:
        width = max(len(what) for what, _ in self.figures)
        print("\nThe Windows package under Wine (one run):")
        for what, value in self.figures:
            print(f"| {what:<{width}} | {value:>9} |")


def expect(true: bool, otherwise: str) -> None:
    if not true:
        raise Wrong(otherwise)


def wait(reached, seconds: float, otherwise: str) -> None:
    deadline = time.monotonic() + seconds
    while not reached():
        expect(time.monotonic() < deadline, otherwise)
        time.sleep(0.2)


STEPS = ("build", "start_pc", "install", "sign_in", "kill", "upgrade", "uninstall")


def main() -> int:
    needs.ensure(needs.WINDOWS_PROOF)
    folder = Path(tempfile.mkdtemp(prefix="clinic-windows-"))
    proof = Proof(folder)
    try:
        for name in STEPS:
            print(f"{name}", flush=True)
            expect(time.monotonic() - proof.began < LIMIT, f"no time was left for {name}")
            getattr(proof, name)()
        proof.table()
        return 0
    except (Wrong, subprocess.SubprocessError, OSError) as error:
        print(f"clinic: {error}", file=sys.stderr)
        return 1
    finally:
        proof.pc.switch_off()
        if "--keep" in sys.argv:
            print(folder)
        else:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
