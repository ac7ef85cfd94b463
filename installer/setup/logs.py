"""Keeping the logs bounded without anybody's help."""

import os
import shutil
from pathlib import Path

from installer.setup import sizing

LARGE = sizing.chosen().log_mb * 1024 * 1024
KEPT = 5


def rotate(folder: Path) -> None:
    """Move what is large to .1 (up to .5). The file itself stays and is emptied, because its
    writers keep it open for appending."""
    for path in folder.glob("*.log"):
        if path.stat().st_size < LARGE:
            continue
        for number in range(KEPT - 1, 0, -1):
            older = Path(f"{path}.{number}")
            if older.exists():
                older.replace(f"{path}.{number + 1}")
        shutil.copyfile(path, f"{path}.1")
        Path(f"{path}.1").chmod(0o600)
        os.truncate(path, 0)
