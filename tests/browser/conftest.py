"""One served demo clinic for all browser tests of a worker, and the people who work in it."""

import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from tests import chromium
from tests.browser import console, installation, report
from tests.browser.people import Staff

# The last list of features wins, so Playwright's own stand here before ours. Ours: each window
# would load the pages behind its address bar, which nobody opens; they cost more than our page.
# And each context would start a process more than it needs, for a page that nobody opens there.
NO_FEATURES = [
    *("AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades"),
    *("HttpsFirstBalancedModeAutoEnable", "LensOverlay", "MediaRouter", "PaintHolding"),
    *("ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect", "AimEnabled"),
    *("OptimizationHints", "NetworkTimeServiceQuerying", "PreconnectToSearch"),
    *("WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "SpareRendererForSitePerProcess"),
]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-features=" + ",".join(NO_FEATURES),
]
expect.set_options(timeout=10_000)  # a busy machine is no fault of the page's


@pytest.fixture(scope="session")
def clinic():
    """The demo clinic, served over HTTPS by the real front. Tests bring their own patients."""
    memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # a disk's waits cost minutes
    root = Path(tempfile.mkdtemp(prefix="clinic-browser-", dir=memory))
    try:
        served = installation.install(root)
        installation.serve(served)
        try:
            yield served
        finally:
            console.close(served)
            installation.stop(served)
    finally:
        shutil.rmtree(root, ignore_errors=True)


@pytest.fixture(scope="package")
def playwright():
    """Of this folder and not of the session: while it is there, its event loop runs in this
    thread, and Django refuses the database to other tests' code."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="package")
def browser(playwright, clinic):
    """Debian's Chromium; each person has a context of their own in it."""
    trust = f"--ignore-certificate-errors-spki-list={clinic.key_fingerprint}"
    opened = playwright.chromium.launch(executable_path=chromium.program(), args=[*FLAGS, trust])
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def cookies() -> dict:
    """Cookies of those who signed in already: a password's hash is slow on purpose."""
    return {}


@pytest.fixture
def staff(browser, clinic, cookies):
    """`staff("doctor")`: a person in a browser context of their own, signed in."""
    everybody = Staff(browser, clinic, cookies)
    yield everybody
    everybody.go_home()


@pytest.fixture
def morning(browser, clinic):
    """Like `staff`, but everybody comes in through the sign-in page."""
    everybody = Staff(browser, clinic, {})
    yield everybody
    everybody.go_home()


@pytest.fixture
def quiet_queue(clinic) -> None:
    """Nobody else waits for the doctor: whoever the test registers is next."""
    in_the_clinic(clinic, "empty_queue('doctor')")


def in_the_clinic(clinic, call: str) -> str:
    """Call something of tests/factories/scene.py inside the installation; its last line."""
    code = f"from tests.factories import scene; scene.{call}"
    said = console.tell(clinic, code)
    return said.splitlines()[-1] if said.strip() else ""


@pytest.fixture(scope="session")
def scene(clinic) -> dict[str, str]:
    """Ids of things in every state that a page can show, made by the verbs themselves."""
    return json.loads(in_the_clinic(clinic, "tell()"))


def pytest_terminal_summary(terminalreporter):
    report.print_budgets(terminalreporter)
