"""Whether what the longest trials of the set-up look at is as it was when they passed last.

Packages, upgrades, moves to a server and cuts at every step take a quarter of CI's time, and look
at little: how it is set up, served, moved and saved. A whole run of test.sh that passes writes down
the digest of these files; while they stay as they are, CI leaves the trials out.
"""

import hashlib
import subprocess
from pathlib import Path

from installer.setup.paths import PROGRAM

NOTE = PROGRAM / "tests" / "installer" / "proven.txt"
# What the trials run, and the trials; of the apps only what makes tables and saves them.
LOOKED_AT = (
    *("installer", "manage.py", "requirements.txt", "clinic/settings.py", "clinic/wsgi.py"),
    *("clinic/databases", "clinic/doctor", "clinic/demo", "security/backup", "tests/installer"),
    *("clinic/core/first_tables.py", "clinic/core/scheduler.py", "*/migrations/*"),
    *("security/keyring*", "security/management", "clinic/management"),
)
# Each of them brings its own machine, server or package.
TRIALS = tuple(
    f"tests/installer/test_{name}.py"
    for name in (
        *("linux_package", "systemd", "moving", "mysql", "first_tables"),
        *("upgrade", "cut_off"),
    )
)


def digest() -> str:
    """Of all that the trials look at, as it lies here; empty where there is no checkout."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--", *LOOKED_AT, ":!installer/docs"],
        cwd=PROGRAM,
        capture_output=True,
        check=False,
    )
    names = sorted({name for name in listed.stdout.decode().split("\0") if name})
    if listed.returncode or not names:
        return ""
    found = hashlib.sha256()
    for path in (PROGRAM / name for name in names):
        if path != NOTE and path.is_file():
            found.update(f"{path.relative_to(PROGRAM)}\0".encode())
            found.update(hashlib.sha256(path.read_bytes()).digest())
    return found.hexdigest()


def is_proven(note: Path = NOTE) -> bool:
    """Whether all trials passed with just these files."""
    known = note.read_text(encoding="ascii").strip() if note.is_file() else ""
    return bool(known) and known == digest()


def write_down(note: Path = NOTE) -> None:
    """All trials passed with these files."""
    found = digest()
    if found:
        note.write_text(f"{found}\n", encoding="ascii")
