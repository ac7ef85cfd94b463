"""Says every few seconds that this process lives, to whoever started it and can't see inside."""

import contextlib
import time
from pathlib import Path

SECONDS = 10


def beat_forever(path: str) -> None:
    """The file's time changes; a process that is stopped or stuck changes nothing."""
    while True:
        with contextlib.suppress(OSError):  # the reader finds out itself that nobody can write
            Path(path).touch(mode=0o600)
        time.sleep(SECONDS)
