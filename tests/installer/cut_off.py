"""`python cut_off.py HOW STEP [SECONDS] -- install options`: set-up that ends in the middle.

    before, after   gone, as by a power cut, right before or after the work of STEP
    asked           gone SECONDS after STEP asked the application for something
    fails           STEP does its work and then fails
    full            the disk is full when STEP begins

A program of its own, because a power cut takes the whole process.
"""

import os
import shutil
import sys
import time
from dataclasses import replace
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[2])

from installer.setup import install  # noqa: E402
from installer.setup.errors import SetupError  # noqa: E402
from installer.setup.verbs import main  # noqa: E402

CUT = 77


def interrupted(one, how: str, seconds: float):
    def do(work):
        if how == "before":
            os._exit(CUT)
        if how == "asked":
            cut_when_asked(work.app, seconds)
        if how == "full":
            fill(work.data.root)
        one.do(work)
        if how == "after":
            os._exit(CUT)
        if how == "fails":
            raise SetupError("The certificate can't be made (somebody pulled the plug).")

    return replace(one, do=do)


def cut_when_asked(app, seconds: float) -> None:
    running = app._running

    def cut_off():
        process = running()
        pipe = process.stdin
        process.stdin = CutOff(pipe, seconds)
        return process

    app._running = cut_off


class CutOff:
    """What is asked for reaches the application, but nobody waits for the answer."""

    def __init__(self, pipe, seconds: float):
        self.pipe, self.seconds = pipe, seconds

    def write(self, text: str) -> None:
        self.pipe.write(text)
        self.pipe.flush()
        time.sleep(self.seconds)
        os._exit(CUT)


def fill(folder: Path) -> None:
    free = shutil.disk_usage(folder).free
    with (folder / "files" / "much").open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, free - 300_000)


if __name__ == "__main__":
    cut, rest = sys.argv[1 : sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1 :]
    how, name, seconds = cut[0], cut[1], float((*cut[2:], 0)[0])
    install.STEPS[:] = [
        interrupted(one, how, seconds) if one.name == name else one for one in install.STEPS
    ]
    sys.exit(main(["install", *rest]))
