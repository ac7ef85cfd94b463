"""How many presses a slip and a prescription take, and that the shortcut's switch takes the
browser's own question away.

Chromium's whole user interface is started here without a screen (--ozone-platform=headless), so
the print preview is the real one; its printer is "save as PDF", chosen last in that profile.
"""

import contextlib
import json
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from clinic.printing.shortcuts import FLAGS
from tests.browser import conftest
from tests.browser.people import Person

pytestmark = pytest.mark.browser
SLIP = """<title>slip</title><p>A001<script>
addEventListener("load", () => print());
</script>"""
COUNT = "window.print = () => { window.name = String(Number(window.name || 0) + 1) }"
PATIENCE, NEVER = 40, 4  # seconds for the silent one; and how long nothing comes with the question


def presses_until_printed(person: Person, *keys: str) -> int:
    """Keys pressed, one after the other, until the page asks the browser to print."""
    for number, key in enumerate(["", *keys]):
        if key:
            with person.page.expect_navigation():
                person.page.keyboard.press(key)
        person.page.wait_for_load_state("load")
        if person.page.evaluate("window.name") == "1":
            return number
    raise AssertionError("nothing was printed")


def test_a_slip_prints_itself_and_a_prescription_takes_two_presses(staff, scene):
    desk, doctor = staff("frontdesk"), staff("doctor")
    for person in (desk, doctor):
        person.context.add_init_script(COUNT)

    desk.page.goto(f"/registration/{scene['waiting']}/slip/?print=1")  # where F9 at the desk leads
    assert presses_until_printed(desk) == 0
    desk.page.reload()  # as Back does: no second slip
    assert desk.page.evaluate("window.name") == "1"
    doctor.open("prescription_show", scene["dispensed"])
    assert presses_until_printed(doctor, "F8", "F8") == 2


def profile(folder: Path) -> Path:
    """A profile in which somebody printed once and chose the printer."""
    chosen = {"id": "Save as PDF", "origin": "local", "account": ""}
    state = {"version": 2, "recentDestinations": [chosen]}
    preferences = {
        "printing": {"print_preview_sticky_settings": {"appState": json.dumps(state)}},
        "savefile": {"default_directory": str(folder / "out")},
    }
    (folder / "out").mkdir()
    (folder / "Default").mkdir()
    (folder / "Default" / "Preferences").write_text(json.dumps(preferences))
    return folder


@contextlib.contextmanager
def chromium(folder: Path, page: Path, *switch: str):
    command = [shutil.which("chromium"), *conftest.FLAGS, *FLAGS.split(), *switch]
    command += ["--ozone-platform=headless", f"--user-data-dir={folder}", page.as_uri()]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait(20)


def printed(folder: Path, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if list((folder / "out").glob("*.pdf")):
            return True
        time.sleep(0.2)
    return False


def test_with_the_switch_paper_comes_at_once_and_without_it_the_browser_asks(tmp_path):
    page = tmp_path / "slip.html"
    page.write_text(SLIP)
    silent, asking = tmp_path / "silent", tmp_path / "asking"
    silent.mkdir(), asking.mkdir()

    with chromium(profile(silent), page, "--kiosk-printing"):
        came = printed(silent, PATIENCE)
    with chromium(profile(asking), page):
        came_anyway = printed(asking, NEVER)

    assert (came, came_anyway) == (True, False)
