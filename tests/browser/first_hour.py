"""From the end of set-up to the first registered patient on a second PC, with both hands counted.

    ./installer/install.sh --data-dir DIR --port N && \
        python -m tests.browser.first_hour DIR N https://ADDRESS-ON-THE-SHEET:N

The installation has to be new: its administrator's one-time password is read from the printed
sheet, as a person would. What Windows asks when the certificate is opened can't be walked here;
`certutil` takes its place.
"""

import base64
import contextlib
import hmac
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Error, expect, sync_playwright

from tests.browser.klm import Hands

ADMIN, FRONT = "Qingxi-2026-wode", "Beiqiao-2026-wode"
CLINIC = ("qingxiweishengzhan", "青溪卫生站", "057188012345")
DOCTOR, CLERK = ("linhaisheng", "林海生"), ("mali", "马丽")
PATIENT = ("wangxiulan", "王秀兰", "320582196003160020", "13800001234")
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run"]


@dataclass
class Stretch:
    """A part of the way, by one person at one page."""

    title: str
    hands: Hands
    extra: str = ""


@dataclass
class Walk:
    data: Path
    port: int
    elsewhere: str  # the address for other PCs, as the sheet tells it
    stretches: list[Stretch] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"https://localhost:{self.port}"

    def begin(self, title: str, page, extra: str = "") -> Hands:
        hands = Hands(page)
        self.stretches.append(Stretch(title, hands, extra))
        return hands

    def table(self) -> str:
        head = "| Stretch | Keys | Clicks | Screens | Decisions | Seconds of hands | Waited |"
        rows = [head, "|---|--:|--:|--:|--:|--:|--:|"]
        for one in self.stretches:
            h = one.hands
            rows.append(
                f"| {one.title} | {h.keys} | {h.clicks} | {h.screens} | {h.thoughts} | "
                f"{h.seconds} | {h.waited:.1f} |"
            )
        hands = [one.hands for one in self.stretches]
        sums = [
            sum(getattr(h, n) for h in hands) for n in ("keys", "clicks", "screens", "thoughts")
        ]
        seconds = sum(h.seconds for h in hands), sum(h.waited for h in hands)
        rows.append(
            f"| **All** | {' | '.join(map(str, sums))} | {seconds[0]:.0f} | {seconds[1]:.0f} |"
        )
        return "\n".join(rows)


def profile(playwright, home: Path, **options) -> BrowserContext:
    """A PC of its own: a browser whose trust lies in its own home folder."""
    return playwright.chromium.launch_persistent_context(
        home / "profile",
        executable_path=shutil.which("chromium"),
        args=FLAGS,
        env={"HOME": str(home)},
        locale="zh-CN",
        viewport={"width": 1366, "height": 640},
        **options,
    )


def sheet_password(data: Path) -> str:
    """As it stands on the paper."""
    sheet = (data / "first" / "sheet.html").read_text(encoding="utf-8")
    return re.findall(r'class="big">([^<]+)<', sheet)[2]


def trust(home: Path, file: Path) -> None:
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True, exist_ok=True)
    if not (store / "cert9.db").exists():
        subprocess.run(["certutil", "-d", f"sql:{store}", "-N", "--empty-password"], check=True)
    certutil = ["certutil", "-d", f"sql:{store}", "-A", "-t", "C,,", "-n", "clinic", "-i", file]
    subprocess.run(certutil, check=True)


def sign_in(hands: Hands, name: str, once: str) -> None:
    """By a one-time password off a paper."""
    hands.value(name, "Tab")
    hands.letters(once)
    hands.go(hands.command, "Enter")


def take_own_password(hands: Hands, once: str, own: str) -> None:
    """Nothing else opens before that."""
    for words in (once, own):
        hands.value(words, "Tab")
    hands.letters(own)
    hands.go(hands.command, "F9")


def one_time_code(key: str) -> str:
    """What the app on the phone shows (RFC 6238)."""
    step = struct.pack(">Q", int(time.time()) // 30)
    digest = hmac.digest(base64.b32decode(key.replace(" ", "")), step, "sha1")
    place = digest[-1] & 15
    number = struct.unpack(">I", digest[place : place + 4])[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06d}"


def codes_set_up(walk: Walk, page) -> None:
    """The administrator's phone makes codes from now on."""
    hands = walk.begin("Administrator's phone makes codes", page)
    hands.value(one_time_code(page.locator("code.fs-5").inner_text()))
    hands.go(hands.command, "F9")
    hands.command("F8")  # prints the recovery codes
    hands.go(hands.click, page.locator(".actions a"))


def first_steps(walk: Walk, page) -> dict[str, tuple[str, str]]:
    """The guide as far as a first registration needs it; names and one-time passwords by role."""
    hands, once = walk.begin("Administrator signs in", page), sheet_password(walk.data)
    page.goto(f"{walk.address}/guide/")
    sign_in(hands, "admin", once)
    codes_set_up(walk, page)
    take_own_password(walk.begin("Administrator takes an own password", page), once, ADMIN)
    hands = walk.begin("First steps: the clinic", page)
    pinyin, name, phone = CLINIC
    hands.chinese(pinyin, name, "Tab")
    hands.chinese("qingxi", "青溪", "Tab", "Tab")
    hands.value(phone)
    hands.go(hands.command, "F9")
    hands = walk.begin("First steps: departments, as they stand", page)
    hands.go(hands.command, "F9")
    hands = walk.begin("First steps: a doctor and somebody at the desk", page)
    shown = {}
    for (pinyin, name), role in ((DOCTOR, "doctor"), (CLERK, "frontdesk")):
        hands.chinese(pinyin, name)
        hands.click(page.locator(f"label:has(+ input[value={role}]), input[value={role}] + label"))
        hands.go(hands.command, "F9")
        said = page.locator(".message-warn").inner_text()
        shown[role] = re.findall(r"[A-Za-z0-9_-]{4,}", said)[:2]
    hands.go(hands.command, "F2")
    hands = walk.begin("First steps: the doctor's week, as it stands", page)
    hands.go(hands.command, "F9")
    return shown


def open_today(data: Path) -> None:
    """The usual week has no Sunday; somebody who tries on one gives the doctor hours today."""
    code = (
        "from security.models import User; from tests.factories.registration import open_session; "
        f"open_session(User.objects.get(full_name='{DOCTOR[1]}'))"
    )
    subprocess.run(
        [sys.executable, "manage.py", "shell", "-v", "0", "-c", code],
        env={**os.environ, "CLINIC_DATA_DIR": str(data)},
        check=True,
    )


def type_address(hands: Hands, address: str) -> None:
    """Into the address bar, which no page sees."""
    hands.keys += len(address) + 1
    hands.thoughts += 1
    hands.screens += 1


def warned(walk: Walk, browser: BrowserContext, home: Path) -> None:
    """The address off the sheet, the warning, the page with the pictures, the file."""
    page = browser.pages[0]
    hands = walk.begin("Second PC: address off the sheet, past the warning, the file", page)
    type_address(hands, walk.elsewhere)
    with contextlib.suppress(Error):
        page.goto(walk.elsewhere)
    hands.click(page.locator("#details-button"))
    hands.go(hands.click, page.locator("#proceed-link"))
    hands.go(hands.click, page.locator("main a[href*=other-pcs]"))
    with page.expect_download() as saved:
        hands.command("F9")
    saved.value.save_as(home / "clinic-ca.crt")


def register(walk: Walk, page, name: str, once: str) -> None:
    """From the address to the slip of the first patient."""
    hands = walk.begin("Second PC: front desk signs in and takes an own password", page)
    type_address(hands, walk.elsewhere)
    page.goto(walk.elsewhere)
    sign_in(hands, name, once)
    take_own_password(hands, once, FRONT)
    hands = walk.begin("Second PC: a new file, a number", page)
    pinyin, patient, document, phone = PATIENT
    hands.go(hands.command, "F2")
    hands.value(document, "Enter")
    hands.chinese(pinyin, patient, "Enter")
    hands.value(phone)
    hands.command("Alt+2")
    hands.command("ArrowDown")  # denies allergies
    hands.go(hands.command, "F9")
    hands.go(hands.command, "F9")
    expect(page.locator(".slip")).to_be_visible()


def main() -> int:
    walk = Walk(Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
    server, second = (Path(tempfile.mkdtemp(prefix="clinic-pc-")) for _ in range(2))
    with sync_playwright() as playwright:
        trust(server, walk.data / "tls" / "ca.crt")  # set-up does it on its own PC
        browser = profile(playwright, server)
        people = first_steps(walk, browser.pages[0])
        browser.close()
        open_today(walk.data)
        browser = profile(playwright, second)
        warned(walk, browser, second)
        browser.close()
        trust(second, second / "clinic-ca.crt")
        browser = profile(playwright, second)
        register(walk, browser.pages[0], *people["frontdesk"])
        browser.close()
    print(walk.table())
    for home in (server, second):
        shutil.rmtree(home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
