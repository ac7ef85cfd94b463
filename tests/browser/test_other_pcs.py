"""The file of the page for other PCs makes Chromium trust the address; before, it doesn't."""

import contextlib
import shutil
import ssl
import subprocess
from http.client import HTTPSConnection
from pathlib import Path

import pytest
from django.urls import reverse
from playwright.sync_api import Error, Playwright

from tests.browser.conftest import FLAGS
from tests.browser.installation import Installation

pytestmark = pytest.mark.browser


def downloaded(clinic: Installation, folder: Path) -> Path:
    """As a PC does that trusts nothing yet."""
    unknown = ssl.create_default_context()
    unknown.check_hostname, unknown.verify_mode = False, ssl.CERT_NONE
    there = HTTPSConnection("localhost", clinic.port, context=unknown, timeout=20)
    with contextlib.closing(there):
        there.request("GET", reverse("other_pcs_file"))
        (folder / "clinic-ca.crt").write_bytes(there.getresponse().read())
    return folder / "clinic-ca.crt"


def trust(home: Path, file: Path) -> None:
    """The line that the page gives for Linux."""
    store = home / ".pki" / "nssdb"
    store.mkdir(parents=True)
    certutil = ["certutil", "-d", f"sql:{store}"]
    subprocess.run([*certutil, "-N", "--empty-password"], check=True)
    subprocess.run(
        [*certutil, "-A", "-t", "C,,", "-n", "clinic", "-i", file], check=True, timeout=60
    )


def opened(playwright: Playwright, home: Path, address: str) -> str:
    """The title of the page, or the browser's reason not to show it."""
    chromium = playwright.chromium.launch(
        executable_path=shutil.which("chromium"), args=FLAGS, env={"HOME": str(home)}
    )
    try:
        page = chromium.new_page(locale="zh-CN")
        page.goto(address, timeout=30_000)
        return page.title()
    except Error as error:
        return error.message
    finally:
        chromium.close()


def test_chromium_opens_the_address_with_the_file_and_not_without(playwright, clinic, tmp_path):
    address = clinic.url + reverse("login")

    before = opened(playwright, tmp_path, address)
    trust(tmp_path, downloaded(clinic, tmp_path))
    after = opened(playwright, tmp_path, address)

    assert "ERR_CERT_AUTHORITY_INVALID" in before
    assert "登录" in after
