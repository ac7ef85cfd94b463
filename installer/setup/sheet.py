"""The sheets to print at the end of set-up: one for the first day, one for the safe.

Self-contained pages that a browser opens from the disk. They hold secrets and go with the first
administrator's one-time password (security/first_password.py).
"""

import hashlib
import html
import ssl
import subprocess
from pathlib import Path

from installer.setup import envfile
from installer.setup.paths import PROGRAM, interpreter
from installer.setup.work import Work, address

HERE = Path(__file__).resolve().parent
QR = """
import segno, sys
print(segno.make(sys.argv[1], micro=False).svg_inline(border=2, omitsize=True))
"""


def write(work: Work) -> None:
    """Anew at every run as long as the password waits: the addresses may be others now."""
    work.first.mkdir(mode=0o700, exist_ok=True)
    _save(work, "sheet.html", first_day(work))
    if not is_wrapped(work):
        _save(work, "key-sheet.html", for_the_safe(work))


def is_wrapped(work: Work) -> bool:
    """Keys that are locked must not lie beside the lock in plain letters."""
    return '"wrap": "none"' not in work.data.keyring.read_text(encoding="utf-8")


def _save(work: Work, name: str, page: str) -> None:
    envfile.replace_file(work.first / name, page.encode())


def first_day(work: Work) -> str:
    others = work.listens()
    values = {
        "PASSWORD": work.one_time_password,
        "HERE": address("localhost", work.port),
        "THERE": others[0] if others else address("localhost", work.port),
        "MORE": ", ".join(others[1:]),
        "FINGERPRINT": fingerprint(work.data.tls / "ca.crt"),
        "THUMBPRINT": thumbprint(work.data.tls / "ca.crt"),
        "FOLDER": str(work.first),
        "KEYS": "key-sheet.html",
    }
    text = (HERE / "pages" / "sheet.html").read_text(encoding="utf-8")
    for name, value in values.items():
        text = text.replace(f"@{name}@", html.escape(value))
    alone = "" if others else "alone"
    locked = "locked" if is_wrapped(work) else ""
    return text.replace("@STATE@", f"{alone} {locked}").replace("@CODE@", code(values["THERE"]))


def for_the_safe(work: Work) -> str:
    failure = "The key sheet can't be made."
    lines = work.app.manage("key_sheet", "--at-set-up", failure=failure, secret=True)
    text = (HERE / "pages" / "key-sheet.html").read_text(encoding="utf-8")
    return text.replace("@LINES@", html.escape(lines))


def code(url: str) -> str:
    """The address as a QR code, drawn here: an inline picture."""
    done = subprocess.run(
        [str(interpreter()), "-c", QR, url],
        cwd=PROGRAM, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.stdout


def fingerprint(certificate: Path) -> str:
    """As Firefox and Linux show it, in smaller pieces."""
    digest = hashlib.sha256(_der(certificate)).hexdigest().upper()
    return " ".join(digest[n : n + 4] for n in range(0, len(digest), 4))


def thumbprint(certificate: Path) -> str:
    """As Windows shows it when it asks; nobody can make another certificate for a given SHA-1."""
    digest = hashlib.sha1(_der(certificate), usedforsecurity=False).hexdigest().upper()
    return " ".join(digest[n : n + 8] for n in range(0, len(digest), 8))


def _der(certificate: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(certificate.read_text(encoding="ascii"))
