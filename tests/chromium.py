"""Which Chromium opens the pages of the tests."""

import shutil


def program() -> str | None:
    """Debian's Chromium without its windows where it is installed: the same engine opens the same
    pages with a third less of the processor, since nothing is drawn around them. What is tried on
    the whole browser (its own printing, a clinic PC's profile) asks for `chromium` itself."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")
