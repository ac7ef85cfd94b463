"""Both halves: what the set-up's own doctor sees from outside, and what the application knows."""

import json
import os
import subprocess
import sys

from django.conf import settings
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from clinic.doctor import inside
from clinic.doctor.findings import CARE, Finding, in_order

SETUP = settings.BASE_DIR / "installer" / "setup"
OUTSIDE_SECONDS = 60


def examine(language: str = "") -> list[Finding]:
    """Every line, in this language (or the one that is active)."""
    with override(language or get_language()):
        return in_order(outside() + inside.look())


def outside() -> list[Finding]:
    """Asked by its command, as a person would: no app knows how it was installed."""
    language = "en" if (get_language() or "").startswith("en") else "zh"
    environment = {**os.environ, "PYTHONIOENCODING": "utf-8"}
    environment.pop("TZ", None)  # Django's own, and not the PC's
    try:
        done = subprocess.run(  # noqa: S603  # nosec B603 # our own program, our own folder
            [sys.executable, str(SETUP), "doctor", "--outside", "--json",
             "--language", language, "--data-dir", str(settings.DATA_DIR)],
            cwd=settings.BASE_DIR,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            check=False,
            timeout=OUTSIDE_SECONDS,
        )  # fmt: skip
        return [Finding(**one) for one in json.loads(done.stdout)["findings"]]
    except (OSError, ValueError, KeyError, TypeError, subprocess.TimeoutExpired) as error:
        said = _("Could not be looked at (%(kind)s).") % {"kind": type(error).__name__}
        do = _("Run clinic doctor on the server itself.")
        return [Finding("program", CARE, said, do, str(_("Program")))]
