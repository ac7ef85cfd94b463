"""What a clinic needs of the Windows around it: a hole in the firewall, trust, and icons.

None of it keeps the clinic from running, so what fails is told with what to do by hand.
"""

import ctypes
import hashlib
import os
import ssl
import subprocess
import sys
from collections.abc import Callable
from ctypes import wintypes
from pathlib import Path

from installer.setup import accounts_windows as accounts
from installer.setup import envfile, listeners, words
from installer.setup.accounts_windows import service_name
from installer.setup.options import USUAL_PORT
from installer.setup.paths import PROGRAM, DataDir, interpreter

if sys.platform == "win32":
    import winreg

ENCODING = 0x00010001  # X.509 and PKCS 7
SYSTEM_STORE, LOCAL_MACHINE = 10, 0x00020000
ADD_REPLACING, FIND_SHA1 = 3, 0x00010000
SECONDS = 60
USUAL = "Clinic"
ROOTS = r"Software\Microsoft\SystemCertificates\Root\Certificates"  # where that store lies


class Blob(ctypes.Structure):
    _fields_ = (("size", wintypes.DWORD), ("data", ctypes.c_char_p))


def set_up(data: DataDir, port: int) -> None:
    """Everything, each with a line that says whether it was done."""
    settings = envfile.read(data.env)
    ports = [port, *(one.port for one in listeners.wanted(settings))]
    certificate = data.tls / "ca.crt"
    _tell(
        lambda: show_sheets(data),
        "",
        f"Open the sheets in {data.root / 'first'} as administrator.",
    )
    _tell(
        lambda: open_firewall(data, ports),
        "Windows' firewall lets other PCs in.",
        f"Windows' firewall was not changed; allow TCP {', '.join(map(str, ports))} in it by hand.",
    )
    _tell(
        lambda: trust(certificate),
        "This PC trusts the clinic's certificate.",
        f"This PC does not trust the clinic's certificate yet; open {certificate} and install it "
        "for the local machine, under trusted root authorities.",
    )
    _tell(
        lambda: write_icons(data, port),
        "Icons were put on the desktop and into the start menu.",
        f"No icons could be made; open {here(port)} in the browser.",
    )


def take_away(data: DataDir) -> None:
    """What set_up did; quiet, except about what stays."""
    _tell(
        lambda: close_firewall(data) or True,
        "",
        f"Remove the rule {rule_name(data)} from Windows' firewall by hand.",
    )
    _tell(
        lambda: distrust(data.tls / "ca.crt"),
        "",
        "Remove the clinic's certificate from the trusted root authorities by hand.",
    )
    for path in icons(data):
        path.unlink(missing_ok=True)
    if menu().is_dir() and not any(menu().iterdir()):
        menu().rmdir()


def _tell(do: Callable[[], bool], done: str, by_hand: str) -> None:
    try:
        well = do()
    except (OSError, subprocess.SubprocessError):
        well = False
    if not well:
        words.say(f"  {by_hand}")
    elif done:
        words.say(f"  {done}")


def show_sheets(data: DataDir) -> bool:
    """Whoever sets up prints them in a browser that runs without an administrator's rights."""
    folder = data.root / "first"
    if folder.is_dir():
        from installer.setup.system_windows import own_sid, set_access  # elsewhere only read

        set_access(folder, f"{accounts.private_access(data.root)}(A;OICI;FR;;;{own_sid()})")
    return True


# --- the firewall -------------------------------------------------------------------------------


def rule_name(data: DataDir) -> str:
    return f"Clinic ({service_name(data.root)})"


def firewall_rule(data: DataDir, ports: list[int]) -> list[str]:
    """Our own Python, on these ports, in networks that somebody called private or a domain."""
    return [
        "netsh", "advfirewall", "firewall", "add", "rule", f"name={rule_name(data)}",
        "dir=in", "action=allow", "protocol=TCP", f"localport={','.join(map(str, ports))}",
        "profile=private,domain", f"program={interpreter()}", "enable=yes",
    ]  # fmt: skip


def open_firewall(data: DataDir, ports: list[int]) -> bool:
    close_firewall(data)  # else every set-up would add one more
    return _quiet(firewall_rule(data, ports))


def close_firewall(data: DataDir) -> bool:
    return _quiet(["netsh", "advfirewall", "firewall", "delete", "rule",
                   f"name={rule_name(data)}"])  # fmt: skip


def _quiet(argv: list[str]) -> bool:
    done = subprocess.run(
        argv, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=SECONDS
    )
    return done.returncode == 0


# --- trust --------------------------------------------------------------------------------------


def trust(certificate: Path) -> bool:
    """What `certutil -f -addstore Root` does, and a look whether it is there afterwards."""
    content = _der(certificate)
    with Store() as store:
        store.crypt32.CertAddEncodedCertificateToStore(
            store.handle, ENCODING, content, len(content), ADD_REPLACING, None
        )
    with Store() as store:
        return bool(store.find(content))


def distrust(certificate: Path) -> bool:
    """True when it is not there, or no longer."""
    if not certificate.exists():
        return True
    content = _der(certificate)
    with Store() as store:
        found = store.find(content)
        if found:
            store.crypt32.CertDeleteCertificateFromStore(found)
    with Store() as store:  # what the call says is not believed
        stays = store.find(content)
    if stays:  # Wine's call changes nothing
        winreg.DeleteKey(winreg.HKEY_LOCAL_MACHINE, rf"{ROOTS}\{thumbprint(content)}")
    with Store() as store:
        return not store.find(content)


def thumbprint(content: bytes) -> str:
    """Names the certificate in Windows' stores."""
    return hashlib.sha1(content, usedforsecurity=False).hexdigest().upper()


def _der(certificate: Path) -> bytes:
    return ssl.PEM_cert_to_DER_cert(certificate.read_text(encoding="ascii"))


class Store:
    """The machine's trusted root authorities."""

    def __enter__(self):
        self.crypt32 = ctypes.WinDLL("crypt32", use_last_error=True)
        self.crypt32.CertOpenStore.restype = ctypes.c_void_p
        self.crypt32.CertOpenStore.argtypes = [
            ctypes.c_void_p, wintypes.DWORD, ctypes.c_void_p, wintypes.DWORD, wintypes.LPCWSTR,
        ]  # fmt: skip
        self.crypt32.CertFindCertificateInStore.restype = ctypes.c_void_p
        self.handle = ctypes.c_void_p(
            self.crypt32.CertOpenStore(SYSTEM_STORE, 0, None, LOCAL_MACHINE, "Root")
        )
        if not self.handle:
            raise ctypes.WinError(ctypes.get_last_error())
        return self

    def __exit__(self, *_):
        self.crypt32.CertCloseStore(self.handle, 0)

    def find(self, content: bytes) -> ctypes.c_void_p:
        digest = bytes.fromhex(thumbprint(content))
        wanted = Blob(len(digest), digest)
        return ctypes.c_void_p(
            self.crypt32.CertFindCertificateInStore(
                self.handle, ENCODING, 0, FIND_SHA1, ctypes.byref(wanted), None
            )
        )


# --- icons --------------------------------------------------------------------------------------


def menu() -> Path:
    programs = Path(os.environ.get("ProgramData", r"C:\ProgramData"))
    return programs / "Microsoft" / "Windows" / "Start Menu" / "Programs" / "诊所系统"


def desktop() -> Path:
    return Path(os.environ.get("PUBLIC", r"C:\Users\Public")) / "Desktop"


def here(port: int) -> str:
    return "https://localhost" + ("" if port == USUAL_PORT else f":{port}")


def _suffix(data: DataDir) -> str:
    name = service_name(data.root)
    return "" if name == USUAL else f" ({name.removeprefix('Clinic-')})"


def icons(data: DataDir) -> dict[Path, str]:
    """Each file and the address that it opens."""
    settings = envfile.read(data.env)
    port = int(settings.get("CLINIC_PORT") or USUAL_PORT)
    sheet = (data.root / "first" / "sheet.html").as_posix()
    files = {
        "诊所系统": f"{here(port)}/",
        "诊所系统 首次登录说明": f"file:///{sheet}",
    }
    return {
        folder / f"{name}{_suffix(data)}.url": url
        for folder in (desktop(), menu())
        for name, url in files.items()
    }


def write_icons(data: DataDir, port: int) -> bool:
    """Small text files that Windows opens with the browser that the person uses."""
    for path, url in icons(data).items():
        if url.startswith("file:") and not (data.root / "first" / "sheet.html").exists():
            path.unlink(missing_ok=True)
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(icon_text(url), encoding="utf-8", newline="\r\n")
    return True


def icon_text(url: str) -> str:
    picture = PROGRAM.parent / "clinic-service.exe"
    return f"[InternetShortcut]\nURL={url}\nIconFile={picture}\nIconIndex=0\n"
