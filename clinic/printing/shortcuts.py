"""Files that start a browser which prints without asking; each printer has a profile of its own.

Chromium's own switch does it: --kiosk-printing presses "print" by itself, and prints to the
printer, on the paper, that was chosen last in that profile. So the first start, when there is no
profile yet, comes without the switch and opens the test sheet: whoever prints it once has chosen.
Nothing here is run by us, and the files are plain text to be read before they are started.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True)
class Printer:
    """What comes out of it; the code names profile, file and test sheet."""

    code: str
    title: object
    prints: object


PRINTERS = [
    Printer("slip", _("Slip printer"), _("number slips and receipts")),
    Printer("a5", _("Prescription printer"), _("prescriptions on A5")),
    Printer("a4", _("Office printer"), _("records, lists and books on A4")),
]
CODES = {printer.code for printer in PRINTERS}
FLAGS = "--no-first-run --no-default-browser-check"

# ASCII only: the command prompt reads the file in the PC's own encoding.
WINDOWS = r"""@echo off
rem Opens the clinic in a browser window of its own that prints without asking.
rem First start: print the test page, choose printer and paper, close the window, start again.
rem To choose another printer: delete the folder named PROFILE below.
setlocal
set "PROFILE=%LOCALAPPDATA%\ClinicPrinting\{code}"
set "ADDRESS={address}"
set "SWITCH=--kiosk-printing"
if not exist "%PROFILE%" (
  set "ADDRESS={test}"
  set "SWITCH="
)
for %%B in (
  "%ProgramFiles(x86)%\Microsoft\Edge\Application\msedge.exe"
  "%ProgramFiles%\Microsoft\Edge\Application\msedge.exe"
  "%ProgramFiles%\Google\Chrome\Application\chrome.exe"
  "%ProgramFiles(x86)%\Google\Chrome\Application\chrome.exe"
  "%LOCALAPPDATA%\Google\Chrome\Application\chrome.exe"
) do if exist %%B (
  start "" %%B --user-data-dir="%PROFILE%" {flags} %SWITCH% "%ADDRESS%"
  exit /b
)
echo Neither Edge nor Chrome was found on this PC.
pause
"""

LINUX = """[Desktop Entry]
Type=Application
Name=Clinic printing: {code}
Comment=First start: print the test page, choose the printer, close, start again
Exec=sh -c 'p="$HOME/.clinic-printing/{code}"; k=--kiosk-printing; a={address}; \
[ -d "$p" ] || {{ k=; a={test}; }}; b=$(command -v chromium || command -v chromium-browser || \
command -v google-chrome || command -v microsoft-edge); \
exec "$b" --user-data-dir="$p" {flags} $k "$a"'
Icon=printer
Terminal=false
"""


def windows(code: str, address: str, test: str) -> bytes:
    text = WINDOWS.format(code=code, address=address, test=test, flags=FLAGS)
    return text.replace("\n", "\r\n").encode("ascii")


def linux(code: str, address: str, test: str) -> bytes:
    """A starter for the desktop; its Exec line is one line, and % and $ are as the format wants."""
    text = LINUX.format(code=code, address=address, test=test, flags=FLAGS)
    return _quoted(text).encode("ascii")


def _quoted(text: str) -> str:
    """Inside Exec, an argument in quotes has its own escapes: the shell's words go in there."""
    head, exec_line, rest = text.partition("Exec=sh -c '")
    words, end, rest = rest.partition("'\n")
    for sign in ("\\", '"', "`", "$"):
        words = words.replace(sign, "\\" + sign)
    # The file's own rule for strings doubles every backslash once more.
    return f'{head}Exec=sh -c "{words}"\n{rest}'.replace("\\", "\\\\") if exec_line else text


KINDS = {"bat": windows, "desktop": linux}
