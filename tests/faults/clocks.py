"""The served programs' own clock: libfaketime reads from a file how far it is off."""

import time
from pathlib import Path

LIBRARY = Path("/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1")


class Clock:
    """How far the clinic's clock is off the wall's, and was at each moment."""

    def __init__(self, folder: Path):
        if not LIBRARY.exists():
            raise SystemExit("libfaketime is missing: apt-get install libfaketime")
        self.file = folder / "clock"
        self.kept: list[tuple[float, int]] = []
        self.set(0)

    def set(self, seconds: int) -> None:
        self.file.write_text(f"{seconds:+d}s\n")
        self.kept.append((time.time(), seconds))

    @property
    def environment(self) -> dict[str, str]:
        return {
            "LD_PRELOAD": str(LIBRARY),
            "FAKETIME_TIMESTAMP_FILE": str(self.file),
            "FAKETIME_CACHE_DURATION": "1",
            "FAKETIME_DONT_FAKE_MONOTONIC": "1",
            "DONT_FAKE_MONOTONIC": "1",
            "CLINIC_PACE_SECONDS": "2",  # the scheduler's rounds: an hour goes by in seconds here
        }

    def of(self, moment: float) -> float:
        """What the clinic's clock said at a moment of ours."""
        return moment + [off for since, off in self.kept if since <= moment][-1]
